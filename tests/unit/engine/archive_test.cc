#include <doctest/doctest.h>
#include <fcntl.h>

#include <map>
#include <mutex>
#include <optional>
#include <set>

#include "base/text.hpp"
#include "support/engine_fixture.hpp"
#include "unit/engine/check_catalogs.hpp"
#include "unit/engine/held_lock.hpp"

namespace xnatarchive {
namespace {

/// Notes which images are opened to be read, and what is renamed.
class WatchedFileSystem : public ForwardingFileSystem {
 public:
  WatchedFileSystem() : ForwardingFileSystem(PosixFileSystem()) {}
  int Open(int dirfd, const char* path, int flags, unsigned mode) noexcept override {
    if ((flags & O_ACCMODE) == O_RDONLY && EndsWith(path, ".dcm")) {
      const std::lock_guard<std::mutex> lock(mutex_);
      images.insert(path);
    }
    return ForwardingFileSystem::Open(dirfd, path, flags, mode);
  }
  int Rename(int from_dirfd, const char* from, int to_dirfd, const char* to,
             unsigned flags) noexcept override {
    const std::lock_guard<std::mutex> lock(mutex_);
    renamed.insert(to);
    return ForwardingFileSystem::Rename(from_dirfd, from, to_dirfd, to, flags);
  }
  std::multiset<std::string> images;
  std::multiset<std::string> renamed;  // the new names

 private:
  std::mutex mutex_;
};

}  // namespace

TEST_SUITE("engine.archive") {
  TEST_CASE("a build reads the images that changed or came by hand, and no other") {
    WatchedFileSystem disk;
    EngineFixture fixture(&disk);
    fixture.WriteStudy("a", 1, 2, 3);
    const std::string src = fixture.Import("a").uris[0];
    disk.images.clear();
    Must(fixture.engine->Build(src));
    CHECK(disk.images.empty());  // they were read when they were received

    DicomSpec spec = EngineFixture::Spec(1);
    const auto bytes = [&](int instance, const char* comment) {
      spec.instance = instance;
      spec.values[0x00204000] = comment;
      return MakeDicom(spec);
    };
    fixture.tree.Write("in/b/4.dcm", bytes(4, ""));
    CHECK(fixture.Import("b").uris[0] == src);
    const std::string session = Must(fixture.engine->FindPrearchiveSession(src)).url;
    const std::string scan = session + "/SCANS/1/DICOM/";
    fixture.tree.Write("root/prearchive/" + scan + "2.dcm", bytes(2, "changed"));
    fixture.tree.Write("root/prearchive/" + scan + "5.dcm", bytes(5, ""));
    disk.images.clear();
    Must(fixture.engine->Build(src));
    CHECK(disk.images == std::multiset<std::string>{scan + "2.dcm", scan + "5.dcm"});
    disk.images.clear();
    Must(fixture.engine->Build(src));
    CHECK(disk.images.empty());
    CheckCatalogs(fixture, Must(fixture.Archive(src)).experiment_id, 8);
  }

  TEST_CASE("a build that fails leaves document and catalogs as they were, byte for byte") {
    EngineFixture fixture;
    fixture.WriteStudy("a", 1, 2, 2);
    const std::string src = fixture.Import("a").uris[0];
    Must(fixture.engine->Build(src));
    fixture.WriteStudy("b", 1, 3, 3);  // would change the document and every catalog
    CHECK(fixture.Import("b").files_received == 5);
    const std::string image = "root/prearchive/" +
                              Must(fixture.engine->FindPrearchiveSession(src)).url +
                              "/SCANS/2/DICOM/2.dcm";
    const std::string whole = fixture.tree.Read(image);
    fixture.tree.Write(image, "an image no more");
    const std::string before = fixture.WaitingDocuments();
    CHECK(Split(before, '\n').size() == 1 + 2 + 1);  // and what is behind the last line
    const std::string scans(ParentPath(ParentPath(ParentPath(image))));
    const std::string files = fixture.tree.Dump(scans);
    for (int i = 0; i < 2; ++i) {
      const Status failed = fixture.engine->Build(src);
      CHECK(failed.code() == Code::kCorruption);
      CHECK(failed.disk_state() == DiskState::kUnchanged);
      CHECK(fixture.WaitingDocuments() == before);
      CHECK(fixture.tree.Dump(scans) == files);
    }
    CHECK(Must(fixture.engine->FindPrearchiveSession(src)).state == PrearchiveState::kError);
    fixture.tree.Write(image, whole);
    Must(fixture.engine->Build(src));
    CHECK(fixture.WaitingDocuments() != before);
    CheckCatalogs(fixture, Must(fixture.Archive(src)).experiment_id, 9);
  }

  TEST_CASE("a new session is published by one rename, and 300 files need no more than 3") {
    const auto renames = [](int series, int instances) {
      WatchedFileSystem disk;
      EngineFixture fixture(&disk);
      fixture.WriteStudy("a", 1, series, instances);
      const std::string src = fixture.Import("a").uris[0];
      Must(fixture.engine->Build(src));
      disk.renamed.clear();
      CHECK(Must(fixture.Archive(src)).files == static_cast<std::uint64_t>(series * instances));
      CHECK(disk.renamed.count("S1") == 1);
      for (const std::string& name : disk.renamed) CHECK_FALSE(EndsWith(name, ".dcm"));
      return disk.renamed.size();
    };
    const std::size_t few = renames(1, 3);
    CHECK(renames(1, 300) == few);
    CHECK(renames(10, 3) == few + 9);  // each catalog, before the session is published
  }

  TEST_CASE("a received study is archived whole, with true catalogs, and leaves the prearchive") {
    EngineFixture fixture;
    fixture.WriteStudy("a", 1);
    const ImportReport received = fixture.Import("a");
    REQUIRE(received.uris.size() == 1);
    CHECK(received.files_received == 6);
    const ArchiveReport report = Must(fixture.Archive(received.uris[0]));
    CHECK(report.uri == "/data/archive/projects/DEMO/subjects/Test_Subject1/experiments/S1");
    CHECK(report.experiment_id == "XNAT_E00001");
    CHECK(report.status == "active");
    CHECK(report.scans == 2);
    CHECK(report.files == 6);
    CHECK(report.files_hashed == 0);
    CHECK(report.warnings.empty());
    CheckCatalogs(fixture, "XNAT_E00001", 6);
    CHECK(Must(fixture.engine->PrearchiveSessions()).empty());
    const std::string left = fixture.tree.Dump("root/prearchive");
    CHECK(left.find(".dcm") == std::string::npos);
    CHECK(left.find("DEMO") == std::string::npos);
  }

  TEST_CASE("a session that exists is a conflict: archive and prearchive keep every byte") {
    EngineFixture fixture;
    fixture.WriteStudy("a", 1);
    Must(fixture.Archive(fixture.Import("a").uris[0]));
    const std::string archived = fixture.tree.Dump("root/archive");
    const std::string src = fixture.Import("a").uris[0];
    Must(fixture.engine->Build(src));
    const Result<ArchiveReport> again = fixture.Archive(src);
    REQUIRE_FALSE(again.ok());
    CHECK(again.status().code() == Code::kConflict);
    CHECK(again.status().reason() == "archive.session-exists");
    CHECK(again.status().disk_state() == DiskState::kUnchanged);
    CHECK(fixture.tree.Dump("root/archive") == archived);
    CHECK(Must(fixture.engine->FindPrearchiveSession(src)).state == PrearchiveState::kConflict);
    CHECK(Must(fixture.engine->PrearchiveLog(src)).size() == 1);
    // Under another label it goes through.
    ArchiveRequest renamed;
    renamed.src = src;
    renamed.parameters["session"] = "S1 again";
    const ArchiveReport report = Must(fixture.engine->Archive(renamed));
    CHECK(report.label == "S1_again");
    CheckCatalogs(fixture, report.experiment_id, 6);
  }

  TEST_CASE("validation finds what archiving would, and writes nothing") {
    EngineFixture fixture;
    fixture.WriteStudy("a", 1);
    Must(fixture.Archive(fixture.Import("a").uris[0]));
    ArchiveRequest request;
    request.src = fixture.Import("a").uris[0];
    for (const bool built : {false, true}) {
      CAPTURE(built);
      if (built) Must(fixture.engine->Build(request.src));
      const std::string before = fixture.Dump();
      const ValidationReport report = Must(fixture.engine->Validate(request));
      CHECK(fixture.Dump() == before);
      REQUIRE(report.findings.size() == 3);
      CHECK(report.findings[0].code == 1);
      CHECK(report.findings[0].type == FindingType::kConflict);
      CHECK(report.findings[1].reason == "archive.scan-exists");
      CHECK(report.merges);
      CHECK(report.counts.identical == 6);
      CHECK(report.blocked);
      CHECK(report.scans == 2);
      CHECK(report.files == 6);
      CHECK(report.files_to_hash == 0);
    }
  }

  TEST_CASE("an Unassigned session goes where its content says, once that project exists") {
    EngineFixture fixture;
    DicomSpec spec = EngineFixture::Spec(1);
    spec.values[0x00081030] = "LATER";  // StudyDescription
    fixture.tree.Write("in/a/1.dcm", MakeDicom(spec));
    ImportRequest import = fixture.Request("a");
    import.parameters.clear();
    const std::string src = Must(fixture.engine->Import(import)).uris[0];
    CHECK(src.find("/Unassigned/") != std::string::npos);
    const auto refused = fixture.Archive(src);
    CHECK(refused.status().reason() == "archive.no-project");
    Project later;
    later.id = "LATER";
    Must(fixture.engine->AddProject(later));
    const ArchiveReport report = Must(fixture.Archive(src));
    CHECK(report.project == "LATER");
    CHECK(fixture.tree.Exists("root/archive/LATER/arc001/S1/session.xml"));
  }

  TEST_CASE("dest, parameters and project settings decide names and status") {
    EngineFixture fixture;
    Project strict;
    strict.id = "STRICT";
    strict.quarantine_code = 1;
    Must(fixture.engine->AddProject(strict));
    fixture.WriteStudy("a", 1, 1, 1);
    fixture.WriteStudy("b", 2, 1, 1);
    fixture.WriteStudy("c", 3, 1, 1);
    ArchiveRequest request;
    request.src = fixture.Import("a").uris[0];
    request.dest = "/archive/projects/STRICT/subjects/X1/experiments/X1_MR";
    ArchiveReport report = Must(fixture.engine->Archive(request));
    CHECK(report.uri == "/data/archive/projects/STRICT/subjects/X1/experiments/X1_MR");
    CHECK(report.status == "quarantine");

    request = ArchiveRequest();
    request.src = fixture.Import("b").uris[0];
    request.dest = "/data/archive/projects/STRICT";
    request.parameters["subject"] = "x1";  // found ignoring case
    request.fields.emplace_back("xnat:mrSessionData/note", "a note & more");
    report = Must(fixture.engine->Archive(request));
    CHECK(report.uri == "/data/archive/projects/STRICT/subjects/X1/experiments/S2");
    CHECK(Must(fixture.engine->Document(report.uri)).Get("note") == "a note & more");

    request = ArchiveRequest();
    request.src = fixture.Import("c").uris[0];
    request.dest = "/archive/projects/DEMO/subjects/A";
    request.parameters["subject"] = "B";
    const Result<ArchiveReport> contradiction = fixture.engine->Archive(request);
    REQUIRE_FALSE(contradiction.ok());
    CHECK(contradiction.status().reason() == "archive.contradiction");
    request.parameters.clear();
    request.quarantine = true;
    report = Must(fixture.engine->Archive(request));
    CHECK(report.status == "quarantine");
    CHECK(Must(fixture.engine->List("/projects/STRICT")).rows.size() == 1);
    CHECK(Must(fixture.engine->List("/projects/STRICT/experiments")).rows.size() == 2);
  }

  TEST_CASE("an unknown XML path or project stops the operation and changes nothing") {
    EngineFixture fixture;
    fixture.WriteStudy("a", 1, 1, 1);
    ArchiveRequest request;
    request.src = fixture.Import("a").uris[0];
    request.fields.emplace_back("xnat:mrSessionData/nonsense", "x");
    const Result<ArchiveReport> field = fixture.engine->Archive(request);
    REQUIRE_FALSE(field.ok());
    CHECK(field.status().reason() == "archive.bad-field");
    request.fields.clear();
    request.dest = "/archive/projects/NOWHERE";
    const Result<ArchiveReport> project = fixture.engine->Archive(request);
    REQUIRE_FALSE(project.ok());
    CHECK(project.status().reason() == "archive.unknown-project");
    CHECK(fixture.tree.Dump("root/archive/DEMO").empty());
    request.dest.clear();
    CHECK(Must(fixture.engine->Archive(request)).files == 1);
  }

  TEST_CASE("files that changed since they were received get new checksums, others are not read") {
    EngineFixture fixture;
    fixture.WriteStudy("a", 1, 2, 3);
    const std::string src = fixture.Import("a").uris[0];
    Must(fixture.engine->Build(src));
    const PrearchiveSession row = Must(fixture.engine->FindPrearchiveSession(src));
    DicomSpec other = EngineFixture::Spec(1);
    other.instance = 2;
    other.values[0x00104000] = "edited";
    fixture.tree.Write("root/prearchive/" + row.url + "/SCANS/1/DICOM/2.dcm", MakeDicom(other));
    const ArchiveReport report = Must(fixture.Archive(src));
    CHECK(report.files_hashed == 1);
    CheckCatalogs(fixture, report.experiment_id, 6);
  }

  TEST_CASE(
      "a catalog or document that cannot be read stops the operation, until it is built again") {
    for (const char* garbage : {"", "<cat:DCMCatalog", "garbage"}) {
      CAPTURE(garbage);
      EngineFixture fixture;
      fixture.WriteStudy("a", 1, 1, 2);
      const std::string src = fixture.Import("a").uris[0];
      Must(fixture.engine->Build(src));
      const std::string session =
          "root/prearchive/" + Must(fixture.engine->FindPrearchiveSession(src)).url;
      fixture.tree.Write(session + "/SCANS/1/DICOM/scan_1_catalog.xml", garbage);
      const Result<ArchiveReport> catalog = fixture.Archive(src);
      REQUIRE_FALSE(catalog.ok());
      CHECK(catalog.status().reason() == "archive.bad-catalog");
      CHECK(fixture.tree.Read(session + "/SCANS/1/DICOM/scan_1_catalog.xml") == garbage);
      fixture.tree.Write(session + ".xml", garbage);
      const Result<ArchiveReport> document = fixture.Archive(src);
      REQUIRE_FALSE(document.ok());
      CHECK(document.status().reason() == "archive.bad-document");
      // Building again repairs both: the files are all there.
      Must(fixture.engine->Build(src));
      CheckCatalogs(fixture, Must(fixture.Archive(src)).experiment_id, 2);
    }
  }

  TEST_CASE("files that are gone since the build stop the operation, a whole resource, too") {
    EngineFixture fixture;
    fixture.WriteStudy("a", 1, 2, 2);
    const std::string src = fixture.Import("a").uris[0];
    Must(fixture.engine->Build(src));
    const std::string scans =
        "root/prearchive/" + Must(fixture.engine->FindPrearchiveSession(src)).url + "/SCANS/";
    fixture.tree.Remove(scans + "1/DICOM/2.dcm");
    CHECK(fixture.Archive(src).status().reason() == "archive.missing-file");
    Must(fixture.engine->Build(src));  // says that one file is all there is
    fixture.tree.Remove(scans + "2/DICOM");
    CHECK(fixture.Archive(src).status().reason() == "archive.missing-file");
    CHECK(fixture.tree.Dump("root/archive/DEMO").empty());
  }

  TEST_CASE("a second engine that works on the session is answered with locked") {
    EngineFixture fixture;
    fixture.WriteStudy("a", 1, 1, 1);
    const std::string src = fixture.Import("a").uris[0];
    CallOptions call;
    Code inner = Code::kOk;
    std::unique_ptr<ArchiveEngine> other = Must(ArchiveEngine::Open(fixture.options));
    call.progress = [&](const Progress&) {
      ArchiveRequest request;
      request.src = src;
      inner = other->Archive(request).status().code();
      return true;
    };
    ArchiveRequest request;
    request.src = src;
    Must(fixture.engine->Archive(request, call));
    CHECK(inner == Code::kLocked);
  }

  TEST_CASE("a session that is locked is waited for as long as the request says, or cancelled") {
    EngineFixture fixture;
    fixture.WriteStudy("a", 1, 1, 1);
    ArchiveRequest request;
    request.src = fixture.Import("a").uris[0];
    std::optional<HeldLock> held(std::in_place, fixture, request.src);
    const auto reason = [&](const CallOptions& call) {
      return std::string(fixture.engine->Archive(request, call).status().reason());
    };
    CHECK(reason({}) == "operation.locked");
    request.wait_ms = 120;
    CHECK(reason({}) == "operation.locked");
    request.wait_ms = 600'000;
    CallOptions call;
    call.progress = [](const Progress& progress) { return progress.phase != "wait"; };
    CHECK(reason(call) == "archive.wait-cancelled");
    call.progress = [&](const Progress& progress) {
      if (progress.phase == "wait") held.reset();
      return true;
    };
    Must(fixture.engine->Archive(request, call));
  }

  TEST_CASE("cancelling changes nothing and the session can be archived later") {
    for (const bool built : {false, true}) {
      CAPTURE(built);
      EngineFixture fixture;
      fixture.WriteStudy("a", 1);
      const std::string src = fixture.Import("a").uris[0];
      if (built) Must(fixture.engine->Build(src));
      const PrearchiveState before = Must(fixture.engine->FindPrearchiveSession(src)).state;
      CallOptions call;
      call.progress = [](const Progress&) { return false; };
      ArchiveRequest request;
      request.src = src;
      const Result<ArchiveReport> cancelled = fixture.engine->Archive(request, call);
      REQUIRE_FALSE(cancelled.ok());
      CHECK(cancelled.status().code() == Code::kCancelled);
      CHECK(fixture.tree.Dump("root/archive").find("session.xml") == std::string::npos);
      CHECK(Must(fixture.engine->FindPrearchiveSession(src)).state == before);
      CheckCatalogs(fixture, Must(fixture.Archive(src)).experiment_id, 6);
    }
  }
}

}  // namespace xnatarchive
