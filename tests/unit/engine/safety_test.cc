// What would cost somebody a file, and therefore must not happen.
#include <doctest/doctest.h>
#include <fcntl.h>
#include <sys/resource.h>

#include <algorithm>
#include <cerrno>
#include <chrono>
#include <functional>
#include <thread>
#include <utility>

#include "archive/experiment_facts.hpp"
#include "archive/operation.hpp"
#include "base/text.hpp"
#include "store/store.hpp"
#include "support/engine_fixture.hpp"
#include "support/fault_file_system.hpp"
#include "unit/engine/held_lock.hpp"
#include "xml/session_xml.hpp"

namespace xnatarchive {
namespace {

std::string Variant(const std::string& comment) {
  DicomSpec spec = EngineFixture::Spec(1);
  spec.values[0x00104000] = comment;
  return MakeDicom(spec);
}

/// The contents of all DICOM files below `path`, sorted.
std::vector<std::string> Contents(const EngineFixture& fixture, const std::string& path) {
  std::vector<std::string> contents;
  for (const std::string& line : Split(fixture.tree.Dump(path), '\n')) {
    const std::string name = line.substr(0, line.find(' '));
    if (EndsWith(name, ".dcm")) contents.push_back(fixture.tree.Read(path + "/" + name));
  }
  std::sort(contents.begin(), contents.end());
  return contents;
}

std::vector<std::string> Sorted(std::vector<std::string> texts) {
  std::sort(texts.begin(), texts.end());
  return texts;
}

/// An archived session as a folder in/si/S1, its document changed by `change`.
template <typename Change>
ImportRequest SessionFolder(EngineFixture& fixture, const Change& change) {
  fixture.WriteStudy("a", 1, 1, 2);
  Must(fixture.Archive(fixture.Import("a").uris[0]));
  const std::string from = "root/archive/DEMO/arc001/S1";
  for (const std::string& line : Split(fixture.tree.Dump(from), '\n')) {
    const std::string name = line.substr(0, line.find(' '));
    if (EndsWith(name, ".dcm") || EndsWith(name, ".xml")) {
      fixture.tree.Write("in/si/S1/" + name, fixture.tree.Read(from + "/" + name));
    }
  }
  SessionDocument document = Must(ParseSession(fixture.tree.Read("in/si/S1/session.xml")));
  change(document);
  fixture.tree.Write("in/si/S1/session.xml", WriteSession(document));
  ImportRequest request;
  request.path = fixture.tree.path() + "/in/si";
  request.handler = "SI";
  request.parameters["session"] = "S1_copy";
  return request;
}

std::string StoreUrl(const EngineFixture& fixture) {
  return "sqlite3://" + fixture.tree.path() + "/root/store.sqlite3";
}

class SecondEngineLauncher : public PipelineLauncher {
 public:
  PipelineResult Launch(const PipelineRequest&, const Cancelled&) override {
    EngineOptions again;
    again.root = root;
    Must(ArchiveEngine::Open(again));
    return {Status(), "done"};
  }
  std::string root;
};

/// Opens nothing for writing.
class ReadOnlyFileSystem : public ForwardingFileSystem {
 public:
  ReadOnlyFileSystem() : ForwardingFileSystem(PosixFileSystem()) {}
  int Open(int directory, const char* path, int flags, unsigned mode) noexcept override {
    if ((flags & O_ACCMODE) != O_RDONLY) return -EROFS;
    return ForwardingFileSystem::Open(directory, path, flags, mode);
  }
};

class SlowWrites : public ForwardingFileSystem {
 public:
  SlowWrites() : ForwardingFileSystem(PosixFileSystem()) {}
  std::int64_t Write(int fd, const void* buffer, std::size_t size) noexcept override {
    std::this_thread::sleep_for(std::chrono::milliseconds(20));
    return ForwardingFileSystem::Write(fd, buffer, size);
  }
};

}  // namespace

TEST_SUITE("engine.safety") {
  TEST_CASE(
      "a dead archiver's session that somebody else releases first is archived all the same") {
    /// Releases the session when the first lock is asked for.
    class OnLock : public ForwardingFileSystem {
     public:
      OnLock() : ForwardingFileSystem(PosixFileSystem()) {}
      int TryLock(int fd, std::uint64_t offset) noexcept override {
        if (meddle) std::exchange(meddle, nullptr)();
        return ForwardingFileSystem::TryLock(fd, offset);
      }
      std::function<void()> meddle;
    };
    OnLock file_system;
    EngineFixture fixture(&file_system);
    fixture.WriteStudy("a", 1, 1, 2);
    const std::string src = fixture.Import("a").uris[0];
    Must(fixture.engine->Build(src));
    const PrearchiveId id = Must(fixture.engine->FindPrearchiveSession(src)).Id();
    Store store = Must(Store::Open(StoreUrl(fixture)));
    const auto change = [&](PrearchiveState from, PrearchiveState to) {
      Must(store.ChangePrearchiveState(id, {from}, to));
    };
    change(PrearchiveState::kReady, PrearchiveState::kArchiving);
    change(PrearchiveState::kArchiving, PrearchiveState::kLockedArchiving);
    file_system.meddle = [&] {
      change(PrearchiveState::kLockedArchiving, PrearchiveState::kReady);
    };
    CHECK(Must(fixture.Archive(src)).files == 2);
    CHECK(file_system.meddle == nullptr);  // it did happen
  }

  TEST_CASE("two objects of one UID survive being sent again") {
    EngineFixture fixture;
    fixture.tree.Write("in/a/1.dcm", Variant("one"));
    fixture.tree.Write("in/a/2.dcm", Variant("two"));
    const std::string src = fixture.Import("a").uris[0];
    CHECK(Contents(fixture, "root/prearchive/DEMO") == Sorted({Variant("one"), Variant("two")}));
    const ImportReport again = fixture.Import("a");
    CHECK(again.uris[0] == src);
    CHECK(again.files_identical == 2);
    CHECK(again.files_received == 0);
    CHECK(Contents(fixture, "root/prearchive/DEMO") == Sorted({Variant("one"), Variant("two")}));
  }

  TEST_CASE("two objects of one UID in one upload are both kept where a third waits") {
    EngineFixture fixture;
    fixture.tree.Write("in/a/0.dcm", Variant("zero"));
    fixture.Import("a");
    fixture.tree.Write("in/b/1.dcm", Variant("one"));
    fixture.tree.Write("in/b/2.dcm", Variant("two"));
    fixture.Import("b");
    const auto contents = Contents(fixture, "root/prearchive/DEMO");
    CHECK(std::count(contents.begin(), contents.end(), Variant("one")) == 1);
    CHECK(std::count(contents.begin(), contents.end(), Variant("two")) == 1);
  }

  TEST_CASE("two objects of one UID and one name, in two folders of one upload, are kept") {
    EngineFixture fixture;
    fixture.tree.Write("in/a/raw/IM1.dcm", Variant("one"));
    fixture.tree.Write("in/a/corrected/IM1.dcm", Variant("two"));
    fixture.Import("a");
    CHECK(Contents(fixture, "root/prearchive/DEMO") == Sorted({Variant("one"), Variant("two")}));
  }

  TEST_CASE("a project only the uploaded document knows is no project; the index keeps it") {
    EngineFixture fixture;
    const ImportRequest request =
        SessionFolder(fixture, [](SessionDocument& document) { document.project = "OTHER"; });
    Must(fixture.engine->Import(request));
    const auto rows = Must(fixture.engine->PrearchiveSessions());
    REQUIRE(rows.size() == 1);
    CHECK(rows[0].project == "");
    Must(fixture.engine->Reindex());
    CHECK(Must(fixture.engine->PrearchiveSessions()).size() == 1);
  }

  TEST_CASE("a project that is a path in the uploaded document leaves nothing pending") {
    EngineFixture fixture;
    const ImportRequest request =
        SessionFolder(fixture, [](SessionDocument& document) { document.project = "a/b"; });
    const Status status = fixture.engine->Import(request).status();
    CHECK(status.disk_state() != DiskState::kRecoveryPending);
    CHECK(Must(fixture.engine->Recover()).failed.empty());
  }

  TEST_CASE("a recovery that was held up once can be finished by the next") {
    for (std::uint64_t n = 1; n < 200; ++n) {
      EngineFixture fixture;
      fixture.options.threads = 1;
      fixture.options.recover_on_open = false;
      fixture.WriteStudy("a", 1, 1, 1);
      const std::string src = fixture.Import("a").uris[0];
      Must(fixture.engine->Build(src));
      FaultFileSystem disk;
      fixture.Open(&disk);
      disk.Reset();
      disk.KillAt(n);
      const Status killed = fixture.Archive(src).status();
      REQUIRE_FALSE(killed.ok());
      fixture.Open();
      if (fixture.tree.Dump("root/archive/.xa/ops").find("/plan ") == std::string::npos) continue;
      {
        const HeldLock busy(fixture, src);
        CHECK(Must(fixture.engine->Recover()).busy.size() == 1);
      }
      const RecoverySummary second = Must(fixture.engine->Recover());
      CHECK(second.failed == std::vector<std::string>());
      CHECK(second.finished.size() == 1);
      CHECK(Must(fixture.engine->List("/projects/DEMO/experiments")).rows.size() == 1);
      return;
    }
    FAIL("no plan was ever left");
  }

  TEST_CASE("a row that a dead process left locked does not stop the next archive call") {
    EngineFixture fixture;
    fixture.WriteStudy("a", 1, 1, 1);
    const std::string src = fixture.Import("a").uris[0];
    Must(fixture.engine->Build(src));
    const PrearchiveSession row = Must(fixture.engine->FindPrearchiveSession(src));
    {
      Store store = Must(Store::Open(StoreUrl(fixture)));
      Must(store.ChangePrearchiveState(row.Id(), {PrearchiveState::kReady},
                                       PrearchiveState::kArchiving));
      Must(store.ChangePrearchiveState(row.Id(), {PrearchiveState::kArchiving},
                                       PrearchiveState::kLockedArchiving));
    }
    const Status status = fixture.Archive(src).status();
    CHECK(status.ToString() == Status().ToString());
  }

  TEST_CASE("a row whose owner lives is left alone, and the caller is told that it is locked") {
    EngineFixture fixture;
    fixture.WriteStudy("a", 1, 1, 1);
    const std::string src = fixture.Import("a").uris[0];
    Must(fixture.engine->Build(src));
    const PrearchiveSession row = Must(fixture.engine->FindPrearchiveSession(src));
    Store store = Must(Store::Open(StoreUrl(fixture)));
    Must(store.ChangePrearchiveState(row.Id(), {PrearchiveState::kReady},
                                     PrearchiveState::kArchiving));
    Must(store.ChangePrearchiveState(row.Id(), {PrearchiveState::kArchiving},
                                     PrearchiveState::kLockedArchiving));
    const HeldLock owner(fixture, src);
    const Status status = fixture.Archive(src).status();
    CHECK(status.code() == Code::kLocked);
    CHECK(status.reason() == "operation.locked");
    CHECK(Must(fixture.engine->Recover()).failed.empty());
    CHECK(Must(fixture.engine->FindPrearchiveSession(src)).state ==
          PrearchiveState::kLockedArchiving);
  }

  TEST_CASE("an archive that cannot be written to opens, what cannot be put right is listed") {
    EngineFixture fixture;
    {
      Store store = Must(Store::Open(StoreUrl(fixture)));
      AuditRow record;
      record.type = "Transferred";
      record.operation_id = "gone";
      record.project = "DEMO";
      record.label = "S1";
      Must(store.OpenAudit(record));
    }
    ReadOnlyFileSystem disk;
    fixture.options.recover_on_open = true;
    fixture.Open(&disk);
    CHECK(Must(fixture.engine->Recover()).failed.size() == 1);
    fixture.Open();
    CHECK(Must(fixture.engine->Recover()).failed.empty());
    CHECK(Must(Must(Store::Open(StoreUrl(fixture))).ListOpenAudit()).empty());
  }

  TEST_CASE("an acknowledgement ends no record of another operation with the same number") {
    EngineFixture fixture;
    Store store = Must(Store::Open(StoreUrl(fixture)));
    AuditRow record;
    record.operation_id = "after-the-loss";
    ExperimentFacts facts;
    facts.audit_id = Must(store.OpenAudit(record));
    facts.operation_id = "before-the-loss";
    facts.experiment.id = "XNAT_E00001";
    facts.experiment.project = facts.subject.project = "DEMO";
    facts.experiment.label = "S1";
    facts.subject.id = facts.subject.label = facts.experiment.subject_id = "XNAT_S00001";
    OperationPlan plan;
    plan.facts = WriteExperimentFacts(facts);
    Must(AcknowledgeArchive(store, plan));
    CHECK(Must(store.ListOpenAudit()).size() == 1);
    facts.operation_id = "after-the-loss";
    plan.facts = WriteExperimentFacts(facts);
    Must(AcknowledgeArchive(store, plan));
    CHECK(Must(store.ListOpenAudit()).empty());
    Must(AcknowledgeArchive(store, plan));
  }

  TEST_CASE("an engine that is opened while a pipeline runs does not end its record") {
    EngineFixture fixture;
    auto launcher = std::make_shared<SecondEngineLauncher>();
    launcher->root = fixture.options.root;
    fixture.options.pipeline_launcher = launcher;
    fixture.Open();
    Project project;
    project.id = "RUN";
    project.autorun = "x";
    Must(fixture.engine->AddProject(project));
    fixture.WriteStudy("a", 1, 1, 1);
    ArchiveRequest request;
    request.src = fixture.Import("a").uris[0];
    request.dest = "/archive/projects/RUN";
    CHECK(Must(fixture.engine->Archive(request)).pipeline.ToString() == Status().ToString());
  }

  TEST_CASE("a command that closes its outputs and goes on is killed after the timeout") {
    TempTree tree;
    PipelineRequest request;
    request.directory = tree.path();
    request.command = "exec >/dev/null 2>&1; sleep 8";
    const PipelineResult result = CommandPipelineLauncher(200)->Launch(request, {});
    CHECK(result.status.code() == Code::kHandlerFailed);
    CHECK(result.status.reason() == "pipeline.timeout");
  }

  TEST_CASE("a directory that cannot be a project does not stop a reindex") {
    for (const char* name : {"demo", "Unassigned"}) {
      CAPTURE(name);
      EngineFixture fixture;
      fixture.tree.MakeDirectories("root/archive/" + std::string(name));
      const Result<ReindexReport> report = fixture.engine->Reindex();
      CHECK(report.status().ToString() == Status().ToString());
    }
  }

  TEST_CASE("of two sessions with one ID a reindex lists both or names one as unreadable") {
    EngineFixture fixture;
    fixture.WriteStudy("a", 1, 1, 1);
    Must(fixture.Archive(fixture.Import("a").uris[0]));
    fixture.tree.Write("root/archive/DEMO/arc001/S1_old/session.xml",
                       fixture.tree.Read("root/archive/DEMO/arc001/S1/session.xml"));
    const ReindexReport report = Must(fixture.engine->Reindex());
    const std::size_t listed = Must(fixture.engine->List("/projects/DEMO/experiments")).rows.size();
    CHECK(listed + report.unreadable.size() == 2);
  }

  TEST_CASE("the subject a session was sent for survives the loss of the store") {
    EngineFixture fixture;
    fixture.WriteStudy("a", 1, 1, 1);
    ImportRequest request = fixture.Request("a");
    request.parameters["subject"] = "ALICE";
    Must(fixture.engine->Import(request));
    REQUIRE(Must(fixture.engine->PrearchiveSessions())[0].subject == "ALICE");
    fixture.LoseStore();
    Must(ArchiveEngine::Init(fixture.options, InitOptions{}));
    fixture.Open();
    Must(fixture.engine->Reindex());
    const auto rows = Must(fixture.engine->PrearchiveSessions());
    REQUIRE(rows.size() == 1);
    CHECK(rows[0].subject == "ALICE");
    CHECK_FALSE(rows[0].study_uid.empty());
  }

  TEST_CASE("an upload may hold more studies than a process may open files") {
    EngineFixture fixture;
    for (int study = 1; study <= 100; ++study) fixture.WriteStudy("a", study, 1, 1);
    rlimit before;
    REQUIRE(getrlimit(RLIMIT_NOFILE, &before) == 0);
    rlimit few = before;
    few.rlim_cur = 128;  // 1,024 by default: about 500 studies
    REQUIRE(setrlimit(RLIMIT_NOFILE, &few) == 0);
    const Result<ImportReport> report = fixture.engine->Import(fixture.Request("a"));
    REQUIRE(setrlimit(RLIMIT_NOFILE, &before) == 0);
    CHECK(report.status().ToString() == Status().ToString());
  }

  TEST_CASE("a build keeps the scan resources that are not made of DICOM, and their catalogs") {
    EngineFixture fixture;
    fixture.WriteStudy("a", 1, 1, 2);
    const std::string src = fixture.Import("a").uris[0];
    Must(fixture.engine->Build(src));
    const PrearchiveSession row = Must(fixture.engine->FindPrearchiveSession(src));
    const std::string session = "root/prearchive/" + row.url;
    SessionDocument document = Must(ParseSession(fixture.tree.Read(session + ".xml")));
    Resource resource;
    resource.label = "NIFTI";
    resource.uri = "SCANS/1/NIFTI/scan_1_NIFTI_catalog.xml";
    document.scans[0].resources.push_back(resource);
    fixture.tree.Write(session + ".xml", WriteSession(document));
    fixture.tree.Write(session + "/SCANS/1/NIFTI/a.nii", "nifti");
    fixture.tree.Write(session + "/" + resource.uri,
                       "<cat:Catalog xmlns:cat=\"http://nrg.wustl.edu/catalog\"><cat:entries>"
                       "<cat:entry ID=\"a.nii\" URI=\"a.nii\" name=\"a.nii\"/></cat:entries>"
                       "</cat:Catalog>");
    Must(fixture.engine->Build(src));
    CHECK(Must(fixture.engine->Document(src)).scans[0].resources.size() == 2);
    CHECK(fixture.tree.Exists(session + "/" + resource.uri));
  }

  TEST_CASE("DICOM files that join a session SI received are archived beside its own") {
    EngineFixture fixture;
    ImportRequest request = SessionFolder(fixture, [](SessionDocument&) {});
    request.parameters["project"] = "DEMO";
    const std::string src = Must(fixture.engine->Import(request)).uris[0];
    DicomSpec spec = EngineFixture::Spec(1);
    spec.instance = 3;
    fixture.tree.Write("in/b/3.dcm", MakeDicom(spec));
    ImportRequest more = fixture.Request("b");
    more.parameters["session"] = "S1_copy";
    Must(fixture.engine->Import(more));
    CHECK(Must(fixture.Archive(src)).files == 3);
  }

  TEST_CASE("a session SI received can be built") {
    EngineFixture fixture;
    ImportRequest request = SessionFolder(fixture, [](SessionDocument&) {});
    request.parameters["project"] = "DEMO";
    const std::string src = Must(fixture.engine->Import(request)).uris[0];
    const Status built = fixture.engine->Build(src);
    CHECK(built.ok());
  }

  TEST_CASE("a file that is not what its catalog's digest says is not taken for good") {
    EngineFixture fixture;
    ImportRequest request = SessionFolder(fixture, [](SessionDocument&) {});
    request.parameters["project"] = "DEMO";
    std::string bytes = fixture.tree.Read("in/si/S1/SCANS/1/DICOM/1.dcm");
    bytes.back() = static_cast<char>(~bytes.back());  // damaged on the way
    fixture.tree.Write("in/si/S1/SCANS/1/DICOM/1.dcm", bytes);
    const Result<ImportReport> report = fixture.engine->Import(request);
    CHECK((!report.ok() || !fixture.Archive(report->uris[0]).ok()));
  }

  TEST_CASE("SI drops no file silently, a stray XML document neither") {
    EngineFixture fixture;
    ImportRequest request = SessionFolder(fixture, [](SessionDocument&) {});
    request.parameters["project"] = "DEMO";
    fixture.tree.Write("in/si/S1/protocol.xml", "<protocol>the only copy</protocol>");
    const ImportReport report = Must(fixture.engine->Import(request));
    const bool kept =
        fixture.tree.Dump("root/prearchive/DEMO").find("protocol.xml") != std::string::npos;
    CHECK((kept || report.files_skipped == 1));
  }

  TEST_CASE("trash that cannot be removed does not keep an archive from being opened") {
    EngineFixture fixture;
    std::string deep = "root/archive/.xa/trash/old.0";
    for (int i = 0; i < 300; ++i) deep += "/d";
    fixture.tree.MakeDirectories(deep);
    fixture.engine.reset();
    const auto opened = ArchiveEngine::Open(fixture.options);
    CHECK(opened.status().ToString() == Status().ToString());
  }

  TEST_CASE("an import that fails while files are being written frees nothing too early") {
    // Needs the asan or tsan preset to fail: the writer's threads outlive what they write to.
    SlowWrites disk;
    EngineFixture fixture;
    fixture.Open(&disk);
    fixture.WriteStudy("a", 1, 1, 40);
    fixture.tree.Write("in/a/zzz.txt", "no DICOM");
    CHECK_FALSE(fixture.engine->Import(fixture.Request("a")).ok());
  }

  TEST_CASE("files a session's document has no place for are catalogued, as SI promises") {
    EngineFixture fixture;
    ImportRequest request = SessionFolder(fixture, [](SessionDocument&) {});
    request.parameters["project"] = "DEMO";
    fixture.tree.Write("in/si/S1/SCANS/1/DICOM/extra.txt", "x");
    const std::string src = Must(fixture.engine->Import(request)).uris[0];
    const PrearchiveSession row = Must(fixture.engine->FindPrearchiveSession(src));
    const std::string catalog =
        fixture.tree.Read("root/prearchive/" + row.url + "/SCANS/1/DICOM/scan_1_catalog.xml");
    CHECK(catalog.find("extra.txt") != std::string::npos);
  }
}

}  // namespace xnatarchive
