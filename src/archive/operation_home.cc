#include "archive/operation_home.hpp"

#include <unistd.h>

#include <algorithm>
#include <atomic>
#include <iterator>
#include <set>
#include <utility>

#include "archive/apply_plan.hpp"
#include "base/parallel.hpp"
#include "base/status_macros.hpp"
#include "base/text.hpp"
#include "base/time.hpp"

namespace xnatarchive {
namespace {

constexpr std::string_view kSessionLocks = ".xa/locks/sessions";
constexpr std::string_view kOwnerLocks = ".xa/locks/operations";
constexpr std::string_view kArchivePrefix = "archive/";
constexpr std::string_view kPrearchivePrefix = "prearchive/";
constexpr std::uint64_t kPlanBytesMax = 1u << 30;

std::string InHome(std::string_view id, std::string_view name) {
  return JoinPath(OperationHome(id), name);
}

/// None when it is a file, or gone: removing it says which.
std::vector<Removal> DirectoriesIn(const Removal& above) {
  std::vector<Removal> found;
  const Result<std::vector<DirectoryEntry>> entries = above.tree->List(above.path);
  if (!entries.ok()) return found;
  for (const DirectoryEntry& entry : *entries) {
    if (entry.kind != FileKind::kDirectory) continue;
    found.push_back({above.tree, JoinPath(above.path, entry.name)});
  }
  return found;
}

}  // namespace

std::string NewOperationId() {
  static std::atomic<std::uint64_t> count{0};
  return Base36(static_cast<std::uint64_t>(NowMs())) + "-" +
         Base36(static_cast<std::uint64_t>(getpid())) + "-" + Base36(count++);
}

std::string OperationHome(std::string_view id) { return JoinPath(kOperationsDirectory, id); }
std::string PlanName(std::string_view id) { return InHome(id, "plan"); }
std::string DoneName(std::string_view id) { return InHome(id, "done"); }
std::string BallastName(std::string_view id) { return InHome(id, "ballast"); }

std::string UndoName(std::string_view id, std::size_t step) {
  return InHome(id, "undo/" + std::to_string(step));
}
std::string TrashName(std::string_view id, std::size_t step) {
  return JoinPath(kTrashDirectory, std::string(id) + "." + std::to_string(step));
}
std::string SwapMark(std::string_view id) { return ".xa-mark-" + std::string(id); }

std::string PrearchiveLockKey(std::string_view project, std::string_view timestamp,
                              std::string_view folder) {
  return std::string(kPrearchivePrefix) + std::string(project) + "/" + std::string(timestamp) +
         "/" + std::string(folder);
}

std::string ArchiveLockKey(std::string_view project, std::string_view label) {
  return std::string(kArchivePrefix) + std::string(project) + "/" + std::string(label);
}

Result<std::vector<std::string>> ListOperations(const Directory& tree) {
  const Result<std::vector<DirectoryEntry>> entries = tree.List(kOperationsDirectory);
  std::vector<std::string> ids;
  if (entries.status().code() == Code::kNotFound) return ids;
  if (!entries.ok()) return entries.status();
  for (const DirectoryEntry& entry : entries.value()) ids.push_back(entry.name);
  return ids;
}

Result<FileLock> LockOwner(const Directory& tree, std::string_view id) {
  return FileLock::TryAcquire(tree, kOwnerLocks, id);
}

Result<FileLock> LockSession(const Trees& trees, std::string_view key) {
  SessionLocks locks;
  XNA_RETURN_IF_ERROR(LockSession(trees, key, &locks));
  return std::move(locks.begin()->second);
}

Status LockSession(const Trees& trees, std::string_view key, SessionLocks* locks) {
  const Tree tree = StartsWith(key, kArchivePrefix) ? Tree::kArchive : Tree::kPrearchive;
  if (tree == Tree::kPrearchive && !StartsWith(key, kPrearchivePrefix)) {
    return Status(Code::kInternal, "operation.bad-key", "a lock key of neither tree");
  }
  Status status;
  const auto open = locks->find(tree);
  if (open != locks->end()) {
    status = open->second.Add(key);
  } else {
    Result<FileLock> lock = FileLock::TryAcquire(trees[tree], kSessionLocks, key);
    if (lock.ok()) locks->emplace(tree, std::move(lock).value());
    status = lock.status();
  }
  if (status.code() != Code::kLocked) return status;
  return Status(Code::kLocked, "operation.locked",
                "another thread or process is working on the session")
      .WithPath(key);
}

Result<FoundPlan> FindPlan(const Directory& tree, std::string_view id) {
  Result<std::string> plan = tree.ReadFile(PlanName(id), kPlanBytesMax);
  if (plan.ok()) return FoundPlan{PlanState::kPlanned, std::move(plan).value()};
  if (plan.status().code() != Code::kNotFound) return plan.status();
  Result<std::string> done = tree.ReadFile(DoneName(id), kPlanBytesMax);
  if (done.ok()) return FoundPlan{PlanState::kDone, std::move(done).value()};
  if (done.status().code() != Code::kNotFound) return done.status();
  return FoundPlan{};
}

Status MarkDone(const Directory& tree, std::string_view id) {
  XNA_RETURN_IF_ERROR(tree.Rename(PlanName(id), tree, DoneName(id), RenameMode::kReplace));
  return tree.SyncDirectory(OperationHome(id));
}

bool CleanUpTouchesSessions(const OperationPlan& plan) {
  return std::any_of(plan.steps.begin(), plan.steps.end(), [](const Step& step) {
    return step.kind == StepKind::kLink || step.kind == StepKind::kSwap ||
           step.kind == StepKind::kPurge;
  });
}

Status CleanUp(const Trees& trees, Tree home, std::string_view id, const OperationPlan& plan,
               unsigned threads) {
  std::set<TreePath> swapped;
  std::vector<Removal> leftovers;
  for (std::size_t i = 0; i < plan.steps.size(); ++i) {
    const Step& step = plan.steps[i];
    if (step.kind == StepKind::kSwap) {
      XNA_RETURN_IF_ERROR(trees[step.to.tree].RemoveTree(JoinPath(step.to.path, SwapMark(id))));
      swapped.insert(step.to);
    }
    if (step.kind == StepKind::kPurge) {
      leftovers.push_back({&trees[step.from.tree], TrashName(id, i)});
    }
  }
  XNA_RETURN_IF_ERROR(SyncDirectories(trees, swapped));  // or nobody would look for the marks again
  leftovers.push_back({&trees[home], OperationHome(id)});
  return RemoveInParallel(leftovers, threads);
}

Status RemoveInParallel(const std::vector<Removal>& removals, unsigned threads) {
  // Two levels down (SCANS/1) there are enough branches, each a directory of its own: removals
  // within one directory wait for each other. The last tree's come first: one that has no second
  // level (undo) takes longest.
  std::vector<Removal> branches;
  for (auto it = removals.rbegin(); threads > 1 && it != removals.rend(); ++it) {
    for (Removal& above : DirectoriesIn(*it)) {
      std::vector<Removal> below = DirectoriesIn(above);
      if (below.empty()) below.push_back(std::move(above));
      std::move(below.begin(), below.end(), std::back_inserter(branches));
    }
  }
  const auto remove = [](const Removal& removal) { return removal.tree->RemoveTree(removal.path); };
  XNA_RETURN_IF_ERROR(
      ParallelFor(branches.size(), threads, [&](std::size_t i) { return remove(branches[i]); }));
  for (const Removal& removal : removals) XNA_RETURN_IF_ERROR(remove(removal));
  return Status();
}

}  // namespace xnatarchive
