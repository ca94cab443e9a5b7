// Sessions that are received over time: when they are built and archived, and when not.
#include <doctest/doctest.h>

#include <atomic>
#include <memory>
#include <mutex>
#include <set>
#include <thread>

#include "store/store.hpp"
#include "support/engine_fixture.hpp"
#include "support/test_hooks.hpp"
#include "unit/engine/gradual_request.hpp"
#include "unit/engine/held_lock.hpp"

namespace xnatarchive {
namespace {

struct IdleFixture : EngineFixture {
  /// Sends one object of a study as its own request.
  ImportReport Send(int study, int instance, std::map<std::string, std::string> parameters = {}) {
    return Must(TrySend(study, instance, std::move(parameters)));
  }
  Result<ImportReport> TrySend(int study, int instance,
                               std::map<std::string, std::string> parameters = {}) {
    DicomSpec spec = Spec(study);
    spec.instance = instance;
    ImportRequest request = GradualRequest(spec);
    for (auto& [name, value] : parameters) request.parameters[name] = value;
    return engine->Import(request);
  }

  void SetIdleMinutes(const char* minutes) {
    Must(engine->SetSetting("session_idle_minutes", minutes));
  }
  void SetCode(const char* code) { Must(engine->SetSetting("prearchive_code", code, "DEMO")); }

  PrearchiveSession Row(const std::string& uri) { return Must(engine->FindPrearchiveSession(uri)); }
  /// Of the scan of a waiting session.
  std::size_t CatalogEntries(const std::string& uri) {
    const std::string catalog =
        tree.Read("root/prearchive/" + Row(uri).url + "/SCANS/1/DICOM/scan_1_catalog.xml");
    std::size_t count = 0;
    for (std::size_t at = 0; (at = catalog.find("<cat:entry ", at)) != std::string::npos; ++at) {
      ++count;
    }
    return count;
  }
  IdleReport CommitIdle() { return Must(engine->CommitIdle()); }
};

using Uris = std::vector<std::string>;
constexpr const char* kArchived1 = "/data/archive/projects/DEMO/subjects/";

bool NothingDone(const IdleReport& report) {
  return report.built.empty() && report.archived.empty() && report.failed.empty();
}

}  // namespace

TEST_SUITE("engine.idle") {
  TEST_CASE("files sent one by one by several senders at once are one session, built when idle") {
    IdleFixture fixture;
    constexpr int kSenders = 4;
    constexpr int kEach = 6;
    std::vector<std::thread> senders;
    std::set<std::string> uris;
    std::mutex mutex;
    for (int sender = 0; sender < kSenders; ++sender) {
      senders.emplace_back([&, sender] {
        for (int i = 0; i < kEach; ++i) {
          const ImportReport report = fixture.Send(1, sender * kEach + i + 1);
          const std::lock_guard<std::mutex> lock(mutex);
          uris.insert(report.uris.begin(), report.uris.end());
        }
      });
    }
    for (std::thread& sender : senders) sender.join();
    REQUIRE(uris.size() == 1);
    const std::string uri = *uris.begin();
    CHECK(fixture.Row(uri).state == PrearchiveState::kReceiving);
    CHECK(fixture.Row(uri).source == "gradual-DICOM");

    const IdleReport early = fixture.CommitIdle();
    CHECK(NothingDone(early));
    CHECK(early.next_ms > 250'000);
    CHECK(early.next_ms <= 300'000);
    CHECK(fixture.Row(uri).state == PrearchiveState::kReceiving);

    fixture.SetIdleMinutes("0");
    const IdleReport report = fixture.CommitIdle();
    CHECK(report.built == Uris{uri});
    CHECK(report.archived.empty());
    CHECK(report.failed.empty());
    CHECK(report.next_ms == -1);
    CHECK(fixture.Row(uri).state == PrearchiveState::kReady);
    CHECK(fixture.CatalogEntries(uri) == kSenders * kEach);
    CHECK(NothingDone(fixture.CommitIdle()));
  }

  TEST_CASE("a file that comes after the build makes the same session RECEIVING again") {
    IdleFixture fixture;
    fixture.SetIdleMinutes("0");
    const std::string uri = fixture.Send(1, 1).uris[0];
    CHECK(fixture.CommitIdle().built == Uris{uri});
    CHECK(fixture.Send(1, 2).uris == Uris{uri});
    CHECK(fixture.Row(uri).state == PrearchiveState::kReceiving);
    CHECK(fixture.CommitIdle().built == Uris{uri});
    CHECK(fixture.CatalogEntries(uri) == 2);
    CHECK(fixture.Send(1, 2).uris == Uris{uri});  // the same bytes again: nothing to build
    CHECK(fixture.Row(uri).state == PrearchiveState::kReady);
  }

  TEST_CASE("what goes on to the archive: the data, the upload, the project, in this order") {
    struct Case {
      const char* code;
      std::map<std::string, std::string> parameters;
      bool archived;
    };
    const std::vector<Case> cases = {
        {"0", {}, false},
        {"4", {}, true},
        {"5", {}, true},
        {"0", {{"AA", "true"}}, true},
        {"0", {{"auto-archive", "t"}}, true},
        {"4", {{"AA", "false"}}, false},
        {"4", {{"project", "Unassigned"}}, false},
    };
    for (const Case& one : cases) {
      CAPTURE(one.code);
      CAPTURE(one.archived);
      IdleFixture fixture;
      fixture.SetIdleMinutes("0");
      fixture.SetCode(one.code);
      const ImportReport sent = fixture.Send(1, 1, one.parameters);
      CHECK(fixture.Row(sent.uris[0]).state == PrearchiveState::kReceiving);
      CHECK(sent.not_archived.empty());
      const IdleReport report = fixture.CommitIdle();
      CHECK(report.failed.empty());
      CHECK(report.archived.size() == (one.archived ? 1 : 0));
      CHECK(report.built == (one.archived ? Uris{} : sent.uris));
      CHECK(Must(fixture.engine->PrearchiveSessions()).size() == (one.archived ? 0 : 1));
    }
  }

  TEST_CASE("an archive URI as dest archives under its names, with what the upload asks for") {
    IdleFixture fixture;
    fixture.SetIdleMinutes("0");
    const DicomSpec spec = IdleFixture::Spec(1);
    fixture.tree.Write("in/a/1.dcm", MakeDicom(spec));
    ImportRequest request;
    request.path = fixture.tree.path() + "/in/a";
    request.handler = "gradual-DICOM";
    request.dest = "/archive/projects/DEMO/subjects/SUB/experiments/EXP";
    request.parameters["quarantine"] = "true";
    const std::string waiting = Must(fixture.engine->Import(request)).uris[0];
    CHECK(waiting.rfind("/data/prearchive/projects/DEMO/", 0) == 0);
    const IdleReport report = fixture.CommitIdle();
    CHECK(report.archived == Uris{std::string(kArchived1) + "SUB/experiments/EXP"});
    CHECK(Must(fixture.engine->Activate(report.archived[0])));  // it was quarantined
  }

  TEST_CASE("what its sender will commit is left alone, whatever its age and its project") {
    for (const auto& parameter :
         {std::pair<const char*, const char*>{"prevent_auto_commit", "true"},
          {"SOURCE", "uploader"},
          {"SOURCE", " uploader "}}) {
      CAPTURE(parameter.first);
      IdleFixture fixture;
      fixture.SetIdleMinutes("0");
      fixture.SetCode("4");
      const std::string uri = fixture.Send(1, 1, {{parameter.first, parameter.second}}).uris[0];
      CHECK(fixture.Send(1, 2).uris == Uris{uri});  // others' files do not take that back
      const IdleReport report = fixture.CommitIdle();
      CHECK(NothingDone(report));
      CHECK(report.next_ms == -1);
      CHECK(fixture.Row(uri).state == PrearchiveState::kReceiving);
      Must(fixture.Archive(uri));
    }
  }

  TEST_CASE("a zip whose sender says that more is to come is not archived at once") {
    IdleFixture fixture;
    fixture.SetCode("4");
    fixture.WriteStudy("a", 1, 1, 2);
    ImportRequest request = fixture.Request("a");
    request.parameters["prevent_auto_commit"] = "true";
    const ImportReport report = Must(fixture.engine->Import(request));
    CHECK(report.uris[0].rfind("/data/prearchive/", 0) == 0);
    CHECK(report.not_archived.empty());
    request.parameters["AA"] = "true";
    CHECK(Must(fixture.engine->Import(request)).uris[0].rfind("/data/archive/", 0) == 0);
  }

  TEST_CASE("one session's failure is its own: CONFLICT or ERROR with the reason, others go on") {
    IdleFixture fixture;
    fixture.SetIdleMinutes("0");
    fixture.SetCode("4");
    fixture.WriteStudy("other", 9, 1, 1);
    ImportRequest taken = fixture.Request("other");
    taken.parameters["session"] = "S1";
    taken.parameters["subject"] = "SUB";
    Must(fixture.engine->Import(taken));  // another study has the label S1
    const std::string bad = fixture.Send(1, 1, {{"subject", "SUB"}}).uris[0];
    fixture.Send(2, 1);
    const IdleReport report = fixture.CommitIdle();
    CHECK(report.archived.size() == 1);
    REQUIRE(report.failed.size() == 1);
    CHECK(report.failed[0].first == bad);
    CHECK(report.failed[0].second.reason() == "archive.uid-differs");
    const PrearchiveSession row = fixture.Row(bad);
    CHECK(row.state == PrearchiveState::kConflict);
    CHECK_FALSE(row.archive_pending);
    CHECK(Must(fixture.engine->PrearchiveLog(bad)).back().find("archive.uid-differs") !=
          std::string::npos);
    CHECK(NothingDone(fixture.CommitIdle()));
    Must(fixture.engine->Build(bad));
    CHECK(NothingDone(fixture.CommitIdle()));  // a person has it in hand
  }

  TEST_CASE("a session that is built and could not be archived yet is archived by a later call") {
    IdleFixture fixture;
    fixture.SetIdleMinutes("0");
    fixture.SetCode("4");
    std::atomic<bool> fails{true};
    fixture.options.validators.push_back(std::make_shared<TestValidator>(
        [&](const SessionCandidate&, const Cancelled&, std::vector<Finding>*) {
          return fails ? Status(Code::kIo, "host.down", "try later") : Status();
        }));
    fixture.Open();
    const std::string uri = fixture.Send(1, 1).uris[0];
    const IdleReport report = fixture.CommitIdle();
    REQUIRE(report.failed.size() == 1);
    CHECK(report.next_ms == 10'000);
    CHECK(fixture.Row(uri).state == PrearchiveState::kReady);
    CHECK(fixture.Row(uri).archive_pending);
    fixture.Open();  // as after a crash: nothing else tells of it
    fails = false;
    SUBCASE("as it is") { CHECK(fixture.CommitIdle().archived.size() == 1); }
    SUBCASE("with the file that came meanwhile, when its time is up") {
      fixture.SetIdleMinutes("5");
      fixture.Send(1, 2);
      CHECK(NothingDone(fixture.CommitIdle()));
      fixture.SetIdleMinutes("0");
      CHECK(fixture.CommitIdle().archived.size() == 1);
    }
    SUBCASE("not when its project does not want that any more") {
      fixture.SetCode("0");
      CHECK(fixture.CommitIdle().built == Uris{uri});
      CHECK_FALSE(fixture.Row(uri).archive_pending);
    }
  }

  TEST_CASE("a session that is in other hands is passed over, and looked at again soon") {
    IdleFixture fixture;
    fixture.SetIdleMinutes("0");
    const std::string uri = fixture.Send(1, 1).uris[0];
    {
      const HeldLock lock(fixture, uri);
      const IdleReport report = fixture.CommitIdle();
      CHECK(NothingDone(report));
      CHECK(report.next_ms == 10'000);
    }
    CHECK(fixture.CommitIdle().built == Uris{uri});
  }

  TEST_CASE(
      "senders and committers at once: every file is archived, none before it is catalogued") {
    IdleFixture fixture;
    fixture.SetIdleMinutes("0");
    fixture.SetCode("4");
    constexpr int kSenders = 2;
    constexpr int kEach = 15;
    std::atomic<int> sending{kSenders};
    std::vector<std::thread> threads;
    for (int sender = 0; sender < kSenders; ++sender) {
      threads.emplace_back([&, sender] {
        for (int i = 0; i < kEach; ++i) fixture.Send(1, sender * kEach + i + 1);
        --sending;
      });
    }
    for (int committer = 0; committer < 2; ++committer) {
      threads.emplace_back([&] {
        while (sending > 0) CHECK(fixture.CommitIdle().failed.empty());
      });
    }
    for (std::thread& thread : threads) thread.join();
    fixture.CommitIdle();
    CHECK(Must(fixture.engine->PrearchiveSessions()).empty());
    const auto files = Must(fixture.engine->List(
        "/projects/DEMO/subjects/" + Must(fixture.engine->List("/projects/DEMO")).rows.at(0).at(1) +
        "/experiments/S1/scans/1/resources/DICOM"));
    CHECK(files.rows.size() == kSenders * kEach);
    VerifyRequest verify;
    verify.uris = {"/archive/projects/DEMO"};
    CHECK(Must(fixture.engine->Verify(verify)).problems.empty());
  }

  TEST_CASE("a session that a file interrupted at its build has waited since that file") {
    IdleFixture fixture;
    fixture.SetIdleMinutes("0");
    const std::string uri = fixture.Send(1, 1).uris[0];
    {
      Store store = Must(Store::Open("sqlite3://" + fixture.options.root + "/store.sqlite3"));
      const PrearchiveId id = fixture.Row(uri).Id();
      Must(store.ChangePrearchiveState(id, {PrearchiveState::kReceiving},
                                       PrearchiveState::kBuilding));
      Must(store.ChangePrearchiveState(id, {PrearchiveState::kBuilding},
                                       PrearchiveState::kReceivingInterrupt));
    }
    CHECK(fixture.CommitIdle().built == Uris{uri});
  }

  TEST_CASE("stopping leaves what is not done due") {
    IdleFixture fixture;
    fixture.SetIdleMinutes("0");
    for (int study = 1; study <= 3; ++study) fixture.Send(study, 1);
    CallOptions call;
    call.progress = [](const Progress&) { return false; };
    const IdleReport report = Must(fixture.engine->CommitIdle(call));
    CHECK(NothingDone(report));
    CHECK(report.next_ms == 0);
    CHECK(fixture.CommitIdle().built.size() == 3);
  }

  TEST_CASE("what the uploads asked for outlives the store") {
    IdleFixture fixture;
    fixture.SetIdleMinutes("5");
    const std::string uri = fixture
                                .Send(1, 1,
                                      {{"prevent_auto_commit", "true"},
                                       {"SOURCE", "scanner 3"},
                                       {"VISIT", "v1"},
                                       {"SUBTYPE", "p1"},
                                       {"TIMEZONE", "Europe/Berlin"},
                                       {"prevent_anon", "true"},
                                       {"AA", "true"},
                                       {"overwrite", "append"}})
                                .uris[0];
    fixture.Send(1, 2, {{"overwrite", "delete"}});
    const PrearchiveSession before = fixture.Row(uri);
    CHECK(before.parameters ==
          std::map<std::string, std::string>{{"AA", "true"}, {"overwrite", "delete"}});
    fixture.LoseStore();
    Must(ArchiveEngine::Init(fixture.options, InitOptions{}));
    fixture.Open();
    Must(fixture.engine->Reindex());
    const PrearchiveSession after = fixture.Row(uri);
    CHECK(after.source == "scanner 3");
    CHECK(after.visit == "v1");
    CHECK(after.protocol == "p1");
    CHECK(after.time_zone == "Europe/Berlin");
    CHECK(after.prevent_anon);
    CHECK(after.prevent_auto_commit);
    CHECK(after.parameters == before.parameters);
    CHECK(after.last_modified_ms / 60'000 >= before.last_modified_ms / 60'000 - 1);
    CHECK(NothingDone(fixture.CommitIdle()));
  }

  TEST_CASE("a value for the session that is no text is refused before anything is received") {
    IdleFixture fixture;
    for (const char* name : {"VISIT", "SOURCE", "xnat:mrSessionData/note"}) {
      for (const char* value : {"\x01", "\xFF"}) {
        CHECK(fixture.TrySend(1, 1, {{name, value}}).status().reason() == "import.bad-value");
      }
    }
    CHECK(Must(fixture.engine->PrearchiveSessions()).empty());
  }

  TEST_CASE("only an administrator of the site may") {
    IdleFixture fixture;
    fixture.options.access_policy = std::make_shared<TestPolicy>(
        [](const std::string& user, Permission permission, const std::string&, const Cancelled&) {
          return user == "root" || permission != Permission::kAdmin
                     ? Status()
                     : Status(Code::kPermission, "host.no", "no");
        });
    fixture.Open();
    CHECK(fixture.engine->CommitIdle().status().reason() == "access.denied");
    CallOptions call;
    call.user = "root";
    CHECK(fixture.engine->CommitIdle(call).ok());
  }
}

}  // namespace xnatarchive
