#include "archive/operation.hpp"

#include <doctest/doctest.h>
#include <fcntl.h>

#include <cerrno>
#include <set>
#include <string_view>

#include "archive/apply_plan.hpp"
#include "archive/operation_home.hpp"
#include "unit/archive/archive_fixture.hpp"

namespace xnatarchive {
namespace {

const std::string kKey = ArchiveLockKey("DEMO", "S1");

TreePath A(std::string path) { return {Tree::kArchive, std::move(path)}; }
TreePath P(std::string path) { return {Tree::kPrearchive, std::move(path)}; }

Result<Operation> Begin(const Trees& trees, std::vector<std::string> keys = {kKey}) {
  return Operation::Begin(trees, Tree::kArchive, "test", std::move(keys), AcknowledgeNothing);
}

/// Leaves a durable plan that nobody has applied, as a process killed right after writing it would.
std::string LeavePlan(TestTrees& disk, std::vector<Step> steps,
                      std::vector<std::string> keys = {kKey}) {
  OperationPlan plan;
  plan.kind = "test";
  plan.locks = std::move(keys);
  plan.steps = std::move(steps);
  const std::string id = NewOperationId();
  disk.disk.Write("archive/" + PlanName(id), WriteOperationPlan(plan));
  disk.disk.MakeDirectories("archive/" + OperationHome(id) + "/stage");
  disk.disk.MakeDirectories("archive/" + OperationHome(id) + "/undo");
  disk.disk.MakeDirectories("archive/" + std::string(kTrashDirectory));
  disk.disk.MakeDirectories("prearchive/" + std::string(kTrashDirectory));
  return id;
}

std::string Stage(const std::string& id, const std::string& name) {
  return OperationHome(id) + "/stage/" + name;
}

/// Another operation, that removes directories right after they were made.
class RemovingFileSystem : public ForwardingFileSystem {
 public:
  RemovingFileSystem() : ForwardingFileSystem(PosixFileSystem()) {}
  int MkDir(int dirfd, const char* path, unsigned mode) noexcept override {
    const int result = ForwardingFileSystem::MkDir(dirfd, path, mode);
    if (result == 0 && removals > 0) {
      --removals;
      ForwardingFileSystem::Unlink(dirfd, path, AT_REMOVEDIR);
    }
    return result;
  }
  int removals = 0;
};

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

/// Counts how durability is bought.
class CountingFileSystem : public ForwardingFileSystem {
 public:
  CountingFileSystem() : ForwardingFileSystem(PosixFileSystem()) {}
  int SyncFs(int fd) noexcept override {
    ++syncfs;
    return ForwardingFileSystem::SyncFs(fd);
  }
  int FSync(int fd) noexcept override {
    ++fsync;
    return ForwardingFileSystem::FSync(fd);
  }
  int syncfs = 0;
  int fsync = 0;
};

/// Applies a plan twice; the second time nothing may happen.
void ApplyTwice(TestTrees& disk, const std::string& id, const std::vector<Step>& steps) {
  OperationPlan plan;
  plan.steps = steps;
  const Status first = ApplyPlan(disk.trees, Tree::kArchive, id, plan, AcknowledgeNothing);
  INFO(first.ToString());
  REQUIRE(first.ok());
  const std::string once = disk.disk.Dump();
  const Status second = ApplyPlan(disk.trees, Tree::kArchive, id, plan, AcknowledgeNothing);
  INFO(second.ToString());
  REQUIRE(second.ok());
  CHECK(disk.disk.Dump() == once);
}

}  // namespace

TEST_SUITE("archive.apply_plan") {
  TEST_CASE("each kind of step does its work, and nothing when it is repeated") {
    TestTrees disk;
    const std::string id = LeavePlan(disk, {});
    auto& d = disk.disk;

    SUBCASE("D makes a directory") {
      ApplyTwice(disk, id, {{StepKind::kMakeDirectory, {}, A("DEMO")}});
      CHECK(d.Exists("archive/DEMO"));
    }
    SUBCASE("M moves files and directories, also between the trees") {
      d.Write("prearchive/S/SCANS/1/a", "a");
      d.Write("archive/" + Stage(id, "f"), "f");
      ApplyTwice(disk, id,
                 {{StepKind::kMove, A(Stage(id, "f")), P("S/SCANS/1/f")},
                  {StepKind::kMove, P("S"), A("T")}});
      CHECK(d.Read("archive/T/SCANS/1/a") == "a");
      CHECK(d.Read("archive/T/SCANS/1/f") == "f");
      CHECK_FALSE(d.Exists("prearchive/S"));
    }
    SUBCASE("R replaces and keeps the old bytes under undo") {
      d.Write("archive/a", "old");
      d.Write("archive/" + Stage(id, "a"), "new");
      ApplyTwice(disk, id, {{StepKind::kReplace, A(Stage(id, "a")), A("a")}});
      CHECK(d.Read("archive/a") == "new");
      CHECK(d.Read("archive/" + UndoName(id, 0)) == "old");
    }
    SUBCASE("R makes what was not there") {
      d.Write("archive/" + Stage(id, "a"), "new");
      ApplyTwice(disk, id, {{StepKind::kReplace, A(Stage(id, "a")), A("a")}});
      CHECK(d.Read("archive/a") == "new");
    }
    SUBCASE("T then M to the same name: the new file stays") {
      d.Write("archive/a", "old");
      d.Write("archive/" + Stage(id, "a"), "new");
      ApplyTwice(disk, id,
                 {{StepKind::kTrash, A("a"), {}}, {StepKind::kMove, A(Stage(id, "a")), A("a")}});
      CHECK(d.Read("archive/a") == "new");
      CHECK(d.Read("archive/" + UndoName(id, 0)) == "old");
    }
    SUBCASE("S swaps directories once") {
      d.Write("archive/dir/a", "old");
      d.Write("archive/" + Stage(id, "dir/a"), "new");
      d.Write("archive/" + Stage(id, "dir/.xa-mark"), "");
      ApplyTwice(disk, id, {{StepKind::kSwap, A(Stage(id, "dir")), A("dir")}});
      CHECK(d.Read("archive/dir/a") == "new");
      CHECK(d.Read("archive/" + Stage(id, "dir/a")) == "old");
    }
    SUBCASE("X purges into the trash of its tree, E removes what became empty") {
      d.Write("prearchive/DEMO/TS/S/SCANS/1/a", "a");
      d.Write("prearchive/DEMO/TS/S.xml", "x");
      ApplyTwice(disk, id,
                 {{StepKind::kPurge, P("DEMO/TS/S"), {}},
                  {StepKind::kPurge, P("DEMO/TS/S.xml"), {}},
                  {StepKind::kRemoveIfEmpty, {}, P("DEMO/TS")},
                  {StepKind::kRemoveIfEmpty, {}, P("DEMO")}});
      CHECK_FALSE(d.Exists("prearchive/DEMO"));
      CHECK(d.Read("prearchive/" + TrashName(id, 0) + "/SCANS/1/a") == "a");
      CHECK(d.Read("prearchive/" + TrashName(id, 1)) == "x");
    }
    SUBCASE("E leaves a directory that is not empty, and does not mind one that is gone") {
      d.Write("prearchive/DEMO/other", "o");
      ApplyTwice(
          disk, id,
          {{StepKind::kRemoveIfEmpty, {}, P("DEMO")}, {StepKind::kRemoveIfEmpty, {}, P("Q")}});
      CHECK(d.Read("prearchive/DEMO/other") == "o");
    }
    SUBCASE("what came to a purged name after the purge is not purged") {
      d.Write("prearchive/S/a", "a");
      const std::vector<Step> steps = {{StepKind::kPurge, P("S"), {}}};
      ApplyTwice(disk, id, steps);
      d.Write("prearchive/S/new", "n");
      ApplyTwice(disk, id, steps);
      CHECK(d.Read("prearchive/S/new") == "n");
    }
  }

  TEST_CASE("a move whose file is lost is a failure, not taken for done") {
    TestTrees disk;
    const std::string id = LeavePlan(disk, {});
    OperationPlan plan;
    plan.steps = {{StepKind::kMove, A(Stage(id, "a")), A("a")}};
    Status status = ApplyPlan(disk.trees, Tree::kArchive, id, plan, AcknowledgeNothing);
    CHECK(status.code() == Code::kNotFound);
    CHECK(status.disk_state() == DiskState::kRecoveryPending);
    plan.steps[0].kind = StepKind::kReplace;
    status = ApplyPlan(disk.trees, Tree::kArchive, id, plan, AcknowledgeNothing);
    CHECK(status.reason() == "operation.lost");
  }

  TEST_CASE("a directory that another operation removes as empty is made again") {
    RemovingFileSystem fs;
    TestTrees disk(fs);
    const std::string id = LeavePlan(disk, {});
    disk.disk.Write("archive/" + Stage(id, "a"), "a");
    fs.removals = 2;
    ApplyTwice(
        disk, id,
        {{StepKind::kMakeDirectory, {}, A("P")}, {StepKind::kMove, A(Stage(id, "a")), A("P/a")}});
    CHECK(disk.disk.Read("archive/P/a") == "a");
  }

  TEST_CASE("touched directories are named as they are called in the end") {
    const std::vector<Step> steps = {
        {StepKind::kReplace, A("st/c"), P("S/SCANS/1/c")},
        {StepKind::kReplace, A("st/d"), P("S-2/d")},
        {StepKind::kMove, P("S"), A("D/S")},
        {StepKind::kTrash, P("S-2"), {}},
        {StepKind::kRemoveIfEmpty, {}, P("Q/R")},
    };
    CHECK(TouchedDirectories(steps, 0, steps.size()) ==
          std::set<TreePath>{A("st"), A("D/S/SCANS/1"), A("D"), P(""), P("Q")});
    CHECK(TouchedDirectories(steps, 0, 1) == std::set<TreePath>{A("st"), P("S/SCANS/1")});
    CHECK(TouchedDirectories(steps, 2, 2).empty());
  }
}

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
    CHECK(told == std::vector<std::string>{"test a " + kKey});
    CHECK(disk.Visible().find("b ") == std::string::npos);
    CHECK(disk.Leftovers().empty());
    CHECK(Begin(disk.trees).ok());  // the lock is free again
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
    Result<Operation> first = Begin(disk.trees, {kKey, PrearchiveLockKey("P", "TS", "S")});
    REQUIRE(first.ok());
    const Result<Operation> second = Begin(disk.trees, {PrearchiveLockKey("P", "TS", "S")});
    CHECK(second.status().code() == Code::kLocked);
    CHECK(second.status().reason() == "operation.locked");
    Result<Operation> other = Begin(disk.trees, {ArchiveLockKey("DEMO", "S2")});
    REQUIRE(other.ok());
    CHECK(other->Lock({ArchiveLockKey("DEMO", "S2"), kKey}, AcknowledgeNothing).code() ==
          Code::kLocked);
    *first = std::move(*Begin(disk.trees, {ArchiveLockKey("DEMO", "S3")}));
    CHECK(other->Lock({kKey, kKey}, AcknowledgeNothing).ok());
    CHECK(Begin(disk.trees).status().code() == Code::kLocked);
  }

  TEST_CASE("a target that appeared is a conflict, and nothing happened") {
    TestTrees disk;
    disk.disk.Write("archive/a", "foreign");
    const std::string before = disk.Visible();
    {
      Result<Operation> operation = Begin(disk.trees);
      REQUIRE(operation.ok());
      REQUIRE(disk.trees.archive.WriteNew(operation->stage() + "/a", "new").ok());
      OperationPlan plan;
      plan.steps = {{StepKind::kMove, A(operation->stage() + "/a"), A("a")}};
      const Status status = operation->Commit(std::move(plan), AcknowledgeNothing);
      CHECK(status.code() == Code::kConflict);
      CHECK(status.reason() == "operation.target-exists");
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

  TEST_CASE("a few staged files are synced one by one when all else is durable, many at once") {
    CountingFileSystem fs;
    TestTrees disk(fs);
    const auto commit = [&](int files, bool durable) {
      Result<Operation> operation = Begin(disk.trees);
      REQUIRE(operation.ok());
      OperationPlan plan;
      for (int i = 0; i < files; ++i) {
        const std::string staged = operation->stage() + "/" + std::to_string(i);
        REQUIRE(disk.trees.archive.WriteNew(staged, "x").ok());
        plan.steps.push_back({StepKind::kReplace, A(staged), A(std::to_string(i))});
      }
      CommitOptions options;
      options.payload_is_durable = durable;
      fs.syncfs = fs.fsync = 0;
      REQUIRE(operation->Commit(std::move(plan), AcknowledgeNothing, options).ok());
    };
    commit(2, true);
    CHECK(fs.syncfs == 0);
    CHECK(fs.fsync == 2 + 1 + 3 + 2 + 1);  // files, stage; plan, home, ops; both sides; done
    commit(2, false);
    CHECK(fs.syncfs == 1);
    CHECK(fs.fsync == 3 + 2 + 1);
    commit(100, true);
    CHECK(fs.syncfs == 1);
  }

  TEST_CASE("many touched directories are made durable by one call") {
    CountingFileSystem fs;
    TestTrees disk(fs);
    std::set<TreePath> few;
    std::set<TreePath> many;
    for (int i = 0; i < 50; ++i) {
      const TreePath directory{i % 2 == 0 ? Tree::kArchive : Tree::kPrearchive, std::to_string(i)};
      disk.disk.MakeDirectories((i % 2 == 0 ? "archive/" : "prearchive/") + std::to_string(i));
      many.insert(directory);
      if (i < 10) few.insert(directory);
    }
    few.insert(A("gone"));
    REQUIRE(SyncDirectories(disk.trees, few).ok());
    CHECK(fs.fsync == 10);
    CHECK(fs.syncfs == 0);
    REQUIRE(SyncDirectories(disk.trees, many).ok());
    CHECK(fs.fsync == 10);
    CHECK(fs.syncfs == 2);
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
      CHECK(Operation::Begin(disk.trees, Tree::kPrearchive, "next", {kKey}, tell).ok());
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
                                     {kKey, ArchiveLockKey("DEMO", "S2")});
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
