// Finishing or undoing what dead owners left.
#include <algorithm>
#include <utility>

#include "archive/apply_plan.hpp"
#include "archive/operation.hpp"
#include "archive/operation_home.hpp"
#include "base/status_macros.hpp"

namespace xnatarchive {
namespace {

bool Contains(const std::vector<std::string>& keys, const std::string& key) {
  return std::find(keys.begin(), keys.end(), key) != keys.end();
}

bool Intersect(const std::vector<std::string>& a, const std::vector<std::string>& b) {
  return std::any_of(a.begin(), a.end(), [&](const std::string& key) { return Contains(b, key); });
}

/// The plan's locks but those in `held`.
Result<SessionLocks> LockPlan(const Trees& trees, const OperationPlan& plan,
                              const std::vector<std::string>& held) {
  SessionLocks locks;
  for (const std::string& key : plan.locks) {
    if (!Contains(held, key)) XNA_RETURN_IF_ERROR(LockSession(trees, key, &locks));
  }
  return locks;
}

/// Redoes a plan to the end. Requires the owner's lock; takes the plan's locks but those in `held`.
Status Finish(const Trees& trees, Tree home, std::string_view id, const OperationPlan& plan,
              const std::vector<std::string>& held, const Acknowledge& acknowledge,
              unsigned threads) {
  XNA_ASSIGN_OR_RETURN(const SessionLocks locks, LockPlan(trees, plan, held));
  XNA_RETURN_IF_ERROR(ApplyPlan(trees, home, id, plan, acknowledge, threads));
  XNA_RETURN_IF_ERROR(MarkDone(trees[home], id));
  IgnoreError(CleanUp(trees, home, id, plan, threads), "the next recovery tries again");
  return Status();
}

/// Removes what a plan that is done has left. Requires and takes the locks that Finish does.
Status CleanUpDone(const Trees& trees, Tree home, std::string_view id, const OperationPlan& plan,
                   const std::vector<std::string>& held, unsigned threads) {
  XNA_ASSIGN_OR_RETURN(const SessionLocks locks, LockPlan(trees, plan, held));
  return CleanUp(trees, home, id, plan, threads);
}

/// For an operation that has no plan, or is done, and whose owner is dead. Leftovers do no harm:
/// what can not be removed now is left to the next recovery.
Status RemoveLeftovers(const Trees& trees, Tree home, std::string_view id, const FoundPlan& found,
                       const std::vector<std::string>& held) {
  if (found.state == PlanState::kNone) {
    return RemoveInParallel({{&trees[home], OperationHome(id)}}, 1);
  }
  XNA_ASSIGN_OR_RETURN(const OperationPlan plan, ParseOperationPlan(found.bytes));
  return CleanUpDone(trees, home, id, plan, held, 1);
}

Status Unfinished(const Status& why) {
  return Status(Code::kRecoveryRequired, "operation.unfinished",
                "an earlier operation could not be finished: " + why.ToString());
}

/// For one operation that somebody else left or is at: see FinishEarlier.
Status FinishIfConcerned(const Trees& trees, Tree home, const std::string& id,
                         const std::vector<std::string>& keys, const Acknowledge& acknowledge) {
  const Directory& tree = trees[home];
  Result<FileLock> owner = LockOwner(tree, id);
  const bool lives = owner.status().code() == Code::kLocked;
  if (!lives && !owner.ok()) return owner.status();
  Result<FoundPlan> found = FindPlan(tree, id);
  if (!found.ok()) return Unfinished(found.status());
  if (found->state != PlanState::kPlanned) {
    if (!lives) IgnoreError(RemoveLeftovers(trees, home, id, *found, keys), "they do no harm");
    return Status();
  }
  // With its keys unreadable, the plan may concern any session of the tree.
  const Result<std::vector<std::string>> plan_keys = ParsePlanLocks(found->bytes);
  if (!plan_keys.ok()) return Unfinished(plan_keys.status());
  if (!Intersect(plan_keys.value(), keys)) return Status();
  if (lives) {  // we hold its locks, so this is a recovery, not the owner
    return Status(Code::kLocked, "operation.locked",
                  "another thread or process is finishing an earlier operation on the session");
  }
  const Result<OperationPlan> plan = ParseOperationPlan(found->bytes);
  if (!plan.ok()) return Unfinished(plan.status());
  Status finished = Finish(trees, home, id, plan.value(), keys, acknowledge, 1);
  if (finished.ok() || finished.code() == Code::kLocked) return finished;
  return Unfinished(finished);
}

void RecoverOne(const Trees& trees, Tree home, const std::string& id,
                const Acknowledge& acknowledge, unsigned threads, RecoveryReport* report) {
  const Directory& tree = trees[home];
  const auto failed = [&](const Status& why) {
    report->failed.push_back(id + ": " + why.ToString());
  };
  Result<FileLock> owner = LockOwner(tree, id);
  if (owner.status().code() == Code::kLocked) {
    report->busy.push_back(id);
    return;
  }
  if (!owner.ok()) return failed(owner.status());
  Result<FoundPlan> found = FindPlan(tree, id);
  if (!found.ok()) return failed(found.status());
  if (found->state == PlanState::kNone) {
    const Result<bool> there = tree.Exists(OperationHome(id));
    if (!there.ok()) return failed(there.status());
    if (!there.value()) return;  // its owner has just finished
    const Status removed = RemoveInParallel({{&tree, OperationHome(id)}}, threads);
    if (!removed.ok()) return failed(removed);
    report->discarded.push_back(id);
    return;
  }
  const Result<OperationPlan> plan = ParseOperationPlan(found->bytes);
  if (!plan.ok()) return failed(plan.status());
  const Status finished = found->state == PlanState::kPlanned
                              ? Finish(trees, home, id, plan.value(), {}, acknowledge, threads)
                              : CleanUpDone(trees, home, id, plan.value(), {}, threads);
  if (finished.code() == Code::kLocked) {
    report->busy.push_back(id);
  } else if (!finished.ok()) {
    failed(finished);
  } else {
    report->finished.push_back(plan.value().kind + " " + id);
  }
}

}  // namespace

Status FinishEarlier(const Trees& trees, const std::vector<std::string>& keys,
                     const Acknowledge& acknowledge) {
  for (const Tree home : kAllTrees) {
    XNA_ASSIGN_OR_RETURN(const std::vector<std::string> ids, ListOperations(trees[home]));
    for (const std::string& id : ids) {
      XNA_RETURN_IF_ERROR(FinishIfConcerned(trees, home, id, keys, acknowledge));
    }
  }
  return Status();
}

Result<RecoveryReport> RecoverOperations(const Trees& trees, const Acknowledge& acknowledge,
                                         unsigned threads) {
  RecoveryReport report;
  for (const Tree home : kAllTrees) {
    XNA_ASSIGN_OR_RETURN(const std::vector<std::string> ids, ListOperations(trees[home]));
    for (const std::string& id : ids) RecoverOne(trees, home, id, acknowledge, threads, &report);
  }
  const Status swept = SweepTrash(trees, threads);
  if (!swept.ok()) report.failed.push_back("trash: " + swept.ToString());
  return report;
}

Status SweepTrash(const Trees& trees, unsigned threads) {
  for (const Tree tree : kAllTrees) {
    const Result<std::vector<DirectoryEntry>> entries = trees[tree].List(kTrashDirectory);
    if (entries.status().code() == Code::kNotFound) continue;
    if (!entries.ok()) return entries.status();
    for (const DirectoryEntry& entry : entries.value()) {
      // As long as the operation has a home, what it purged is its guard against purging twice.
      const std::string id = entry.name.substr(0, entry.name.rfind('.'));
      const Result<FileLock> owner = LockOwner(trees[tree], id);
      if (owner.status().code() == Code::kLocked) continue;
      if (!owner.ok()) return owner.status();
      bool finished = true;
      for (const Tree home : kAllTrees) {
        XNA_ASSIGN_OR_RETURN(const bool there, trees[home].Exists(OperationHome(id)));
        finished = finished && !there;
      }
      if (!finished) continue;
      XNA_RETURN_IF_ERROR(
          RemoveInParallel({{&trees[tree], JoinPath(kTrashDirectory, entry.name)}}, threads));
    }
  }
  return Status();
}

}  // namespace xnatarchive
