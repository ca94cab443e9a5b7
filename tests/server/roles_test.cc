// Every route with every role: what is answered follows from one rule, and a route without one
// fails here.
#include <doctest/doctest.h>

#include <map>
#include <set>
#include <string>
#include <vector>

#include "query.hpp"
#include "server_fixture.hpp"

namespace server {
namespace {

using xnatarchive::ArchiveRequest;
using xnatarchive::CallOptions;
using xnatarchive::EngineFixture;
using xnatarchive::Overwrite;
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
       std::string sent = "", bool changes_it = false)
      : need(what), query(std::move(parameters)), body(std::move(sent)), changes(changes_it) {}

  Need need;
  std::string query;  ///< What the route needs beside its path. "%s": the waiting session.
  std::string body;
  bool changes;  ///< What is there, when it is allowed.
};

const std::string kWaiting = "/data/prearchive/projects/{project}/{timestamp}/{folder}";

using RuleTable = std::map<std::string, Rule>;

/// The rule of each route, by "METHOD path"; paths below /data/archive have those below /data.
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
      {"PUT /data/prearchive", {Need::kSite, "", "", true}},
      {"GET /data/prearchive/projects/{projects}", {Need::kRead}},
      {"POST " + kWaiting, {Need::kEdit, "action=build", "", true}},
      {"DELETE " + kWaiting, {Need::kDelete, "", "", true}},
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
      {"POST /data/history/{record}", {Need::kDelete, "action=restore", "", true}},
      {"DELETE /data/history/{record}", {Need::kDelete, "", "", true}},
      {"POST /data/services/archive", {Need::kEdit, "src=%s", "", true}},
      {"POST /data/services/validate-archive", {Need::kEdit, "src=%s"}},
      {"POST /data/services/import",
       {Need::kEdit, "project=DEMO&import-handler=DICOM-zip", "no zip"}},
      {"POST /data/services/prearchive/delete", {Need::kDelete, "src=%s", "", true}},
      {"POST /data/services/prearchive/rebuild", {Need::kEdit, "src=%s", "", true}},
      // To where it is: nothing else would be allowed to one of one project.
      {"POST /data/services/prearchive/move", {Need::kDelete, "src=%s&newProject=DEMO", "", true}},
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
    rules[method + resource] = {Need::kSignedIn};
    rules[method + resource + "/files"] = {Need::kSignedIn};
    rules[method + resource + "/files/{file...}"] = {Need::kSignedIn, "", "no zip"};
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
    rules["GET " + experiment + "/history"] = {in_project ? Need::kRead : Need::kListing};
    rules["PUT " + experiment] = {Need::kAdmin, "activate=true"};
  }
  std::vector<std::string> sessions(std::begin(experiments), std::end(experiments));
  sessions.push_back(kWaiting);
  for (const std::string& session : sessions) {
    for (const char* below :
         {"", "/audit", "/files", "/scans", "/scans/{scan}", "/scans/{scan}/files",
          "/scans/{scan}/resources", "/scans/{scan}/resources/{resource}/files",
          "/scans/{scan}/resources/{resource}/files/{file...}", "/resources",
          "/resources/{resource}/files", "/resources/{resource}/files/{file...}"}) {
      rules["GET " + session + below] = {Need::kRead};
    }
  }
  for (const char* below : {"/logs", "/logs/{log}"})
    rules["GET " + kWaiting + below] = {Need::kRead};
  return rules;
}

RuleTable Rules() {
  RuleTable rules = SiteRules();
  for (const auto& table : {CacheRules(), ProjectRules(), ServiceRules(), SessionRules()}) {
    rules.insert(table.begin(), table.end());
  }
  return rules;
}

const std::map<std::string, std::string>& Roles() {
  static const std::map<std::string, std::string> roles = {
      {"reader", "DEMO:read"},       {"editor", "DEMO:edit"},
      {"deleter", "DEMO:delete"},    {"owner", "DEMO:admin"},
      {"stranger", "OTHER:admin"},   {"sorter", "Unassigned:delete"},
      {"peeker", "Unassigned:read"}, {"auditor", "*:read"},
      {"admin", "*:admin"},          {"nothing", ""},
  };
  return roles;
}

std::string UsersText() {
  std::string text;
  for (const auto& [name, roles] : Roles()) text += UserLine(name, roles);
  return text;
}

std::string TypeOf(const std::string& body) {
  if (body.empty()) return "";
  if (body == "no zip") return "application/zip";
  return body[0] == '[' ? "application/json" : "application/x-www-form-urlencoded";
}

std::string Cell(const xnatarchive::Table& table, const std::string& column) {
  for (std::size_t i = 0; i < table.columns.size(); ++i) {
    if (table.columns[i] == column) return table.rows.at(0).at(i);
  }
  return "no column " + column;
}

/// An archived session S1 of DEMO, of which a merge has replaced files; a waiting one, S2; one that
/// is in no project; a job of the project.
struct Archive : ServerFixture {
  std::string experiment_id;
  std::string subject_id;
  std::string record;
  std::string file;
  std::string job;
  std::string waiting;     ///< "/prearchive/projects/DEMO/TS/S2"
  std::string unassigned;  ///< "/prearchive/projects/Unassigned/TS/S3"

  Archive() : ServerFixture(UsersText()) {
    CallOptions call;
    call.user = "admin";
    xnatarchive::Project other;
    other.id = "OTHER";
    Must(engine->AddProject(other, call));
    ArchiveRequest request;
    request.src = Received("study1", 1, "DEMO", call);
    experiment_id = Must(engine->Archive(request, call)).experiment_id;
    xnatarchive::DicomSpec changed = Spec(1);
    changed.series = changed.instance = 1;
    changed.values[0x00081030] = "another description";
    tree.Write("in/again/1.dcm", MakeDicom(changed));
    request.src = Imported("again", "DEMO", call);
    request.overwrite = Overwrite::kDelete;
    Must(engine->Archive(request, call));
    record = Must(engine->History({}, call)).at(0).id;
    subject_id = Cell(Must(engine->List("/projects/DEMO", call)), "ID");
    waiting = Received("study2", 2, "DEMO", call).substr(5);
    unassigned = Received("study3", 3, "", call).substr(5);
    Must(engine->Build("/data" + waiting, call));
    Must(engine->Build("/data" + unassigned, call));
    file = Cell(Must(engine->List(waiting + "/scans/1/resources/DICOM", call)), "Name");
    request.src = "/data" + waiting;
    job = Must(engine->Submit({request}, call));
  }

  std::string Imported(const std::string& folder, const std::string& project,
                       const CallOptions& call) {
    xnatarchive::ImportRequest request;
    request.path = tree.path() + "/in/" + folder;
    if (!project.empty()) request.parameters["project"] = project;
    return Must(engine->Import(request, call)).uris.at(0);
  }
  std::string Received(const std::string& folder, int study, const std::string& project,
                       const CallOptions& call) {
    WriteStudy(folder, study);
    return Imported(folder, project, call);
  }

  /// What a pattern's value is in this archive.
  std::string ValueOf(const std::string& name, const std::string& pattern, const std::string& user,
                      const std::string& session) const {
    const bool in_project = pattern.find("{project}") != std::string::npos;
    const std::string folder = session.substr(session.rfind('/') + 1);
    const std::string rest = session.substr(0, session.rfind('/'));
    const bool is_waiting = pattern.find("{folder}") != std::string::npos;
    if (name == "folder") return folder;
    if (name == "timestamp") return rest.substr(rest.rfind('/') + 1);
    if (name == "project") {
      return is_waiting && session == unassigned ? "Unassigned" : "DEMO";
    }
    const std::map<std::string, std::string> values = {
        {"projects", "DEMO"},
        {"subject", in_project ? "Test_Subject1" : subject_id},
        {"experiment", in_project ? "S1" : experiment_id},
        {"scan", "1"},
        {"resource", "DICOM"},
        {"file...", file},
        {"log", "last"},
        {"code", "0"},
        {"job", job},
        {"record", record},
        {"user", user},
        {"id", "0123"},
        {"operations", "Append"},
        {"page...", "nothing"}};
    return values.at(name);
  }

  std::string Fill(const std::string& pattern, const std::string& user,
                   const std::string& session) const {
    std::string path = pattern;
    for (std::size_t open = path.find('{'); open != std::string::npos; open = path.find('{')) {
      const std::size_t close = path.find('}', open);
      const std::string name = path.substr(open + 1, close - open - 1);
      path.replace(open, close + 1 - open, ValueOf(name, pattern, user, session));
    }
    return path;
  }

  RestResponse Try(const std::string& user, const RestRoute& route, const Rule& rule,
                   const std::string& session) const {
    std::string query = rule.query;
    const std::size_t place = query.find("%s");
    if (place != std::string::npos) query.replace(place, 2, session);
    const std::string target = Fill(route.path, user, session) + (query.empty() ? "" : "?" + query);
    return Send(user, route.method, target, rule.body, TypeOf(rule.body));
  }
};

std::string KeyOf(const RestRoute& route) {
  std::string path = route.path;
  const std::string archive = "/data/archive/";
  if (path.compare(0, archive.size(), archive) == 0) path.erase(5, 8);
  return route.method + " " + path;
}

bool May(const Users& users, const std::string& user, Need need, const std::string& project) {
  switch (need) {
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

}  // namespace

TEST_SUITE("server.roles") {
  TEST_CASE("every route, tried by everybody, is answered as the rule for it says") {
    const RuleTable rules = Rules();
    Archive archive;
    const auto users = archive.credentials->users();
    std::set<std::string> seen;
    for (const RestRoute& route : Application::Routes()) {
      CAPTURE(KeyOf(route));
      const auto found = rules.find(KeyOf(route));
      REQUIRE(found != rules.end());
      seen.insert(found->first);
      const Rule& rule = found->second;
      const bool about_waiting = route.path.find("{folder}") != std::string::npos ||
                                 rule.query.find("%s") != std::string::npos;
      for (const std::string& session : {archive.waiting, archive.unassigned}) {
        if (session == archive.unassigned && !about_waiting) continue;
        const std::string project = session == archive.unassigned ? "" : "DEMO";
        std::vector<std::string> names = {""};
        for (const auto& [name, roles] : Roles()) names.push_back(name);
        const int admins = rule.changes ? 0 : archive.Try("admin", route, rule, session).status;
        if (!rule.changes) CHECK(admins == Allowed(route));
        for (const std::string& user : names) {
          CAPTURE(user);
          CAPTURE(session);
          if (May(*users, user, rule.need, project)) {
            if (rule.changes) continue;  // below
            const RestResponse response = archive.Try(user, route, rule, session);
            CHECK(response.status == admins);
            CHECK(response.status != 403);
            const std::string body = xnatarchive::RestFixture::Body(response);
            const bool reads = IsAllowed(*users, user, Permission::kRead, "DEMO");
            if (rule.need == Need::kListing && !reads) {
              for (const char* secret : {"DEMO", "S1", "S2", "Test_Subject1"}) {
                CHECK(body.find(secret) == std::string::npos);
              }
            }
          } else {
            const std::string before = archive.Dump();
            CHECK(archive.Try(user, route, rule, session).status ==
                  Refused(*users, user, route, rule));
            CHECK(archive.Dump() == before);
          }
        }
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
      const Rule& rule = rules.at(KeyOf(route));
      if (!rule.changes) continue;
      CAPTURE(KeyOf(route));
      const Archive archive;
      CHECK(archive.Try(least.at(rule.need), route, rule, archive.waiting).status == 200);
    }
  }
}

}  // namespace server
