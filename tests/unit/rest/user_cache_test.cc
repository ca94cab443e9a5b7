// The user cache: what users keep in it is theirs, whole, and goes after seven days.
#include <doctest/doctest.h>

#include <chrono>
#include <filesystem>
#include <set>
#include <thread>
#include <vector>

#include "rest_fixture.hpp"
#include "support/fault_file_system.hpp"

namespace xnatarchive {
namespace {

const std::string kResources = "/data/user/cache/resources";
constexpr const char* kMultipart = "multipart/form-data; boundary=B";
constexpr const char* kZip = "application/zip";

/// A service with a cache at "cache", in which "ann" has a/x.zip.
struct CacheFixture : RestFixture {
  FaultFileSystem disk;

  CacheFixture() {
    rest_options.user_cache = tree.path() + "/cache";
    rest_options.file_system = &disk;
    Serve();
    if (Put("a/files/x.zip", "first") != "200") throw std::runtime_error("the cache takes nothing");
  }

  /// Status and reason of an answer about what is in the cache.
  std::string Try(const std::string& method, const std::string& below,
                  const std::optional<std::string>& body = {}, const std::string& type = "") {
    return Brief(Send(method, kResources + "/" + below, body, type));
  }
  std::string Put(const std::string& below, const std::string& bytes) {
    return Try("PUT", below, bytes, kZip);
  }
  std::string Content(const std::string& below) {
    return Body(service->Handle(Ask("GET", kResources + "/" + below)));
  }
  std::string Listing(const std::string& below = "") {
    const RestRequest request = Ask("GET", kResources + below + "?format=csv");
    return Body(service->Handle(request));
  }
  std::string Cached() const { return tree.Dump("cache"); }
};

std::string Part(const std::string& disposition, const std::string& content) {
  return "--B\r\nContent-Disposition: form-data; " + disposition + "\r\n\r\n" + content + "\r\n";
}

}  // namespace

TEST_SUITE("rest.user_cache") {
  TEST_CASE("a file is stored in every form in which clients send it, in place of the former") {
    CacheFixture fixture;
    const std::string part = Part("name=\"file\"; filename=\"p.zip\"", "parts") + "--B--\r\n";
    const struct {
      const char* what;
      const char* method;
      const char* below;
      std::string body;
      const char* type;
      const char* stored;
      const char* content;
    } cases[] = {
        {"raw", "PUT", "a/files/x.zip", "second", kZip, "a/files/x.zip", "second"},
        {"raw, by POST", "POST", "a/files/x.zip", "third", kZip, "a/files/x.zip", "third"},
        {"curl --data-binary", "PUT", "a/files/x.zip?inbody=true", "a=b", kForm, "a/files/x.zip",
         "a=b"},
        {"multipart that is the file", "PUT", "a/files/x.zip?inbody=true", part, kMultipart,
         "a/files/x.zip", part.c_str()},
        {"a page's form", "PUT", "a/files/x.zip", Part("name=\"extract\"", "no") + part, kMultipart,
         "a/files/x.zip", "parts"},
        {"a form to the resource", "POST", "a", part, kMultipart, "a/files/p.zip", "parts"},
        {"a form to its files", "POST", "b/files", part, kMultipart, "b/files/p.zip", "parts"},
        {"below directories", "PUT", "b/files/d/e/x%20%25%23.zip", "deep", kZip,
         "b/files/d/e/x%20%25%23.zip", "deep"},
    };
    for (const auto& row : cases) {
      CAPTURE(row.what);
      CHECK(fixture.Try(row.method, row.below, row.body, row.type) == "200");
      CHECK(fixture.Content(row.stored) == row.content);
    }
    CHECK(fixture.Listing() ==
          "\"Resource\",\"URI\"\n"
          "\"a\",\"/data/user/cache/resources/a\"\n\"b\",\"/data/user/cache/resources/b\"\n");
    const std::string files =
        "\"Name\",\"Size\",\"URI\"\n"
        "\"d/e/x %#.zip\",\"4\",\"/data/user/cache/resources/b/files/d/e/x%20%25%23.zip\"\n"
        "\"p.zip\",\"5\",\"/data/user/cache/resources/b/files/p.zip\"\n";
    CHECK(fixture.Listing("/b/files") == files);
    CHECK(fixture.Listing("/b") == files);
    CHECK(fixture.Brief(fixture.Send("PUT", "/REST/user/cache/resources/a/files/y", "y", kZip)) ==
          "200");
    CHECK(fixture.Content("a/files/y") == "y");
  }

  TEST_CASE("a resource is made once, and it and its files are deleted") {
    CacheFixture fixture;
    for (const char* method : {"PUT", "POST", "PUT"}) CHECK(fixture.Try(method, "empty") == "200");
    CHECK(fixture.Listing("/empty") == "\"Name\",\"Size\",\"URI\"\n");
    CHECK(fixture.Put("a/files/d/y", "y") == "200");
    CHECK(fixture.Try("DELETE", "a/files/d") == "404 uri.not-found");  // a directory
    CHECK(fixture.Try("GET", "a/files/d") == "404 uri.not-found");
    CHECK(fixture.Try("DELETE", "a/files/x.zip") == "200");
    CHECK(fixture.Try("DELETE", "a/files/x.zip") == "404 uri.not-found");
    CHECK(fixture.Content("a/files/d/y") == "y");
    CHECK(fixture.Try("DELETE", "a") == "200");
    for (const char* method : {"GET", "DELETE"}) {
      CHECK(fixture.Try(method, "a") == "404 uri.not-found");
      CHECK(fixture.Try(method, "a/files/d/y") == "404 uri.not-found");
    }
    CHECK(fixture.Cached() == "ann/\nann/empty/\n");
  }

  TEST_CASE("a part of a file is given, and nothing when it is known") {
    CacheFixture fixture;
    RestRequest request = fixture.Ask("GET", kResources + "/a/files/x.zip");
    request.headers.emplace_back("Range", "bytes=1-2");
    const RestResponse part = fixture.service->Handle(request);
    CHECK(part.status == 206);
    CHECK(RestFixture::Body(part) == "ir");
    request.headers = {{"If-None-Match", part.headers.at(0).second}};
    CHECK(fixture.service->Handle(request).status == 304);
  }

  TEST_CASE("every user has a cache of his own, whatever he is called") {
    CacheFixture fixture;
    const std::vector<std::string> users = {"bob", "..",  "../ann", ".",    "Ann",
                                            ".xa", "a/b", "a%2Fb",  "ann/a"};
    for (const std::string& user : users) {
      CAPTURE(user);
      fixture.user = user;
      CHECK(fixture.Listing() == "\"Resource\",\"URI\"\n");
      CHECK(fixture.Try("GET", "a") == "404 uri.not-found");
      CHECK(fixture.Try("GET", "a/files/x.zip") == "404 uri.not-found");
      CHECK(fixture.Try("DELETE", "a/files/x.zip") == "404 uri.not-found");
      CHECK(fixture.Try("DELETE", "a") == "404 uri.not-found");
      CHECK(fixture.Put("a/files/x.zip", user) == "200");
    }
    for (const std::string& user : users) {
      fixture.user = user;
      CHECK(fixture.Content("a/files/x.zip") == user);
    }
    fixture.user = "ann";
    CHECK(fixture.Content("a/files/x.zip") == "first");
    std::set<std::string> names;
    for (const auto& entry : Must(fixture.tree.dir().List(""))) names.insert(entry.name);
    CHECK(names == std::set<std::string>{"cache", "root"});
    fixture.user = "";
    for (const char* method : {"GET", "PUT", "DELETE"}) {
      CHECK(fixture.Try(method, "a") == "403 access.denied");
    }
    CHECK(fixture.Brief(fixture.Get(kResources)) == "403 access.denied");
  }

  TEST_CASE("names that lead elsewhere, or are ours, are refused") {
    CacheFixture fixture;
    const std::string before = fixture.tree.Dump();
    const std::string evil[] = {"..",
                                "%2e%2e",
                                "%252e%252e",
                                "x%2F..%2Fy",
                                "x%252Fy",
                                "x%5Cy",
                                "%00",
                                "%0a",
                                "%c0%ae",
                                ".xa",
                                ".xa-1",
                                "%2exa-1",
                                std::string(300, 'x')};
    for (const std::string& name : evil) {
      for (const std::string& path : {name + "/files/x", "a/files/" + name,
                                      "a/files/" + name + "/x", "a/files/d/" + name, name}) {
        CAPTURE(path);
        for (const char* method : {"GET", "PUT", "POST", "DELETE"}) {
          const bool reads = method == std::string("GET") || method == std::string("DELETE");
          CHECK(fixture.Try(method, path, reads ? std::optional<std::string>() : "x", kZip)
                    .substr(0, 3) == "400");
        }
      }
    }
    for (const char* name :
         {"../x", "..", "/etc/x", "d/x", "a%2Fb", "%2e%2e", "", ".xa-x", "a\\\\b"}) {
      CAPTURE(name);
      const std::string body =
          Part("name=\"file\"; filename=\"" + std::string(name) + "\"", "x") + "--B--\r\n";
      CHECK(fixture.Try("POST", "a", body, kMultipart).substr(0, 3) == "400");
    }
    std::string deep = "a/files/";
    for (int i = 0; i < 33; ++i) deep += "d/";
    CHECK(fixture.Put(deep + "x", "x") == "400 rest.bad-path");
    CHECK(fixture.tree.Dump() == before);
    CHECK(fixture.Put(deep.substr(0, deep.size() - 2) + "x", "x") == "200");
    CHECK(fixture.Try("GET", "a") == "200");
  }

  TEST_CASE("an upload that is refused leaves everything as it was") {
    CacheFixture fixture;
    fixture.rest_options.limits.cached_file_bytes_max = 5;
    fixture.Serve();
    const std::string part = Part("name=\"file\"; filename=\"p.zip\"", "parts");
    const struct {
      const char* what;
      const char* below;
      std::optional<std::string> body;
      const char* type;
      const char* answer;
    } cases[] = {
        {"no body", "a/files/x.zip", {}, "", "400 rest.no-file"},
        {"an empty body", "a/files/x.zip", "", kZip, "400 rest.no-file"},
        {"a form", "a/files/x.zip", "a=b", kForm, "400 rest.no-file"},
        {"no part", "a/files/x.zip", "--B--\r\n", kMultipart, "400 rest.no-file"},
        {"two files", "a/files/x.zip", part + part + "--B--\r\n", kMultipart,
         "400 rest.several-files"},
        {"no end", "a/files/x.zip", part, kMultipart, "400 multipart.malformed"},
        {"too large", "a/files/x.zip", "123456", kZip, "413 rest.body-too-large"},
        {"a directory's name", "a/files", "12345", kZip, "400 rest.no-file-name"},
        {"too large below a new directory", "b/files/d/x", "123456", kZip,
         "413 rest.body-too-large"},
    };
    const std::string before = fixture.tree.Dump();
    for (const auto& row : cases) {
      CAPTURE(row.what);
      CHECK(fixture.Try("PUT", row.below, row.body, row.type) == row.answer);
      CHECK(fixture.tree.Dump() == before);
    }
    CHECK(fixture.Put("a/files/d/y", "12345") == "200");
    const std::string now = fixture.tree.Dump();
    CHECK(fixture.Put("a/files/d", "y") == "409 user-cache.is-a-directory");
    CHECK(fixture.Put("a/files/x.zip/y", "y") == "409 user-cache.not-a-directory");
    CHECK(fixture.Put("a/files/x.zip/d/y", "y") == "409 user-cache.not-a-directory");
    CHECK(fixture.tree.Dump() == now);
  }

  TEST_CASE("a sender that is gone, and a body that throws, leave everything as it was") {
    CacheFixture fixture;
    const std::string before = fixture.tree.Dump();
    const std::string bytes(600'000, 'x');
    for (const std::size_t good :
         {std::size_t{0}, std::size_t{1}, std::size_t{300'000}, bytes.size()}) {
      for (const bool throws : {false, true}) {
        CAPTURE(good);
        CAPTURE(throws);
        RestRequest request = fixture.Ask("PUT", kResources + "/new/files/x.zip");
        const InputStream stream = BodyOf(bytes.substr(0, good), 100'000);
        request.body = [&](void* buffer, std::size_t size) -> Result<std::size_t> {
          Result<std::size_t> count = stream(buffer, size);
          if (count.ok() && *count > 0) return count;
          if (throws) throw 42;
          return Status(Code::kCancelled, "upload.aborted", "the sender is gone");
        };
        CHECK(fixture.service->Handle(request).status == (throws ? 500 : 499));
        CHECK(fixture.tree.Dump() == before);
      }
    }
  }

  TEST_CASE(
      "whenever the disk stops, the former file or the new one is there, and no half of any") {
    for (const FaultMode& mode : kFaultModes) {
      CAPTURE(mode.name);
      bool done = false;
      for (std::uint64_t n = 1; !done; ++n) {
        CAPTURE(n);
        CacheFixture fixture;
        fixture.disk.Reset();
        mode.Arm(n, &fixture.disk);
        const std::string answer = fixture.Put("a/files/x.zip", "second");
        done = !fixture.disk.triggered();
        fixture.disk.Reset();
        const std::string content = fixture.Content("a/files/x.zip");
        if (answer == "200") {
          CHECK(content == "second");
        } else {
          CHECK(answer.substr(0, 3) == (mode.error == ENOSPC ? "507" : "500"));
          CHECK((content == "first" || content == "second"));
        }
        CHECK(fixture.Listing("/a") == "\"Name\",\"Size\",\"URI\"\n\"x.zip\",\"" +
                                           std::to_string(content.size()) +
                                           "\",\"/data/user/cache/resources/a/files/x.zip\"\n");
        CHECK(fixture.Put("a/files/x.zip", "third") == "200");
      }
    }
  }

  TEST_CASE("what is older than seven days goes when somebody next writes, and nothing younger") {
    namespace fs = std::filesystem;
    CacheFixture fixture;
    fixture.user = "bob";
    for (const char* file : {"a/files/d/old", "a/files/young", "b/files/old"}) {
      CHECK(fixture.Put(file, file) == "200");
    }
    fixture.tree.Write("cache/.xa-0123.tmp", "of a process that was killed");
    const auto age = [&](const std::string& path, int hours) {
      fs::last_write_time(fixture.tree.path() + "/cache/" + path,
                          fs::file_time_type::clock::now() - std::chrono::hours(hours));
    };
    for (const char* path : {"bob/a/d/old", "bob/a/d", "bob/b/old", "bob/b", ".xa-0123.tmp"}) {
      age(path, 7 * 24 + 1);
    }
    age("bob/a/young", 7 * 24 - 1);
    age("bob/a", 7 * 24 + 1);
    CHECK(fixture.Content("a/files/d/old") == "a/files/d/old");
    fixture.user = "ann";
    CHECK(fixture.Put("a/files/y", "y") == "200");  // within the hour since the last look
    CHECK(fixture.tree.Exists("cache/bob/b/old"));
    fixture.Serve();
    CHECK(fixture.Put("a/files/y", "y") == "200");
    const std::string cached = fixture.Cached();
    std::string names;
    for (std::size_t at = 0; at < cached.size(); at = cached.find('\n', at) + 1) {
      names += cached.substr(at, cached.find_first_of(" \n", at) - at) + " ";
    }
    CHECK(names == "ann/ ann/a/ ann/a/x.zip ann/a/y bob/ bob/a/ bob/a/young ");
  }

  TEST_CASE("without a directory there is no cache, and without its parent no place for one") {
    RestFixture fixture;
    const std::string file = kResources + "/a/files/x";
    for (const char* method : {"GET", "DELETE"}) {
      for (const std::string& target : {kResources + "/a", file}) {
        CHECK(fixture.Brief(fixture.Send(method, target)) == "501 rest.no-user-cache");
      }
    }
    CHECK(fixture.Brief(fixture.Send("PUT", file, "x", kZip)) == "501 rest.no-user-cache");
    CHECK(fixture.Brief(fixture.Send("PUT", kResources + "/a")) == "501 rest.no-user-cache");
    CHECK(fixture.Brief(fixture.Get(kResources)) == "501 rest.no-user-cache");
    fixture.rest_options.user_cache = fixture.tree.path() + "/none/cache";
    fixture.Serve();
    CHECK(fixture.Brief(fixture.Get(kResources)) == "200");
    CHECK(fixture.Brief(fixture.Get(file)) == "404 uri.not-found");
    CHECK(fixture.Brief(fixture.Send("PUT", file, "x", kZip)) == "500 user-cache.no-parent");
  }

  TEST_CASE("who reads while others write and delete gets a whole file or none") {
    CacheFixture fixture;
    const std::string first(400'000, '1');
    const std::string second(500'000, '2');
    std::vector<std::thread> threads;
    for (const std::string* bytes : {&first, &second}) {
      threads.emplace_back([&, bytes] {
        for (int i = 0; i < 20; ++i) {
          const std::string answer = fixture.Put("shared/files/x", *bytes);
          CHECK((answer == "200" || answer == "409 user-cache.removed-meanwhile"));
        }
      });
    }
    threads.emplace_back([&] {
      for (int i = 0; i < 20; ++i) fixture.Try("DELETE", "shared");
    });
    for (int i = 0; i < 40; ++i) {
      const RestResponse read =
          fixture.service->Handle(fixture.Ask("GET", kResources + "/shared/files/x"));
      const std::string content = RestFixture::Body(read);
      CHECK((read.status == 404 || content == first || content == second));
    }
    for (std::thread& thread : threads) thread.join();
    CHECK(fixture.Cached().find(".xa") == std::string::npos);
  }
}

}  // namespace xnatarchive
