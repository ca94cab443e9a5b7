// operation_home.hpp - names and primitives shared by an operation's owner and by recovery.
#ifndef XNATARCHIVE_ARCHIVE_OPERATION_HOME_HPP_
#define XNATARCHIVE_ARCHIVE_OPERATION_HOME_HPP_

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

#include "archive/operation.hpp"

namespace xnatarchive {

inline constexpr std::string_view kOperationsDirectory = ".xa/ops";
inline constexpr std::string_view kTrashDirectory = ".xa/trash";

/// Unique on this host: milliseconds, process and a count, in base 36.
std::string NewOperationId();

std::string OperationHome(std::string_view id);                ///< ".xa/ops/<id>"
std::string PlanName(std::string_view id);                     ///< ".xa/ops/<id>/plan"
std::string DoneName(std::string_view id);                     ///< ".xa/ops/<id>/done"
std::string BallastName(std::string_view id);                  ///< ".xa/ops/<id>/ballast"
std::string UndoName(std::string_view id, std::size_t step);   ///< ".xa/ops/<id>/undo/<step>"
std::string TrashName(std::string_view id, std::size_t step);  ///< ".xa/trash/<id>.<step>"
/// ".xa-mark-<id>", in a directory that a swap brings in: told from that of any other operation,
/// whose leftovers may be cleaned up at any time.
std::string SwapMark(std::string_view id);

/// The ids of all operations whose home is in `tree`, oldest first.
Result<std::vector<std::string>> ListOperations(const Directory& tree);

/// Takes the lock that says "the owner of this operation lives".
Result<FileLock> LockOwner(const Directory& tree, std::string_view id);
/// Takes the lock of a session, in the tree its key names. kLocked "operation.locked", with the
/// key, such as "archive/DEMO/S1", as its path: an operation has several sessions.
Result<FileLock> LockSession(const Trees& trees, std::string_view key);
/// Adds that lock to `locks`; fine when it is there already.
Status LockSession(const Trees& trees, std::string_view key, SessionLocks* locks);

enum class PlanState {
  kNone,     ///< Nothing has happened: the operation may be discarded.
  kPlanned,  ///< It has to be finished.
  kDone,     ///< Finished and acknowledged; only its leftovers are there.
};
/// The plan of an operation, as bytes; empty for kNone.
struct FoundPlan {
  PlanState state = PlanState::kNone;
  std::string bytes;
};
Result<FoundPlan> FindPlan(const Directory& tree, std::string_view id);

/// Makes the end of an applied operation durable: from here on its plan is never redone.
Status MarkDone(const Directory& tree, std::string_view id);

/// Whether CleanUp may change anything of the sessions: with the first names of linked files, which
/// go with what is purged, their ctime changes, which tells whoever looks at a session that a file
/// is still what it was.
bool CleanUpTouchesSessions(const OperationPlan& plan);

/// Removes what a finished operation left: swap marks, its trash, its home. Requires the plan's
/// locks if it touches sessions.
Status CleanUp(const Trees& trees, Tree home, std::string_view id, const OperationPlan& plan,
               unsigned threads);

/// A tree that is to go; fine when absent.
struct Removal {
  const Directory* tree = nullptr;
  std::string path;
};

/// Removes whole trees, all of their branches on several threads. On failure any of them may be
/// gone, or a part of it; it can be called again.
Status RemoveInParallel(const std::vector<Removal>& removals, unsigned threads);

/// Finishes what dead owners of one of `keys` left, and discards dead operations that never had a
/// plan. Requires that the caller holds the locks of `keys`. kLocked "operation.locked" when
/// another process is finishing such an operation; kRecoveryRequired when it can not be finished
/// now.
Status FinishEarlier(const Trees& trees, const std::vector<std::string>& keys,
                     const Acknowledge& acknowledge);

}  // namespace xnatarchive

#endif  // XNATARCHIVE_ARCHIVE_OPERATION_HOME_HPP_
