// Exporting a session that waits in the prearchive.
#include <doctest/doctest.h>
#include <fcntl.h>
#include <unistd.h>

#include "unit/engine/export_fixture.hpp"
#include "unit/engine/held_lock.hpp"

namespace xnatarchive {
namespace {

using Strings = std::vector<std::string>;

/// Beside the archived one, S2 of DEMO waits, built: two scans of three files and their catalogs.
struct WaitingFixture : ExportFixture {
  std::string uri;
  std::string place;  // of the session, in the tree

  WaitingFixture() {
    WriteStudy("b", 2);
    uri = Import("b").uris.at(0);
    place = "root" + uri.substr(5);
    place.erase(place.find("projects/"), 9);
    Must(engine->Build(uri));
  }

  Result<ExportReport> Try(const std::string& target, const std::string& part = "",
                           const CallOptions& call = {}) {
    ExportRequest request = Request(target);
    request.uri = uri + part;
    return engine->Export(request, call);
  }
  std::string Reason(const std::string& target, const std::string& part = "") {
    return std::string(Try(target, part).status().reason());
  }
  /// The session's files as an export names them, sorted.
  Strings Expected(bool built = true) const {
    Strings files;
    for (const std::string& file : Files(place)) {
      if (file.find(".xa") == std::string::npos) files.push_back("S2/" + file);
    }
    if (!built) return files;
    for (const std::string& file : Files(place.substr(0, place.rfind('/')))) {
      if (file.rfind("S2.xml", 0) == 0) files.push_back(file);
    }
    return files;
  }
  std::string FileOf(const std::string& scan) const {
    const std::string directory = place + "/SCANS/" + scan + "/DICOM";
    for (const std::string& file : Files(directory)) {
      if (file.find(".dcm ") != std::string::npos) {
        return directory + "/" + file.substr(0, file.find(' '));
      }
    }
    throw std::runtime_error("no DICOM file in " + directory);
  }
};

}  // namespace

TEST_SUITE("engine.export_waiting") {
  TEST_CASE("all files of a waiting session are there as they lie, its document beside them") {
    WaitingFixture fixture;
    fixture.tree.Write(fixture.place + "/SCANS/1/DICOM/.xa-half.tmp", "ours");
    fixture.tree.Write(fixture.place + "/notes/today.txt", "by hand");
    const std::string before = fixture.Dump();
    const ExportReport report = Must(fixture.Try("out"));
    const Strings expected = fixture.Expected();
    CHECK(fixture.Files("out") == expected);
    CHECK(report.files == expected.size() - 1);  // the document is not counted
    CHECK(report.files_unchecked == report.files - 6);
    CHECK(report.files_elsewhere == 0);
    CHECK(fixture.Dump() == before);
    Must(fixture.Try("out.zip"));
    CHECK(FilesInZip(fixture.tree, "out.zip") == expected);
    ExportRequest request = fixture.Request("");
    request.uri = fixture.uri;
    request.output_fd = open((fixture.tree.path() + "/stream").c_str(), O_CREAT | O_WRONLY, 0600);
    REQUIRE(request.output_fd >= 0);
    Must(fixture.engine->Export(request));
    close(request.output_fd);
    CHECK(FilesInZip(fixture.tree, "stream") == expected);
  }

  TEST_CASE("a session that is not built has no document, and is exported all the same") {
    WaitingFixture fixture;
    fixture.WriteStudy("c", 3);
    const std::string uri = fixture.Import("c").uris.at(0);
    ExportRequest request = fixture.Request("out");
    request.uri = uri;
    CHECK(Must(fixture.engine->Export(request)).files_unchecked == 0);
    CHECK(fixture.tree.Exists("out/S3"));
    CHECK_FALSE(fixture.tree.Exists("out/S3.xml"));
    CHECK(fixture.Files("out").size() == 6);
  }

  TEST_CASE("of scans, a scan, or a resource the files alone are exported") {
    WaitingFixture fixture;
    const struct {
      const char* part;
      Strings scans;
    } cases[] = {{"/scans", {"1", "2"}}, {"/scans/2", {"2"}}, {"/scans/1/resources/DICOM", {"1"}}};
    for (const auto& row : cases) {
      CAPTURE(row.part);
      Strings expected;
      for (const std::string& file : fixture.Expected(false)) {
        for (const std::string& scan : row.scans) {
          if (file.rfind("S2/SCANS/" + scan + "/", 0) == 0) expected.push_back(file);
        }
      }
      CHECK(Must(fixture.Try("part", row.part)).files == expected.size());
      CHECK(fixture.Files("part") == expected);
      fixture.tree.Remove("part");
    }
    CHECK(fixture.Reason("part", "/scans/9") == "uri.not-found");
    CHECK(fixture.Reason("part", "/scans/1/resources/NONE") == "uri.not-found");
    CHECK(fixture.Reason("part", "/resources") == "uri.not-an-experiment");
    CHECK(fixture.Reason("part", "/scans/1/resources/DICOM/files/a") == "uri.not-an-experiment");
    CHECK_FALSE(fixture.tree.Exists("part"));
  }

  TEST_CASE("a file whose bytes are no longer those that were received ends the export") {
    WaitingFixture fixture;
    fixture.Rot(fixture.FileOf("1"));
    for (const char* target : {"new", "new.zip"}) {
      const Status failed = fixture.Try(target).status();
      CHECK(failed.code() == Code::kCorruption);
      CHECK(failed.reason() == "export.digest-differs");
      CHECK("root/prearchive/" + std::string(failed.path()) == fixture.FileOf("1"));
      CHECK_FALSE(fixture.tree.Exists(target));
    }
    // One that somebody changed is not damage: there is nothing to compare it with.
    fixture.tree.Write(fixture.FileOf("1"), "changed by hand");
    const ExportReport report = Must(fixture.Try("out"));
    CHECK(report.files_unchecked == report.files - 5);
    CHECK(fixture.tree.Dump("").find(".tmp") == std::string::npos);
  }

  TEST_CASE("links, bags, strangers, and what is locked or gone are refused") {
    WaitingFixture fixture;
    {
      const HeldLock lock(fixture, fixture.uri);
      CHECK(fixture.Reason("new") == "operation.locked");
    }
    ExportRequest bag = fixture.Request("new", ExportForm::kBag);
    bag.uri = fixture.uri;
    const Status no_bag = fixture.engine->Export(bag).status();
    CHECK(no_bag.code() == Code::kUnsupported);
    CHECK(no_bag.reason() == "export.bag-of-waiting");
    fixture.tree.Symlink("/etc/passwd", fixture.place + "/SCANS/1/DICOM/x.dcm");
    CHECK(fixture.Reason("new") == "export.irregular-file");
    CHECK(Must(fixture.Try("two", "/scans/2")).files == 4);
    fixture.tree.Remove(fixture.place);
    CHECK(fixture.Reason("new") == "uri.not-found");
    Must(fixture.engine->DeletePrearchiveSession(fixture.uri));
    CHECK(fixture.Reason("new") == "prearchive.not-found");
    CHECK_FALSE(fixture.tree.Exists("new"));
  }

  TEST_CASE("what is received meanwhile is left out; what is replaced meanwhile ends the export") {
    WaitingFixture fixture;
    const Strings before = fixture.Expected();
    bool sent = false;
    CallOptions call;
    call.progress = [&](const Progress&) {
      if (sent) return true;
      sent = true;
      fixture.WriteStudy("more", 2, 3, 4);
      fixture.Import("more");
      return true;
    };
    Must(fixture.Try("out", "", call));
    CHECK(fixture.Files("out") == before);
    CHECK(fixture.Expected().size() > before.size());
    call.progress = [&](const Progress&) {
      fixture.tree.Write(fixture.FileOf("2"), "replaced");
      return true;
    };
    const Status failed = fixture.Try("new.zip", "", call).status();
    CHECK(failed.code() == Code::kConflict);
    CHECK(failed.reason() == "export.session-changed");
    call.progress = [](const Progress&) { return false; };
    CHECK(fixture.Try("new.zip", "", call).status().reason() == "export.cancelled");
    CHECK_FALSE(fixture.tree.Exists("new.zip"));
    CHECK(fixture.tree.Dump("").find("export-") == std::string::npos);
  }
}

}  // namespace xnatarchive
