// Files of archived sessions: their list, their bytes whole and in part, and zips of them.
#include <doctest/doctest.h>

#include "rest_fixture.hpp"

namespace xnatarchive {
namespace {

const std::string kSession = "/data/experiments/XNAT_E00001";
const std::string kPlace = "root/archive/DEMO/arc001/S1/SCANS/1/DICOM/";

struct FilesFixture : RestFixture {
  FilesFixture() {
    WriteStudy("a", 1, 2, 2);
    Must(Archive(Import("a").uris.at(0)));
    // A name that has to be encoded, and content that can be told apart.
    tree.Write(kPlace + "a b#1%.txt", "0123456789");
    Send("POST", "/data/services/refresh/catalog?resource=" + kSession);
  }

  RestResponse Ask(const std::string& target,
                   std::vector<std::pair<std::string, std::string>> headers = {}) {
    RestRequest request = RestFixture::Ask("GET", target);
    request.headers = std::move(headers);
    return service->Handle(request);
  }
  static std::string Header(const RestResponse& response, const std::string& wanted) {
    for (const auto& [name, value] : response.headers) {
      if (name == wanted) return value;
    }
    return "none";
  }
  /// Names of the files in the zip that a request is answered with, by importing it.
  std::string ZipNames(const std::string& target) {
    const RestResponse response = Ask(target);
    if (response.status != 200) return Brief(Show(response));
    CHECK(Header(response, "Content-Type") == "application/zip");
    CHECK(Header(response, "Content-Disposition") == "attachment; filename=\"S1.zip\"");
    const std::string zip = Body(response);
    std::string names;
    for (std::size_t at = zip.find("PK\1\2"); at != std::string::npos;
         at = zip.find("PK\1\2", at + 4)) {
      const auto byte = [&](std::size_t i) { return static_cast<unsigned char>(zip[at + i]); };
      names += zip.substr(at + 46, byte(28) + 256u * byte(29)) + " ";
    }
    return names;
  }
};

const std::string kFile = kSession + "/scans/1/resources/DICOM/files/a%20b%231%25.txt";

}  // namespace

TEST_SUITE("rest.files") {
  TEST_CASE(
      "files are listed with their digests, and each URI in the list, without /archive, gives its "
      "file") {
    FilesFixture fixture;
    const struct {
      const char* below;
      std::size_t files;
    } cases[] = {{"/scans/1/resources/DICOM/files", 3},
                 {"/scans/1/files", 3},
                 {"/scans/2/files", 2},
                 {"/scans/1,2/files", 5},
                 {"/scans/ALL/files", 5},
                 {"/files", 5},
                 {"/scans/ALL/resources/DICOM/files", 5}};
    for (const auto& row : cases) {
      CAPTURE(row.below);
      const std::string answer = fixture.Get(kSession + row.below);
      std::size_t count = 0;
      for (std::size_t at = answer.find("\"URI\":\""); at != std::string::npos;
           at = answer.find("\"URI\":\"", at + 1)) {
        const std::string uri = answer.substr(at + 7, answer.find('"', at + 7) - at - 7);
        CAPTURE(uri);
        CHECK(fixture.Ask(uri).status == 200);
        ++count;
      }
      CHECK(count == row.files);
    }
    const std::string list = fixture.Get(kSession + "/scans/1/files?format=csv&sortBy=Name");
    CHECK(list.find("\"a b#1%.txt\",\"10\",\"" + kFile +
                    "\",\"DICOM\",\"\",\"DICOM\",\"RAW\",\"DICOM\","
                    "\"781e5e245d69b566979b86e28d23f2c7\"\n") != std::string::npos);
  }

  TEST_CASE("a file comes whole, with what a cache needs, and not again when it is known") {
    FilesFixture fixture;
    const RestResponse whole = fixture.Ask(kFile);
    CHECK(whole.status == 200);
    CHECK(FilesFixture::Body(whole) == "0123456789");
    CHECK(whole.stream_bytes == 10u);
    const std::string etag = FilesFixture::Header(whole, "ETag");
    CHECK(FilesFixture::Header(whole, "Content-Type") == "text/plain");
    CHECK(FilesFixture::Header(whole, "Accept-Ranges") == "bytes");
    CHECK(FilesFixture::Header(whole, "Content-Disposition") ==
          "attachment; filename=\"a b#1%.txt\"");
    for (const std::string& known : {etag, "\"x\", " + etag, std::string("*")}) {
      const RestResponse same = fixture.Ask(kFile, {{"If-None-Match", known}});
      CHECK(same.status == 304);
      CHECK(FilesFixture::Header(same, "ETag") == etag);
      CHECK_FALSE(same.stream);
    }
    CHECK(fixture.Ask(kFile, {{"If-None-Match", "\"other\""}}).status == 200);
    RestRequest head = fixture.RestFixture::Ask("HEAD", kFile);
    const RestResponse only_headers = fixture.service->Handle(head);
    CHECK_FALSE(only_headers.stream);
    CHECK(only_headers.stream_bytes == 10u);
    const std::string dicom = fixture.Get(kSession + "/scans/2/files?format=csv&columns=URI");
    const std::size_t at = dicom.find("/data/experiments");
    const RestResponse image = fixture.Ask(dicom.substr(at, dicom.find('"', at) - at));
    CHECK(FilesFixture::Header(image, "Content-Type") == "application/dicom");
    CHECK(FilesFixture::Body(image).substr(128, 4) == "DICM");
  }

  TEST_CASE("a part of a file is what the range says; a range that says nothing is passed over") {
    FilesFixture fixture;
    const std::string etag = FilesFixture::Header(fixture.Ask(kFile), "ETag");
    const struct {
      const char* range;
      int status;
      const char* content_range;
      const char* body;
    } cases[] = {
        {"bytes=0-3", 206, "bytes 0-3/10", "0123"},
        {"bytes=4-", 206, "bytes 4-9/10", "456789"},
        {"bytes=-3", 206, "bytes 7-9/10", "789"},
        {"bytes=-99", 206, "bytes 0-9/10", "0123456789"},
        {"bytes=9-99", 206, "bytes 9-9/10", "9"},
        {"bytes=0-18446744073709551616", 200, "none", "0123456789"},
        {"bytes=0-1,4-5", 200, "none", "0123456789"},
        {"bytes=3-1", 200, "none", "0123456789"},
        {"bytes=", 200, "none", "0123456789"},
        {"bytes=-", 200, "none", "0123456789"},
        {"bytes=a-b", 200, "none", "0123456789"},
        {"lines=1-2", 200, "none", "0123456789"},
        {"bytes=10-", 416, "none", nullptr},
        {"bytes=-0", 416, "none", nullptr},
    };
    for (const auto& row : cases) {
      CAPTURE(row.range);
      const RestResponse part = fixture.Ask(kFile, {{"Range", row.range}, {"If-Range", etag}});
      CHECK(part.status == row.status);
      CHECK(FilesFixture::Header(part, "Content-Range") == row.content_range);
      if (row.body != nullptr) CHECK(FilesFixture::Body(part) == row.body);
      const RestResponse other =
          fixture.Ask(kFile, {{"Range", row.range}, {"If-Range", "\"older\""}});
      CHECK(other.status == 200);
      CHECK(FilesFixture::Body(other) == "0123456789");
    }
  }

  TEST_CASE("an output that fails ends the file, and nothing else") {
    FilesFixture fixture;
    const RestResponse whole = fixture.Ask(kFile);
    const Status failed =
        whole.stream([](std::string_view) { return Status(Code::kIo, "peer.gone", "closed"); });
    CHECK(failed.code() == Code::kIo);
    CHECK(FilesFixture::Body(fixture.Ask(kFile)) == "0123456789");
  }

  TEST_CASE("a session, its scans, one scan or one resource come as a zip") {
    FilesFixture fixture;
    const std::string one = fixture.ZipNames(kSession + "/scans/1/files?format=zip");
    const std::string two = fixture.ZipNames(kSession + "/scans/2/files?format=zip");
    CHECK(std::count(one.begin(), one.end(), '/') == 3 * 6);
    CHECK(std::count(two.begin(), two.end(), '/') == 2 * 6);
    for (const char* below : {"?format=zip", "/files?format=zip", "/scans/ALL/files?format=zip"}) {
      CAPTURE(below);
      CHECK(fixture.ZipNames(kSession + below) == one + two);
    }
    CHECK(fixture.ZipNames(kSession + "/scans/2?format=zip") == two);
    CHECK(fixture.ZipNames(kSession + "/scans/2/resources/DICOM/files?format=zip") == two);
    CHECK(fixture.ZipNames(kSession + "/scans/1,2/files?format=zip") == "501 rest.no-such-zip");
    CHECK(fixture.ZipNames(kSession + "/scans/9/files?format=zip") == "404 uri.not-found");
    CHECK(fixture.ZipNames(kSession + "/resources/NONE/files?format=zip") == "404 uri.not-found");
    CHECK(fixture.ZipNames("/data/experiments/NONE/files?format=zip") == "404 uri.not-found");
    const std::string accepted =
        RestFixture::Show(fixture.Ask(kSession, {{"Accept", "application/zip, */*"}}));
    CHECK(accepted.find("Content-Type: application/zip") != std::string::npos);
  }

  TEST_CASE("a zip of a session that is damaged ends with a failure, and is not whole") {
    FilesFixture fixture;
    fixture.tree.Write(kPlace + "a b#1%.txt", "012345678X");
    const RestResponse response = fixture.Ask(kSession + "?format=zip");
    CHECK(response.status == 200);
    const Status sent = response.stream([](std::string_view) { return Status(); });
    CHECK(sent.code() == Code::kCorruption);
  }

  TEST_CASE("no path leads out of a resource") {
    FilesFixture fixture;
    fixture.tree.Write("secret", "x");
    fixture.tree.Symlink("../../../../../../../secret", kPlace + "link");
    const std::string files = kSession + "/scans/1/resources/DICOM/files/";
    for (const char* name :
         {"..%2F..%2Fsession.xml", "../../session.xml", "%2e%2e/%2e%2e/session.xml",
          "%252e%252e/session.xml", "a/../../../x", "..%5cx", "%00", "%2e"}) {
      CAPTURE(name);
      CHECK(fixture.Ask(files + name).status == 400);
    }
    CHECK(fixture.Ask(files + "link").status >= 400);
    CHECK(fixture.Ask(files + "none").status == 404);
    CHECK(fixture.Ask(files + ".xa-x").status == 404);
  }

  TEST_CASE("what README.md says is not served is refused, and changes nothing") {
    RestFixture fixture;
    const std::string waiting = "/data" + fixture.Receive(1);
    Must(fixture.engine->Build(waiting));
    const std::string archived = Must(fixture.Archive(fixture.Receive(3))).uri;
    const std::string before = fixture.Dump();
    for (const std::string& session : {waiting, archived}) {
      CAPTURE(session);
      const auto brief = [&](const char* method, const std::string& target) {
        return fixture.Brief(fixture.Send(method, session + target));
      };
      for (const char* place : {"/scans/1", "/scans/1/resources/DICOM/files/1.dcm"}) {
        CHECK(brief("DELETE", place) == "405 rest.bad-method");
      }
      for (const char* place :
           {"/resources/NEW/files/a.txt", "/scans/1/resources/NEW/files/a.txt"}) {
        CHECK(brief("PUT", place) == "405 rest.bad-method");
        CHECK(brief("POST", place) == "405 rest.bad-method");
      }
      CHECK(brief("GET", "?format=gz") == "400 rest.bad-format");
      CHECK(brief("GET", "/scans/1/files?format=gz") == "400 rest.bad-format");
      CHECK(brief("GET", "/scans/1,2/files?format=zip") == "501 rest.no-such-zip");
      const std::string file = "/scans/1/resources/DICOM/files/1.dcm";
      const std::string image = fixture.Get(session + file);
      CHECK(image.substr(0, 3) == "200");
      CHECK(fixture.Get(session + file + "?format=image/jpeg") == image);
    }
    CHECK(fixture.Brief(fixture.Send("DELETE", archived)) == "405 rest.bad-method");
    CHECK(fixture.Brief(fixture.Send("PUT", archived + "?pullDataFromHeaders=true")) ==
          "501 rest.no-such-action");
    CHECK(fixture.Brief(fixture.Get("/data/status/listener1")) == "404 job.not-found");
    CHECK(fixture.Dump() == before);
  }
}

}  // namespace xnatarchive
