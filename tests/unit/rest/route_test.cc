#include "rest/route.hpp"

#include <doctest/doctest.h>

#include "base/text.hpp"
#include "rest/routes.hpp"
#include "rest_fixture.hpp"

namespace xnatarchive {
namespace {

std::string Segments(const std::string& path) {
  const Result<std::vector<std::string>> segments = SplitPath(path);
  return segments.ok() ? Join(*segments, "|") : std::string(segments.status().reason());
}

Result<RestResponse> None(RestCall&) { return RestResponse(); }

std::string Find(const RouteTable& table, const std::string& method, const std::string& path) {
  std::string allowed;
  const auto match = table.Find(method, Must(SplitPath(path)), &allowed);
  if (!match.ok()) return std::string(match.status().reason()) + " " + allowed;
  std::string text(match->route->pattern);
  for (const auto& [name, value] : match->path) text += " " + name + "=" + value;
  return text;
}

}  // namespace

TEST_SUITE("rest.route") {
  TEST_CASE("segments are decoded once, and what could still name another place is refused") {
    const struct {
      const char* path;
      const char* segments;
    } cases[] = {
        {"/", ""},
        {"/data/projects/P", "data|projects|P"},
        {"/data/projects/P/", "data|projects|P"},
        {"/a%20b/100%25", "a b|100%"},
        {"/a+b", "a+b"},
        {"/caf%C3%A9", "caf\xC3\xA9"},
        {"", "rest.bad-path"},
        {"data", "rest.bad-path"},
        {"/a//b", "rest.bad-path"},
        {"//", "rest.bad-path"},
        {"/a/../b", "rest.bad-path"},
        {"/a/./b", "rest.bad-path"},
        {"/a/%2e%2e/b", "rest.bad-path"},
        {"/a/%252e%252e/b", "rest.bad-path"},
        {"/a/b%2Fc", "rest.bad-path"},
        {"/a/b%252Fc", "rest.bad-path"},
        {"/a/b%5Cc", "rest.bad-path"},
        {"/a/b%00", "rest.bad-path"},
        {"/a/b%2500", "rest.bad-path"},
        {"/a/b%0D%0AX-Bad:%201", "rest.bad-path"},
        {"/a/%C3", "rest.bad-path"},
        {"/a/%", "rest.bad-path"},
        {"/a/%zz", "rest.bad-path"},
    };
    for (const auto& row : cases) {
      CAPTURE(row.path);
      CHECK(Segments(row.path) == row.segments);
    }
  }

  TEST_CASE(
      "a path is found by its words, with optional parts and the rest of a path as one value") {
    const RouteTable table({
        {"GET", "data/[archive/]projects/{project}", None, RouteAnswer::kText, ""},
        {"PUT", "data/[archive/]projects/{project}", None, RouteAnswer::kText, ""},
        {"GET", "data/[archive/][projects/{project}/]experiments/{experiment}/files/{file...}",
         None, RouteAnswer::kText, ""},
        {"GET", "data/projects/all", None, RouteAnswer::kText, ""},
    });
    const std::string project = "data/[archive/]projects/{project}";
    const std::string files =
        "data/[archive/][projects/{project}/]experiments/{experiment}/files/{file...}";
    CHECK(Find(table, "GET", "/data/projects/P") == project + " project=P");
    CHECK(Find(table, "GET", "/REST/archive/projects/P") == project + " project=P");
    CHECK(Find(table, "GET", "/data/projects/all") == "data/projects/all");
    CHECK(Find(table, "GET", "/data/experiments/E/files/a/b.dcm") ==
          files + " experiment=E file=a/b.dcm");
    CHECK(Find(table, "GET", "/data/projects/P/experiments/E/files/x") ==
          files + " experiment=E file=x project=P");
    CHECK(Find(table, "GET", "/data/experiments/E/files") == "rest.no-route ");
    CHECK(Find(table, "GET", "/xapi/projects/P") == "rest.no-route ");
    CHECK(Find(table, "POST", "/data/projects/P") == "rest.bad-method GET, PUT");
  }

  TEST_CASE("every segment of every route refuses traversal, encoded once and twice") {
    RestFixture fixture;
    const std::string before = fixture.Dump();
    for (const Route& route : AllRoutes()) {
      std::string path = "/" + std::string(route.pattern);
      std::string plain;
      for (const char c : path) {
        if (c != '[' && c != ']') plain += c;
      }
      const std::vector<std::string> segments = Split(plain, '/');
      for (std::size_t i = 1; i < segments.size(); ++i) {
        for (const char* evil : {"..", "%2e%2e", "%252e%252e", "x%2F..%2Fy", "x%252Fy", "%00"}) {
          std::vector<std::string> attack = segments;
          attack[i] = evil;
          CAPTURE(Join(attack, "/"));
          CHECK(fixture.Brief(fixture.Send(std::string(route.method), Join(attack, "/"))) ==
                "400 rest.bad-path");
        }
      }
    }
    CHECK(fixture.Dump() == before);
  }

  TEST_CASE("what is not served says so, in text or in JSON, and HEAD is GET without a body") {
    RestFixture fixture;
    CHECK(fixture.Get("/data/nothing") ==
          fixture.Error(404, "rest.no-route", "nothing is served at this path"));
    CHECK(
        fixture.Get("/data/nothing?format=json") ==
        "404\nContent-Type: application/json;charset=UTF-8\nX-Reason: rest.no-route\n\n"
        R"({"code":"not_found","reason":"rest.no-route","message":"nothing is served at this path")"
        ",\"path\":\"\",\"diskState\":\"unchanged\"}\n");
    const std::string archive = "/data/services/archive";
    const std::string not_there = "src=/prearchive/projects/DEMO/20200101_000000000/S";
    const auto is_json = [](const std::string& answer) {
      return answer.find("404\nContent-Type: application/json;charset=UTF-8\n") == 0;
    };
    CHECK(is_json(fixture.Send("POST", archive, not_there + "&format=json", kForm)));
    CHECK_FALSE(is_json(fixture.Send("POST", archive, not_there + "&format=xml", kForm)));
    RestRequest accepting = fixture.Ask("GET", "/data/nothing");
    accepting.headers = {{"accept", "application/json, text/plain"}};
    CHECK(is_json(fixture.Show(fixture.service->Handle(accepting))));
    accepting.query = "format=csv";
    CHECK_FALSE(is_json(fixture.Show(fixture.service->Handle(accepting))));
    CHECK(fixture.Send("DELETE", "/data/services/archive") ==
          "405\nContent-Type: text/plain;charset=UTF-8\nX-Reason: rest.bad-method\nAllow: POST\n\n"
          "rest.bad-method: this path takes other methods: POST\n");
    RestResponse head = fixture.service->Handle(fixture.Ask("HEAD", "/data/nothing"));
    CHECK(head.status == 404);
    CHECK(head.text.empty());
    CHECK(head.headers.back() ==
          std::pair<std::string, std::string>("X-Content-Type-Options", "nosniff"));
  }

  TEST_CASE("a request above the limits is refused before anything is read") {
    RestFixture fixture;
    fixture.rest_options.limits.target_bytes_max = 100;
    fixture.rest_options.limits.header_bytes_max = 100;
    fixture.rest_options.limits.form_bytes_max = 100;
    fixture.rest_options.limits.parameters_max = 3;
    fixture.Serve();
    const std::string target = "/data/services/archive";
    CHECK(fixture.Brief(fixture.Send("POST", target + "?src=" + std::string(100, 'x'))) ==
          "414 rest.target-too-long");
    CHECK(fixture.Brief(fixture.Send("POST", target, "", std::string(100, 'x'))) ==
          "431 rest.headers-too-large");
    CHECK(fixture.Brief(fixture.Send("POST", target, std::string(101, 'x'), kForm)) ==
          "413 rest.body-too-large");
    CHECK(fixture.Brief(fixture.Send("POST", target, "a&b&c&d", kForm)) ==
          "400 rest.too-many-parameters");
  }
}

}  // namespace xnatarchive
