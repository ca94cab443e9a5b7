// Who may do what: the questions every call asks, and what a "no" does.
#include <doctest/doctest.h>

#include <functional>
#include <set>

#include "support/engine_fixture.hpp"
#include "support/test_hooks.hpp"

namespace xnatarchive {
namespace {

const char* Name(Permission permission) {
  static constexpr const char* kNames[] = {"read", "edit", "delete", "admin"};
  return kNames[static_cast<int>(permission)];
}

std::string Question(const std::string& user, Permission permission, const std::string& project) {
  return user + " " + Name(permission) + " " + (project.empty() ? "-" : project);
}

/// Answers as the test says, and notes what it was asked.
struct AccessFixture : EngineFixture {
  std::vector<std::string> asked;
  std::set<std::string> denied;  // questions
  CallOptions ann;

  AccessFixture() {
    ann.user = "ann";
    Project other;
    other.id = "OTHER";
    Must(engine->AddProject(other));
    options.access_policy = std::make_shared<TestPolicy>(
        [this](const std::string& user, Permission permission, const std::string& project,
               const Cancelled&) -> Status {
          asked.push_back(Question(user, permission, project));
          if (denied.count(asked.back()) == 0) return Status();
          return Status(Code::kPermission, "host.no", "the policy's own words");
        });
    Open();
  }

  /// One session waiting in DEMO, built, and one archived there.
  struct Sessions {
    std::string waiting;
    ArchiveReport archived;
  };
  Sessions MakeSessions() {
    WriteStudy("w", 1, 1, 1);
    WriteStudy("a", 2, 1, 1);
    Sessions sessions;
    sessions.archived = Must(Archive(EngineFixture::Import("a").uris[0]));
    sessions.waiting = EngineFixture::Import("w").uris[0];
    Must(engine->Build(sessions.waiting));
    asked.clear();
    return sessions;
  }

  /// Trees and rows; not the log of the database, into which every transaction writes.
  std::string State() const {
    std::string state = tree.Dump("root/archive/DEMO") + tree.Dump("root/archive/OTHER") +
                        tree.Dump("root/prearchive/DEMO");
    CallOptions root;
    root.user = "root";
    for (const auto& row : Must(engine->PrearchiveSessions({}, root))) {
      state += row.url + " " + std::string(PrearchiveStateName(row.state)) + "\n";
    }
    for (const auto& row : Must(engine->List("/projects", root)).rows) state += row[0] + "\n";
    return state;
  }
};

using Call = std::function<Status(ArchiveEngine&, const CallOptions&)>;

struct Method {
  const char* name;
  std::vector<std::string> asks;
  Call call;
};

std::vector<Method> Methods(const AccessFixture& fixture, const AccessFixture::Sessions& sessions) {
  const std::string src = sessions.waiting;
  const std::string uri = sessions.archived.uri;
  const ImportRequest import = fixture.Request("w");
  ArchiveRequest archive;
  archive.src = src;
  archive.dest = "/archive/projects/OTHER";
  ArchiveRequest replace = archive;
  replace.overwrite = Overwrite::kDelete;
  ArchiveRequest by_field;
  by_field.src = src;
  by_field.fields = {{"xnat:mrSessionData/project", "OTHER"}};
  Project project;
  project.id = "NEW";
  VerifyRequest verify;
  verify.uris = {uri};
  VerifyRequest all_of_it;
  all_of_it.uris = {"/projects/DEMO"};
  ExportRequest copy;
  copy.uri = uri;
  copy.path = fixture.tree.path() + "/copy.zip";
  const std::vector<std::string> read = {"ann read DEMO"};
  const std::vector<std::string> edit = {"ann edit DEMO"};
  const std::vector<std::string> both = {"ann edit DEMO", "ann edit OTHER"};
  const std::vector<std::string> deletes = {"ann edit DEMO", "ann edit OTHER", "ann delete OTHER"};
  return {
      {"document", read, [=](auto& e, auto& c) { return e.Document(uri, c).status(); }},
      {"list session", read, [=](auto& e, auto& c) { return e.List(uri, c).status(); }},
      {"list project", read,
       [=](auto& e, auto& c) { return e.List("/projects/DEMO", c).status(); }},
      {"list experiments", read,
       [=](auto& e, auto& c) { return e.List("/projects/DEMO/experiments", c).status(); }},
      {"list waiting", read,
       [=](auto& e, auto& c) { return e.List("/prearchive/projects/DEMO", c).status(); }},
      {"waiting", read, [=](auto& e, auto& c) { return e.PrearchiveSessions("DEMO", c).status(); }},
      {"find", read, [=](auto& e, auto& c) { return e.FindPrearchiveSession(src, c).status(); }},
      {"log", read, [=](auto& e, auto& c) { return e.PrearchiveLog(src, c).status(); }},
      {"validate", both, [=](auto& e, auto& c) { return e.Validate(archive, c).status(); }},
      {"validate with delete", deletes,
       [=](auto& e, auto& c) { return e.Validate(replace, c).status(); }},
      {"validate with a project that is set", both,
       [=](auto& e, auto& c) { return e.Validate(by_field, c).status(); }},
      {"build", edit, [=](auto& e, auto& c) { return e.Build(src, c); }},
      {"import", edit, [=](auto& e, auto& c) { return e.Import(import, c).status(); }},
      {"setting", read, [=](auto& e, auto& c) { return e.Setting("autorun", "DEMO", c).status(); }},
      {"settings", read, [=](auto& e, auto& c) { return e.Settings("DEMO", c).status(); }},
      {"set setting",
       {"ann admin DEMO"},
       [=](auto& e, auto& c) { return e.SetSetting("autorun_timeout", "9", "DEMO", c); }},
      {"set setting of the site",
       {"ann admin -"},
       [=](auto& e, auto& c) { return e.SetSetting("identical_files", "keep", {}, c); }},
      {"history", read, [=](auto& e, auto& c) { return e.History(uri, c).status(); }},
      {"verify", read, [=](auto& e, auto& c) { return e.Verify(verify, c).status(); }},
      {"verify project", read, [=](auto& e, auto& c) { return e.Verify(all_of_it, c).status(); }},
      {"export", read, [=](auto& e, auto& c) { return e.Export(copy, c).status(); }},
      {"recover", {"ann admin -"}, [=](auto& e, auto& c) { return e.Recover(c).status(); }},
      {"reindex", {"ann admin -"}, [=](auto& e, auto& c) { return e.Reindex(c).status(); }},
      {"add project", {"ann admin -"}, [=](auto& e, auto& c) { return e.AddProject(project, c); }},
      {"archive with delete", deletes,
       [=](auto& e, auto& c) { return e.Archive(replace, c).status(); }},
      {"archive", both, [=](auto& e, auto& c) { return e.Archive(archive, c).status(); }},
      {"delete",
       {"ann delete DEMO"},
       [=](auto& e, auto& c) { return e.DeletePrearchiveSession(src, c); }},
  };
}

}  // namespace

TEST_SUITE("engine.access") {
  TEST_CASE("every method asks for its permission, once, and goes no further without it") {
    AccessFixture fixture;
    const AccessFixture::Sessions sessions = fixture.MakeSessions();
    const std::string before = fixture.State();
    for (const Method& method : Methods(fixture, sessions)) {
      CAPTURE(method.name);
      for (std::size_t no = 0; no < method.asks.size(); ++no) {
        fixture.denied = {method.asks[no]};
        fixture.asked.clear();
        const Status refused = method.call(*fixture.engine, fixture.ann);
        CHECK(refused.code() == Code::kPermission);
        CHECK(refused.reason() == "access.denied");
        CHECK(refused.message().find("own words") == std::string::npos);
        CHECK(fixture.asked ==
              std::vector<std::string>(method.asks.begin(), method.asks.begin() + no + 1));
        CHECK(fixture.State() == before);
      }
    }
    fixture.denied.clear();
    for (const Method& method : Methods(fixture, sessions)) {
      CAPTURE(method.name);
      fixture.asked.clear();
      method.call(*fixture.engine, fixture.ann).ok();
      CHECK(fixture.asked == method.asks);
    }
  }

  TEST_CASE("a refusal is the same for what exists and what does not") {
    AccessFixture fixture;
    const AccessFixture::Sessions sessions = fixture.MakeSessions();
    for (const char* project : {"DEMO", "NONE"}) {
      for (const char* permission : {"read", "edit", "delete"}) {
        fixture.denied.insert(std::string("ann ") + permission + " " + project);
      }
    }
    const auto same = [&](const std::string& there, const std::string& not_there) {
      CAPTURE(there);
      CAPTURE(not_there);
      ArchiveEngine& engine = *fixture.engine;
      const auto answers = [&](const std::string& uri) {
        ArchiveRequest archive;
        archive.src = archive.dest = uri;
        if (uri.find("/prearchive/") == std::string::npos) archive.src = sessions.waiting;
        return std::vector<std::string>{engine.List(uri, fixture.ann).status().ToString(),
                                        engine.DocumentXml(uri, fixture.ann).status().ToString(),
                                        engine.Build(uri, fixture.ann).ToString(),
                                        engine.DeletePrearchiveSession(uri, fixture.ann).ToString(),
                                        engine.Archive(archive, fixture.ann).status().ToString(),
                                        engine.Validate(archive, fixture.ann).status().ToString()};
      };
      CHECK(answers(there) == answers(not_there));
    };
    same("/projects/DEMO", "/projects/NONE");
    same(sessions.archived.uri, "/data/archive/projects/DEMO/subjects/P2/experiments/NO");
    same("/experiments/" + sessions.archived.experiment_id, "/experiments/XNAT_E09999");
    same(sessions.waiting, "/data/prearchive/projects/DEMO/20200101_000000000/NO");
    same(sessions.waiting, "/data/prearchive/projects/NONE/20200101_000000000/NO");
    ImportRequest import = fixture.Request("w");
    const std::string there = fixture.engine->Import(import, fixture.ann).status().ToString();
    import.parameters["project"] = "NONE";
    CHECK(fixture.engine->Import(import, fixture.ann).status().ToString() == there);
  }

  TEST_CASE("verifying everything leaves out what may not be read") {
    AccessFixture fixture;
    fixture.MakeSessions();
    CHECK(Must(fixture.engine->Verify({}, fixture.ann)).sessions == 1);
    fixture.denied = {"ann read DEMO"};
    const VerifyReport report = Must(fixture.engine->Verify({}, fixture.ann));
    CHECK(report.sessions == 0);
    CHECK(report.files == 0);
  }

  TEST_CASE("a listing leaves out what may not be read, and nothing else") {
    AccessFixture fixture;
    fixture.MakeSessions();
    ImportRequest nobody = fixture.Request("a");
    nobody.parameters.clear();
    Must(fixture.engine->Import(nobody));
    const auto names = [&] {
      std::vector<std::string> projects;
      for (const auto& row : Must(fixture.engine->List("/prearchive", fixture.ann)).rows) {
        projects.push_back(row[1]);
      }
      for (const auto& row : Must(fixture.engine->List("/projects", fixture.ann)).rows) {
        projects.push_back(row[0]);
      }
      for (const Project& project : Must(fixture.engine->Projects(fixture.ann))) {
        projects.push_back(project.id);
      }
      for (const auto& row : Must(fixture.engine->PrearchiveSessions({}, fixture.ann))) {
        projects.push_back(row.project);
      }
      return projects;
    };
    using Names = std::vector<std::string>;
    CHECK(names() == Names{"Unassigned", "DEMO", "DEMO", "OTHER", "DEMO", "OTHER", "", "DEMO"});
    fixture.denied = {"ann read DEMO"};
    CHECK(names() == Names{"Unassigned", "OTHER", "OTHER", ""});
    fixture.denied = {"ann read -", "ann read OTHER"};
    CHECK(names() == Names{"DEMO", "DEMO", "DEMO", "DEMO"});
    CHECK(fixture.engine->PrearchiveSessions("Unassigned", fixture.ann).status().reason() ==
          "access.denied");
  }

  TEST_CASE("an experiment named by its ID is not found by who may not read its project") {
    AccessFixture fixture;
    const std::string uri = "/experiments/" + fixture.MakeSessions().archived.experiment_id;
    CHECK(fixture.engine->Document(uri, fixture.ann).ok());
    fixture.denied = {"ann read DEMO"};
    const Status hidden = fixture.engine->Document(uri, fixture.ann).status();
    CHECK(hidden.code() == Code::kNotFound);
  }

  TEST_CASE("a session that claims the ID of one the user may not read learns nothing of it") {
    AccessFixture fixture;
    const AccessFixture::Sessions sessions = fixture.MakeSessions();
    ArchiveRequest request;
    request.src = sessions.waiting;
    request.dest = "/archive/projects/OTHER";
    const auto findings = [&](const std::string& id) {
      request.fields = {{"xnat:mrSessionData/ID", id}};
      const ValidationReport report = Must(fixture.engine->Validate(request, fixture.ann));
      std::string text = report.merges ? "merges" : "";
      for (const Finding& finding : report.findings) text += " " + finding.reason;
      return text;
    };
    CHECK(findings(sessions.archived.experiment_id).find("archive.project-changes") !=
          std::string::npos);
    fixture.denied = {"ann read DEMO"};
    CHECK(findings(sessions.archived.experiment_id) == findings("XNAT_E09999"));
  }

  TEST_CASE("what a merge replaced is shown, restored and pruned by those who may") {
    AccessFixture fixture;
    const AccessFixture::Sessions sessions = fixture.MakeSessions();
    DicomSpec spec = EngineFixture::Spec(2);
    spec.values[0x00104000] = "sent again";
    fixture.tree.Write("in/b/1.dcm", MakeDicom(spec));
    ArchiveRequest request;
    request.src = fixture.Import("b").uris[0];
    request.overwrite = Overwrite::kDelete;
    Must(fixture.engine->Archive(request));
    const std::vector<HistoryEntry> records = Must(fixture.engine->History({}, fixture.ann));
    REQUIRE(records.size() == 1);
    ArchiveEngine& engine = *fixture.engine;
    const auto both = [&](const std::string& id) {
      return std::vector<std::string>{engine.RestoreHistory(id, fixture.ann).status().ToString(),
                                      engine.PruneHistory(id, fixture.ann).ToString()};
    };
    fixture.denied = {"ann read DEMO"};
    CHECK(Must(engine.History({}, fixture.ann)).empty());
    CHECK(both(records[0].id) == both("20200101_000000000-none"));
    fixture.denied = {"ann delete DEMO"};
    CHECK(engine.RestoreHistory(records[0].id, fixture.ann).status().reason() == "access.denied");
    CHECK(engine.PruneHistory(records[0].id, fixture.ann).reason() == "access.denied");
    fixture.denied.clear();
    CHECK(Must(engine.RestoreHistory(records[0].id, fixture.ann)).merged);
    CHECK(Must(engine.History(sessions.archived.uri, fixture.ann)).size() == 1);
  }

  TEST_CASE("a project that the data names and the user may not edit is passed over") {
    AccessFixture fixture;
    DicomSpec spec = EngineFixture::Spec(1);
    spec.values[0x00104000] = "Project:OTHER Subject:A Session:B";
    fixture.tree.Write("in/d/1.dcm", MakeDicom(spec));
    ImportRequest request = fixture.Request("d");
    request.parameters.clear();
    fixture.denied = {"ann edit OTHER"};
    const ImportReport report = Must(fixture.engine->Import(request, fixture.ann));
    CHECK(report.uris[0].find("/Unassigned/") != std::string::npos);
    fixture.denied = {"ann edit OTHER", "ann edit -"};
    CHECK(fixture.engine->Import(request, fixture.ann).status().reason() == "access.denied");
    fixture.denied.clear();
    const ImportReport allowed = Must(fixture.engine->Import(request, fixture.ann));
    CHECK(allowed.uris[0].find("/OTHER/") != std::string::npos);
  }

  TEST_CASE("one call asks a question once: an import that archives at once has one answer") {
    AccessFixture fixture;
    fixture.WriteStudy("d", 1, 1, 1);
    ImportRequest request = fixture.Request("d");
    request.dest = "/archive/projects/DEMO";
    const ImportReport report = Must(fixture.engine->Import(request, fixture.ann));
    CHECK(report.not_archived.empty());
    CHECK(fixture.asked == std::vector<std::string>{"ann edit DEMO"});
  }

  TEST_CASE("a policy that cannot decide ends the call with its reason, also where it would hide") {
    AccessFixture fixture;
    const AccessFixture::Sessions sessions = fixture.MakeSessions();
    const std::string before = fixture.State();
    fixture.options.access_policy = std::make_shared<TestPolicy>(
        [&](const std::string& user, Permission, const std::string&, const Cancelled&) -> Status {
          if (user == "root") return Status();
          return Status(Code::kIo, "ldap.down", "the directory\ndoes not answer");
        });
    fixture.Open();
    const auto check = [&](const Status& status) {
      CHECK(status.code() == Code::kHandlerFailed);
      CHECK(status.reason() == "ldap.down");
      CHECK(status.message() == "the directory does not answer");
    };
    for (const Method& method : Methods(fixture, sessions)) {
      CAPTURE(method.name);
      check(method.call(*fixture.engine, fixture.ann));
    }
    check(fixture.engine->List("/projects", fixture.ann).status());
    check(fixture.engine->List("/prearchive", fixture.ann).status());
    check(fixture.engine->Projects(fixture.ann).status());
    const std::string id = "/experiments/" + sessions.archived.experiment_id;
    check(fixture.engine->Document(id, fixture.ann).status());
    CHECK(fixture.State() == before);
  }
}

}  // namespace xnatarchive
