// Quarantine and its end, and the audit trail.
#include <doctest/doctest.h>

#include <algorithm>

#include "archive/operation_home.hpp"
#include "support/engine_fixture.hpp"
#include "support/test_hooks.hpp"

namespace xnatarchive {
namespace {

using Strings = std::vector<std::string>;

constexpr const char* kMark = "root/archive/DEMO/arc001/S1/.xa-quarantine";

std::string Cell(const Table& table, const std::vector<std::string>& row, const char* column) {
  const auto at = std::find(table.columns.begin(), table.columns.end(), column);
  REQUIRE(at != table.columns.end());
  return row[static_cast<std::size_t>(at - table.columns.begin())];
}

/// Some columns of a table, a line for each row.
Strings Lines(const Table& table, std::initializer_list<const char*> columns) {
  Strings lines;
  for (const auto& row : table.rows) {
    std::string& line = lines.emplace_back();
    for (const char* column : columns) {
      line += (line.empty() ? "" : " ") + Cell(table, row, column);
    }
  }
  return lines;
}

struct AuditFixture : EngineFixture {
  CallOptions ann;

  AuditFixture() {
    ann.user = "ann";
    ann.origin = "10.0.0.7";
    WriteStudy("1", 1, 1, 2);
    WriteStudy("2", 2, 1, 1);
  }

  /// Archives study 1, quarantined.
  std::string Quarantined() {
    ArchiveRequest request;
    request.src = EngineFixture::Import("1").uris[0];
    request.quarantine = true;
    return Must(engine->Archive(request, ann)).uri;
  }

  Strings Statuses() const {
    return Lines(Must(engine->List("/projects/DEMO/experiments")), {"label", "status"});
  }
  Strings Audit(std::string_view uri = {}) const {
    return Lines(Must(engine->Audit(uri)), {"type", "status", "user", "files"});
  }

  void Rebuild() {
    LoseStore();
    Must(ArchiveEngine::Init(options, InitOptions{}));
    Open();
    Must(engine->Reindex());
  }
};

}  // namespace

TEST_SUITE("engine.quarantine") {
  TEST_CASE("a quarantined session is marked in the tree, and activating it ends that once") {
    AuditFixture fixture;
    const std::string uri = fixture.Quarantined();
    CHECK(fixture.Statuses() == Strings{"S1 quarantine"});
    CHECK(fixture.tree.Exists(kMark));
    CHECK(Must(fixture.engine->Activate(uri, fixture.ann)));
    CHECK(fixture.Statuses() == Strings{"S1 active"});
    CHECK_FALSE(fixture.tree.Exists(kMark));
    const Strings audit = fixture.Audit(uri);
    CHECK(audit.back() == "Activated Complete ann 2");
    CHECK_FALSE(Must(fixture.engine->Activate(uri)));
    CHECK_FALSE(Must(fixture.engine->Activate("/experiments/XNAT_E00001")));
    CHECK(fixture.Audit(uri) == audit);
  }

  TEST_CASE("a session that is not quarantined has no mark") {
    AuditFixture fixture;
    const std::string uri = Must(fixture.Archive(fixture.Import("1").uris[0])).uri;
    CHECK_FALSE(fixture.tree.Exists(kMark));
    CHECK_FALSE(Must(fixture.engine->Activate(uri)));
    CHECK(Lines(Must(fixture.engine->Audit(uri)), {"type"}).back() == "Transferred");
  }

  TEST_CASE("quarantine and its end outlive the store") {
    AuditFixture fixture;
    const std::string uri = fixture.Quarantined();
    fixture.Rebuild();
    CHECK(fixture.Statuses() == Strings{"S1 quarantine"});
    CHECK(Must(fixture.engine->Activate(uri)));
    fixture.Rebuild();
    CHECK(fixture.Statuses() == Strings{"S1 active"});
  }

  TEST_CASE("a release that died half way is one that did not happen, and can be tried again") {
    AuditFixture fixture;
    const std::string uri = fixture.Quarantined();
    fixture.tree.Remove(kMark);
    CHECK(fixture.Statuses() == Strings{"S1 quarantine"});
    Must(fixture.engine->Reindex());
    CHECK(fixture.Statuses() == Strings{"S1 quarantine"});
    CHECK(Must(fixture.engine->Activate(uri)));
    CHECK(fixture.Statuses() == Strings{"S1 active"});
  }

  TEST_CASE("a mark that only the tree has counts, too") {
    AuditFixture fixture;
    const std::string uri = Must(fixture.Archive(fixture.Import("1").uris[0])).uri;
    fixture.tree.Write(kMark, "");
    Must(fixture.engine->Reindex());
    CHECK(fixture.Statuses() == Strings{"S1 quarantine"});
    CHECK(Must(fixture.engine->Activate(uri)));
    CHECK_FALSE(fixture.tree.Exists(kMark));
  }

  TEST_CASE("a session somebody works on is not released meanwhile") {
    AuditFixture fixture;
    const std::string uri = fixture.Quarantined();
    Trees trees;
    trees.archive = Must(Directory::Open(PosixFileSystem(), fixture.tree.path() + "/root/archive"));
    trees.prearchive =
        Must(Directory::Open(PosixFileSystem(), fixture.tree.path() + "/root/prearchive"));
    {
      const FileLock lock = Must(LockSession(trees, ArchiveLockKey("DEMO", "S1")));
      CHECK(fixture.engine->Activate(uri).status().code() == Code::kLocked);
    }
    CHECK(fixture.Statuses() == Strings{"S1 quarantine"});
    CHECK(Must(fixture.engine->Activate(uri)));
  }

  TEST_CASE("what is no archived session can not be activated") {
    AuditFixture fixture;
    const std::string waiting = fixture.Import("1").uris[0];
    const auto reason = [&](const std::string& uri) {
      return std::string(fixture.engine->Activate(uri).status().reason());
    };
    CHECK(reason(waiting) == "uri.not-an-experiment");
    CHECK(reason("/projects/DEMO") == "uri.not-an-experiment");
    CHECK(reason("/projects/DEMO/experiments/S1") == "uri.not-found");
    CHECK(reason("/experiments/XNAT_E00001") == "uri.not-found");
    CHECK(reason("S1") == "uri.malformed");
    const std::string uri = fixture.Quarantined();
    CHECK(reason("/projects/DEMO/subjects/NOBODY/experiments/S1") == "uri.not-found");
    CHECK(fixture.Statuses() == Strings{"S1 quarantine"});
  }

  TEST_CASE("only who may administer the project releases, or changes its settings") {
    AuditFixture fixture;
    const std::string uri = fixture.Quarantined();
    fixture.options.access_policy = std::make_shared<TestPolicy>(
        [](const std::string& user, Permission permission, const std::string&, const Cancelled&) {
          const bool allowed = user == "ann" || permission == Permission::kRead;
          return allowed ? Status() : Status(Code::kPermission, "no", "no");
        });
    fixture.Open();
    CHECK(fixture.engine->Activate(uri).status().reason() == "access.denied");
    CHECK(fixture.engine->Activate("/experiments/XNAT_E00001").status().code() == Code::kNotFound);
    CHECK(fixture.engine->SetSetting("quarantine_code", "1", "DEMO").reason() == "access.denied");
    CHECK(fixture.engine->SetSetting("checksum", "md5").reason() == "access.denied");
    CHECK(Must(fixture.engine->Setting("quarantine_code", "DEMO")) == "0");
    Must(fixture.engine->SetSetting("aliases", "other", "DEMO", fixture.ann));
    CHECK(fixture.engine->SetSetting("quarantine_code", "1", "other").reason() == "access.denied");
    CHECK(Must(fixture.engine->Activate(uri, fixture.ann)));
  }
}

TEST_SUITE("engine.audit") {
  TEST_CASE("every change of a session is recorded: who, from where, and how much") {
    AuditFixture fixture;
    ImportRequest import = fixture.Request("1");
    const std::string waiting = Must(fixture.engine->Import(import, fixture.ann)).uris[0];
    Must(fixture.engine->Build(waiting));
    ArchiveRequest archive;
    archive.src = waiting;
    archive.parameters["event_reason"] = "study closed";
    const std::string uri = Must(fixture.engine->Archive(archive, fixture.ann)).uri;
    const Table audit = Must(fixture.engine->Audit(uri));
    CHECK(Lines(audit, {"type", "status", "user", "origin", "project", "label", "files",
                        "justification", "URI"}) ==
          Strings{"Received Complete ann 10.0.0.7 DEMO S1 2  " + waiting,
                  "Built Complete unknown  DEMO S1 2  " + waiting,
                  "Transferred Complete ann 10.0.0.7 DEMO S1 2 study closed "
                  "/data/archive/experiments/XNAT_E00001"});
    for (const auto& row : audit.rows) {
      CHECK(Cell(audit, row, "bytes") == Cell(audit, audit.rows[0], "bytes"));
      CHECK_FALSE(Cell(audit, row, "ended").empty());
    }
    CHECK(Must(fixture.engine->Audit(waiting)).rows == audit.rows);
    CHECK(Must(fixture.engine->Audit("/projects/DEMO")).rows == audit.rows);
    CHECK(Must(fixture.engine->Audit()).rows == audit.rows);
  }

  TEST_CASE("what came into a waiting session is recorded each time; identical files are not") {
    AuditFixture fixture;
    const std::string waiting = fixture.Import("1").uris[0];
    fixture.WriteStudy("more", 1, 2, 1);
    CHECK(fixture.Import("more").uris[0] == waiting);
    CHECK(fixture.Import("1").uris[0] == waiting);
    CHECK(fixture.Audit(waiting) ==
          Strings{"Received Complete unknown 2", "Received Complete unknown 1"});
  }

  TEST_CASE("sessions and projects are kept apart; one that was deleted is still told of") {
    AuditFixture fixture;
    const std::string first = fixture.Import("1").uris[0];
    ImportRequest request = fixture.Request("2");
    request.parameters["project"] = "Unassigned";
    const std::string second = Must(fixture.engine->Import(request)).uris[0];
    Must(fixture.engine->DeletePrearchiveSession(first, fixture.ann));
    CHECK(fixture.Audit(first) == Strings{"Received Complete unknown 2", "Deleted Complete ann 2"});
    CHECK(fixture.Audit(second) == Strings{"Received Complete unknown 1"});
    CHECK(fixture.Audit("/projects/DEMO") == fixture.Audit(first));
    CHECK(Lines(Must(fixture.engine->Audit()), {"project", "type"}) ==
          Strings{"DEMO Received", "Unassigned Received", "DEMO Deleted"});
  }

  TEST_CASE("a build that failed is recorded with its reason") {
    AuditFixture fixture;
    const std::string waiting = fixture.Import("1").uris[0];
    const std::string place = waiting.substr(std::string("/data/prearchive/projects/").size());
    fixture.tree.Remove("root/prearchive/" + place + "/SCANS");
    CHECK_FALSE(fixture.engine->Build(waiting, fixture.ann).ok());
    CHECK(Lines(Must(fixture.engine->Audit(waiting)), {"type", "status", "user", "reason"}) ==
          Strings{"Received Complete unknown ", "Built Failed ann build.no-dicom"});
  }

  TEST_CASE("what the session is to blame for is recorded, also where nothing was begun") {
    AuditFixture fixture;
    Must(fixture.Archive(fixture.Import("1").uris[0]));
    const std::string waiting = fixture.Import("1").uris[0];
    ArchiveRequest request;
    request.src = waiting;
    for (const char* subject : {"", "somebody_else"}) {
      request.parameters["subject"] = subject;
      CHECK_FALSE(fixture.engine->Archive(request, fixture.ann).ok());
    }
    request.dest = "/archive/projects/OTHER";  // to blame is who asked
    request.parameters["project"] = "DEMO";
    CHECK(fixture.engine->Archive(request, fixture.ann).status().reason() ==
          "archive.contradiction");
    const Strings trail =
        Lines(Must(fixture.engine->Audit(waiting)), {"type", "status", "user", "label", "reason"});
    CHECK(trail ==
          Strings{"Received Complete unknown S1 ", "Built Complete ann S1 ",
                  "Merged Failed ann S1 Session already exists, retry with overwrite enabled "
                  "[archive.session-exists]",
                  "Merged Failed ann S1 Session already exists, retry with overwrite enabled "
                  "[archive.session-exists]"});
  }

  TEST_CASE("what has no records is refused, and records that may not be read are left out") {
    AuditFixture fixture;
    fixture.Import("1");
    const auto reason = [&](const std::string& uri) {
      return std::string(fixture.engine->Audit(uri).status().reason());
    };
    CHECK(reason("/projects/NONE") == "project.not-found");
    CHECK(reason("/projects/DEMO/experiments/S1") == "uri.not-found");
    CHECK(reason("/prearchive/projects/DEMO/20200101_000000000/S1") == "prearchive.not-found");
    CHECK(reason("/prearchive") == "uri.no-audit");
    CHECK(reason("/projects/DEMO/subjects/S") == "uri.no-audit");
    fixture.options.access_policy = std::make_shared<TestPolicy>(
        [](const std::string&, Permission, const std::string& project, const Cancelled&) {
          return project == "DEMO" ? Status(Code::kPermission, "no", "no") : Status();
        });
    fixture.Open();
    CHECK(Must(fixture.engine->Audit()).rows.empty());
    CHECK(reason("/projects/DEMO") == "access.denied");
    CHECK(reason("/prearchive/projects/DEMO/20200101_000000000/S1") == "access.denied");
  }
}

}  // namespace xnatarchive
