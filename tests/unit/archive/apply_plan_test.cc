#include "archive/apply_plan.hpp"

#include <doctest/doctest.h>
#include <fcntl.h>

#include <cerrno>
#include <set>

#include "unit/archive/operation_fixture.hpp"

namespace xnatarchive {
namespace {

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

/// A mount point between every two directories.
class MountsFileSystem : public ForwardingFileSystem {
 public:
  MountsFileSystem() : ForwardingFileSystem(PosixFileSystem()) {}
  int Rename(int, const char*, int, const char*, unsigned) noexcept override { return -EXDEV; }
};

/// A file system that has rules against second names for files.
class NoLinksFileSystem : public ForwardingFileSystem {
 public:
  explicit NoLinksFileSystem(int error) : ForwardingFileSystem(PosixFileSystem()), error_(error) {}
  int Link(int, const char*, int, const char*) noexcept override { return -error_; }

 private:
  const int error_;
};

/// Applies a plan twice; the second time nothing may happen.
void ApplyTwice(TestTrees& disk, const std::string& id, const std::vector<Step>& steps) {
  OperationPlan plan;
  plan.steps = steps;
  const Status first = ApplyPlan(disk.trees, Tree::kArchive, id, plan, AcknowledgeNothing, 2);
  INFO(first.ToString());
  REQUIRE(first.ok());
  const std::string once = disk.disk.Dump();
  const Status second = ApplyPlan(disk.trees, Tree::kArchive, id, plan, AcknowledgeNothing, 2);
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
    SUBCASE("O replaces and keeps nothing: the old bytes have another name") {
      d.Write("archive/a", "old");
      CHECK(disk.trees.archive.Link("a", disk.trees.archive, "kept").ok());
      d.Write("archive/" + Stage(id, "a"), "new");
      ApplyTwice(disk, id, {{StepKind::kOverwrite, A(Stage(id, "a")), A("a")}});
      CHECK(d.Read("archive/a") == "new");
      CHECK(d.Read("archive/kept") == "old");
      CHECK_FALSE(d.Exists("archive/" + UndoName(id, 0)));
    }
    SUBCASE("R and O end a rename that left both names, as a power cut may") {
      for (const StepKind kind : {StepKind::kReplace, StepKind::kOverwrite}) {
        const std::string name(1, static_cast<char>(kind));
        d.Write("archive/" + Stage(id, name), "new");
        CHECK(disk.trees.archive.Link(Stage(id, name), disk.trees.archive, name).ok());
        ApplyTwice(disk, id, {{kind, A(Stage(id, name)), A(name)}});
        CHECK(d.Read("archive/" + name) == "new");
        CHECK_FALSE(d.Exists("archive/" + Stage(id, name)));
      }
    }
    SUBCASE("R makes what was not there") {
      d.Write("archive/" + Stage(id, "a"), "new");
      ApplyTwice(disk, id, {{StepKind::kReplace, A(Stage(id, "a")), A("a")}});
      CHECK(d.Read("archive/a") == "new");
    }
  }

  TEST_CASE("each kind of step that takes something away can be repeated, too") {
    TestTrees disk;
    const std::string id = LeavePlan(disk, {});
    auto& d = disk.disk;

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
      d.Write("archive/" + Stage(id, "dir/" + SwapMark(id)), "");
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

  TEST_CASE("L gives files a second name, and nothing when it is repeated, also after the purge") {
    TestTrees disk;
    const std::string id = LeavePlan(disk, {});
    auto& d = disk.disk;
    d.Write("prearchive/S/SCANS/1/a", "a");
    d.Write("prearchive/S/SCANS/1/b", "b");
    d.Write("prearchive/S/SCANS/2/a", "2");
    d.Write("archive/T/SCANS/1/old", "old");
    const std::vector<Step> steps = {{StepKind::kMakeDirectory, {}, A("T/SCANS/2")},
                                     {StepKind::kLink, P("S/SCANS/1"), A("T/SCANS/1"), {"a", "b"}},
                                     {StepKind::kLink, P("S/SCANS/2"), A("T/SCANS/2"), {"a"}},
                                     {StepKind::kPurge, P("S"), {}}};
    const auto linked = [&] {
      CHECK(d.Read("archive/T/SCANS/1/a") == "a");
      CHECK(d.Read("archive/T/SCANS/1/b") == "b");
      CHECK(d.Read("archive/T/SCANS/1/old") == "old");
      CHECK(d.Read("archive/T/SCANS/2/a") == "2");
    };

    SUBCASE("from the beginning") {}
    SUBCASE("one file has both names already") {
      REQUIRE(disk.trees.prearchive.Link("S/SCANS/1/a", disk.trees.archive, "T/SCANS/1/a").ok());
    }
    SUBCASE("one file was renamed, where links had been refused") {
      REQUIRE(disk.trees.prearchive
                  .Rename("S/SCANS/1/a", disk.trees.archive, "T/SCANS/1/a", RenameMode::kNoReplace)
                  .ok());
    }
    ApplyTwice(disk, id, {steps.begin(), steps.end() - 1});
    linked();
    ApplyTwice(disk, id, steps);
    linked();
    CHECK_FALSE(d.Exists("prearchive/S"));
  }

  TEST_CASE("L renames where there can be no second name, and fails where that is no reason") {
    for (const int error : {EPERM, EMLINK, EIO}) {
      CAPTURE(error);
      NoLinksFileSystem fs(error);
      TestTrees disk(fs);
      const std::string id = LeavePlan(disk, {});
      disk.disk.Write("prearchive/S/a", "a");
      disk.disk.Write("prearchive/S/b", "b");
      disk.disk.MakeDirectories("archive/T");
      OperationPlan plan;
      plan.steps = {{StepKind::kLink, P("S"), A("T"), {"a", "b"}}};
      const Status status = ApplyPlan(disk.trees, Tree::kArchive, id, plan, AcknowledgeNothing, 2);
      CHECK(status.ok() == (error != EIO));
      CHECK(status.os_errno() == (status.ok() ? 0 : EIO));
      const std::string holder = status.ok() ? "archive/T/" : "prearchive/S/";
      CHECK(disk.disk.Read(holder + "a") == "a");
      CHECK(disk.disk.Read(holder + "b") == "b");
      if (status.ok()) ApplyTwice(disk, id, plan.steps);
      if (status.ok()) CHECK_FALSE(disk.disk.Exists("prearchive/S/a"));
    }
  }

  TEST_CASE("L fails when another file has the name, or when the file has no name at all") {
    NoLinksFileSystem no_links(EPERM);
    for (FileSystem* fs : {static_cast<FileSystem*>(&no_links), &PosixFileSystem()}) {
      TestTrees disk(*fs);
      const std::string id = LeavePlan(disk, {});
      disk.disk.Write("prearchive/S/a", "a");
      disk.disk.Write("archive/T/a", "stranger");
      OperationPlan plan;
      plan.steps = {{StepKind::kLink, P("S"), A("T"), {"a"}}};
      Status status = ApplyPlan(disk.trees, Tree::kArchive, id, plan, AcknowledgeNothing, 2);
      CHECK(status.reason() == "operation.target-exists");
      CHECK(status.path() == "T/a");
      CHECK(status.disk_state() == DiskState::kRecoveryPending);
      CHECK(disk.disk.Read("archive/T/a") == "stranger");
      CHECK(disk.disk.Read("prearchive/S/a") == "a");
      plan.steps[0].names = {"gone"};
      status = ApplyPlan(disk.trees, Tree::kArchive, id, plan, AcknowledgeNothing, 2);
      CHECK(status.reason() == "operation.lost");
      CHECK(status.path() == "T/gone");
    }
  }

  TEST_CASE("X removes in place what is on a mount inside the tree") {
    MountsFileSystem fs;
    TestTrees disk(fs);
    const std::string id = LeavePlan(disk, {});
    disk.disk.Write("prearchive/S/a", "a");
    ApplyTwice(disk, id, {{StepKind::kPurge, P("S"), {}}});
    CHECK_FALSE(disk.disk.Exists("prearchive/S"));
  }

  TEST_CASE("a file that a power cut left with its old and its new name loses the old one") {
    TestTrees disk;
    const std::string id = LeavePlan(disk, {});
    auto& d = disk.disk;
    const auto link = [&](const TreePath& from, const std::string& to) {
      REQUIRE(disk.trees[from.tree].Link(from.path, disk.trees[from.tree], to).ok());
    };
    d.Write("archive/" + Stage(id, "a"), "new");
    d.Write("archive/b", "b");

    SUBCASE("M") {
      link(A(Stage(id, "a")), "a");
      ApplyTwice(disk, id, {{StepKind::kMove, A(Stage(id, "a")), A("a")}});
    }
    SUBCASE("R") {
      link(A(Stage(id, "a")), "a");
      ApplyTwice(disk, id, {{StepKind::kReplace, A(Stage(id, "a")), A("a")}});
    }
    SUBCASE("T") {
      link(A("b"), UndoName(id, 0));
      ApplyTwice(disk, id, {{StepKind::kTrash, A("b"), {}}});
    }
    SUBCASE("X") {
      link(A("b"), TrashName(id, 0));
      ApplyTwice(disk, id, {{StepKind::kPurge, A("b"), {}}});
    }
    const bool moved = d.Exists("archive/a");
    CHECK(d.Exists("archive/" + Stage(id, "a")) != moved);
    CHECK(d.Exists("archive/b") == moved);
    if (moved) CHECK(d.Read("archive/a") == "new");
  }

  TEST_CASE("a move whose file is lost is a failure, not taken for done") {
    TestTrees disk;
    const std::string id = LeavePlan(disk, {});
    OperationPlan plan;
    plan.steps = {{StepKind::kMove, A(Stage(id, "a")), A("a")}};
    Status status = ApplyPlan(disk.trees, Tree::kArchive, id, plan, AcknowledgeNothing, 2);
    CHECK(status.code() == Code::kNotFound);
    CHECK(status.disk_state() == DiskState::kRecoveryPending);
    plan.steps[0].kind = StepKind::kReplace;
    status = ApplyPlan(disk.trees, Tree::kArchive, id, plan, AcknowledgeNothing, 2);
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
    const std::vector<Step> links = {{StepKind::kLink, P("S/1"), A("D/S/1"), {"a", "b"}},
                                     {StepKind::kMove, A("D"), A("E")}};
    CHECK(TouchedDirectories(links, 0, 1) == std::set<TreePath>{A("D/S/1")});
    CHECK(TouchedDirectories(links, 0, 2) == std::set<TreePath>{A("E/S/1"), A("")});
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
}

}  // namespace xnatarchive
