#include "archive/operation.hpp"

#include <doctest/doctest.h>

#include <cerrno>
#include <string_view>

#include "unit/archive/operation_fixture.hpp"

namespace xnatarchive {
namespace {

/// A disk that is nearly full: renames find no space until `ballast` bytes were given back.
class NearlyFullFileSystem : public ForwardingFileSystem {
 public:
  NearlyFullFileSystem() : ForwardingFileSystem(PosixFileSystem()) {}
  std::int64_t FreeBytes(int) noexcept override { return 1 << 20; }
  int Rename(int from_dirfd, const char* from, int to_dirfd, const char* to,
             unsigned flags) noexcept override {
    if (std::string_view(to) == "target" && !ballast_freed) return -ENOSPC;
    return ForwardingFileSystem::Rename(from_dirfd, from, to_dirfd, to, flags);
  }
  int Unlink(int dirfd, const char* path, int flags) noexcept override {
    ballast_freed = ballast_freed || std::string_view(path) == "ballast";
    return ForwardingFileSystem::Unlink(dirfd, path, flags);
  }
  bool ballast_freed = false;
};

/// Asks for the session's lock whenever the file "first" is removed: its inode's ctime changes
/// then.
class RemovalWatcher : public ForwardingFileSystem {
 public:
  RemovalWatcher() : ForwardingFileSystem(PosixFileSystem()) {}
  int Unlink(int dirfd, const char* path, int flags) noexcept override {
    if (std::string_view(path) == "first" && trees != nullptr) {
      ++removals;
      if (LockSession(*trees, TestKey()).status().code() == Code::kLocked) ++locked;
    }
    return ForwardingFileSystem::Unlink(dirfd, path, flags);
  }
  const Trees* trees = nullptr;
  int removals = 0;
  int locked = 0;
};

}  // namespace

TEST_SUITE("archive.operation") {
  TEST_CASE("commit publishes what was staged and leaves nothing behind") {
    TestTrees disk;
    Result<Operation> operation = Begin(disk.trees);
    REQUIRE(operation.ok());
    REQUIRE(disk.trees.archive.WriteNew(operation->stage() + "/a", "new").ok());
    disk.disk.Write("archive/b", "old");
    disk.disk.Write("prearchive/gone/x", "x");
    std::vector<std::string> told;
    OperationPlan plan;
    plan.facts = {{"path", "a"}};
    plan.steps = {{StepKind::kMove, A(operation->stage() + "/a"), A("a")},
                  {StepKind::kTrash, A("b"), {}},
                  {StepKind::kPurge, P("gone"), {}}};
    const Status status = operation->Commit(std::move(plan), [&](const OperationPlan& applied) {
      told.push_back(applied.kind + " " + applied.Fact("path") + " " + applied.locks.at(0));
      CHECK(disk.disk.Read("archive/a") == "new");  // durable before it is acknowledged
      return Status();
    });
    INFO(status.ToString());
    REQUIRE(status.ok());
    CHECK(told == std::vector<std::string>{"test a " + TestKey()});
    CHECK(disk.Visible().find("b ") == std::string::npos);
    CHECK(disk.Leftovers().empty());
    CHECK(Begin(disk.trees).ok());  // the lock is free again
  }

  TEST_CASE("a plan that only places files gives its session back before its stage is removed") {
    RemovalWatcher fs;
    TestTrees disk(fs);
    fs.trees = &disk.trees;
    Result<Operation> operation = Begin(disk.trees);
    REQUIRE(operation.ok());
    REQUIRE(disk.trees.archive.WriteNew(operation->stage() + "/first", "not placed").ok());
    REQUIRE(disk.trees.archive.WriteNew(operation->stage() + "/a", "new").ok());
    OperationPlan plan;
    plan.steps = {{StepKind::kReplace, A(operation->stage() + "/a"), A("a")}};
    REQUIRE(operation->Commit(std::move(plan), AcknowledgeNothing).ok());
    CHECK(fs.removals == 1);
    CHECK(fs.locked == 0);
    CHECK(disk.disk.Read("archive/a") == "new");
    CHECK(disk.Leftovers().empty());
  }

  TEST_CASE("the session is locked until the first names of linked files are gone") {
    RemovalWatcher fs;
    TestTrees disk(fs);
    fs.trees = &disk.trees;
    disk.disk.Write("prearchive/gone/first", "x");
    std::string done;
    SUBCASE("by the owner") {
      Result<Operation> operation = Begin(disk.trees);
      REQUIRE(operation.ok());
      OperationPlan plan;
      plan.steps = {{StepKind::kPurge, P("gone"), {}}};
      REQUIRE(operation->Commit(std::move(plan), AcknowledgeNothing).ok());
    }
    SUBCASE("by who finishes its plan") {
      LeavePlan(disk, {{StepKind::kPurge, P("gone"), {}}});
      REQUIRE(RecoverOperations(disk.trees, AcknowledgeNothing).ok());
    }
    SUBCASE("by who removes what a finished one left; who holds it keeps it") {
      done = LeavePlan(disk, {{StepKind::kPurge, P("gone"), {}}});
      REQUIRE(MarkDone(disk.trees.archive, done).ok());
      disk.disk.Write("prearchive/" + TrashName(done, 0) + "/first", "x");
      disk.disk.Remove("prearchive/gone");
      {
        const Result<FileLock> held = LockSession(disk.trees, TestKey());
        REQUIRE(held.ok());
        const Result<RecoveryReport> report = RecoverOperations(disk.trees, AcknowledgeNothing);
        REQUIRE(report.ok());
        CHECK(report->busy == std::vector<std::string>{done});
        CHECK(fs.removals == 0);
      }
      REQUIRE(RecoverOperations(disk.trees, AcknowledgeNothing).ok());
    }
    CHECK(fs.removals == 1);
    CHECK(fs.locked == 1);
    CHECK(disk.Leftovers().empty());
  }

  TEST_CASE("an operation that is not committed leaves nothing behind") {
    TestTrees disk;
    const std::string before = disk.Visible();
    {
      Result<Operation> operation = Begin(disk.trees);
      REQUIRE(operation.ok());
      REQUIRE(disk.trees.archive.WriteNew(operation->stage() + "/a", "new").ok());
      Operation moved = std::move(*operation);
      CHECK(disk.Leftovers() != "");
    }
    CHECK(disk.Leftovers().empty());
    CHECK(disk.Visible() == before);
  }

  TEST_CASE("two operations of one process exclude each other on a key, and only there") {
    TestTrees disk;
    Result<Operation> first = Begin(disk.trees, {TestKey(), PrearchiveLockKey("P", "TS", "S")});
    REQUIRE(first.ok());
    const Result<Operation> second = Begin(disk.trees, {PrearchiveLockKey("P", "TS", "S")});
    CHECK(second.status().code() == Code::kLocked);
    CHECK(second.status().reason() == "operation.locked");
    CHECK(second.status().path() == "prearchive/P/TS/S");
    Result<Operation> other = Begin(disk.trees, {ArchiveLockKey("DEMO", "S2")});
    REQUIRE(other.ok());
    CHECK(other->Lock({ArchiveLockKey("DEMO", "S2"), TestKey()}, AcknowledgeNothing).code() ==
          Code::kLocked);
    *first = std::move(*Begin(disk.trees, {ArchiveLockKey("DEMO", "S3")}));
    CHECK(other->Lock({TestKey(), TestKey()}, AcknowledgeNothing).ok());
    CHECK(Begin(disk.trees).status().code() == Code::kLocked);
  }

  TEST_CASE("a target that appeared is a conflict, and nothing happened") {
    TestTrees disk;
    disk.disk.Write("archive/T/a", "foreign");
    const std::string before = disk.Visible();
    for (const StepKind kind : {StepKind::kMove, StepKind::kLink}) {
      Result<Operation> operation = Begin(disk.trees);
      REQUIRE(operation.ok());
      const std::string& stage = operation->stage();
      REQUIRE(disk.trees.archive.WriteNew(stage + "/b", "b").ok());
      REQUIRE(disk.trees.archive.WriteNew(stage + "/a", "new").ok());
      OperationPlan plan;
      plan.steps = {{StepKind::kMove, A(stage + "/a"), A("T/a")}};
      if (kind == StepKind::kLink) plan.steps = {{kind, A(stage), A("T"), {"b", "a"}}};
      const Status status = operation->Commit(std::move(plan), AcknowledgeNothing);
      CHECK(status.code() == Code::kConflict);
      CHECK(status.reason() == "operation.target-exists");
      CHECK(status.path() == "T/a");
      CHECK(status.disk_state() == DiskState::kUnchanged);
    }
    CHECK(disk.Visible() == before);
    CHECK(disk.Leftovers().empty());
  }

  TEST_CASE("a plan that recovery could not read is refused before anything has happened") {
    TestTrees disk;
    disk.disk.Write("archive/a", "there");
    const std::string before = disk.Visible();
    for (const char* path : {".xa/locks/a", "../a", ""}) {
      Result<Operation> operation = Begin(disk.trees);
      REQUIRE(operation.ok());
      OperationPlan plan;
      plan.steps = {{StepKind::kTrash, A("a"), {}}, {StepKind::kPurge, A(path), {}}};
      const Status status = operation->Commit(std::move(plan), AcknowledgeNothing);
      CHECK(status.reason() == "plan.corrupt");
      CHECK(status.disk_state() == DiskState::kUnchanged);
    }
    CHECK(disk.Visible() == before);
    CHECK(disk.Leftovers().empty());
  }

  TEST_CASE("on a nearly full disk the plan is finished with the space that was kept for it") {
    NearlyFullFileSystem fs;
    TestTrees disk(fs);
    Result<Operation> operation = Begin(disk.trees);
    REQUIRE(operation.ok());
    REQUIRE(disk.trees.archive.WriteNew(operation->stage() + "/a", "new").ok());
    OperationPlan plan;
    plan.steps = {{StepKind::kMove, A(operation->stage() + "/a"), A("target")}};
    const Status status = operation->Commit(std::move(plan), AcknowledgeNothing);
    INFO(status.ToString());
    CHECK(status.ok());
    CHECK(disk.disk.Read("archive/target") == "new");
    CHECK(fs.ballast_freed);
    CHECK(disk.Leftovers().empty());
  }

  TEST_CASE(
      "many staged files are durable after one sync of the file system, a few after their own") {
    CountingFileSystem fs;
    TestTrees disk(fs);
    disk.disk.Write("archive/elsewhere", "x");
    struct Case {
      int files;
      bool also_elsewhere;
      bool each;
    };
    for (const Case& c : {Case{2, false, true}, Case{100, false, false}, Case{2, true, false}}) {
      CAPTURE(c.files);
      CAPTURE(c.also_elsewhere);
      Result<Operation> operation = Begin(disk.trees);
      REQUIRE(operation.ok());
      OperationPlan plan;
      for (int i = 0; i < c.files; ++i) {
        const std::string staged = operation->stage() + "/" + std::to_string(i);
        REQUIRE(disk.trees.archive.WriteNew(staged, "x").ok());
        plan.steps.push_back({StepKind::kReplace, A(staged), A(std::to_string(i))});
      }
      if (c.also_elsewhere) plan.steps.push_back({StepKind::kMove, A("elsewhere"), A("moved")});
      fs.syncfs = fs.fsync = 0;
      REQUIRE(operation->Commit(std::move(plan), AcknowledgeNothing).ok());
      CHECK(fs.syncfs == (c.each ? 0 : 1));
      const int staged = c.each ? c.files + 2 : 0;  // with the stage, and where replaced files go
      CHECK(fs.fsync == staged + 3 + 2 + 1);        // plan, home, ops; both sides; done
    }
  }

  TEST_CASE("what is staged is made durable once, ahead of the plan if that is asked for") {
    CountingFileSystem fs;
    TestTrees disk(fs);
    for (const int files : {3, 100}) {
      CAPTURE(files);
      Result<Operation> operation = Begin(disk.trees);
      REQUIRE(operation.ok());
      const std::string ahead = operation->stage() + "/ahead";
      REQUIRE(disk.trees.archive.MakeDirectories(ahead + "/below").ok());
      for (int i = 0; i < files; ++i) {
        REQUIRE(disk.trees.archive.WriteNew(ahead + "/below/" + std::to_string(i), "x").ok());
      }
      const bool small = files < 10;
      fs.syncfs = fs.fsync = 0;
      REQUIRE(operation->SyncAhead(ahead).ok());
      CHECK(fs.fsync == (small ? files + 2 : 0));  // files, "below" and "ahead"
      CHECK(fs.syncfs == 0);

      REQUIRE(disk.trees.archive.WriteNew(operation->stage() + "/ahead-not", "later").ok());
      OperationPlan plan;
      const std::string target = "T" + std::to_string(files);
      plan.steps = {{StepKind::kMove, A(ahead), A(target)},
                    {StepKind::kMove, A(operation->stage() + "/ahead-not"), A(target + "-not")}};
      fs.syncfs = fs.fsync = 0;
      REQUIRE(operation->Commit(std::move(plan), AcknowledgeNothing).ok());
      CHECK(fs.syncfs == (small ? 0 : 1));
      const int staged = small ? 2 : 0;       // the stage, and what came later
      CHECK(fs.fsync == staged + 3 + 2 + 1);  // plan, home, ops; both sides; done
      CHECK(disk.disk.Read("archive/" + target + "/below/0") == "x");
      CHECK(disk.Leftovers().empty());
    }
  }

  TEST_CASE("a failing acknowledgement leaves the plan, and recovery tells the store again") {
    TestTrees disk;
    {
      Result<Operation> operation = Begin(disk.trees);
      REQUIRE(operation.ok());
      REQUIRE(disk.trees.archive.WriteNew(operation->stage() + "/a", "new").ok());
      OperationPlan plan;
      plan.steps = {{StepKind::kMove, A(operation->stage() + "/a"), A("a")}};
      const Status status = operation->Commit(std::move(plan), [](const OperationPlan&) {
        return Status(Code::kLocked, "store.busy", "busy");
      });
      CHECK(status.reason() == "store.busy");
      CHECK(status.disk_state() == DiskState::kRecoveryPending);
    }
    int told = 0;
    const auto tell = [&](const OperationPlan&) {
      ++told;
      return Status();
    };
    SUBCASE("by recovery") {
      const Result<RecoveryReport> report = RecoverOperations(disk.trees, tell);
      REQUIRE(report.ok());
      CHECK(report->finished.size() == 1);
    }
    SUBCASE("by whoever locks the session next") {
      CHECK(Operation::Begin(disk.trees, Tree::kPrearchive, "next", {TestKey()}, tell).ok());
    }
    CHECK(told == 1);
    CHECK(disk.disk.Read("archive/a") == "new");
    CHECK(disk.Leftovers().empty());
  }
}

TEST_SUITE("archive.recovery") {
  TEST_CASE(
      "a dead owner's plan is finished by whoever locks one of its sessions, by nobody else") {
    TestTrees disk;
    const std::string id = LeavePlan(disk, {{StepKind::kMakeDirectory, {}, A("DEMO")}},
                                     {TestKey(), ArchiveLockKey("DEMO", "S2")});
    CHECK(Begin(disk.trees, {ArchiveLockKey("DEMO", "S3")}).ok());
    CHECK_FALSE(disk.disk.Exists("archive/DEMO"));
    SUBCASE("while its other session is locked it can not") {
      Result<FileLock> held = LockSession(disk.trees, ArchiveLockKey("DEMO", "S2"));
      REQUIRE(held.ok());
      CHECK(Begin(disk.trees).status().code() == Code::kLocked);
      CHECK_FALSE(disk.disk.Exists("archive/DEMO"));
      const Result<RecoveryReport> report = RecoverOperations(disk.trees, AcknowledgeNothing);
      REQUIRE(report.ok());
      CHECK(report->busy == std::vector<std::string>{id});
    }
    SUBCASE("while another process is finishing it, the session is locked") {
      Result<FileLock> owner = LockOwner(disk.trees.archive, id);
      REQUIRE(owner.ok());
      CHECK(Begin(disk.trees).status().code() == Code::kLocked);
    }
    CHECK(Begin(disk.trees).ok());
    CHECK(disk.disk.Exists("archive/DEMO"));
    CHECK(disk.Leftovers().empty());
  }

  TEST_CASE("a home without a plan is discarded, with a living owner it is left") {
    TestTrees disk;
    disk.disk.Write("archive/.xa/ops/dead/stage/big", "x");
    Result<Operation> alive = Begin(disk.trees);
    REQUIRE(alive.ok());
    CHECK_FALSE(disk.disk.Exists("archive/.xa/ops/dead"));  // Begin does that, too
    disk.disk.Write("prearchive/.xa/ops/dead2/plan.tmp", "half a pl");
    const Result<RecoveryReport> report = RecoverOperations(disk.trees, AcknowledgeNothing);
    REQUIRE(report.ok());
    CHECK(report->discarded == std::vector<std::string>{"dead2"});
    CHECK(report->busy == std::vector<std::string>{alive->id()});
    CHECK(report->finished.empty());
    CHECK(report->failed.empty());
  }

  TEST_CASE("a damaged plan stops its sessions, or all when it does not say which") {
    TestTrees disk;
    const std::string id = LeavePlan(disk, {{StepKind::kMakeDirectory, {}, A("DEMO")}});
    const std::string path = "archive/" + PlanName(id);
    std::string bytes = disk.disk.Read(path);
    bytes[bytes.size() - 2] ^= 1;
    disk.disk.Write(path, bytes);
    const Result<Operation> blocked = Begin(disk.trees);
    CHECK(blocked.status().code() == Code::kRecoveryRequired);
    CHECK(blocked.status().reason() == "operation.unfinished");
    CHECK(Begin(disk.trees, {ArchiveLockKey("DEMO", "S2")}).ok());
    const Result<RecoveryReport> report = RecoverOperations(disk.trees, AcknowledgeNothing);
    REQUIRE(report.ok());
    REQUIRE(report->failed.size() == 1);
    CHECK(report->failed[0].find(id + ": corruption/plan.corrupt") == 0);
    CHECK(disk.disk.Read(path) == bytes);  // for an operator to look at

    disk.disk.Write(path, "garbage");
    CHECK(Begin(disk.trees, {ArchiveLockKey("DEMO", "S2")}).status().code() ==
          Code::kRecoveryRequired);
  }

  TEST_CASE("leftovers of a finished operation are removed and it is not redone") {
    TestTrees disk;
    const std::string id = LeavePlan(
        disk, {{StepKind::kMakeDirectory, {}, A("DEMO")}, {StepKind::kPurge, P("x"), {}}});
    REQUIRE(MarkDone(disk.trees.archive, id).ok());
    disk.disk.Write("prearchive/" + TrashName(id, 1) + "/SCANS/1/a", "a");
    int told = 0;
    const Result<RecoveryReport> report = RecoverOperations(disk.trees, [&](const OperationPlan&) {
      ++told;
      return Status();
    });
    REQUIRE(report.ok());
    CHECK(report->finished == std::vector<std::string>{"test " + id});
    CHECK(told == 0);
    CHECK_FALSE(disk.disk.Exists("archive/DEMO"));
    CHECK(disk.Leftovers().empty());
  }

  TEST_CASE("the trash of unfinished operations is kept, all other is swept") {
    TestTrees disk;
    REQUIRE(PrepareTree(disk.trees.archive).ok());
    REQUIRE(PrepareTree(disk.trees.prearchive).ok());
    disk.disk.Write("prearchive/.xa/trash/old.0/a/b/c", "x");
    disk.disk.Write("archive/.xa/trash/old.1", "x");
    disk.disk.MakeDirectories("archive/.xa/ops/unfinished");
    disk.disk.Write("prearchive/.xa/trash/unfinished.0", "x");
    REQUIRE(SweepTrash(disk.trees, 2).ok());
    CHECK(disk.Leftovers() == "unfinished/\nunfinished.0 1 af63f54c86021707\n");
  }

  TEST_CASE("one file system is recognised, and the probe leaves nothing") {
    TestTrees disk;
    const Result<bool> one = OnOneFileSystem(disk.trees);
    REQUIRE(one.ok());
    CHECK(*one);
    CHECK(disk.Leftovers().empty());
  }
}

}  // namespace xnatarchive
