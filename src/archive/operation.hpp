// operation.hpp - one crash-safe change to the trees.
//
// An operation stages everything new, makes it durable, writes a complete plan of repeatable steps,
// makes that durable, applies it, has the caller acknowledge the change in the store, and clears
// the plan. Whatever stops the process: without a plan nothing has happened and the stage is
// discarded; with a plan the steps are redone to the end. The rules are numbered I1 to I8 in
// src/README.md.
//
//   <tree>/.xa/ops/<id>/{stage/, undo/, plan, done}     home of one unfinished operation
//   <tree>/.xa/locks/{sessions, operations}             see fs/file_lock.hpp
//   <tree>/.xa/trash/<id>.<step>                        removals in progress
//
// An operation's home is in the tree it publishes into, so that staged files can be renamed into
// place.
#ifndef XNATARCHIVE_ARCHIVE_OPERATION_HPP_
#define XNATARCHIVE_ARCHIVE_OPERATION_HPP_

#include <cstdint>
#include <functional>
#include <map>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "archive/trees.hpp"
#include "fs/file_lock.hpp"

namespace xnatarchive {

/// Kinds of step; each can be repeated (I3). The letter is what stands in a plan file.
///
/// Steps are applied in order, links that follow each other at the same time. A purge, and a swap,
/// waits until all before it is durable. `from` of a move, replace or swap that stages something
/// new is below Operation::stage(); all of these, and links, need both sides on the home's file
/// system.
enum class StepKind : char {
  kMakeDirectory = 'D',  ///< Make `to`; fine when it is there.
  kMove = 'M',           ///< Rename `from` to `to`, which did not exist; `from` gone = done.
  kReplace = 'R',        ///< Keep the old `to` under undo/, then rename `from` over it.
  kOverwrite = 'O',      ///< Rename `from` over `to`, whose bytes have another name already.
  kTrash = 'T',          ///< Move `from` to undo/<n>; undo/<n> there, or `from` gone = done.
  kSwap = 'S',           ///< Exchange directories; the staged `from` carries the SwapMark.
  kRemoveIfEmpty = 'E',  ///< Remove directory `to` when it is empty; fine when not.
  kPurge = 'X',          ///< Move `from` to its tree's trash, to be removed after the end.
  kLink = 'L',           ///< Give `names` of directory `from` to directory `to`; see Step::names.
};

/// `from` is empty for kMakeDirectory and kRemoveIfEmpty, `to` for kTrash and kPurge.
struct Step {
  StepKind kind = StepKind::kMakeDirectory;
  TreePath from;
  TreePath to;
  /// Files of kLink, none for any other kind. Each gets a second name in `to`, which did not exist;
  /// the first goes when what it is in is purged, or with the stage. That is faster than moving
  /// them, as only renames between directories wait for each other on the whole file system. A file
  /// that may not be linked is renamed.
  std::vector<std::string> names = {};
};

/// Everything needed to finish an operation, by its owner or by whoever comes after.
struct OperationPlan {
  std::string kind;  ///< "receive", "build", "move", "archive", "refresh", "delete"; set by
                     ///< Operation::Commit.
  std::vector<std::string> locks;  ///< Keys held while it runs; set by Operation::Commit.
  /// What the acknowledgement needs to bring the store up to date, such as the archived path,
  /// the user and the audit record number. Names are unique; values are any UTF-8.
  std::vector<std::pair<std::string, std::string>> facts;
  std::vector<Step> steps;

  std::string Fact(std::string_view name) const;  ///< Empty when absent.
};

/// The plan file: versioned text with a checksum. Parse refuses anything it cannot prove whole:
/// kCorruption "plan.corrupt", kUnsupported "plan.newer". Paths are checked to stay in their trees.
std::string WriteOperationPlan(const OperationPlan& plan);
Result<OperationPlan> ParseOperationPlan(std::string_view bytes);
/// The lock keys of a plan of this or a newer version, also when the rest of it is damaged: they
/// have a checksum of their own. kCorruption "plan.corrupt".
Result<std::vector<std::string>> ParsePlanLocks(std::string_view bytes);

/// Brings the store up to date with an applied plan. Called after the trees are durable, by the
/// owner and again by recovery; must therefore be repeatable.
using Acknowledge = std::function<Status(const OperationPlan&)>;

/// Lock keys. A session's lock is taken in the tree it lives in, so that everybody who shares that
/// tree takes the same one. `project` is empty for Unassigned.
std::string PrearchiveLockKey(std::string_view project, std::string_view timestamp,
                              std::string_view folder);
std::string ArchiveLockKey(std::string_view project, std::string_view label);

/// The locks of any number of sessions, in one open file for each tree.
using SessionLocks = std::map<Tree, FileLock>;

/// One unfinished operation, owned by this process. Movable. One thread at a time.
///
/// Two operations that name the same key exclude each other, in one process as in two (I1).
class Operation {
 public:
  /// Takes the locks (sorted, without waiting), finishes whatever an earlier owner of one of them
  /// left, discards what never got a plan, and makes the home in `home`. `trees` must outlive the
  /// operation. `held` are locks the caller has taken (LockSession), such as to look whether there
  /// is anything to do; they are the operation's from here on.
  ///
  /// Returns kLocked "operation.locked" when another thread or process holds a key;
  /// kRecoveryRequired when an earlier operation cannot be finished now.
  static Result<Operation> Begin(const Trees& trees, Tree home, std::string_view kind,
                                 std::vector<std::string> lock_keys, const Acknowledge& acknowledge,
                                 SessionLocks held = {});
  Operation(Operation&&) noexcept;
  Operation& operator=(Operation&&) noexcept;
  /// Discards the stage unless Commit made a plan durable. Failures to discard are left to
  /// recovery.
  ~Operation();

  const std::string& id() const { return id_; }
  Tree home() const { return home_; }
  const Trees& trees() const { return *trees_; }
  /// Where to stage, relative to the home tree: ".xa/ops/<id>/stage".
  const std::string& stage() const { return stage_; }

  /// Takes further locks, as Begin does. On failure those held before are still held, and some of
  /// `keys` may be; it can be called again with any keys.
  Status Lock(std::vector<std::string> keys, const Acknowledge& acknowledge);

  /// Makes staged directory `path` durable already, if it is small: so Commit takes less time, in
  /// which others wait for its locks. Nobody changes what is below `path` afterwards.
  Status SyncAhead(const std::string& path);

  /// Makes payload and stage durable, writes the plan, applies it, makes every touched directory
  /// durable, acknowledges, clears the plan, removes what was purged, and releases the locks.
  /// `plan.kind` and `plan.locks` are filled in. `threads`: for linking and removing.
  ///
  /// On failure disk_state() is kUnchanged before the plan was durable, kRecoveryPending after,
  /// and kCommitted when only clearing or removing failed (the change itself is done and
  /// acknowledged; callers should report success). kConflict "operation.target-exists" when the
  /// target of a move has appeared; unchanged.
  Status Commit(OperationPlan plan, const Acknowledge& acknowledge, unsigned threads = 1);

 private:
  enum class State { kOpen, kPlanned, kFinished };

  Operation() = default;
  Status MakeDurable(const OperationPlan& plan) const;
  Result<bool> SyncFewStaged(const OperationPlan& plan) const;
  Result<bool> SyncIfSmall(const std::string& path) const;
  Status PublishPlan(const OperationPlan& plan);
  Status RetractPlan(Status cause);
  void Discard();

  const Trees* trees_ = nullptr;
  Tree home_ = Tree::kArchive;
  std::string id_;
  std::string stage_;
  std::vector<std::string> synced_;  // of the stage, by SyncAhead
  std::string kind_;
  std::vector<std::string> keys_;
  SessionLocks locks_;           // at least those of keys_
  std::vector<FileLock> owner_;  // one: says that this operation's owner lives
  State state_ = State::kFinished;
};

/// What Recover found.
struct RecoveryReport {
  std::vector<std::string> finished;   ///< "<kind> <id>": redone to the end.
  std::vector<std::string> discarded;  ///< "<id>": never got a plan, nothing had happened.
  std::vector<std::string> busy;       ///< "<id>": the owner lives.
  std::vector<std::string> failed;     ///< "<id>: <why>": needs an operator, or another try later.
};

/// Finishes or undoes whatever dead owners left in both trees, and empties the trash. Never waits.
Result<RecoveryReport> RecoverOperations(const Trees& trees, const Acknowledge& acknowledge,
                                         unsigned threads = 1);

/// Removes what finished operations left in the trash of both trees.
Status SweepTrash(const Trees& trees, unsigned threads);

}  // namespace xnatarchive

#endif  // XNATARCHIVE_ARCHIVE_OPERATION_HPP_
