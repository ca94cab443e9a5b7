// What /xapi/openapi.json says of the server as a whole, sign-in among it.
#include <doctest/doctest.h>

#include <nlohmann/json.hpp>
#include <set>
#include <string>

#include "server_fixture.hpp"

namespace server {
namespace {

using xnatarchive::RestRoute;

/// "GET /data/projects/{project}" of every operation that the server describes.
std::set<std::string> Described(const ServerFixture& fixture) {
  const RestResponse response = fixture.Send("ann", "GET", "/xapi/openapi.json");
  REQUIRE(response.status == 200);
  std::set<std::string> described;
  const nlohmann::json document = nlohmann::json::parse(response.text);
  for (const auto& [path, methods] : document["paths"].items()) {
    for (const auto& [method, operation] : methods.items()) {
      std::string capitals = method;
      for (char& c : capitals) c = static_cast<char>(c - 'a' + 'A');
      described.insert(capitals + " " + path);
    }
  }
  return described;
}

/// As the description has it; empty for what is another way to write a route.
std::string NameOf(const RestRoute& route) {
  if (route.path.rfind("/data/archive/", 0) == 0) return "";
  std::string path = route.path;
  const std::size_t rest = path.find("...}");
  if (rest != std::string::npos) path.erase(rest, 3);
  return route.method + " " + path;
}

/// A path in which each value is "1".
std::string WithValues(std::string path) {
  for (std::size_t open = path.find('{'); open != std::string::npos; open = path.find('{')) {
    path.replace(open, path.find('}', open) + 1 - open, "1");
  }
  return path;
}

}  // namespace

TEST_SUITE("server.description") {
  TEST_CASE("it has every route of the server but what is for people and operators") {
    const ServerFixture fixture(UserLine("ann", "*:admin"));
    std::set<std::string> undescribed;
    for (const RestRoute& route : Application::Routes()) undescribed.insert(NameOf(route));
    undescribed.erase("");
    for (const std::string& name : Described(fixture)) {
      CAPTURE(name);
      CHECK(undescribed.erase(name) == 1);  // it is served
    }
    CHECK(undescribed == std::set<std::string>{"GET /healthz", "GET /metrics", "GET /page/{page}",
                                               // The same as without the ID.
                                               "GET /data/JSESSION/{id}",
                                               "POST /data/JSESSION/{id}",
                                               "DELETE /data/JSESSION/{id}"});
  }

  TEST_CASE("what it has is answered, and by the method it says") {
    const ServerFixture fixture(UserLine("ann", "*:admin"));
    for (const std::string& name : Described(fixture)) {
      CAPTURE(name);
      const std::size_t blank = name.find(' ');
      const RestResponse response =
          fixture.Send("ann", name.substr(0, blank), WithValues(name.substr(blank + 1)));
      CHECK(response.status != 405);
      CHECK(response.text.find("rest.no-route") == std::string::npos);
    }
  }
}

}  // namespace server
