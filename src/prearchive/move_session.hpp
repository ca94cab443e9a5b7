// move_session.hpp - takes a waiting session into another project, and sets the state of one.
#ifndef XNATARCHIVE_PREARCHIVE_MOVE_SESSION_HPP_
#define XNATARCHIVE_PREARCHIVE_MOVE_SESSION_HPP_

#include <optional>
#include <string>

#include "archive/operation.hpp"
#include "store/store.hpp"
#include "xnatarchive/prearchive_session.hpp"

namespace xnatarchive {

/// Moves the session to `project`, by renames: its files are neither read nor copied. It keeps its
/// folder, label, subject and what its uploads asked for, and its timestamp unless somebody has
/// that in the project already. Its document, if it is READY, names the new project and place; one
/// that is stale anyway is renewed by the next build. Returns the row as it is now.
///
/// Takes the locks of both places (kLocked). kNotFound "prearchive.not-found"; kConflict
/// "prearchive.bad-transition" when its state does not allow it. All or nothing (kUnchanged, or
/// kRecoveryPending).
Result<PrearchiveSession> MoveSession(const Trees& trees, Store& store, const PrearchiveId& id,
                                      const std::string& project, const Actor& actor,
                                      const Acknowledge& acknowledge);

/// The store's part of a "move" plan. Repeatable.
Status AcknowledgeMove(Store& store, const OperationPlan& plan);

/// Gives a session that nobody works on the state its files say, or the wanted one: READY only if
/// the files say so, RECEIVING (to be built again), CONFLICT or ERROR (set aside). What an owner
/// that died left is finished first. A session that is RECEIVING stays so unless another state is
/// wanted: that files came is known to the row alone.
///
/// kInvalidArgument "prearchive.bad-state" for any other state; kConflict "prearchive.not-built";
/// kLocked while somebody works on it; kNotFound "prearchive.not-found".
Result<PrearchiveSession> SetSessionState(const Trees& trees, Store& store, const PrearchiveId& id,
                                          std::optional<PrearchiveState> wanted, const Actor& actor,
                                          const Acknowledge& acknowledge);

}  // namespace xnatarchive

#endif  // XNATARCHIVE_PREARCHIVE_MOVE_SESSION_HPP_
