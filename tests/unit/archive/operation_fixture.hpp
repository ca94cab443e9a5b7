// operation_fixture.hpp - short names and fake disks for the tests of operations.
#ifndef XNATARCHIVE_TESTS_UNIT_ARCHIVE_OPERATION_FIXTURE_HPP_
#define XNATARCHIVE_TESTS_UNIT_ARCHIVE_OPERATION_FIXTURE_HPP_

#include <string>
#include <utility>
#include <vector>

#include "archive/operation.hpp"
#include "archive/operation_home.hpp"
#include "unit/archive/archive_fixture.hpp"

namespace xnatarchive {

/// The key of the session that the tests work on.
inline std::string TestKey() { return ArchiveLockKey("DEMO", "S1"); }

inline TreePath A(std::string path) { return {Tree::kArchive, std::move(path)}; }
inline TreePath P(std::string path) { return {Tree::kPrearchive, std::move(path)}; }

inline Result<Operation> Begin(const Trees& trees, std::vector<std::string> keys = {TestKey()}) {
  return Operation::Begin(trees, Tree::kArchive, "test", std::move(keys), AcknowledgeNothing);
}

/// Leaves a durable plan that nobody has applied, as a process killed right after writing it would.
inline std::string LeavePlan(TestTrees& disk, std::vector<Step> steps,
                             std::vector<std::string> keys = {TestKey()}) {
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

inline std::string Stage(const std::string& id, const std::string& name) {
  return OperationHome(id) + "/stage/" + name;
}

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

}  // namespace xnatarchive

#endif  // XNATARCHIVE_TESTS_UNIT_ARCHIVE_OPERATION_FIXTURE_HPP_
