// The engine with its store, stopped at every call that changes the disk: after Recover the trees
// and the store must agree on "before" or "after", and what was reported must be true.
#include <doctest/doctest.h>

#include <cerrno>
#include <functional>

#include "support/engine_fixture.hpp"
#include "support/fault_file_system.hpp"

namespace xnatarchive {
namespace {

/// What readers of a root can see: sessions, their files and the rows, without names that depend on
/// the time of day.
struct View {
  std::size_t waiting_rows = 0;
  std::size_t waiting_files = 0;
  std::size_t archived_rows = 0;
  std::size_t archived_files = 0;
  std::size_t leftovers = 0;  // unfinished operations and trash
  std::size_t locked_rows = 0;
  std::size_t quarantined_rows = 0;
  std::string audit;  // types of the records that are complete
};

std::size_t Count(const std::string& text, const std::string& word) {
  std::size_t count = 0;
  for (std::size_t at = text.find(word); at != std::string::npos; at = text.find(word, at + 1)) {
    ++count;
  }
  return count;
}

View Look(const EngineFixture& fixture) {
  View view;
  for (const auto& row : Must(fixture.engine->PrearchiveSessions())) {
    ++view.waiting_rows;
    if (IsLocked(row.state)) ++view.locked_rows;
  }
  const Table archived = Must(fixture.engine->List("/projects/DEMO/experiments"));
  view.archived_rows = archived.rows.size();
  for (const auto& row : archived.rows) view.quarantined_rows += row[5] == "quarantine" ? 1 : 0;
  for (const auto& row : Must(fixture.engine->Audit()).rows) {
    if (row[4] == "Complete") view.audit += row[3] + " ";
  }
  for (const char* tree : {"root/prearchive", "root/archive"}) {
    for (const char* place : {"/.xa/ops", "/.xa/trash"}) {
      const std::string path = std::string(tree) + place;
      if (fixture.tree.Exists(path)) view.leftovers += Count(fixture.tree.Dump(path), "\n");
    }
  }
  view.waiting_files = Count(fixture.tree.Dump("root/prearchive"), ".dcm ");
  view.archived_files = Count(fixture.tree.Dump("root/archive"), ".dcm ");
  return view;
}

/// Runs `work` on an engine whose disk stops at changing call n, for every n, and hands the state
/// after recovery to `check`.
void AtEveryCall(const std::function<void(EngineFixture&)>& prepare,
                 const std::function<Status(EngineFixture&)>& work,
                 const std::function<void(const Status&, const View&)>& check) {
  struct Mode {
    const char* name;
    int error;  // 0: the process dies
    FaultFileSystem::Duration duration;
  };
  const Mode modes[] = {{"kill", 0, FaultFileSystem::Duration::kPersistent},
                        {"ENOSPC", ENOSPC, FaultFileSystem::Duration::kPersistent},
                        {"EIO once", EIO, FaultFileSystem::Duration::kOnce}};
  for (const Mode& mode : modes) {
    for (std::uint64_t n = 1;; ++n) {
      CAPTURE(mode.name);
      CAPTURE(n);
      EngineFixture fixture;
      fixture.options.threads = 1;
      prepare(fixture);
      FaultFileSystem disk;
      fixture.Open(&disk);
      disk.Reset();
      if (mode.error == 0) {
        disk.KillAt(n, n % 2 == 0);
      } else {
        disk.FailAt(n, mode.error, mode.duration);
      }
      const Status status = work(fixture);
      const bool triggered = disk.triggered();
      CAPTURE(disk.fault_call());
      CAPTURE(status.ToString());
      fixture.Open();  // a healthy disk; recovers
      const RecoverySummary left = Must(fixture.engine->Recover());
      CHECK(left.finished.empty());
      CHECK(left.failed.empty());
      const View view = Look(fixture);
      CHECK(view.leftovers == 0);
      CHECK(view.locked_rows == 0);
      check(status, view);
      if (!triggered) break;
    }
  }
}

}  // namespace

TEST_SUITE("engine.fault") {
  TEST_CASE("import: a session is in the prearchive whole, with its row, or not at all") {
    AtEveryCall([](EngineFixture& fixture) { fixture.WriteStudy("a", 1, 2, 2); },
                [](EngineFixture& fixture) {
                  return fixture.engine->Import(fixture.Request("a")).status();
                },
                [](const Status& status, const View& view) {
                  const bool after = view.waiting_rows == 1;
                  CHECK(view.waiting_files == (after ? 4 : 0));
                  CHECK(view.archived_files == 0);
                  CHECK(view.audit == (after ? "Received " : ""));
                  if (status.ok()) CHECK(after);
                  if (!status.ok() && status.disk_state() == DiskState::kUnchanged) {
                    CHECK_FALSE(after);
                  }
                });
  }

  TEST_CASE("build and archive: a session is in one place, whole, and its row in one table") {
    std::string src;
    AtEveryCall(
        [&](EngineFixture& fixture) {
          fixture.WriteStudy("a", 1, 2, 2);
          src = fixture.Import("a").uris[0];
        },
        [&](EngineFixture& fixture) { return fixture.Archive(src).status(); },
        [](const Status& status, const View& view) {
          const bool after = view.archived_rows == 1;
          CHECK(view.archived_files == (after ? 4 : 0));
          CHECK(view.waiting_files == (after ? 0 : 4));
          CHECK(view.waiting_rows == (after ? 0 : 1));
          CHECK(Count(view.audit, "Received") == 1);
          CHECK(Count(view.audit, "Built") <= 1);
          CHECK(Count(view.audit, "Transferred") == (after ? 1 : 0));
          if (status.ok()) CHECK(after);
          if (!status.ok() && status.disk_state() == DiskState::kUnchanged) CHECK_FALSE(after);
        });
  }

  TEST_CASE("delete: a session and its row are there or not, and the record says so") {
    std::string src;
    AtEveryCall(
        [&](EngineFixture& fixture) {
          fixture.WriteStudy("a", 1, 1, 2);
          src = fixture.Import("a").uris[0];
        },
        [&](EngineFixture& fixture) { return fixture.engine->DeletePrearchiveSession(src); },
        [](const Status& status, const View& view) {
          const bool after = view.waiting_rows == 0;
          CHECK(view.waiting_files == (after ? 0 : 2));
          CHECK(view.audit == (after ? "Received Deleted " : "Received "));
          if (status.ok()) CHECK(after);
          if (!status.ok() && status.disk_state() == DiskState::kUnchanged) CHECK_FALSE(after);
        });
  }

  TEST_CASE("archive into quarantine: no session is ever archived without its mark") {
    std::string src;
    AtEveryCall(
        [&](EngineFixture& fixture) {
          fixture.WriteStudy("a", 1, 1, 2);
          src = fixture.Import("a").uris[0];
          Must(fixture.engine->Build(src));
        },
        [&](EngineFixture& fixture) {
          ArchiveRequest request;
          request.src = src;
          request.quarantine = true;
          const Status status = fixture.engine->Archive(request).status();
          fixture.LoseStore();  // what the tree says is what is looked at
          fixture.options.file_system = nullptr;
          Must(ArchiveEngine::Init(fixture.options, InitOptions{}));
          fixture.Open();
          Must(fixture.engine->Reindex());
          return status;
        },
        [](const Status& status, const View& view) {
          CHECK(view.quarantined_rows == view.archived_rows);
          if (status.ok()) CHECK(view.archived_rows == 1);
        });
  }

  TEST_CASE("activate: a session is listed as quarantined until its release is recorded") {
    std::string uri;
    AtEveryCall(
        [&](EngineFixture& fixture) {
          fixture.WriteStudy("a", 1, 1, 1);
          ArchiveRequest request;
          request.src = fixture.Import("a").uris[0];
          request.quarantine = true;
          uri = Must(fixture.engine->Archive(request)).uri;
        },
        [&](EngineFixture& fixture) { return fixture.engine->Activate(uri).status(); },
        [](const Status& status, const View& view) {
          CHECK(view.archived_rows == 1);
          CHECK(view.quarantined_rows + Count(view.audit, "Activated") == 1);
          CHECK(status.ok() == (view.quarantined_rows == 0));
        });
  }

  TEST_CASE("what a fault left is archived by simply trying again") {
    std::string src;
    for (std::uint64_t n = 1; n < 60; n += 3) {
      CAPTURE(n);
      EngineFixture fixture;
      fixture.WriteStudy("a", 1, 2, 2);
      src = fixture.Import("a").uris[0];
      FaultFileSystem disk;
      fixture.Open(&disk);
      disk.Reset();
      disk.FailAt(n, ENOSPC, FaultFileSystem::Duration::kPersistent);
      const Status first = fixture.Archive(src).status();
      IgnoreError(first, "the second try is what is tested");
      fixture.Open();
      if (Must(fixture.engine->PrearchiveSessions()).empty()) continue;  // recovery finished it
      CHECK(Must(fixture.Archive(src)).files == 4);
    }
  }
}

}  // namespace xnatarchive
