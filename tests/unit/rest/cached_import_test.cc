// services/import of what lies in the user cache.
#include <doctest/doctest.h>

#include "import_fixture.hpp"

namespace xnatarchive {
namespace {

/// A percent-encoded URI as value of a query, where it is decoded once more.
std::string InQuery(const std::string& uri) {
  std::string value;
  for (const char c : uri) value += c == '%' ? "%25" : std::string(1, c);
  return value;
}

}  // namespace

TEST_SUITE("rest.cached_import") {
  TEST_CASE("what its sender has put into his cache is imported, and stays there") {
    ImportFixture fixture;
    fixture.Cache();
    const std::string src = "src=/user/cache/resources/up/files/d/x%2520y.zip";
    const std::string plain = "src=/user/cache/resources/up/files/d/x%20y.zip";
    const struct {
      const char* client;
      std::string query;
      std::optional<std::string> body;
      const char* type;
    } cases[] = {
        {"query", "?project=UP&session=A&" + src, {}, ""},
        {"query, its path not encoded", "?project=UP&session=A&" + plain, {}, ""},
        {"query and an empty body", "?project=UP&session=A&" + src, "", kForm},
        {"below /data", "?project=UP&session=A&src=/data" + plain.substr(4), {}, ""},
        {"below /REST", "?project=UP&session=A&src=/REST" + plain.substr(4), {}, ""},
        {"form", "", "project=UP&session=A&http-session-listener=1&" + src, kForm},
        {"XNAT's pages", "?XNAT_CSRF=x",
         fixture.Field("src", "/user/cache/resources/up/files/d/x y.zip") +
             fixture.Field("http-session-listener", "20261126T080000000Z") +
             fixture.Field("project", "UP") + fixture.Field("session", "A") +
             fixture.Field("prearchive_code", "0") + "--B--\r\n",
         kMultipart},
    };
    for (const auto& row : cases) {
      CAPTURE(row.client);
      const std::string answer = fixture.Send("POST", kImport + row.query, row.body, row.type);
      const std::string path = fixture.Waiting();
      CHECK(answer == fixture.Uri("/data" + path));
      CHECK(path.substr(path.rfind('/')) == "/A");
      Must(fixture.engine->DeletePrearchiveSession(path));
    }
    CHECK(fixture.Send("POST",
                       kImport + "?dest=/archive/projects/UP/subjects/S/experiments/B&" + src) ==
          fixture.Uri("/data/archive/projects/UP/subjects/S/experiments/B"));
    CHECK(fixture.CachedZip() == fixture.zip);
  }

  TEST_CASE("a src that names no file of a user cache is refused") {
    ImportFixture fixture;
    fixture.Cache();
    const std::string cache = "/user/cache/resources/";
    const std::string cases[] = {cache + "..%2F..%2Fbob%2Fup/files/d/x",
                                 cache + "../files/x",
                                 cache + "up/files/d/../x",
                                 cache + "up/files/d/%2e%2e/x",
                                 cache + "up/files/d/%252e%252e/x",
                                 cache + "up/files/d/..%2Fx",
                                 cache + "up/files/d/x%00",
                                 cache + "up/files/d/%zz",
                                 cache + "up",
                                 cache + "up/files/",
                                 cache + "up/other/x",
                                 "/data/data" + cache + "up/files/d/x",
                                 "/prearchive/projects/UP/20260101_000000000/A",
                                 "x.zip",
                                 "/"};
    const std::string before = fixture.tree.Dump();
    for (const std::string& src : cases) {
      CAPTURE(src);
      CHECK(fixture.Brief(fixture.Send("POST", kImport + "?project=UP&src=" + InQuery(src))) ==
            "400 rest.bad-src");
    }
    CHECK(fixture.Brief(fixture.Send("POST", kImport + "?project=UP&src=" + cache +
                                                 "up/files/.xa-1")) == "400 rest.bad-path");
    CHECK(fixture.tree.Dump() == before);
  }

  TEST_CASE("what is not in one's cache, or not alone, is not imported, and nothing is lost") {
    ImportFixture fixture;
    fixture.Cache();
    fixture.user = "bob";
    fixture.Send("PUT", "/data/user/cache/resources/bob/files/x.zip", fixture.zip);
    fixture.Send("PUT", "/data/user/cache/resources/bob/files/half.zip",
                 fixture.zip.substr(0, fixture.zip.size() / 2));
    const std::string own = "/user/cache/resources/bob/files/x.zip";
    const struct {
      const char* what;
      std::string src;
      std::optional<std::string> body;
      const char* type;
      const char* answer;
    } cases[] = {
        {"missing", "/user/cache/resources/bob/files/y.zip", {}, "", "404 uri.not-found"},
        {"a missing resource",
         "/user/cache/resources/none/files/x.zip",
         {},
         "",
         "404 uri.not-found"},
        {"another user's",
         "/user/cache/resources/up/files/d/x%20y.zip",
         {},
         "",
         "404 uri.not-found"},
        {"two", own + "&src=" + own, {}, "", "400 rest.several-files"},
        {"a body, too", own, fixture.zip, "application/zip", "400 rest.several-files"},
        {"a part, too", own, fixture.Multipart("", fixture.zip), kMultipart,
         "400 rest.several-files"},
        {"half a zip", "/user/cache/resources/bob/files/half.zip", {}, "", "400 container.corrupt"},
        {"an unknown handler", own + "&import-handler=NONE", {}, "", "404 import.unknown-handler"},
    };
    const std::string before = fixture.Dump();
    const std::string cached = fixture.tree.Dump("cache");
    for (const auto& row : cases) {
      CAPTURE(row.what);
      CHECK(fixture.Brief(fixture.Send("POST", kImport + "?project=UP&src=" + InQuery(row.src),
                                       row.body, row.type)) == row.answer);
      CHECK(fixture.Dump() == before);
      CHECK(fixture.tree.Dump("cache") == cached);
    }
    fixture.Send("PUT", "/data/user/cache/resources/bob/files/d/y", "y");
    CHECK(fixture.Brief(fixture.Send(
              "POST", kImport + "?project=UP&src=/user/cache/resources/bob/files/d")) ==
          "404 uri.not-found");
    fixture.user = "";
    CHECK(fixture.Brief(fixture.Send("POST", kImport + "?project=UP&src=" + own)) ==
          "403 access.denied");
  }
}

}  // namespace xnatarchive
