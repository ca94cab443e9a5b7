#include "archive/archive_session.hpp"

#include <doctest/doctest.h>

#include "base/text.hpp"
#include "unit/archive/archive_fixture.hpp"
#include "xml/catalog_xml.hpp"
#include "xml/session_xml.hpp"

namespace xnatarchive {
namespace {

std::string Archived(const std::string& path) {
  return "archive/" + DestinationOf("S1") + "/" + path;
}
std::string Received(const std::string& path) {
  return "prearchive/" + SourceOf("S1") + "/" + path;
}

/// Archives the fixture's session and requires that it fails, with nothing changed.
Status Refused(TestTrees& disk, const ArchiveOptions& options = {}) {
  const std::string before = disk.Visible();
  const Status status = ArchiveTestSession(disk.trees, AcknowledgeNothing, options).status();
  REQUIRE_FALSE(status.ok());
  CHECK(status.disk_state() == DiskState::kUnchanged);
  CHECK(disk.Visible() == before);
  CHECK(disk.Leftovers().empty());
  return status;
}

/// A table that does something of its own right before the first rename: when everything is staged.
class MeddlingFileSystem : public ForwardingFileSystem {
 public:
  MeddlingFileSystem() : ForwardingFileSystem(PosixFileSystem()) {}
  int SyncFs(int fd) noexcept override {
    if (meddle) std::exchange(meddle, nullptr)();
    return ForwardingFileSystem::SyncFs(fd);
  }
  std::function<void()> meddle;
};

/// A disk with ten bytes free.
class FullFileSystem : public ForwardingFileSystem {
 public:
  FullFileSystem() : ForwardingFileSystem(PosixFileSystem()) {}
  std::int64_t FreeBytes(int) noexcept override { return 10; }
};

}  // namespace

TEST_SUITE("archive.archive_session") {
  TEST_CASE("by rename and by copy the archived session is the same, and the source is gone") {
    std::string renamed;
    for (const bool one_file_system : {true, false}) {
      for (const unsigned threads : {1u, 4u}) {
        TestTrees disk;
        WriteSession(disk);
        ArchiveOptions options;
        options.one_file_system = one_file_system;
        options.threads = threads;
        std::vector<std::string> told;
        const Result<ArchiveOutcome> outcome = ArchiveTestSession(
            disk.trees,
            [&](const OperationPlan& plan) {
              told.push_back(plan.kind + " " + plan.Fact("label"));
              return Status();
            },
            options);
        INFO(outcome.status().ToString());
        REQUIRE(outcome.ok());
        CHECK(outcome->files == 5);
        CHECK(outcome->bytes == 4215);
        CHECK(outcome->files_hashed == 5);
        CHECK(outcome->copied == !one_file_system);
        CHECK(outcome->clean_up.ok());
        CHECK(told == std::vector<std::string>{"archive S1"});
        CHECK(disk.Leftovers().empty());
        CHECK_FALSE(disk.disk.Exists("prearchive/DEMO"));
        if (renamed.empty()) renamed = disk.Visible();
        CHECK(disk.Visible() == renamed);
      }
    }
  }

  TEST_CASE("every file is there with its bytes and time, catalogs and document say so") {
    TestTrees disk;
    WriteSession(disk);
    ArchiveOptions options;
    options.one_file_system = false;
    REQUIRE(ArchiveTestSession(disk.trees, AcknowledgeNothing, options).ok());
    CHECK(disk.disk.Read(Archived("SCANS/2/NIFTI/sub/brain.nii")) == "nii");
    CHECK(disk.disk.Read(Archived("logs/1710771722123.log")) == "received");
    CHECK(disk.disk.Read("archive/DEMO/subjects/SUBJ/subject.xml") == "<subject/>");
    const Result<FileInfo> info =
        disk.trees.archive.Stat(DestinationOf("S1") + "/SCANS/2/NIFTI/sub/brain.nii");
    CHECK(info->mtime_ns == 1'710'771'722'123'456'789);
    const Result<Catalog> catalog =
        ParseCatalog(disk.disk.Read(Archived("SCANS/2/NIFTI/NIFTI_catalog.xml")));
    REQUIRE(catalog.ok());
    const CatalogEntry& entry = catalog->entries.at(0);
    CHECK(entry.digest == "428c5fcf495396df04a459e317b70ca2");
    CHECK(entry.Meta("SIZE") == "3");
    CHECK(entry.Meta("MTIME") == "1710771722123456789");
    CHECK(entry.Meta("XXH3").size() == 32);
    CHECK(entry.created.by == "alice");
    const Result<SessionDocument> document = ParseSession(disk.disk.Read(Archived("session.xml")));
    REQUIRE(document.ok());
    CHECK(document->id == "XNAT_E00001");
    CHECK(document->Get("subject_ID") == "XNAT_S00001");
    CHECK(document->Get("prearchivePath").empty());
    CHECK(document->scans[0].resources[0].file_count == 3);
    CHECK(document->scans[0].resources[0].uri == "SCANS/1/DICOM/scan_1_catalog.xml");
  }

  TEST_CASE("files whose digests are known are not read") {
    TestTrees disk;
    WriteSession(disk);
    REQUIRE(ArchiveTestSession(disk.trees, AcknowledgeNothing).ok());
    // Back to the prearchive, with the catalogs the archive wrote.
    disk.disk.MakeDirectories("prearchive/" + std::string(kTimestamp));
    REQUIRE(disk.trees.archive
                .Rename(DestinationOf("S1"), disk.trees.prearchive, SourceOf("S1"),
                        RenameMode::kNoReplace)
                .ok());
    disk.disk.Write("prearchive/" + SourceOf("S1") + ".xml", WriteSession(TestDocument()));
    disk.disk.Write(Received("SCANS/1/DICOM/image2.dcm"), "changed");
    const Result<ArchiveOutcome> outcome = ArchiveTestSession(disk.trees, AcknowledgeNothing);
    REQUIRE(outcome.ok());
    CHECK(outcome->files_hashed == 1);
    const Result<Catalog> catalog =
        ParseCatalog(disk.disk.Read(Archived("SCANS/1/DICOM/scan_1_catalog.xml")));
    CHECK(catalog->entries[1].digest == "8977dfac2f8e04cb96e66882235f5aba");
    CHECK(catalog->entries[1].Meta("SIZE") == "7");
  }

  TEST_CASE("a session that exists, or appears before the plan, is a conflict") {
    TestTrees disk;
    WriteSession(disk);
    disk.disk.Write(Archived("x"), "there");
    CHECK(Refused(disk).reason() == "archive.session-exists");

    MeddlingFileSystem fs;
    TestTrees meddled(fs);
    WriteSession(meddled);
    std::string before;
    fs.meddle = [&] {
      meddled.disk.Write(Archived("x"), "foreign");
      before = meddled.Visible();
    };
    const Status status = ArchiveTestSession(meddled.trees, AcknowledgeNothing).status();
    CHECK(status.code() == Code::kConflict);
    CHECK(status.reason() == "archive.session-exists");
    CHECK(status.disk_state() == DiskState::kUnchanged);
    CHECK(meddled.Visible() == before);
    CHECK(meddled.Leftovers().empty());
  }

  TEST_CASE("a file that changes, comes or goes while the session is archived stops it") {
    for (const bool one_file_system : {true, false}) {
      for (const std::string change : {"grow", "touch", "add", "remove", "swap"}) {
        TestTrees disk;
        WriteSession(disk);
        const std::string file = Received("SCANS/1/DICOM/image1.dcm");
        ArchiveOptions options;
        options.one_file_system = one_file_system;
        bool meddled = false;
        options.progress = [&](const Progress& progress) {
          if (progress.phase != "publish" || std::exchange(meddled, true)) return true;
          const std::string bytes = disk.disk.Read(file);
          if (change == "grow") disk.disk.Write(file, bytes + "x");
          if (change == "touch") disk.disk.Write(file, bytes);
          if (change == "add") disk.disk.Write(Received("SCANS/1/DICOM/new"), "n");
          if (change == "remove") disk.disk.Remove(Received("logs"));
          if (change == "swap") {
            disk.disk.Remove(Received("RESOURCES/NOTES/a.txt"));
            disk.disk.Symlink("/etc/passwd", Received("RESOURCES/NOTES/a.txt"));
          }
          return true;
        };
        const Status status = ArchiveTestSession(disk.trees, AcknowledgeNothing, options).status();
        INFO(change << " " << one_file_system);
        CHECK(status.code() == Code::kConflict);
        CHECK(status.reason() == "archive.source-changed");
        CHECK(status.disk_state() == DiskState::kUnchanged);
        CHECK_FALSE(disk.disk.Exists("archive/DEMO"));
        CHECK(disk.Leftovers().empty());
      }
    }
  }

  TEST_CASE(
      "bytes that are not those of the recorded digest are refused, the source is untouched") {
    for (const bool one_file_system : {true, false}) {
      TestTrees disk;
      WriteSession(disk);
      Catalog catalog = *ParseCatalog(disk.disk.Read(Received("SCANS/1/DICOM/scan_1_catalog.xml")));
      catalog.entries[2].digest = std::string(32, '0');
      disk.disk.Write(Received("SCANS/1/DICOM/scan_1_catalog.xml"),
                      WriteCatalog(catalog, CatalogStyle::kPretty));
      ArchiveOptions options;
      options.one_file_system = one_file_system;
      const Status status = Refused(disk, options);
      CHECK(status.code() == Code::kCorruption);
      CHECK(status.reason() == "archive.digest-mismatch");
      CHECK(status.path() == "SCANS/1/DICOM/image3.dcm");
    }
  }

  TEST_CASE("a copy that can not fit is not begun") {
    FullFileSystem fs;
    TestTrees disk(fs);
    WriteSession(disk);
    ArchiveOptions options;
    options.one_file_system = false;
    const Status status = Refused(disk, options);
    CHECK(status.code() == Code::kNoSpace);
    CHECK(status.reason() == "archive.no-space");
  }

  TEST_CASE("the caller can cancel in every phase until it is published") {
    for (const bool one_file_system : {true, false}) {
      for (const std::string phase : {one_file_system ? "hash" : "copy", "publish"}) {
        TestTrees disk;
        WriteSession(disk);
        ArchiveOptions options;
        options.one_file_system = one_file_system;
        options.progress = [&](const Progress& progress) { return progress.phase != phase; };
        CHECK(Refused(disk, options).reason() == "archive.cancelled");
      }
    }
  }

  TEST_CASE("progress counts files and bytes up to their totals, on the calling thread") {
    TestTrees disk;
    WriteSession(disk);
    ArchiveOptions options;
    std::uint64_t bytes = 0;
    std::vector<std::string> phases;
    options.progress = [&](const Progress& progress) {
      CHECK(progress.bytes_done >= bytes);
      CHECK(progress.bytes_total == 4215);
      CHECK(progress.files_total == 5);
      bytes = progress.bytes_done;
      if (phases.empty() || phases.back() != progress.phase) phases.emplace_back(progress.phase);
      return true;
    };
    REQUIRE(ArchiveTestSession(disk.trees, AcknowledgeNothing, options).ok());
    CHECK(bytes == 4215);
    CHECK(phases == std::vector<std::string>{"hash", "publish"});
  }

  TEST_CASE("a catalog that was missing is made from the files") {
    for (const bool one_file_system : {true, false}) {
      TestTrees disk;
      WriteSession(disk);
      disk.disk.Remove(Received("SCANS/2/NIFTI/NIFTI_catalog.xml"));
      ArchiveOptions options;
      options.one_file_system = one_file_system;
      const Result<ArchiveOutcome> outcome =
          ArchiveTestSession(disk.trees, AcknowledgeNothing, options);
      INFO(outcome.status().ToString());
      REQUIRE(outcome.ok());
      CHECK(outcome->files == 5);
      CHECK(ParseCatalog(disk.disk.Read(Archived("SCANS/2/NIFTI/NIFTI_catalog.xml")))
                ->entries.at(0)
                .uri == "sub/brain.nii");
      CHECK(disk.Leftovers().empty());
    }
  }

  TEST_CASE("a resource of which neither catalog nor files are there is not archived as empty") {
    TestTrees disk;
    WriteSession(disk);
    disk.disk.Remove(Received("RESOURCES"));
    CHECK(Refused(disk).reason() == "archive.missing-file");
  }

  TEST_CASE("other sessions of the timestamp and the project stay") {
    TestTrees disk;
    WriteSession(disk, "S1");
    WriteSession(disk, "S2");
    REQUIRE(ArchiveTestSession(disk.trees, AcknowledgeNothing).ok());
    CHECK(disk.disk.Exists("prearchive/" + SourceOf("S2") + ".xml"));
    CHECK_FALSE(disk.disk.Exists("prearchive/" + SourceOf("S1") + ".xml"));
    ArchiveOptions options;
    options.label = "S2";
    REQUIRE(ArchiveTestSession(disk.trees, AcknowledgeNothing, options).ok());
    CHECK_FALSE(disk.disk.Exists("prearchive/DEMO"));
    CHECK(disk.disk.Exists("archive/" + DestinationOf("S1")));
    CHECK(disk.disk.Exists("archive/" + DestinationOf("S2")));
  }
}

}  // namespace xnatarchive
