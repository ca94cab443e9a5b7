#include <doctest/doctest.h>

#include <array>
#include <csignal>
#include <set>
#include <thread>

#include "unit/store/store_testing.hpp"

namespace xnatarchive {
namespace {

constexpr int kIdsEach = 60;

/// Takes ids and records each as a project, so that a number given twice is refused.
int TakeIds(Store& store) {
  for (int i = 0; i < kIdsEach; ++i) {
    const Status status = store.Transaction([](Store& inner) {
      Result<std::string> id = inner.NextId(Sequence::kExperiment);
      if (!id.ok()) return std::move(id).status();
      return inner.AddProject(Project(*id));
    });
    if (!status.ok()) return 1;
  }
  return 0;
}

pid_t StartChild(const std::function<int()>& body) {
  const pid_t child = fork();
  if (child == 0) _exit(body());
  return child;
}
int WaitFor(pid_t child) {
  int status = 0;
  if (waitpid(child, &status, 0) != child) return -1;
  return WIFEXITED(status) ? WEXITSTATUS(status) : -WTERMSIG(status);
}

}  // namespace

TEST_SUITE("store.processes") {
  TEST_CASE("threads, stores and processes that contend lose no number and get none twice") {
    const TempTree tree;
    { const Store created = OpenStore(tree); }
    const pid_t child = StartChild([&] {
      Store store = OpenStore(tree);
      return TakeIds(store);
    });
    REQUIRE(child > 0);
    Store shared = OpenStore(tree);
    Store own = OpenStore(tree);
    std::array<int, 3> results = {9, 9, 9};
    {
      std::thread first([&] { results[0] = TakeIds(shared); });
      std::thread second([&] { results[1] = TakeIds(shared); });
      std::thread third([&] { results[2] = TakeIds(own); });
      first.join();
      second.join();
      third.join();
    }
    CHECK(WaitFor(child) == 0);
    CHECK(results == std::array<int, 3>{0, 0, 0});
    const Result<std::vector<ProjectRow>> projects = shared.ListProjects();
    REQUIRE(projects.ok());
    CHECK(projects->size() == 4 * kIdsEach);
    CHECK(projects->front().id == "XNAT_E00001");
    CHECK(projects->back().id == "XNAT_E00240");
  }

  TEST_CASE("processes that open a new store at once all succeed") {
    for (int round = 0; round < 5; ++round) {
      const TempTree tree;
      std::array<pid_t, 6> children{};
      for (pid_t& child : children) {
        child = StartChild([&] {
          Store store = OpenStore(tree);
          return store.NextId(Sequence::kSubject).ok() ? 0 : 1;
        });
      }
      for (const pid_t child : children) CHECK(WaitFor(child) == 0);
      CHECK(*OpenStore(tree).NextId(Sequence::kSubject) == "XNAT_S00007");
    }
  }

  TEST_CASE("of two that archive and delete one session at once, one wins and one is told so") {
    const TempTree tree;
    Store store = OpenStore(tree);
    PrearchiveSession session;
    session.project = "P1";
    session.state = PrearchiveState::kReady;
    for (int round = 0; round < 20; ++round) {
      session.folder = "S" + std::to_string(round);
      REQUIRE(store.InsertPrearchive(session).ok());
      const auto claim = [&](PrearchiveState to) {
        Store mine = OpenStore(tree);
        const auto changed =
            mine.ChangePrearchiveState(session.Id(), {PrearchiveState::kReady}, to);
        if (changed.ok()) return 0;
        return Outcome(changed) == "locked/prearchive.locked" ? 1 : 2;
      };
      const pid_t child = StartChild([&] { return claim(PrearchiveState::kArchiving); });
      const int mine = claim(PrearchiveState::kDeleting);
      CHECK(mine + WaitFor(child) == 1);
    }
  }

  TEST_CASE("a process killed within a transaction leaves nothing of it and no lock") {
    const TempTree tree;
    Store store = OpenStore(tree);
    REQUIRE(store.AddProject(Project("before")).ok());
    const int end = RunInChild([&] {
      Store mine = OpenStore(tree);
      const Status status = mine.Transaction([](Store& inner) {
        for (int i = 0; i < 500; ++i) {
          if (!inner.AddProject(Project("killed" + std::to_string(i))).ok()) return Status();
        }
        if (!inner.NextId(Sequence::kExperiment).ok()) return Status();
        raise(SIGKILL);
        return Status();
      });
      return status.ok() ? 1 : 2;
    });
    CHECK(end == 128 + SIGKILL);
    CHECK(store.AddProject(Project("after")).ok());
    CHECK(*store.NextId(Sequence::kExperiment) == "XNAT_E00001");
    CHECK(store.ListProjects()->size() == 2);
    CHECK(OpenStore(tree).ListProjects()->size() == 2);
  }

  TEST_CASE("a store that stays locked is reported as busy; reading goes on meanwhile") {
    const TempTree tree;
    Store store = OpenStore(tree);
    Store hasty = OpenStore(tree, 20);
    const Status status = store.Transaction([&](Store& inner) {
      CHECK(inner.AddProject(Project("P1")).ok());
      CHECK(Outcome(hasty.AddProject(Project("P2"))) == "locked/store.busy");
      CHECK(Outcome(hasty.Transaction([](Store&) { return Status(); })) == "locked/store.busy");
      CHECK(hasty.ListProjects()->empty());
      CHECK(Outcome(Store::Open(StoreUrl(tree), {20})) == "ok");
      return Status();
    });
    CHECK(status.ok());
    CHECK(hasty.AddProject(Project("P2")).ok());
  }

  TEST_CASE("no failure tells bound values") {
    const TempTree tree;
    Store store = OpenStore(tree);
    Store hasty = OpenStore(tree, 20);
    const Status status = store.Transaction([&](Store&) {
      const Status busy = hasty.SetSetting("Doe^John", "19700101");
      CHECK_FALSE(busy.ok());
      CHECK(busy.ToString() ==
            "locked/store.busy: another process holds the store (store.sqlite3)");
      return Status();
    });
    CHECK(status.ok());
  }
}

}  // namespace xnatarchive
