// The description of what is served has every route, and nothing else.
#include "rest/openapi.hpp"

#include <doctest/doctest.h>

#include <map>
#include <set>

#include "base/text.hpp"
#include "rest/routes.hpp"
#include "rest_fixture.hpp"

namespace xnatarchive {
namespace {

Json Served() {
  const std::string shown = RestFixture().Get("/xapi/openapi.json");
  const std::string head = "200\nContent-Type: application/json;charset=UTF-8\n\n";
  REQUIRE(shown.rfind(head, 0) == 0);
  return Json::parse(shown.substr(head.size()));
}

/// "get /data/projects/{project}" of every operation.
std::map<std::string, Json> Operations(const Json& document) {
  std::map<std::string, Json> operations;
  for (const auto& [path, methods] : document["paths"].items()) {
    for (const auto& [method, operation] : methods.items()) {
      operations[method + " " + path] = operation;
    }
  }
  return operations;
}

std::set<std::string> NamesIn(const Json& operation, const std::string& in) {
  std::set<std::string> names;
  if (!operation.contains("parameters")) return names;
  for (const Json& parameter : operation["parameters"]) {
    CAPTURE(parameter);
    CHECK(parameter["description"] != "");
    if (parameter["in"] == in) CHECK(names.insert(parameter["name"]).second);
  }
  return names;
}

}  // namespace

TEST_SUITE("rest.openapi") {
  TEST_CASE("every route is described, and no other") {
    std::set<std::string> routes;
    for (const RestRoute& route : RestService::Routes()) {
      if (StartsWith(route.path, "/data/archive/")) continue;  // another way to write it
      std::string path = route.path;
      const std::size_t rest = path.find("...}");
      if (rest != std::string::npos) path.erase(rest, 3);
      CHECK(routes.insert(AsciiLower(route.method) + " " + path).second);
    }
    for (const char* sign_in :
         {"put /data/services/auth", "post /data/services/auth", "get /data/JSESSION",
          "post /data/JSESSION", "delete /data/JSESSION"}) {
      CHECK(routes.insert(sign_in).second);  // which the host answers
    }
    std::set<std::string> described;
    for (const auto& operation : Operations(Served())) described.insert(operation.first);
    CHECK(described == routes);
    CHECK(described.count("get /data/prearchive/projects/{project}/{timestamp}/{folder}") == 1);
  }

  TEST_CASE("the routes have every form of their paths") {
    std::set<std::string> routes;
    for (const RestRoute& route : RestService::Routes()) {
      if (route.path.find("experiments/{experiment}/resources/{resource}/files/") !=
          std::string::npos) {
        CHECK(routes.insert(route.method + " " + route.path).second);
      }
    }
    const std::string file = "experiments/{experiment}/resources/{resource}/files/{file...}";
    std::set<std::string> expected;
    for (const char* start : {"/data/", "/data/archive/"}) {
      for (const char* project : {"", "projects/{project}/"}) {
        for (const char* subject : {"", "subjects/{subject}/"}) {
          expected.insert(std::string("GET ") + start + project + subject + file);
        }
      }
    }
    CHECK(routes == expected);
  }

  TEST_CASE("each value of a path and of a query is declared, with its meaning") {
    const std::map<std::string, Json> operations = Operations(Served());
    std::set<std::string> ids;
    for (const auto& [name, operation] : operations) {
      CAPTURE(name);
      CHECK(ids.insert(operation["operationId"]).second);
      CHECK(operation["summary"] != "");
      std::set<std::string> in_path;
      for (const std::string& segment : Split(name, '/')) {
        if (StartsWith(segment, "{")) in_path.insert(segment.substr(1, segment.size() - 2));
      }
      CHECK(NamesIn(operation, "path") == in_path);
    }
    for (const Route& route : AllRoutes()) {
      const std::string name = AsciiLower(route.method) + " /" + route.pattern;
      const auto operation = operations.find(name);
      if (operation == operations.end()) continue;  // of several forms; the parameters are the same
      CAPTURE(name);
      const std::set<std::string> declared = NamesIn(operation->second, "query");
      for (const std::string& parameter : Split(route.parameters, ' ')) {
        CAPTURE(parameter);
        CHECK((parameter.empty() || declared.count(parameter) == 1));
      }
    }
  }

  TEST_CASE("an operation tells its parameters, bodies and answers") {
    const std::map<std::string, Json> operations = Operations(Served());
    Json list = operations.at("get /data/prearchive/projects/{projects}");
    CHECK(list["responses"]["200"]["content"] == Json::parse(R"({
      "application/json": {"schema": {"$ref": "#/components/schemas/ResultSet"}},
      "text/xml": {"schema": {"type": "string"}}, "text/csv": {"schema": {"type": "string"}}})"));
    CHECK_FALSE(list["responses"].contains("409"));
    CHECK(NamesIn(list, "query") == std::set<std::string>{"tag", "sortBy", "sortOrder", "format"});
    Json archive = operations.at("post /data/services/archive");
    CHECK(archive["responses"]["409"]["$ref"] == "#/components/responses/Failure409");
    CHECK(archive["responses"].contains("303"));
    const Json& form = archive["requestBody"]["content"]["application/x-www-form-urlencoded"];
    CHECK(form["schema"]["properties"]["overwrite"] ==
          Json::parse(R"({"type": "string", "enum": ["none", "append", "delete"]})"));
    Json import = operations.at("post /data/services/import");
    std::set<std::string> types;
    for (const auto& content : import["requestBody"]["content"].items())
      types.insert(content.key());
    CHECK(types == std::set<std::string>{"application/zip", "application/x-tar",
                                         "application/dicom", "application/octet-stream",
                                         "multipart/form-data"});
    CHECK(
        operations.at("get /data/experiments/{experiment}")["responses"]["200"]["content"].size() ==
        3);
  }
}

}  // namespace xnatarchive
