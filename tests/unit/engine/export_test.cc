// Exporting through the engine: directories, zips, streams, bags; and everything that stops one.
#include <doctest/doctest.h>
#include <fcntl.h>
#include <unistd.h>

#include <string>
#include <thread>
#include <vector>

#include "container/bag_text.hpp"
#include "digest/digest.hpp"
#include "support/fault_file_system.hpp"
#include "unit/engine/export_fixture.hpp"

namespace xnatarchive {
namespace {

std::vector<std::string> Below(const std::string& directory, std::vector<std::string> files) {
  for (std::string& file : files) file = directory + "/" + file;
  return files;
}

std::string Md5(const std::string& bytes) {
  return Hasher(Checksum::kMd5).Hash(bytes.data(), bytes.size()).md5;
}

/// Everything the manifest of a bag names must be there with that digest, and the other way round.
void CheckManifest(const ExportFixture& fixture, const std::string& bag, const std::string& name,
                   std::size_t expected) {
  const BagManifest manifest = Must(ParseBagManifest(fixture.tree.Read(bag + "/" + name)));
  CHECK(manifest.size() == expected);
  for (const auto& [path, digest] : manifest) {
    CAPTURE(path);
    CHECK(Md5(fixture.tree.Read(bag + "/" + path)) == digest);
  }
}

}  // namespace

TEST_SUITE("engine.export") {
  TEST_CASE("a directory holds the catalogued files, placed as in XNAT's downloads") {
    ExportFixture fixture;
    fixture.tree.Write(std::string(kArchivedSession) + "/SCANS/1/DICOM/unlisted.dcm", "x");
    const std::string archive = fixture.tree.Dump("root/archive");
    const ExportReport report = fixture.Export("out");
    CHECK(report.files == 6);
    CHECK(report.files_unchecked == 0);
    CHECK(report.files_elsewhere == 0);
    const std::vector<std::string> files = fixture.Files("out");
    REQUIRE(files.size() == 6);
    const SessionDocument document = Must(fixture.engine->Document("/experiments/XNAT_E00001"));
    for (const std::string& file : files) {
      CAPTURE(file);
      CHECK(file.rfind("scans/", 0) == 0);
      CHECK(file.find("/resources/DICOM/files/") != std::string::npos);
    }
    const std::string first = fixture.FirstFile();
    const std::string name = first.substr(first.rfind('/') + 1);
    std::string type = document.scans[0].type;
    std::replace(type.begin(), type.end(), ' ', '_');
    const std::string scan = type.empty() ? "1" : "1-" + type;
    CHECK(fixture.tree.Read("out/scans/" + scan + "/resources/DICOM/files/" + name) ==
          fixture.tree.Read(first));
    CHECK(fixture.tree.Dump("root/archive") == archive);
  }

  TEST_CASE("a part of a session is exported alone, its files placed as in the whole") {
    ExportFixture fixture;
    fixture.Export("whole");
    const std::string session = fixture.Request("").uri;
    const struct {
      const char* part;
      const char* scans;  // whose files are there
    } cases[] = {
        {"/scans", "12"}, {"/scans/2", "2"}, {"/scans/2/resources/DICOM", "2"}, {"/scans/1", "1"}};
    for (const auto& row : cases) {
      CAPTURE(row.part);
      std::vector<std::string> expected;
      for (const std::string& file : fixture.Files("whole")) {
        const char scan = file.at(std::string("scans/").size());
        if (std::string(row.scans).find(scan) != std::string::npos) expected.push_back(file);
      }
      ExportRequest request = fixture.Request("part");
      request.uri = session + row.part;
      CHECK(Must(fixture.engine->Export(request)).files == expected.size());
      CHECK(fixture.Files("part") == expected);
      fixture.tree.Remove("part");
      request.form = ExportForm::kBag;
      CHECK(fixture.engine->Export(request).status().reason() == "export.bag-of-part");
    }
    for (const char* part : {"/scans/9", "/scans/1/resources/NONE", "/resources/NONE"}) {
      CAPTURE(part);
      ExportRequest request = fixture.Request("part");
      request.uri = session + part;
      CHECK(fixture.engine->Export(request).status().reason() == "uri.not-found");
    }
    CHECK_FALSE(fixture.tree.Exists("part"));
    // Damage elsewhere in the session is no reason to withhold a scan.
    fixture.Rot(fixture.FirstFile("1"));
    ExportRequest request = fixture.Request("part");
    request.uri = session + "/scans/2";
    CHECK(Must(fixture.engine->Export(request)).files == 3);
  }

  TEST_CASE("a zip holds the same below the session's label, also when it is streamed") {
    ExportFixture fixture;
    fixture.Export("out");
    fixture.Export("out.ZIP");
    const std::vector<std::string> expected = Below("S1", fixture.Files("out"));
    CHECK(FilesInZip(fixture.tree, "out.ZIP") == expected);
    ExportRequest request = fixture.Request("");
    request.output_fd = open((fixture.tree.path() + "/stream").c_str(), O_CREAT | O_WRONLY, 0600);
    REQUIRE(request.output_fd >= 0);
    Must(fixture.engine->Export(request));
    close(request.output_fd);
    CHECK(FilesInZip(fixture.tree, "stream") == expected);
  }

  TEST_CASE("a bag holds the session's whole directory, with right manifests and no patient data") {
    ExportFixture fixture;
    fixture.tree.Write(std::string(kArchivedSession) + "/SCANS/1/DICOM/100%\nodd", "x");
    fixture.tree.Write(std::string(kArchivedSession) + "/notes/today.txt", "y");
    fixture.tree.Write(std::string(kArchivedSession) + "/.xa-quarantine", "z");
    const ExportReport report = fixture.Export("bag", ExportForm::kBag);
    CHECK(report.files == 6 + 2 + 1 + 2);  // and two catalogs, the document, two strays
    CHECK(report.files_unchecked == 5);
    CHECK(fixture.tree.Read("bag/bagit.txt") ==
          "BagIt-Version: 1.0\nTag-File-Character-Encoding: UTF-8\n");
    fixture.tree.Remove(std::string(kArchivedSession) + "/.xa-quarantine");
    CHECK(fixture.Files("bag/data/S1") == fixture.Files(kArchivedSession));
    CheckManifest(fixture, "bag", "manifest-md5.txt", 12);
    CheckManifest(fixture, "bag", "tagmanifest-md5.txt", 3);
    CHECK(fixture.tree.Read("bag/manifest-md5.txt").find("DICOM/100%25%0Aodd\n") !=
          std::string::npos);
    const std::string info = fixture.tree.Read("bag/bag-info.txt");
    CHECK(info.find("External-Identifier: XNAT_E00001\n") != std::string::npos);
    CHECK(info.find("Source-Organization: XNAT\n") != std::string::npos);
    CHECK(info.find(".12\n") != std::string::npos);  // Payload-Oxum
    CHECK(info.find("S1") == std::string::npos);
    CHECK(info.find("Subject") == std::string::npos);
  }

  TEST_CASE("a bag's MD5s are computed where the catalogs have none") {
    ExportFixture fixture;
    for (const char* scan : {"1", "2"}) {
      std::string text = fixture.tree.Read(fixture.Catalog(scan));
      for (std::size_t at; (at = text.find(" digest=\"")) != std::string::npos;) {
        text.erase(at, text.find('"', at + 9) + 1 - at);
      }
      fixture.tree.Write(fixture.Catalog(scan), text);
    }
    fixture.Export("bag", ExportForm::kBag);
    CheckManifest(fixture, "bag", "manifest-md5.txt", 10);
    fixture.Rot(fixture.FirstFile());
    CHECK(fixture.engine->Export(fixture.Request("again", ExportForm::kBag)).status().reason() ==
          "export.digest-differs");
  }

  TEST_CASE("what exists is never overwritten, and what can not be made is refused") {
    ExportFixture fixture;
    fixture.tree.Write("there.zip", "mine");
    fixture.tree.MakeDirectories("dir");
    const std::string before = fixture.Dump();
    const auto reason = [&](const std::string& target) {
      return std::string(fixture.engine->Export(fixture.Request(target)).status().reason());
    };
    CHECK(reason("there.zip") == "export.target-exists");
    CHECK(reason("dir") == "export.target-exists");
    CHECK(reason("nowhere/x.zip") == "export.no-parent");
    CHECK(reason("dir/..") == "export.bad-target");
    CHECK(reason("root/archive/DEMO/arc001/S9") == "export.inside-root");
    CHECK(reason("root/prearchive/x.zip") == "export.inside-root");
    ExportRequest request = fixture.Request("new");
    request.uri = "/experiments/XNAT_E00009";
    CHECK(fixture.engine->Export(request).status().code() == Code::kNotFound);
    for (const char* uri : {"/projects/DEMO", "/experiments/XNAT_E00001/resources", "/experiments",
                            "/experiments/XNAT_E00001/scans/1/resources/DICOM/files/1.dcm"}) {
      CAPTURE(uri);
      request.uri = uri;
      CHECK(fixture.engine->Export(request).status().reason() == "uri.not-an-experiment");
    }
    CHECK(fixture.tree.Read("there.zip") == "mine");
    CHECK(fixture.Dump() == before);
  }

  TEST_CASE("a session that is damaged is not exported, in any form, and nothing is left behind") {
    struct Damage {
      const char* reason;
      std::function<void(ExportFixture&)> make;
    };
    const std::vector<Damage> damages = {
        {"export.digest-differs", [](ExportFixture& f) { f.Rot(f.FirstFile()); }},
        {"export.digest-differs",
         [](ExportFixture& f) { f.tree.Write(f.FirstFile(), "another length"); }},
        {"export.file-missing", [](ExportFixture& f) { f.tree.Remove(f.FirstFile()); }},
        {"export.catalog-missing", [](ExportFixture& f) { f.tree.Remove(f.Catalog()); }},
        {"export.catalog-unreadable", [](ExportFixture& f) { f.tree.Write(f.Catalog(), "<cat"); }},
    };
    for (const Damage& damage : damages) {
      ExportFixture fixture;
      damage.make(fixture);
      const std::string before = fixture.Dump();
      const std::string outside = fixture.tree.Dump("");
      for (const char* target : {"new", "new.zip"}) {
        for (const ExportForm form : {ExportForm::kFiles, ExportForm::kBag}) {
          CAPTURE(target);
          const Status failed = fixture.engine->Export(fixture.Request(target, form)).status();
          CHECK(failed.code() == Code::kCorruption);
          CHECK(failed.reason() == damage.reason);
          CHECK(failed.path().find("SCANS/1/DICOM/") != std::string::npos);
          CHECK(fixture.Dump() == before);
          CHECK_FALSE(fixture.tree.Exists(target));
        }
      }
      CHECK(fixture.tree.Dump("").find(".tmp") == std::string::npos);
    }
  }

  TEST_CASE("a digest that XNAT renewed counts more than an XXH3 it does not know of") {
    ExportFixture fixture;
    const std::string file = fixture.FirstFile();
    const std::string old = Md5(fixture.tree.Read(file));
    fixture.tree.Write(file, "changed through XNAT");
    CHECK_FALSE(fixture.engine->Export(fixture.Request("one")).ok());
    fixture.Replace(fixture.Catalog(), old, Md5("changed through XNAT"));
    CHECK(fixture.Export("two").files == 6);
  }

  TEST_CASE("a session that changes meanwhile is not exported half old, half new") {
    ExportFixture fixture;
    for (const char* target : {"new", "new.zip"}) {
      CallOptions call;
      call.progress = [&](const Progress&) {
        fixture.tree.Write(std::string(kArchivedSession) + "/SCANS/2/DICOM/added-" + target, "x");
        return true;
      };
      const Status failed = fixture.engine->Export(fixture.Request(target), call).status();
      CHECK(failed.code() == Code::kConflict);
      CHECK(failed.reason() == "export.session-changed");
      CHECK_FALSE(fixture.tree.Exists(target));
    }
  }

  TEST_CASE("many read one session at once, and each gets all of it") {
    ExportFixture fixture;
    constexpr int kReaders = 8, kTimes = 10;
    std::vector<std::thread> readers;
    std::vector<std::string> failures(kReaders);
    std::vector<std::size_t> whole(kReaders);
    for (int i = 0; i < kReaders; ++i) {
      readers.emplace_back([&, i] {
        for (int n = 0; n < kTimes; ++n) {
          std::size_t bytes = 0;
          ExportRequest request;
          request.uri = "/experiments/XNAT_E00001";
          request.output = [&bytes](std::string_view more) {
            bytes += more.size();
            return Status();
          };
          const Result<ExportReport> report = fixture.engine->Export(request);
          if (!report.ok()) failures[i] = report.status().ToString();
          if (report.ok() && report->files == 6 && bytes > 0) ++whole[i];
        }
      });
    }
    for (std::thread& reader : readers) reader.join();
    for (int i = 0; i < kReaders; ++i) {
      CHECK(failures[i] == "");
      CHECK(whole[i] == kTimes);
    }
  }

  TEST_CASE("a cancelled export leaves nothing") {
    ExportFixture fixture;
    CallOptions call;
    call.progress = [](const Progress&) { return false; };
    const std::string before = fixture.tree.Dump("");
    for (const char* target : {"new", "new.zip"}) {
      const Status failed = fixture.engine->Export(fixture.Request(target), call).status();
      CHECK(failed.reason() == "export.cancelled");
      CHECK_FALSE(fixture.tree.Exists(target));
    }
    CHECK(fixture.tree.Dump("").find(".tmp") == std::string::npos);
  }

  TEST_CASE("whichever call to the disk fails, there is a whole export or none") {
    for (const char* target : {"new", "new.zip"}) {
      FaultFileSystem disk;
      ExportFixture fixture(&disk);
      const std::string archive = fixture.tree.Dump("root/archive/DEMO");
      fixture.Export("good");
      const std::vector<std::string> whole = fixture.Files("good");
      for (std::uint64_t n = 1;; ++n) {
        CAPTURE(n);
        disk.Reset();
        disk.FailAt(n, EIO, FaultFileSystem::Duration::kOnce);
        const Result<ExportReport> report = fixture.engine->Export(fixture.Request(target));
        const bool triggered = disk.triggered();
        disk.Reset();
        const bool there = fixture.tree.Exists(target);
        const bool committed = report.status().disk_state() == DiskState::kCommitted;
        CHECK(there == (report.ok() || committed));
        if (there && std::string(target) == "new") CHECK(fixture.Files(target) == whole);
        if (there && std::string(target) != "new") {
          CHECK(FilesInZip(fixture.tree, target) == Below("S1", whole));
        }
        fixture.tree.Remove(target);
        if (!triggered) break;
      }
      CHECK(fixture.tree.Dump("root/archive/DEMO") == archive);
    }
  }
}

}  // namespace xnatarchive
