#include <doctest/doctest.h>
#include <soci/soci.h>
#include <soci/sqlite3/soci-sqlite3.h>

#include "unit/store/store_testing.hpp"

namespace xnatarchive {
namespace {

std::string Projects(Store& store) {
  const Result<std::vector<ProjectRow>> projects = store.ListProjects();
  if (!projects.ok()) return Outcome(projects);
  std::string text;
  for (const ProjectRow& project : *projects) text += project.id + " ";
  return text;
}

Status Failure() { return Status(Code::kConflict, "test.failure", "on purpose"); }

}  // namespace

TEST_SUITE("store.transaction") {
  TEST_CASE("several operations are committed together, and seen by others only then") {
    const TempTree tree;
    Store store = OpenStore(tree);
    Store other = OpenStore(tree);
    const Status status = store.Transaction([&](Store& inner) {
      CHECK(inner.AddProject(Project("P1")).ok());
      CHECK(inner.AddProject(Project("P2")).ok());
      CHECK(Projects(inner) == "P1 P2 ");
      CHECK(Projects(other).empty());
      return Status();
    });
    CHECK(status.ok());
    CHECK(Projects(other) == "P1 P2 ");
  }

  TEST_CASE("a failure undoes everything, ids taken included, and is passed on") {
    const TempTree tree;
    Store store = OpenStore(tree);
    const Status status = store.Transaction([&](Store& inner) {
      CHECK(inner.AddProject(Project("P1")).ok());
      CHECK(*inner.NextId(Sequence::kExperiment) == "XNAT_E00001");
      return Failure();
    });
    CHECK(Outcome(status) == "conflict/test.failure");
    CHECK(Projects(store).empty());
    CHECK(*store.NextId(Sequence::kExperiment) == "XNAT_E00001");
    CHECK(store.AddProject(Project("P1")).ok());
  }

  TEST_CASE("an exception undoes everything and passes through") {
    const TempTree tree;
    Store store = OpenStore(tree);
    const auto throws = [&] {
      const Status status = store.Transaction([&](Store& inner) -> Status {
        CHECK(inner.AddProject(Project("P1")).ok());
        throw std::bad_alloc();
      });
      CHECK(status.ok());
    };
    CHECK_THROWS_AS(throws(), std::bad_alloc);
    CHECK(Projects(store).empty());
    CHECK(store.AddProject(Project("P1")).ok());
  }

  TEST_CASE("a transaction within a transaction joins it, and its failure undoes both") {
    const TempTree tree;
    Store store = OpenStore(tree);
    const Status joined = store.Transaction([&](Store& outer) {
      CHECK(outer.AddProject(Project("P1")).ok());
      return outer.Transaction([](Store& inner) { return inner.AddProject(Project("P2")); });
    });
    CHECK(joined.ok());
    CHECK(Projects(store) == "P1 P2 ");

    const Status failed = store.Transaction([&](Store& outer) {
      CHECK(outer.AddProject(Project("P3")).ok());
      const Status nested = outer.Transaction([](Store& inner) {
        CHECK(inner.AddProject(Project("P4")).ok());
        return Failure();
      });
      CHECK(Outcome(nested) == "conflict/test.failure");
      CHECK(Outcome(outer.AddProject(Project("P5"))) == "conflict/test.failure");
      return Status();
    });
    CHECK(Outcome(failed) == "conflict/test.failure");
    CHECK(Projects(store) == "P1 P2 ");
  }

  TEST_CASE("an operation that fails for a reason of its own has changed nothing; work may go on") {
    const TempTree tree;
    Store store = OpenStore(tree);
    const Status status = store.Transaction([&](Store& inner) {
      CHECK(inner.AddProject(Project("P1")).ok());
      CHECK(Outcome(inner.AddProject(Project("p1"))) == "already_exists/store.project-exists");
      ExperimentRow lost;
      lost.id = "XNAT_E00001";
      lost.project = "none";
      CHECK(Outcome(inner.UpsertExperiment(lost)) == "not_found/store.no-project");
      return inner.AddProject(Project("P2"));
    });
    CHECK(status.ok());
    CHECK(Projects(store) == "P1 P2 ");
  }

  TEST_CASE("after a failure of the database itself nothing of the transaction is committed") {
    const TempTree tree;
    Store store = OpenStore(tree);
    {
      soci::session sql(soci::sqlite3, "db=\"" + tree.path() + "/store.sqlite3\"");
      sql << "DROP TABLE audit";
    }
    const Status status = store.Transaction([&](Store& inner) {
      CHECK(inner.AddProject(Project("P1")).ok());
      CHECK(Outcome(inner.OpenAudit({})) == "corruption/store.corrupt");
      CHECK(Outcome(inner.AddProject(Project("P2"))) == "corruption/store.corrupt");
      return Status();
    });
    CHECK(Outcome(status) == "corruption/store.corrupt");
    CHECK(Projects(store).empty());
  }
}

}  // namespace xnatarchive
