// Every route with every role: what is answered follows from one rule, and a route without one
// fails here.
#include <doctest/doctest.h>

#include <map>
#include <set>
#include <string>
#include <vector>

#include "roles_fixture.hpp"

namespace server {
namespace {

using xnatarchive::Permission;
using xnatarchive::RestRoute;

/// Who may have an answer.
enum class Need {
  kOpen,      ///< Anybody.
  kSignedIn,  ///< Anybody who has signed in.
  kListing,   ///< The same; the rows are of projects he may read.
  kRead,      ///< From here on: who has this permission for the project.
  kEdit,
  kDelete,
  kAdmin,
  kSite,  ///< Admins of the site.
};

struct Rule {
  Rule(Need what = Need::kSite, std::string parameters = "",  // NOLINT(google-explicit-constructor)
       std::string sent = "", int changed = 0, std::string into_project = "")
      : need(what),
        query(std::move(parameters)),
        body(std::move(sent)),
        changes(changed),
        into(std::move(into_project)) {}

  Need need;
  std::string query;  ///< What the route needs beside its path. "%s": the waiting session.
  std::string body;
  int changes;  ///< The answer when it is allowed, and changes what is there; 0: changes nothing.
  std::string into;  ///< A project that one has to be allowed to edit, too.
};

const std::string kWaiting = "/data/prearchive/projects/{project}/{timestamp}/{folder}";

/// A route has a rule for each thing it does.
using RuleTable = std::multimap<std::string, Rule>;

/// The rules of each route, by "METHOD path"; paths below /data/archive have those below /data.
RuleTable SiteRules() {
  return {
      {"GET /", {Need::kOpen}},
      {"GET /healthz", {Need::kOpen}},
      {"GET /metrics", {Need::kSite}},
      {"GET /page/{page...}", {Need::kSignedIn}},  // tests/page tries pages
      {"PUT /data/services/auth", {Need::kOpen, "", "username=reader&password=secret"}},
      {"POST /data/services/auth", {Need::kOpen, "", "username=reader&password=secret"}},
      {"GET /data/JSESSION", {Need::kSignedIn}},
      {"POST /data/JSESSION", {Need::kSignedIn}},
      {"DELETE /data/JSESSION", {Need::kSignedIn}},
      {"GET /data/JSESSION/{id}", {Need::kSignedIn}},
      {"POST /data/JSESSION/{id}", {Need::kSignedIn}},
      {"DELETE /data/JSESSION/{id}", {Need::kSignedIn}},
      {"GET /data/auth", {Need::kSignedIn}},
      {"GET /data/search/elements", {Need::kSignedIn}},
      {"GET /xapi/openapi.json", {Need::kSignedIn}},
      {"GET /xapi/siteConfig/buildInfo", {Need::kSignedIn}},
      {"GET /xapi/siteConfig/buildInfo/version", {Need::kSignedIn}},
      {"GET /xapi/users/username", {Need::kSignedIn}},
      {"GET /xapi/users/{user}", {Need::kSignedIn}},
      {"GET /xapi/schemas", {Need::kSignedIn}},
      {"GET /xapi/schemas/xnat", {Need::kSignedIn}},
  };
}

RuleTable ProjectRules() {
  return {
      {"GET /data/projects", {Need::kListing}},
      {"GET /data/subjects", {Need::kListing}},
      {"GET /data/experiments", {Need::kListing}},
      {"GET /data/prearchive", {Need::kListing}},
      {"GET /data/prearchive/projects", {Need::kListing}},
      {"GET /data/prearchive/experiments", {Need::kListing, "recent=true"}},
      {"GET /data/audit", {Need::kListing}},
      {"GET /data/history", {Need::kListing}},
      {"PUT /data/prearchive", {Need::kSite, "", "", 200}},
      {"GET /data/prearchive/projects/{projects}", {Need::kRead}},
      {"POST " + kWaiting, {Need::kEdit, "action=build", "", 200}},
      {"POST " + kWaiting, {Need::kEdit, "action=commit", "", 200}},
      {"POST " + kWaiting, {Need::kEdit, "action=commit&AA=true", "", 301}},
      {"POST " + kWaiting, {Need::kDelete, "action=move&newProject=OTHER", "", 301, "OTHER"}},
      {"POST " + kWaiting, {Need::kEdit, "action=set-status&status=ERROR", "", 200}},
      {"POST " + kWaiting, {Need::kEdit, "action=reset-status", "", 200}},
      {"DELETE " + kWaiting, {Need::kDelete, "", "", 200}},
      {"GET /data/projects/{project}", {Need::kRead}},
      {"PUT /data/projects/{project}", {Need::kSite}},
      {"GET /data/projects/{project}/prearchive_code", {Need::kRead}},
      {"PUT /data/projects/{project}/prearchive_code/{code}", {Need::kAdmin}},
      {"GET /data/projects/{project}/quarantine_code", {Need::kRead}},
      {"PUT /data/projects/{project}/quarantine_code/{code}", {Need::kAdmin}},
      {"GET /data/projects/{project}/subjects", {Need::kRead}},
      {"GET /data/projects/{project}/subjects/{subject}", {Need::kRead}},
      {"PUT /data/projects/{project}/subjects/{subject}", {Need::kEdit}},
      {"GET /data/subjects/{subject}", {Need::kRead}},
      {"GET /data/projects/{project}/audit", {Need::kRead}},
      {"GET /data/projects/{project}/history", {Need::kRead}},
      {"GET /data/projects/{project}/experiments", {Need::kRead}},
      {"GET /data/projects/{project}/subjects/{subject}/experiments", {Need::kRead}},
      {"GET /data/subjects/{subject}/experiments", {Need::kRead}},
  };
}

RuleTable ServiceRules() {
  return {
      {"GET /data/status/{job}", {Need::kRead}},
      {"GET /xapi/event_tracking/{job}", {Need::kRead}},
      {"GET /xapi/event_tracking/{job}/payload", {Need::kRead}},
      {"POST /data/history/{record}", {Need::kDelete, "action=restore", "", 200}},
      {"DELETE /data/history/{record}", {Need::kDelete, "", "", 200}},
      {"POST /data/services/archive", {Need::kEdit, "src=%s", "", 200}},
      {"POST /data/services/archive", {Need::kEdit, "src=%s&job=true", "", 200}},
      {"POST /data/services/archive",
       {Need::kEdit, "src=%s&dest=/archive/projects/OTHER/subjects/A/experiments/B", "", 200,
        "OTHER"}},
      {"POST /data/services/validate-archive", {Need::kEdit, "src=%s"}},
      {"POST /data/services/import",
       {Need::kEdit, "project=DEMO&import-handler=DICOM-zip", "no zip"}},
      {"POST /data/services/import",
       {Need::kEdit, "dest=/archive/projects/DEMO/subjects/A/experiments/B", "no zip"}},
      {"POST /data/services/import", {Need::kEdit, "dest=/prearchive/projects/DEMO", "no zip"}},
      {"POST /data/services/prearchive/delete", {Need::kDelete, "src=%s", "", 200}},
      {"POST /data/services/prearchive/rebuild", {Need::kEdit, "src=%s", "", 200}},
      {"POST /data/services/prearchive/move",
       {Need::kDelete, "src=%s&newProject=OTHER", "", 200, "OTHER"}},
      {"POST /data/services/verify", {Need::kRead, "resource=/archive/projects/DEMO"}},
      {"POST /data/services/refresh/catalog",
       {Need::kEdit, "resource=/archive/projects/DEMO/subjects/Test_Subject1/experiments/S1"}},
      {"PUT /xapi/archive/catalogs/refresh", {Need::kEdit, "", "[\"/archive/projects/DEMO\"]"}},
      {"PUT /xapi/archive/catalogs/refresh/{operations}",
       {Need::kEdit, "", "[\"/archive/projects/DEMO\"]"}},
  };
}

/// Of what everybody has for himself. Nothing is there until it is put there.
RuleTable CacheRules() {
  const std::string resource = "/data/user/cache/resources/{resource}";
  RuleTable rules = {
      {"GET /data/user/cache/resources", {Need::kSignedIn}},
      {"GET " + resource, {Need::kSignedIn}},
      {"GET " + resource + "/files", {Need::kSignedIn}},
      {"GET " + resource + "/files/{file...}", {Need::kSignedIn}},
      {"DELETE " + resource, {Need::kSignedIn}},
      {"DELETE " + resource + "/files/{file...}", {Need::kSignedIn}},
  };
  for (const std::string method : {"PUT ", "POST "}) {
    rules.emplace(method + resource, Need::kSignedIn);
    rules.emplace(method + resource + "/files", Need::kSignedIn);
    rules.emplace(method + resource + "/files/{file...}", Rule(Need::kSignedIn, "", "no zip"));
  }
  return rules;
}

RuleTable SessionRules() {
  RuleTable rules;
  const std::string experiments[] = {
      "/data/projects/{project}/subjects/{subject}/experiments/{experiment}",
      "/data/projects/{project}/experiments/{experiment}",
      "/data/subjects/{subject}/experiments/{experiment}", "/data/experiments/{experiment}"};
  for (const std::string& experiment : experiments) {
    const bool in_project = experiment.find("{project}") != std::string::npos;
    rules.emplace("GET " + experiment + "/history", in_project ? Need::kRead : Need::kListing);
    rules.emplace("PUT " + experiment, Rule(Need::kAdmin, "activate=true"));
  }
  std::vector<std::string> sessions(std::begin(experiments), std::end(experiments));
  sessions.push_back(kWaiting);
  for (const std::string& session : sessions) {
    for (const char* below :
         {"", "/audit", "/files", "/scans", "/scans/{scan}", "/scans/{scan}/files",
          "/scans/{scan}/resources", "/scans/{scan}/resources/{resource}/files",
          "/scans/{scan}/resources/{resource}/files/{file...}", "/resources",
          "/resources/{resource}/files", "/resources/{resource}/files/{file...}"}) {
      rules.emplace("GET " + session + below, Need::kRead);
    }
  }
  for (const char* below : {"/logs", "/logs/{log}"})
    rules.emplace("GET " + kWaiting + below, Need::kRead);
  return rules;
}

RuleTable Rules() {
  RuleTable rules = SiteRules();
  for (const auto& table : {CacheRules(), ProjectRules(), ServiceRules(), SessionRules()}) {
    rules.insert(table.begin(), table.end());
  }
  return rules;
}

std::string TypeOf(const std::string& body) {
  if (body.empty()) return "";
  if (body == "no zip") return "application/zip";
  return body[0] == '[' ? "application/json" : "application/x-www-form-urlencoded";
}

RestResponse Try(const Archive& archive, const std::string& user, const RestRoute& route,
                 const Rule& rule, const std::string& session) {
  std::string query = rule.query;
  const std::size_t place = query.find("%s");
  if (place != std::string::npos) query.replace(place, 2, session);
  const std::string target =
      archive.Fill(route.path, user, session) + (query.empty() ? "" : "?" + query);
  return archive.Send(user, route.method, target, rule.body, TypeOf(rule.body));
}

std::string KeyOf(const RestRoute& route) {
  std::string path = route.path;
  const std::string archive = "/data/archive/";
  if (path.compare(0, archive.size(), archive) == 0) path.erase(5, 8);
  return route.method + " " + path;
}

bool May(const Users& users, const std::string& user, const Rule& rule,
         const std::string& project) {
  if (!rule.into.empty() && !IsAllowed(users, user, Permission::kEdit, rule.into)) return false;
  switch (rule.need) {
    case Need::kOpen:
      return true;
    case Need::kSignedIn:
    case Need::kListing:
      return !user.empty();
    case Need::kRead:
      return IsAllowed(users, user, Permission::kRead, project);
    case Need::kEdit:
      return IsAllowed(users, user, Permission::kEdit, project);
    case Need::kDelete:
      return IsAllowed(users, user, Permission::kDelete, project);
    case Need::kAdmin:
      return IsAllowed(users, user, Permission::kAdmin, project);
    case Need::kSite:
      return IsAllowed(users, user, Permission::kAdmin, "");
  }
  return false;
}

/// What somebody is answered who may. Nothing is there of what the archive does not have, and what
/// is sent is no zip.
int Allowed(const RestRoute& route) {
  const std::string key = KeyOf(route);
  const bool puts = route.method != "GET" && route.method != "DELETE";
  if (puts && key.find("/user/cache/") != std::string::npos) return 200;
  const bool has = key.find("/scans/") != std::string::npos ||
                   (key.find("/resources/{resource}") == std::string::npos &&
                    key.find("/logs/{log}") == std::string::npos);
  if (!has || key == "GET /page/{page...}") return 404;
  if (key == "POST /data/services/import") return 400;
  return 200;
}

/// What somebody is answered who may not. What a project's name does not stand in is hidden, but
/// for records that he may read.
int Refused(const Users& users, const std::string& user, const RestRoute& route, const Rule& rule) {
  if (user.empty()) return 401;
  const bool record = route.path.find("{record}") != std::string::npos;
  if (record && IsAllowed(users, user, Permission::kRead, "DEMO")) return 403;
  const bool hidden = route.path.find("{project") == std::string::npos &&
                      route.path.find('{') != std::string::npos && rule.body.empty();
  return hidden ? 404 : 403;
}

/// What is about a waiting session is tried with the one that is in no project, too.
std::vector<std::string> SessionsFor(const Archive& archive, const RestRoute& route,
                                     const Rule& rule) {
  const bool about_waiting = route.path.find("{folder}") != std::string::npos ||
                             rule.query.find("%s") != std::string::npos;
  if (!about_waiting) return {archive.waiting};
  return {archive.waiting, archive.unassigned};
}

/// Somebody who may sees what admins see, and of a listing what is in projects that he may read.
void CheckAnswer(const Users& users, const std::string& user, const Rule& rule,
                 const RestResponse& response, int admins) {
  CHECK(response.status == admins);
  CHECK(response.status != 403);
  const std::string body = xnatarchive::RestFixture::Body(response);
  if (rule.need != Need::kListing || IsAllowed(users, user, Permission::kRead, "DEMO")) return;
  for (const char* secret : {"DEMO", "S1", "S2", "Test_Subject1"}) {
    CHECK(body.find(secret) == std::string::npos);
  }
}

void TryByAll(const Archive& archive, const RestRoute& route, const Rule& rule) {
  const auto users = archive.credentials->users();
  std::vector<std::string> names = {""};
  for (const auto& [name, roles] : Roles()) names.push_back(name);
  for (const std::string& session : SessionsFor(archive, route, rule)) {
    const int admins = rule.changes ? 0 : Try(archive, "admin", route, rule, session).status;
    if (!rule.changes) CHECK(admins == Allowed(route));
    for (const std::string& user : names) {
      CAPTURE(user);
      CAPTURE(session);
      if (May(*users, user, rule, session == archive.unassigned ? "" : "DEMO")) {
        if (rule.changes) continue;  // below
        CheckAnswer(*users, user, rule, Try(archive, user, route, rule, session), admins);
      } else {
        const std::string before = archive.Dump();
        CHECK(Try(archive, user, route, rule, session).status ==
              Refused(*users, user, route, rule));
        CHECK(archive.Dump() == before);
      }
    }
  }
}

}  // namespace

TEST_SUITE("server.roles") {
  TEST_CASE("every route, tried by everybody, is answered as the rules for it say") {
    const RuleTable rules = Rules();
    const Archive archive;
    std::set<std::string> seen;
    for (const RestRoute& route : Application::Routes()) {
      CAPTURE(KeyOf(route));
      const auto [begin, end] = rules.equal_range(KeyOf(route));
      REQUIRE(begin != end);
      seen.insert(begin->first);
      for (auto rule = begin; rule != end; ++rule) {
        CAPTURE(rule->second.query);
        TryByAll(archive, route, rule->second);
      }
    }
    for (const auto& rule : rules) {
      CAPTURE(rule.first);
      CHECK(seen.count(rule.first) == 1);
    }
  }

  TEST_CASE("what changes the archive is done for the least who may, and only then") {
    const RuleTable rules = Rules();
    const std::map<Need, std::string> least = {{Need::kEdit, "editor"},
                                               {Need::kDelete, "deleter"},
                                               {Need::kAdmin, "owner"},
                                               {Need::kSite, "admin"}};
    for (const RestRoute& route : Application::Routes()) {
      const auto [begin, end] = rules.equal_range(KeyOf(route));
      for (auto at = begin; at != end; ++at) {
        const Rule& rule = at->second;
        if (!rule.changes) continue;
        CAPTURE(KeyOf(route));
        CAPTURE(rule.query);
        const Archive archive;
        const std::string user = rule.into.empty() ? least.at(rule.need) : "mover";
        CHECK(Try(archive, user, route, rule, archive.waiting).status == rule.changes);
      }
    }
  }

  TEST_CASE("a session of no project is moved by who may delete there and edit where it goes") {
    const Archive archive;
    const auto move = [&](const char* user, const char* project) {
      return archive
          .Send(user, "POST", "/data" + archive.unassigned + "?action=move&newProject=" + project)
          .status;
    };
    CHECK(move("sorter", "DEMO") == 403);
    CHECK(move("deleter", "DEMO") == 403);
    CHECK(move("keeper", "OTHER") == 403);
    CHECK(move("keeper", "DEMO") == 301);
  }

  TEST_CASE("a page shows everybody what the rule for what is on it says, and no more") {
    const Archive archive;
    const auto users = archive.credentials->users();
    const std::string waiting = "/page/session" + archive.waiting.substr(20);
    const std::string unassigned = "/page/session" + archive.unassigned.substr(20);
    for (const auto& [name, roles] : Roles()) {
      CAPTURE(name);
      const bool reads = IsAllowed(*users, name, Permission::kRead, "DEMO");
      const bool reads_unassigned = IsAllowed(*users, name, Permission::kRead, "");
      CHECK(archive.Send(name, "GET", waiting).status == (reads ? 200 : 403));
      CHECK(archive.Send(name, "GET", "/page/archive/DEMO/S1").status == (reads ? 200 : 403));
      CHECK(archive.Send(name, "GET", unassigned).status == (reads_unassigned ? 200 : 403));
      for (const char* list : {"/", "/page/archive", "/page/audit"}) {
        CAPTURE(list);
        const RestResponse response = archive.Send(name, "GET", list);
        CHECK(response.status == 200);
        CHECK((response.text.find("DEMO") != std::string::npos) == reads);
      }
    }
    for (const std::string& page :
         {waiting, unassigned, std::string("/page/archive"), std::string("/page/archive/DEMO/S1"),
          std::string("/page/audit")}) {
      CAPTURE(page);
      CHECK(archive.Send("", "GET", page).status == 401);
    }
  }
}

}  // namespace server
