// Requests that nobody sends: made at random of what routes, clients and attackers use. None
// crashes or is a failure of ours, and those that only read change nothing.
#include <doctest/doctest.h>

#include <random>

#include "base/text.hpp"
#include "rest/routes.hpp"
#include "rest_fixture.hpp"

namespace xnatarchive {
namespace {

constexpr int kRequests = 4000;

/// Makes requests from a seed.
class Requests {
 public:
  Requests(unsigned seed, RestFixture& fixture) : random_(seed), fixture_(fixture) {
    for (const Route& route : AllRoutes()) {
      routes_.emplace_back(route.method, route.pattern);
    }
    const auto rows = Must(fixture.engine->PrearchiveSessions());
    values_ = {"DEMO", "NONE",  "XNAT_E00001",   "XNAT_S00001", "S1",   "1",          "2,1",
               "ALL",  "DICOM", "1.dcm",         "x'--",        "last", "Unassigned", "0",
               "4",    "*",     "Append,Delete", "true"};
    evil_ = {"", "..", "%2e.", "a%2Fb", "%00", "%", "a b", "%C3", "<b>", "a/b/c", "%255c", "-1"};
    for (const PrearchiveSession& row : rows) {
      values_.push_back(row.timestamp);
      values_.push_back(row.folder);
      values_.push_back("/prearchive/projects/DEMO/" + row.timestamp + "/" + row.folder);
    }
    values_.push_back("/archive/projects/DEMO");
    values_.push_back("/data/archive/experiments/XNAT_E00001/scans/1");
  }

  RestRequest Next() {
    const auto& [method, pattern] = routes_[Below(routes_.size())];
    RestRequest request = fixture_.Ask(Below(9) == 0 ? Pick(kMethods) : method, Path(pattern));
    request.query = Pairs();
    if (Below(2) == 0) {
      request.headers.emplace_back("Content-Type", Pick(kTypes));
      request.body = BodyOf(Body(), 1 + Below(300));
    }
    if (Below(4) == 0) request.headers.emplace_back("Range", "bytes=" + Pick(values_) + "-");
    if (Below(4) == 0) request.headers.emplace_back("Accept", Pick(kTypes));
    return request;
  }

 private:
  const std::vector<std::string> kMethods = {"GET", "HEAD", "PUT", "POST", "DELETE", "PATCH", ""};
  const std::vector<std::string> kTypes = {kForm,
                                           kJson,
                                           "multipart/form-data; boundary=B",
                                           "multipart/form-data",
                                           "application/zip",
                                           "text/xml",
                                           "",
                                           ";;;=\""};
  const std::vector<std::string> kNames = {"src",
                                           "resource",
                                           "options",
                                           "format",
                                           "dest",
                                           "overwrite",
                                           "action",
                                           "project",
                                           "subject",
                                           "session",
                                           "sortBy",
                                           "sortOrder",
                                           "recent",
                                           "tag",
                                           "plan",
                                           "inbody",
                                           "redirect",
                                           "template",
                                           "columns",
                                           "timestamp",
                                           "folder",
                                           "AA",
                                           "label",
                                           "append",
                                           "import-handler",
                                           "quarantine",
                                           "xnat:mrSessionData/note",
                                           "prearchive_code"};
  const std::vector<std::string> kWords = {"json", "xml",   "csv",  "zip",    "append", "delete",
                                           "none", "build", "move", "commit", "DESC",   "ID"};

  std::size_t Below(std::size_t n) { return random_() % n; }
  const std::string& Pick(const std::vector<std::string>& from) { return from[Below(from.size())]; }

  std::string Path(const std::string& pattern) {
    std::string path;
    std::string plain;
    for (const char c : pattern) {
      if (c != '[' && c != ']') plain += c;
    }
    for (const std::string& segment : Split(plain, '/')) {
      const bool value = StartsWith(segment, "{") ? Below(20) != 0 : Below(40) == 0;
      path += "/" + (!value ? segment : Pick(Below(20) == 0 ? evil_ : values_));
    }
    if (Below(20) == 0) path += "/" + Pick(values_);
    return path;
  }

  std::string Pairs() {
    std::string pairs;
    for (std::size_t i = Below(4); i > 0; --i) {
      pairs += Pick(kNames) + "=" +
               Pick(Below(2) == 0   ? kWords
                    : Below(9) == 0 ? evil_
                                    : values_) +
               "&";
    }
    return pairs;
  }

  std::string Body() {
    switch (Below(5)) {
      case 0:
        return Pairs();
      case 1:
        return "[\"" + Pick(values_) + "\"]";
      case 2:
        return "--B\r\nContent-Disposition: form-data; name=\"" + Pick(kNames) + "\"\r\n\r\n" +
               Pick(values_) + "\r\n--B" + (Below(2) == 0 ? "--" : "\r\n");
      case 3:
        return std::string(Below(3000), static_cast<char>(Below(256)));
      default:
        return MakeDicom(EngineFixture::Spec(static_cast<int>(1 + Below(5))))
            .substr(0, 100 + Below(5000));
    }
  }

  std::mt19937 random_;
  RestFixture& fixture_;
  std::vector<std::pair<std::string, std::string>> routes_;
  std::vector<std::string> values_;
  std::vector<std::string> evil_;
};

}  // namespace

TEST_SUITE("rest.fuzz") {
  TEST_CASE("no request crashes or is answered with 500, and reading changes nothing") {
    RestFixture fixture;
    fixture.WriteStudy("a", 1, 2, 1);
    Must(fixture.Archive(fixture.Import("a").uris.at(0)));
    fixture.Receive(2);
    fixture.Receive(3);
    const unsigned seed = 20240318;
    Requests requests(seed, fixture);
    int answered = 0;
    for (int i = 0; i < kRequests; ++i) {
      const RestRequest request = requests.Next();
      CAPTURE(seed);
      CAPTURE(i);
      CAPTURE(request.method);
      CAPTURE(request.path);
      CAPTURE(request.query);
      const bool reads = request.method == "GET" || request.method == "HEAD";
      const std::string before = reads && i % 10 == 0 ? fixture.Dump() : "";
      const RestResponse response = fixture.service->Handle(request);
      CHECK(response.status >= 200);
      CHECK(response.status != 500);
      if (response.status < 400) ++answered;
      if (response.stream && response.status < 400) {
        // A session may be damaged by now: its zip may end with a failure.
        IgnoreError(response.stream([](std::string_view) { return Status(); }), "see above");
      }
      if (!before.empty()) CHECK(fixture.Dump() == before);
    }
    CHECK(answered > kRequests / 10);  // else it tries nothing but refusals
  }
}

}  // namespace xnatarchive
