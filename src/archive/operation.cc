#include "archive/operation.hpp"

#include <algorithm>
#include <cassert>
#include <set>
#include <utility>

#include "archive/apply_plan.hpp"
#include "archive/operation_home.hpp"
#include "base/parallel.hpp"
#include "base/status_macros.hpp"
#include "base/text.hpp"
#include "fs/ballast.hpp"
#include "fs/near_directory.hpp"

namespace xnatarchive {
namespace {

/// A nearly full disk gets a ballast file before the plan, which is given back should a step find
/// no space (I7). Renames need little, a directory block at most; with more than this free there is
/// no need of one.
constexpr std::uint64_t kPlentyOfBytes = 256u << 20;
constexpr std::size_t kBallastBytes = 64u << 10;

bool NeedsUndo(const Step& step) {
  return step.kind == StepKind::kReplace || step.kind == StepKind::kTrash;
}

/// Whether the step makes something visible that has to be durable before (I4).
bool Publishes(const Step& step) {
  return step.kind == StepKind::kMove || step.kind == StepKind::kReplace ||
         step.kind == StepKind::kOverwrite || step.kind == StepKind::kSwap ||
         step.kind == StepKind::kLink;
}

Status Reserve(const Directory& tree, std::string_view id) {
  XNA_ASSIGN_OR_RETURN(const std::uint64_t free_bytes, tree.FreeBytes());
  if (free_bytes > kPlentyOfBytes) return Status();
  return tree.WriteNew(BallastName(id), BallastBytes(kBallastBytes));
}

Status TargetExists(const std::string& path) {
  return Status(Code::kConflict, "operation.target-exists", "the target of a move exists")
      .WithPath(path);
}

Status CheckTargetsOfLinks(const Trees& trees, const Step& step) {
  const Result<Directory> to = trees[step.to.tree].OpenSubdirectory(step.to.path);
  if (to.status().code() == Code::kNotFound) return Status();
  if (!to.ok()) return to.status();
  for (const std::string& name : step.names) {
    XNA_ASSIGN_OR_RETURN(const bool taken, to->Exists(name));
    if (taken) return TargetExists(JoinPath(step.to.path, name));
  }
  return Status();
}

/// Fails when a target of a move is there and no earlier step takes it away, or one of a link:
/// after the plan only an operator could decide what to do about it.
Status CheckTargets(const Trees& trees, const OperationPlan& plan, unsigned threads) {
  std::set<TreePath> vacated;
  std::vector<const Step*> links;
  NearDirectory near;
  for (const Step& step : plan.steps) {
    if (step.kind == StepKind::kMove && vacated.count(step.to) == 0) {
      XNA_ASSIGN_OR_RETURN(const bool taken, near.Exists(trees[step.to.tree], step.to.path));
      if (taken) return TargetExists(step.to.path);
    }
    if (step.kind == StepKind::kMove || step.kind == StepKind::kTrash) vacated.insert(step.from);
    if (step.kind == StepKind::kLink) links.push_back(&step);
  }
  return ParallelFor(links.size(), threads,
                     [&](std::size_t i) { return CheckTargetsOfLinks(trees, *links[i]); });
}

}  // namespace

Operation::Operation(Operation&& other) noexcept { *this = std::move(other); }

Operation& Operation::operator=(Operation&& other) noexcept {
  std::swap(trees_, other.trees_);
  std::swap(home_, other.home_);
  std::swap(id_, other.id_);
  std::swap(stage_, other.stage_);
  std::swap(synced_, other.synced_);
  std::swap(kind_, other.kind_);
  std::swap(keys_, other.keys_);
  std::swap(locks_, other.locks_);
  std::swap(owner_, other.owner_);
  std::swap(state_, other.state_);
  return *this;
}

Operation::~Operation() {
  if (state_ != State::kOpen) return;
  IgnoreError(RemoveInParallel({{&(*trees_)[home_], OperationHome(id_)}}, 1),
              "without a plan it is harmless; recovery discards it");
}

Result<Operation> Operation::Begin(const Trees& trees, Tree home, std::string_view kind,
                                   std::vector<std::string> lock_keys,
                                   const Acknowledge& acknowledge, SessionLocks held) {
  for (const Tree tree : kAllTrees) XNA_RETURN_IF_ERROR(PrepareTree(trees[tree]));
  Operation operation;
  operation.trees_ = &trees;
  operation.home_ = home;
  operation.kind_ = kind;
  operation.locks_ = std::move(held);
  XNA_RETURN_IF_ERROR(operation.Lock(std::move(lock_keys), acknowledge));

  const Directory& tree = trees[home];
  operation.id_ = NewOperationId();
  operation.stage_ = JoinPath(OperationHome(operation.id_), "stage");
  // The lock before the name: a home whose lock is free has no living owner.
  XNA_ASSIGN_OR_RETURN(FileLock owner, LockOwner(tree, operation.id_));
  operation.owner_.push_back(std::move(owner));
  XNA_RETURN_IF_ERROR(tree.MakeDirectory(OperationHome(operation.id_)));
  operation.state_ = State::kOpen;
  XNA_RETURN_IF_ERROR(tree.MakeDirectory(operation.stage_));
  return operation;
}

Status Operation::Lock(std::vector<std::string> keys, const Acknowledge& acknowledge) {
  std::sort(keys.begin(), keys.end());
  keys.erase(std::unique(keys.begin(), keys.end()), keys.end());
  const auto held = [&](const std::string& key) {
    return std::find(keys_.begin(), keys_.end(), key) != keys_.end();
  };
  keys.erase(std::remove_if(keys.begin(), keys.end(), held), keys.end());
  for (const std::string& key : keys) {
    XNA_RETURN_IF_ERROR(LockSession(*trees_, key, &locks_));  // I1
  }
  XNA_RETURN_IF_ERROR(FinishEarlier(*trees_, keys, acknowledge));
  keys_.insert(keys_.end(), keys.begin(), keys.end());
  return Status();
}

Status Operation::Commit(OperationPlan plan, const Acknowledge& acknowledge, unsigned threads) {
  assert(state_ == State::kOpen);
  plan.kind = kind_;
  plan.locks = keys_;
  const Directory& tree = (*trees_)[home_];
  if (std::any_of(plan.steps.begin(), plan.steps.end(), NeedsUndo)) {
    XNA_RETURN_IF_ERROR(tree.MakeDirectory(ParentPath(UndoName(id_, 0))));
  }
  XNA_RETURN_IF_ERROR(Reserve(tree, id_));  // I7
  XNA_RETURN_IF_ERROR(MakeDurable(plan));   // I4, I6
  XNA_RETURN_IF_ERROR(CheckTargets(*trees_, plan, threads));
  XNA_RETURN_IF_ERROR(PublishPlan(plan));  // I2
  XNA_RETURN_IF_ERROR(ApplyPlan(*trees_, home_, id_, plan, acknowledge, threads));
  Status marked = MarkDone(tree, id_);
  if (!marked.ok()) return std::move(marked).WithDiskState(DiskState::kCommitted);
  state_ = State::kFinished;
  // I1: held until the plan can not be redone any more, and its sessions stay as they are.
  SessionLocks held;
  std::swap(held, locks_);
  if (!CleanUpTouchesSessions(plan)) held.clear();
  Status cleaned = CleanUp(*trees_, home_, id_, plan, threads);
  owner_.clear();
  return std::move(cleaned).WithDiskState(DiskState::kCommitted);
}

/// Syncs what is staged one by one, if it is little and nothing else has to be durable: the steps
/// place what is staged, and rely on nothing that was written elsewhere before. False when it is
/// not so; then nothing is done.
Result<bool> Operation::SyncFewStaged(const OperationPlan& plan) const {
  const std::string stage = stage_ + "/";
  const bool only_places = std::all_of(plan.steps.begin(), plan.steps.end(), [&](const Step& step) {
    const bool places = step.kind == StepKind::kMove || step.kind == StepKind::kReplace;
    return !Publishes(step) ||
           (places && step.from.tree == home_ && StartsWith(step.from.path, stage));
  });
  if (!only_places) return false;
  return SyncIfSmall(std::string(OperationHome(id_)));
}

/// Syncs all that is in directory `path` of the home tree, but for what SyncAhead has synced.
/// False, with nothing done, when there is more than a few.
Result<bool> Operation::SyncIfSmall(const std::string& path) const {
  const Directory& tree = (*trees_)[home_];
  std::vector<WalkEntry> entries;
  const Status walked = tree.Walk(path, [&](const WalkEntry& entry) {
    const std::string found = JoinPath(path, entry.path);
    const bool synced = std::any_of(synced_.begin(), synced_.end(), [&](const std::string& done) {
      return found == done || StartsWith(found, done + "/");
    });
    if (synced) return Status();
    if (entries.size() == kSyncEachMax) return Status(Code::kCancelled, "stage.large", "");
    entries.push_back(entry);
    return Status();
  });
  if (walked.code() == Code::kCancelled) return false;
  XNA_RETURN_IF_ERROR(walked);
  for (const WalkEntry& entry : entries) {
    const std::string found = JoinPath(path, entry.path);
    if (entry.info.kind == FileKind::kDirectory) {
      XNA_RETURN_IF_ERROR(tree.SyncDirectory(found));
    } else {
      XNA_ASSIGN_OR_RETURN(File file, tree.OpenRead(found));
      XNA_RETURN_IF_ERROR(file.Sync());
    }
  }
  return true;
}

Status Operation::SyncAhead(const std::string& path) {
  XNA_ASSIGN_OR_RETURN(const bool synced, SyncIfSmall(path));
  if (!synced) return Status();
  XNA_RETURN_IF_ERROR((*trees_)[home_].SyncDirectory(path));
  synced_.push_back(path);
  return Status();
}

Status Operation::MakeDurable(const OperationPlan& plan) const {
  XNA_ASSIGN_OR_RETURN(const bool synced, SyncFewStaged(plan));
  if (synced) return Status();
  XNA_RETURN_IF_ERROR((*trees_)[home_].SyncFileSystem());
  const Tree other = home_ == Tree::kArchive ? Tree::kPrearchive : Tree::kArchive;
  const bool takes_from_other =
      std::any_of(plan.steps.begin(), plan.steps.end(),
                  [&](const Step& step) { return Publishes(step) && step.from.tree == other; });
  if (!takes_from_other) return Status();
  return (*trees_)[other].SyncFileSystem();  // nearly free when it is the same one
}

Status Operation::PublishPlan(const OperationPlan& plan) {
  const Directory& tree = (*trees_)[home_];
  const std::string bytes = WriteOperationPlan(plan);
  XNA_RETURN_IF_ERROR(ParseOperationPlan(bytes).status());  // or nobody could finish it
  const std::string draft = PlanName(id_) + ".tmp";
  XNA_ASSIGN_OR_RETURN(File file, tree.Create(draft));
  XNA_RETURN_IF_ERROR(file.Write(bytes.data(), bytes.size()));
  XNA_RETURN_IF_ERROR(file.Sync());
  XNA_RETURN_IF_ERROR(file.Close());
  state_ = State::kPlanned;
  Status status = tree.Rename(draft, tree, PlanName(id_), RenameMode::kNoReplace);
  if (status.ok()) status = tree.SyncDirectory(OperationHome(id_));
  if (status.ok()) status = tree.SyncDirectory(kOperationsDirectory);
  return status.ok() ? status : RetractPlan(std::move(status));
}

/// A plan that may be durable must be taken back durably before its stage is touched: redone
/// without the stage it would take every staged file for moved already.
Status Operation::RetractPlan(Status cause) {
  const Directory& tree = (*trees_)[home_];
  const Result<bool> there = tree.Exists(PlanName(id_));
  if (there.ok() && !there.value()) {
    state_ = State::kOpen;
    return cause;
  }
  Status retracted = tree.Rename(PlanName(id_), tree, PlanName(id_) + ".tmp", RenameMode::kReplace);
  if (retracted.ok()) retracted = tree.SyncDirectory(OperationHome(id_));
  if (!retracted.ok()) return std::move(cause).WithDiskState(DiskState::kRecoveryPending);
  state_ = State::kOpen;
  return cause;
}

}  // namespace xnatarchive
