// Every call to the disk fails in turn, in every way, for every kind of operation: I1 to I8.
#include <doctest/doctest.h>

#include <cerrno>
#include <cstdlib>
#include <utility>

#include "archive/operation_home.hpp"
#include "base/status_macros.hpp"
#include "base/text.hpp"
#include "fault/fault_harness.hpp"
#include "fault/merge_scenarios.hpp"

namespace xnatarchive {
namespace {

TreePath A(std::string path) { return {Tree::kArchive, std::move(path)}; }
TreePath P(std::string path) { return {Tree::kPrearchive, std::move(path)}; }

/// A scenario around one operation, whose steps `stage` makes.
Scenario OperationScenario(
    std::string name, Tree home, std::function<void(TestTrees&)> prepare,
    std::function<Result<std::vector<Step>>(const Directory& tree, const std::string& stage)>
        stage) {
  Scenario scenario;
  scenario.name = std::move(name);
  scenario.prepare = std::move(prepare);
  scenario.run = [home, stage](const Trees& trees, const Acknowledge& ack) {
    const auto run = [&]() -> Status {
      XNA_ASSIGN_OR_RETURN(Operation operation,
                           Operation::Begin(trees, home, "test", SessionKeys(), ack));
      OperationPlan plan;
      XNA_ASSIGN_OR_RETURN(plan.steps, stage(trees[home], operation.stage()));
      return operation.Commit(std::move(plan), ack);
    };
    return run();
  };
  scenario.recover = Recover;
  return scenario;
}

Scenario ArchiveScenario(bool one_file_system) {
  Scenario scenario;
  scenario.name = one_file_system ? "archive" : "archive by copy";
  scenario.prepare = [](TestTrees& disk) { WriteSession(disk); };
  scenario.run = [one_file_system](const Trees& trees, const Acknowledge& ack) -> Status {
    ArchiveOptions options;
    options.one_file_system = one_file_system;
    XNA_ASSIGN_OR_RETURN(const ArchiveOutcome outcome, ArchiveTestSession(trees, ack, options));
    return outcome.clean_up;
  };
  scenario.recover = Recover;
  return scenario;
}

/// A session with a resend: new files, a replaced one, a removed one; in place.
Scenario MergeScenario() {
  return OperationScenario(
      "merge", Tree::kArchive,
      [](TestTrees& disk) {
        for (const char* name : {"f0", "f1", "f2", "catalog"}) {
          disk.disk.Write(std::string("archive/S2/SCANS/1/") + name, name);
        }
        disk.disk.Write("prearchive/S2/SCANS/1/f2", "new f2");
        for (const char* name : {"f3", "f4", "f5"}) {
          disk.disk.Write(std::string("prearchive/S2/SCANS/1/") + name, name);
        }
        disk.disk.Write("prearchive/S2/SCANS/9/g", "g");
      },
      [](const Directory& tree, const std::string& stage) -> Result<std::vector<Step>> {
        XNA_RETURN_IF_ERROR(tree.WriteNew(stage + "/catalog", "catalog of f1 to f5"));
        return std::vector<Step>{
            {StepKind::kLink, P("S2/SCANS/1"), A("S2/SCANS/1"), {"f4", "f5"}},
            {StepKind::kMove, P("S2/SCANS/9"), A("S2/SCANS/9")},
            {StepKind::kReplace, P("S2/SCANS/1/f2"), A("S2/SCANS/1/f2")},
            {StepKind::kMove, P("S2/SCANS/1/f3"), A("S2/SCANS/1/f3")},
            {StepKind::kReplace, A(stage + "/catalog"), A("S2/SCANS/1/catalog")},
            {StepKind::kTrash, A("S2/SCANS/1/f0"), {}},
            {StepKind::kPurge, P("S2"), {}}};
      });
}

Scenario ReceiveScenario() {
  return OperationScenario(
      "receive", Tree::kPrearchive, [](TestTrees&) {},
      [](const Directory& tree, const std::string& stage) -> Result<std::vector<Step>> {
        XNA_RETURN_IF_ERROR(tree.MakeDirectories(stage + "/S/SCANS/1/DICOM"));
        for (const char* name : {"/S/SCANS/1/DICOM/a", "/S/SCANS/1/DICOM/b", "/index"}) {
          XNA_RETURN_IF_ERROR(tree.WriteNew(stage + name, name));
        }
        return std::vector<Step>{{StepKind::kMakeDirectory, {}, P("DEMO")},
                                 {StepKind::kMakeDirectory, {}, P("DEMO/TS")},
                                 {StepKind::kMove, P(stage + "/index"), P("DEMO/TS/index")},
                                 {StepKind::kMove, P(stage + "/S"), P("DEMO/TS/S")}};
      });
}

Scenario BuildScenario() {
  return OperationScenario(
      "build", Tree::kPrearchive,
      [](TestTrees& disk) {
        disk.disk.Write("prearchive/S/SCANS/4/DICOM/a", "a");
        disk.disk.Write("prearchive/S/SCANS/4/DICOM/b", "b");
        disk.disk.Write("prearchive/S/SCANS/4/DICOM/scan_4_catalog.xml", "stale");
        disk.disk.Write("prearchive/S.xml", "stale");
      },
      [](const Directory& tree, const std::string& stage) -> Result<std::vector<Step>> {
        XNA_RETURN_IF_ERROR(tree.WriteNew(stage + "/0", "catalog"));
        XNA_RETURN_IF_ERROR(tree.WriteNew(stage + "/1", "document"));
        const std::string to = "S/SCANS/4-MR1";
        const std::string from = "S/SCANS/4";
        return std::vector<Step>{
            {StepKind::kMakeDirectory, {}, P(to)},
            {StepKind::kMakeDirectory, {}, P(to + "/DICOM")},
            {StepKind::kMove, P(from + "/DICOM/a"), P(to + "/DICOM/a")},
            {StepKind::kMove, P(from + "/DICOM/b"), P(to + "/DICOM/b")},
            {StepKind::kReplace, P(stage + "/0"), P(to + "/DICOM/scan_4-MR1_catalog.xml")},
            {StepKind::kTrash, P(from + "/DICOM/scan_4_catalog.xml"), {}},
            {StepKind::kReplace, P(stage + "/1"), P("S.xml")},
            {StepKind::kRemoveIfEmpty, {}, P(from + "/DICOM")},
            {StepKind::kRemoveIfEmpty, {}, P(from)}};
      });
}

Scenario DeleteScenario() {
  return OperationScenario(
      "delete", Tree::kPrearchive, [](TestTrees& disk) { WriteSession(disk); },
      [](const Directory&, const std::string&) -> Result<std::vector<Step>> {
        return std::vector<Step>{{StepKind::kTrash, P(SourceOf("S1") + ".xml"), {}},
                                 {StepKind::kPurge, P(SourceOf("S1")), {}},
                                 {StepKind::kPurge, P(IndexOf("S1")), {}},
                                 {StepKind::kRemoveIfEmpty, {}, P(kTimestamp)},
                                 {StepKind::kRemoveIfEmpty, {}, P("DEMO")}};
      });
}

/// A resource replaced as a whole, hard links for what is kept.
Scenario SwapScenario() {
  return OperationScenario(
      "swap", Tree::kArchive,
      [](TestTrees& disk) {
        disk.disk.Write("archive/S/SCANS/1/a", "a");
        disk.disk.Write("archive/S/SCANS/1/b", "b");
      },
      [](const Directory& tree, const std::string& stage) -> Result<std::vector<Step>> {
        XNA_RETURN_IF_ERROR(tree.MakeDirectory(stage + "/1"));
        XNA_RETURN_IF_ERROR(tree.Link("S/SCANS/1/a", tree, stage + "/1/a"));
        XNA_RETURN_IF_ERROR(tree.WriteNew(stage + "/1/b", "new b"));
        XNA_RETURN_IF_ERROR(
            tree.WriteNew(stage + "/1/" + SwapMark(BaseName(ParentPath(stage))), ""));
        return std::vector<Step>{{StepKind::kSwap, A(stage + "/1"), A("S/SCANS/1")}};
      });
}

/// Trashes the old file and moves the new one in, with a journal, and redoes that when there is
/// one. Without the guard it looks as safe as with it: the control that shows the harness has
/// teeth.
Scenario TrashAndMoveScenario(bool guarded) {
  Scenario scenario;
  scenario.name = guarded ? "guarded" : "unguarded";
  scenario.prepare = [](TestTrees& disk) {
    disk.disk.Write("archive/S/f", "old");
    disk.disk.Write("prearchive/S/f", "new");
    disk.disk.MakeDirectories("archive/.xa/ops");
  };
  const auto recover = [guarded](const Trees& trees, const Acknowledge& acknowledge) -> Status {
    const Directory& archive = trees.archive;
    XNA_ASSIGN_OR_RETURN(const bool planned, archive.Exists(".xa/ops/journal"));
    if (planned) {
      XNA_ASSIGN_OR_RETURN(const bool trashed, archive.Exists(".xa/ops/trash"));
      if (!trashed || !guarded) {
        const Status moved = archive.Rename("S/f", archive, ".xa/ops/trash", RenameMode::kReplace);
        if (!moved.ok() && moved.code() != Code::kNotFound) return moved;
      }
      const Status moved = trees.prearchive.Rename("S/f", archive, "S/f", RenameMode::kNoReplace);
      if (!moved.ok() && moved.code() != Code::kNotFound) return moved;
      XNA_RETURN_IF_ERROR(acknowledge({}));
      XNA_RETURN_IF_ERROR(archive.RemoveTree(".xa/ops/journal"));
    }
    XNA_RETURN_IF_ERROR(archive.RemoveTree(".xa/ops"));
    return archive.MakeDirectory(".xa/ops");
  };
  scenario.run = [recover](const Trees& trees, const Acknowledge& acknowledge) -> Status {
    XNA_RETURN_IF_ERROR(trees.archive.WriteAtomic(".xa/ops/journal", "S/f"));
    return recover(trees, acknowledge);
  };
  scenario.recover = recover;
  return scenario;
}

std::vector<Scenario> AllScenarios() {
  std::vector<Scenario> all = {ArchiveScenario(true), ArchiveScenario(false), MergeScenario(),
                               ReceiveScenario(),     BuildScenario(),        DeleteScenario(),
                               SwapScenario()};
  for (Scenario& merge : MergeScenarios()) all.push_back(std::move(merge));
  return all;
}

/// Returns the number of runs.
std::uint64_t Check(const Scenario& scenario, Fault fault, int error) {
  const FaultReport report = FailEveryCall(scenario, fault, error);
  CHECK(report.calls > 10);
  for (std::size_t i = 0; i < report.violations.size() && i < 3; ++i) {
    FAIL_CHECK(report.violations[i]);
  }
  CHECK(report.violations.size() == 0);
  return report.runs;
}

void CheckAll(Fault fault, int error) {
  std::uint64_t runs = 0;
  for (const Scenario& scenario : AllScenarios()) runs += Check(scenario, fault, error);
  CHECK(runs * kFaultStep >= 1000);
  MESSAGE(runs << " runs");
}

}  // namespace

TEST_SUITE("fault.operations") {
  TEST_CASE("killed at any call: before or after, and after if it was acknowledged") {
    CheckAll(Fault::kKill, 0);
  }

  TEST_CASE("killed in the middle of any write") { CheckAll(Fault::kKillHalfWrite, 0); }

  TEST_CASE("EIO once at any call: before or after, and the failure says which") {
    CheckAll(Fault::kErrorOnce, EIO);
  }

  TEST_CASE("EIO from any call on") { CheckAll(Fault::kErrorForEver, EIO); }

  TEST_CASE("one file may not be linked, or any other call is not permitted once") {
    Check(MergeScenario(), Fault::kErrorOnce, EPERM);
    for (const Scenario& scenario : MergeScenarios()) {
      if (StartsWith(scenario.name, "append")) Check(scenario, Fault::kErrorOnce, EPERM);
    }
  }

  TEST_CASE("a full disk at any call") { CheckAll(Fault::kErrorOnce, ENOSPC); }

  TEST_CASE("a full disk from any call on") { CheckAll(Fault::kErrorForEver, ENOSPC); }

  TEST_CASE("a read-only disk from any call on") { CheckAll(Fault::kErrorForEver, EROFS); }

  // A part of all pairs, spread evenly, fits the time of a test; tests/run.sh --full takes them
  // all.
  TEST_CASE("killed at any call, and recovery killed at any of its calls") {
    const std::uint64_t stride = std::getenv("XNATARCHIVE_TEST_FULL") != nullptr ? 1 : 7;
    std::uint64_t runs = 0;
    for (const Scenario& scenario : AllScenarios()) {
      const FaultReport report = KillTwice(scenario, stride);
      runs += report.runs;
      for (std::size_t i = 0; i < report.violations.size() && i < 3; ++i) {
        FAIL_CHECK(report.violations[i]);
      }
      CHECK(report.violations.size() == 0);
    }
    CHECK(runs * kFaultStep >= 3000);
    MESSAGE(runs << " runs");
  }

  TEST_CASE("the harness finds what is wrong with an unguarded trash and move") {
    const FaultReport unguarded = FailEveryCall(TrashAndMoveScenario(false), Fault::kKill, 0, 1);
    REQUIRE_FALSE(unguarded.violations.empty());
    CHECK(unguarded.violations[0].find("a state between") != std::string::npos);
    CHECK(FailEveryCall(TrashAndMoveScenario(true), Fault::kKill, 0, 1).violations.empty());
  }
}

}  // namespace xnatarchive
