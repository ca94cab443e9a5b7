#include <doctest/doctest.h>
#include <soci/soci.h>
#include <soci/sqlite3/soci-sqlite3.h>

#include "store/schema.hpp"
#include "unit/store/store_testing.hpp"

namespace xnatarchive {
namespace {

using Settings = std::map<std::string, std::string>;

Settings Of(Store& store, const std::string& project = {}) {
  return store.ListSettings(project).value();
}

std::string Found(Store& store, const std::string& name) {
  const auto row = store.FindProjectByAlias(name).value();
  return row ? row->id : "none";
}

}  // namespace

TEST_SUITE("store.settings") {
  TEST_CASE("what was set is there after reopening; the site's and each project's apart") {
    const TempTree tree;
    {
      Store store = OpenStore(tree);
      REQUIRE(store.AddProject(Project("P1")).ok());
      REQUIRE(store.AddProject(Project("P2")).ok());
      CHECK(store.SetSetting("a", "1").ok());
      CHECK(store.SetSetting("a", "2").ok());
      CHECK(store.SetProjectSetting("P1", "a", "x\ny'\"").ok());
      CHECK(store.SetProjectSetting("P1", "a", "").ok());
      CHECK(store.SetProjectSetting("P2", "b", "z").ok());
    }
    Store store = OpenStore(tree);
    const Settings columns = {{"prearchive_code", "0"}, {"quarantine_code", "0"}, {"autorun", ""}};
    Settings first = columns;
    first["a"] = "";
    Settings second = columns;
    second["b"] = "z";
    CHECK(Of(store) == Settings{{"a", "2"}});
    CHECK(Of(store, "P1") == first);
    CHECK(Of(store, "P2") == second);
  }

  TEST_CASE("settings that are columns of a project are one with them") {
    const TempTree tree;
    Store store = OpenStore(tree);
    REQUIRE(store.AddProject({"P1", PrearchiveCode::kAutoArchive, true, "run"}).ok());
    CHECK(Of(store, "P1") ==
          Settings{{"prearchive_code", "4"}, {"quarantine_code", "1"}, {"autorun", "run"}});
    CHECK(store.SetProjectSetting("P1", "prearchive_code", "5").ok());
    CHECK(store.SetProjectSetting("P1", "quarantine_code", "0").ok());
    CHECK(store.SetProjectSetting("P1", "autorun", "walk").ok());
    const auto row = store.FindProject("P1").value();
    REQUIRE(row.has_value());
    CHECK(row->prearchive_code == PrearchiveCode::kAutoArchiveOverwrite);
    CHECK_FALSE(row->quarantine);
    CHECK(row->autorun == "walk");
  }

  TEST_CASE("a project that is not known has no settings, and gets none") {
    const TempTree tree;
    Store store = OpenStore(tree);
    CHECK(Outcome(store.ListSettings("P1")) == "not_found/store.no-project");
    for (const char* name : {"a", "autorun", "aliases"}) {
      CHECK(Outcome(store.SetProjectSetting("P1", name, "1")) == "not_found/store.no-project");
    }
    REQUIRE(store.AddProject(Project("P1")).ok());
    CHECK(Of(store, "P1").count("a") == 0);
  }

  TEST_CASE("a project is found by its id, else by an alias in any case") {
    const TempTree tree;
    Store store = OpenStore(tree);
    REQUIRE(store.AddProject(Project("P1")).ok());
    REQUIRE(store.AddProject(Project("P2")).ok());
    CHECK(store.SetProjectSetting("P1", "aliases", " Brain^Dev , p2024,P1").ok());
    CHECK(Found(store, "P1") == "P1");
    CHECK(Found(store, "brain^dev") == "P1");
    CHECK(Found(store, "P2024") == "P1");
    CHECK(Found(store, "P2") == "P2");
    for (const char* name : {"", "p2", "Brain^Dev , p2024", "Brain", ","}) {
      CAPTURE(name);
      CHECK(Found(store, name) == "none");
    }
    CHECK(store.SetProjectSetting("P1", "aliases", "").ok());
    CHECK(Found(store, "p2024") == "none");
  }

  TEST_CASE("no name is two projects', in any case") {
    const TempTree tree;
    Store store = OpenStore(tree);
    REQUIRE(store.AddProject(Project("P1")).ok());
    REQUIRE(store.AddProject(Project("P2")).ok());
    REQUIRE(store.SetProjectSetting("P1", "aliases", "One,Eins").ok());
    CHECK(Outcome(store.SetProjectSetting("P2", "aliases", "Two,eins")) ==
          "already_exists/store.alias-taken");
    CHECK(Outcome(store.SetProjectSetting("P2", "aliases", "p1")) ==
          "already_exists/store.alias-taken");
    CHECK(Outcome(store.SetProjectSetting("P2", "aliases", "UNASSIGNED")) ==
          "invalid_argument/store.reserved-id");
    CHECK(Of(store, "P2").count("aliases") == 0);
    CHECK(Outcome(store.AddProject(Project("ONE"))) == "already_exists/store.project-exists");
    CHECK(store.SetProjectSetting("P1", "aliases", "Eins,Uno").ok());  // its own are no obstacle
    CHECK(store.SetProjectSetting("P2", "aliases", "One").ok());
  }

  TEST_CASE("a database of the first version is brought up to date, and loses nothing") {
    const TempTree tree;
    {
      soci::session sql(soci::sqlite3, "db=\"" + tree.path() + "/store.sqlite3\"");
      sql << "BEGIN";
      REQUIRE(Migrate(sql, {Migrations().front()}).ok());
      sql << "INSERT INTO settings VALUES ('site_id', 'OLD')";
      sql << "INSERT INTO projects VALUES ('P1', '4', '1', 'run', 'p1')";
      sql << "INSERT INTO subjects VALUES ('OLD_S00001', 'P1', 'Ann', 'ann')";
      sql << "INSERT INTO subjects VALUES ('OLD_S00002', 'P1', 'Bob', 'bob')";
      for (const int inserted : {30, 20, 40}) {
        const std::string number = std::to_string(inserted);
        sql << "INSERT INTO experiments VALUES ('E" + number + "', 'P1', 'L" + number +
                   "', 'OLD_S00001', '', '', '', '', 'active', '', 0, 0, 0, " + number + ", 50)";
      }
      sql << "INSERT INTO audit VALUES (7, 'op', 'Transferred', 'Complete', 'P1', 'OLD_E00001', "
             "'S1', 'u', 'why', 1, 2, '', 'said')";
      sql << "COMMIT";
    }
    Store store = OpenStore(tree);
    CHECK(Of(store) == Settings{{"site_id", "OLD"}});
    CHECK(Of(store, "P1") ==
          Settings{{"prearchive_code", "4"}, {"quarantine_code", "1"}, {"autorun", "run"}});
    CHECK(store.SetProjectSetting("P1", "aliases", "Old").ok());
    CHECK(Found(store, "old") == "P1");
    CHECK(store.FindSubject("P1", "Ann").value()->inserted_ms == 20);  // its first session's
    CHECK(store.FindSubject("P1", "Bob").value()->inserted_ms == 0);
    const auto records = store.ListAudit("OLD_E00001").value();
    REQUIRE(records.size() == 1);
    CHECK(records[0].id == 7);
    CHECK(records[0].detail == "said");
    CHECK(records[0].origin.empty());
    CHECK(records[0].files == 0);
  }
}

}  // namespace xnatarchive
