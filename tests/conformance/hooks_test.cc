// A host that misbehaves: every strategy, in every way, during every call. Either nothing has
// happened, or what was asked for has happened whole; no lock, row or record is left behind.
#include <doctest/doctest.h>

#include <atomic>
#include <stdexcept>
#include <thread>

#include "base/text.hpp"
#include "conformance/c_strategies.hpp"
#include "store/store.hpp"
#include "support/engine_fixture.hpp"
#include "support/test_hooks.hpp"

namespace xnatarchive {
namespace {

enum class Hook { kHandler, kAccess, kTransform, kValidator, kPipeline, kEvents };
enum class Fault { kThrowsException, kThrowsInt, kHangs, kRubbish };
/// What the strategies are written in.
enum class Language { kCpp, kC };
enum class Call { kImport, kBuild, kArchive, kValidate, kDelete, kRefresh };
/// When a call asks a strategy.
enum class Asked { kNever, kBeforeTheChange, kAfterTheChange };

constexpr const char* kHookNames[] = {"handler",   "access",   "transform",
                                      "validator", "pipeline", "events"};
constexpr const char* kFaultNames[] = {"throws an exception", "throws an int", "hangs", "rubbish"};
constexpr const char* kLanguageNames[] = {"C++", "C"};
constexpr const char* kCallNames[] = {"import",   "build",  "archive",
                                      "validate", "delete", "refresh"};
constexpr Hook kHooks[] = {Hook::kHandler,   Hook::kAccess,   Hook::kTransform,
                           Hook::kValidator, Hook::kPipeline, Hook::kEvents};
constexpr Fault kFaults[] = {Fault::kThrowsException, Fault::kThrowsInt, Fault::kHangs,
                             Fault::kRubbish};
constexpr Call kCalls[] = {Call::kImport,   Call::kBuild,  Call::kArchive,
                           Call::kValidate, Call::kDelete, Call::kRefresh};

template <typename Enum>
std::string NameIn(const char* const* names, Enum value) {
  return names[static_cast<int>(value)];
}

Asked WhenAsked(Hook hook, Call call) {
  const bool checks = call == Call::kArchive || call == Call::kValidate;
  switch (hook) {
    case Hook::kHandler:
      return call == Call::kImport ? Asked::kBeforeTheChange : Asked::kNever;
    case Hook::kAccess:
      return Asked::kBeforeTheChange;
    case Hook::kTransform:
    case Hook::kValidator:
      return checks ? Asked::kBeforeTheChange : Asked::kNever;
    case Hook::kPipeline:
      return call == Call::kArchive ? Asked::kAfterTheChange : Asked::kNever;
    case Hook::kEvents:
      return call == Call::kValidate ? Asked::kNever : Asked::kAfterTheChange;
  }
  return Asked::kNever;
}

/// What the call said, and what stands beside it in its report.
struct Answer {
  Status status;
  Status pipeline;
  Status events;
};

struct Host : EngineFixture {
  std::string src;
  bool armed = false;    // strategies behave well until then
  bool hanging = false;  // one waits for the caller to cancel
  int asked = 0;         // while armed
  Hook hook = Hook::kAccess;
  Fault fault = Fault::kThrowsInt;
  const Language language;
  CBehaviours in_c;

  explicit Host(Language its_language) : language(its_language) {
    WriteStudy("a", 1, 1, 2);
    WriteStudy("b", 2, 1, 1);
    Project project;
    project.id = "RUN";
    project.autorun = "x";
    Must(engine->AddProject(project));
    src = Must(engine->Import(RequestTo("a", "DICOM-zip"))).uris[0];
    Must(engine->Build(src));
  }

  /// What a call needs to have something to do: a refresh, a file that no catalog names.
  void Prepare(Call call) {
    if (call != Call::kRefresh) return;
    const ArchiveReport archived = Must(Archive(src));
    src = archived.uri;
    DicomSpec spec = Spec(1);
    spec.instance = 9;
    tree.Write("root/archive/RUN/arc001/" + archived.label + "/SCANS/1/DICOM/copied.dcm",
               MakeDicom(spec));
  }

  ImportRequest RequestTo(const std::string& folder, const std::string& handler) const {
    ImportRequest request = Request(folder);
    request.parameters["project"] = "RUN";
    request.handler = handler;
    return request;
  }

  /// What the strategy under test does in place of its work.
  Status Misbehave(Hook at, const std::function<bool()>& cancelled) {
    if (!armed || at != hook) return Status();
    ++asked;
    switch (fault) {
      case Fault::kThrowsException:
        throw std::runtime_error("boom");
      case Fault::kThrowsInt:
        throw 42;
      case Fault::kHangs:
        hanging = true;
        while (!cancelled()) {
        }
        return Status();
      case Fault::kRubbish:
        break;
    }
    return Status(static_cast<Code>(4711), "", "\n\xFF")
        .WithDiskState(DiskState::kRecoveryPending)
        .WithPath("\n");
  }

  void Use(Hook with_hook, Fault with_fault) {
    hook = with_hook;
    fault = with_fault;
    std::unique_ptr<ImportHandler> handler =
        language == Language::kC ? StrategiesInC() : StrategiesInCpp();
    Open();
    Must(engine->Register(std::move(handler)));
    armed = true;
  }

  std::unique_ptr<ImportHandler> StrategiesInC() {
    const auto misbehave = [this](Hook at) -> CBehaviour {
      return [this, at](const Cancelled& cancelled) { return Misbehave(at, cancelled); };
    };
    in_c.allows = misbehave(Hook::kAccess);
    in_c.transform = misbehave(Hook::kTransform);
    in_c.validate = misbehave(Hook::kValidator);
    in_c.launch = misbehave(Hook::kPipeline);
    in_c.notify = misbehave(Hook::kEvents);
    in_c.describe = misbehave(Hook::kHandler);
    return UseCStrategies(&in_c, &options);
  }

  std::unique_ptr<ImportHandler> StrategiesInCpp() {
    options.access_policy = std::make_shared<TestPolicy>(
        [this](const std::string&, Permission, const std::string&, const Cancelled& c) {
          return Misbehave(Hook::kAccess, c);
        });
    options.session_transform = std::make_shared<TestTransform>(
        [this](const SessionCandidate&, SessionFiles& files, SessionDocument* document,
               const Cancelled& c) { return Transform(files, document, c); });
    options.validators = {std::make_shared<TestValidator>(
        [this](const SessionCandidate&, const Cancelled& c, std::vector<Finding>*) {
          return Misbehave(Hook::kValidator, c);
        })};
    options.pipeline_launcher = std::make_shared<TestLauncher>(
        [this](const PipelineRequest&, const Cancelled& c) -> PipelineResult {
          return {Misbehave(Hook::kPipeline, c), std::string("\0\xFF", 2)};
        });
    options.event_sink = std::make_shared<TestSink>([this](const Event&, const Cancelled& c) {
      IgnoreError(Misbehave(Hook::kEvents, c), "a sink has nothing to return");
    });
    return std::make_unique<TestHandler>(
        "test",
        [this](ImportSource& source, SessionDrafts& drafts) { return Describe(source, drafts); });
  }

  /// Rewrites every file to what it is, and then, with the stage full, does what the test says.
  Status Transform(SessionFiles& files, SessionDocument* document, const Cancelled& cancelled) {
    for (const std::string& path : files.Paths()) {
      if (EndsWith(path, ".dcm")) Must(files.Replace(path, Must(files.Read(path))));
    }
    document->Set("note", "transformed");
    return Misbehave(Hook::kTransform, cancelled);
  }

  /// Keeps every file, and then, with the stage full, does what the test says.
  Status Describe(ImportSource& source, SessionDrafts& drafts) {
    SessionDraft& session = drafts.Add();
    session.document.xsi_type = "xnat:otherDicomSessionData";
    session.document.label = "X1";
    session.document.Set("subject_ID", "X");
    Scan& scan = session.document.scans.emplace_back();
    scan.xsi_type = "xnat:otherDicomScanData";
    scan.id = "1";
    Must(source.ForEachFile([&](SourceFile& file) {
      CatalogEntry entry;
      entry.uri = file.path();
      return drafts.Keep(file, session, "1", "FILES", std::move(entry));
    }));
    return Misbehave(Hook::kHandler, [&] { return drafts.Cancelled(); });
  }

  Answer Do(Call call) {
    CallOptions caller;
    caller.user = "ann";
    caller.progress = [this](const Progress&) { return !hanging; };
    ArchiveRequest archive;
    archive.src = src;
    switch (call) {
      case Call::kImport: {
        const auto report = engine->Import(RequestTo("b", "test"), caller);
        return {report.status(), Status(), report.ok() ? report->events : Status()};
      }
      case Call::kBuild:
        return {engine->Build(src, caller), Status(), Status()};
      case Call::kArchive: {
        const auto report = engine->Archive(archive, caller);
        if (!report.ok()) return {report.status(), Status(), Status()};
        return {Status(), report->pipeline, report->events};
      }
      case Call::kValidate:
        return {engine->Validate(archive, caller).status(), Status(), Status()};
      case Call::kDelete:
        return {engine->DeletePrearchiveSession(src, caller), Status(), Status()};
      case Call::kRefresh:
        return Refresh(caller);
    }
    return {};
  }

  Answer Refresh(const CallOptions& caller) {
    RefreshRequest request;
    request.resources = {src};
    const auto report = engine->Refresh(request, caller);
    if (!report.ok()) return {report.status(), Status(), Status()};
    REQUIRE(report->catalogs.size() == 1);
    return {report->catalogs[0].status, Status(), report->events};
  }

  /// The trees byte by byte, and the store row by row. What operations keep for themselves is
  /// not listed, but that none is left.
  std::string State() const {
    std::string state;
    for (const char* root : {"root/archive", "root/prearchive"}) {
      for (const std::string& line : Split(tree.Dump(root), '\n')) {
        const bool left_over = (StartsWith(line, ".xa/ops/") && line != ".xa/ops/") ||
                               (StartsWith(line, ".xa/trash/") && line != ".xa/trash/");
        if (left_over) state += "left over: ";
        if (left_over || !StartsWith(line, ".xa/")) {
          state += line + "\n";
        }
      }
    }
    Store store = Must(Store::Open("sqlite3://" + tree.path() + "/root/store.sqlite3"));
    for (const PrearchiveSession& row : Must(store.ListPrearchive())) {
      state += row.url + " " + std::string(PrearchiveStateName(row.state)) + " " +
               std::to_string(row.version) + "\n";
    }
    for (const ExperimentRow& row : Must(store.ListExperiments("RUN"))) state += row.id + "\n";
    for (const AuditRow& row : Must(store.ListAudit("XNAT_E00001"))) {
      state += row.type + " " + std::to_string(static_cast<int>(row.status)) + "\n";
    }
    state += std::to_string(Must(store.ListOpenAudit()).size()) + " records are open\n";
    return state;
  }

  /// What there is after a call, by names alone: two runs differ in times and checksums.
  std::vector<std::string> Names() const {
    std::vector<std::string> names;
    for (const PrearchiveSession& row : Must(engine->PrearchiveSessions())) {
      names.push_back(row.label + " " + std::string(PrearchiveStateName(row.state)));
    }
    for (const std::string& line : Split(tree.Dump("root/archive/RUN"), '\n')) {
      names.push_back(line.substr(0, line.find(' ')));
    }
    return names;
  }
};

/// The names after the call on a host that behaves well.
std::vector<std::string> NamesAfter(Call call) {
  Host host(Language::kCpp);
  host.Prepare(call);
  host.Use(Hook::kAccess, Fault::kRubbish);
  host.armed = false;
  const Answer answer = host.Do(call);
  REQUIRE(answer.status.ToString() == "ok");
  REQUIRE(answer.pipeline.ToString() == "ok");
  return host.Names();
}

/// Whether `status` is what a strategy's fault becomes.
void CheckFault(const Status& status, Hook hook, Fault fault) {
  const std::string name = NameIn(kHookNames, hook);
  CAPTURE(status.ToString());
  CHECK(status.code() == (fault == Fault::kHangs ? Code::kCancelled : Code::kHandlerFailed));
  if (fault == Fault::kThrowsException || fault == Fault::kThrowsInt) {
    CHECK(status.reason() == name + ".threw");
    CHECK(status.message().find("boom") == std::string::npos);
  }
  if (fault == Fault::kRubbish) CHECK(status.reason() == name + ".failed");
  CHECK(status.disk_state() == DiskState::kUnchanged);
  CHECK_FALSE(status.message().empty());
  CHECK(IsValidUtf8(status.message()));
  CHECK(status.ToString().find('\n') == std::string::npos);
}

/// What a fault after the change becomes: a note in the report, or nothing.
void CheckNote(const Answer& answer, Hook hook, Fault fault, Call call) {
  CHECK(answer.status.ToString() == "ok");
  const bool noted = fault != Fault::kHangs;
  if (hook == Hook::kPipeline) {
    if (noted) CheckFault(answer.pipeline, hook, fault);
    CHECK(answer.events.ToString() == "ok");
  } else if (hook == Hook::kEvents) {
    const bool has_report =
        call == Call::kImport || call == Call::kArchive || call == Call::kRefresh;
    const bool threw = fault == Fault::kThrowsException || fault == Fault::kThrowsInt;
    CHECK(answer.events.ok() == !(has_report && threw));
    if (!answer.events.ok()) CheckFault(answer.events, hook, fault);
  }
  IgnoreError(answer.pipeline, "a pipeline is not started for a caller who has cancelled");
}

void CheckCall(Language language, Hook hook, Fault fault, Call call,
               const std::vector<std::string>& names_after) {
  CAPTURE(NameIn(kHookNames, hook));
  CAPTURE(NameIn(kFaultNames, fault));
  CAPTURE(NameIn(kCallNames, call));
  Host host(language);
  host.Prepare(call);
  host.Use(hook, fault);
  const std::string before = host.State();
  const Answer answer = host.Do(call);
  const Asked when = WhenAsked(hook, call);
  CHECK((host.asked > 0) == (when != Asked::kNever));
  if (when == Asked::kBeforeTheChange) {
    CheckFault(answer.status, hook, fault);
    CHECK(host.State() == before);
    host.armed = host.hanging = false;
    CHECK(host.Do(call).status.ToString() == "ok");  // no lock is left
  } else if (when == Asked::kAfterTheChange) {
    CheckNote(answer, hook, fault, call);
  } else {
    CHECK(answer.status.ToString() == "ok");
    CHECK(answer.pipeline.ToString() == "ok");
    CHECK(answer.events.ToString() == "ok");
  }
  host.armed = host.hanging = false;
  CHECK(host.Names() == names_after);
  CHECK(host.State().find("0 records are open") != std::string::npos);
  CHECK(host.State().find("left over") == std::string::npos);
}

/// An import that goes on to archive, whose strategies fail then.
void CheckImportThatArchives(Language language, Hook hook, Fault fault) {
  CAPTURE(NameIn(kLanguageNames, language));
  CAPTURE(NameIn(kHookNames, hook));
  CAPTURE(NameIn(kFaultNames, fault));
  Host host(language);
  host.Use(hook, fault);
  ImportRequest request = host.RequestTo("b", "DICOM-zip");
  request.dest = "/archive/projects/RUN";
  CallOptions caller;
  caller.progress = [&](const Progress&) { return !host.hanging; };
  const ImportReport report = Must(host.engine->Import(request, caller));
  const bool archived = hook == Hook::kPipeline;
  CHECK(Must(host.engine->PrearchiveSessions()).size() == (archived ? 1 : 2));
  const bool noted = !archived || fault != Fault::kHangs;
  const auto& notes = archived ? report.failed_pipelines : report.not_archived;
  REQUIRE(notes.size() == (noted ? 1 : 0));
  CHECK(report.not_archived.size() + report.failed_pipelines.size() == notes.size());
  if (noted) CheckFault(notes[0].second, hook, fault);
}

/// Strategies that do their work and count.
void CountInCpp(Host& host, const std::function<Status()>& count) {
  host.options.access_policy =
      std::make_shared<TestPolicy>([count](const std::string&, Permission, const std::string&,
                                           const Cancelled&) { return count(); });
  host.options.session_transform = std::make_shared<TestTransform>(
      [count](const SessionCandidate&, SessionFiles& files, SessionDocument*, const Cancelled&) {
        const std::string path = files.Paths().at(0);
        Must(files.Replace(path, Must(files.Read(path))));
        return count();
      });
  host.options.validators = {
      std::make_shared<TestValidator>([count](const SessionCandidate&, const Cancelled&,
                                              std::vector<Finding>*) { return count(); })};
  host.options.pipeline_launcher = std::make_shared<TestLauncher>(
      [count](const PipelineRequest&, const Cancelled&) -> PipelineResult {
        return {count(), ""};
      });
  host.options.event_sink = std::make_shared<TestSink>(
      [count](const Event&, const Cancelled&) { IgnoreError(count(), "counts"); });
}

/// The same in C; the handler is not used.
void CountInC(Host& host, const std::function<Status()>& count) {
  const CBehaviour counts = [count](const Cancelled&) { return count(); };
  host.in_c.allows = host.in_c.transform = host.in_c.validate = counts;
  host.in_c.launch = host.in_c.notify = host.in_c.describe = counts;
  REQUIRE(UseCStrategies(&host.in_c, &host.options) != nullptr);
}

}  // namespace

TEST_SUITE("conformance.hooks") {
  TEST_CASE("a strategy that misbehaves before the change costs the call, after it nothing") {
    for (const Call call : kCalls) {
      const std::vector<std::string> names_after = NamesAfter(call);
      for (const Hook hook : kHooks) {
        for (const Fault fault : kFaults) {
          CheckCall(Language::kCpp, hook, fault, call, names_after);
          CheckCall(Language::kC, hook, fault, call, names_after);
        }
      }
    }
  }

  TEST_CASE("strategies in C are released once each, and not before the engine is gone") {
    Host host(Language::kC);
    host.Use(Hook::kAccess, Fault::kRubbish);
    CHECK(host.in_c.released == 0);
    host.options = EngineOptions{};
    CHECK(host.in_c.released == 0);
    host.engine.reset();
    CHECK(host.in_c.released == 6);
  }

  TEST_CASE("an import that archives at once: what was received stays, and the report says why") {
    for (const Language language : {Language::kCpp, Language::kC}) {
      for (const Hook hook : {Hook::kTransform, Hook::kValidator, Hook::kPipeline}) {
        for (const Fault fault : kFaults) CheckImportThatArchives(language, hook, fault);
      }
    }
  }

  TEST_CASE("strategies are called from as many threads as call the engine") {
    for (const auto count_in : {CountInCpp, CountInC}) {
      std::atomic<int> asked{0};
      Host host(Language::kCpp);
      count_in(host, [&] {
        ++asked;
        return Status();
      });
      host.Open();
      constexpr int kThreads = 4;
      for (int i = 0; i < kThreads; ++i) host.WriteStudy(std::to_string(i), 10 + i, 1, 1);
      std::vector<std::thread> threads;
      for (int i = 0; i < kThreads; ++i) {
        threads.emplace_back([&host, i] {
          ImportRequest request = host.RequestTo(std::to_string(i), "DICOM-zip");
          request.dest = "/archive/projects/RUN";
          Must(host.engine->Import(request));
        });
      }
      for (std::thread& thread : threads) thread.join();
      CHECK(Must(host.engine->List("/projects/RUN/experiments")).rows.size() == kThreads);
      // Edit; received, built, archived, pipeline ended; one transform, one validator, one
      // pipeline; then our read.
      CHECK(asked == kThreads * 8 + 1);
    }
  }
}

}  // namespace xnatarchive
