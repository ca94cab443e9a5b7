// receive.hpp - publishes what an upload brought as sessions of the prearchive.
//
// All sessions of one upload appear together or not at all: one operation, one plan.
#ifndef XNATARCHIVE_PREARCHIVE_RECEIVE_HPP_
#define XNATARCHIVE_PREARCHIVE_RECEIVE_HPP_

#include <cstdint>
#include <functional>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "archive/operation.hpp"
#include "base/named_values.hpp"
#include "prearchive/received_drafts.hpp"
#include "store/store.hpp"
#include "xnatarchive/prearchive_session.hpp"

namespace xnatarchive {

/// What the request says about every session of the upload. Empty: the data decides.
struct ReceiveRequest {
  std::string project;
  std::string subject;
  std::string label;
  /// The waiting session that all of it is to join, by its folder there: nothing else is received
  /// then. `project` and `label` are that session's.
  std::optional<PrearchiveId> target = {};
  std::string handler;  ///< Its name, which is the SOURCE of a new session when `source` is empty.
  Actor actor;          ///< Who uploads.
  /// Whether a session may go into this project; asked for every session before any is published.
  /// Empty: always.
  std::function<Status(const std::string& project)> authorize = {};
  /// What is kept with the row. A session that is joined takes over what is given here, and keeps
  /// the rest of what it has.
  std::string source = {};
  std::string visit = {};
  std::string protocol = {};
  std::string time_zone = {};
  bool prevent_anon = false;
  bool prevent_auto_commit = false;
  NamedValues parameters = {};  ///< For PrearchiveSession::parameters.
};

struct ReceiveOutcome {
  std::vector<PrearchiveSession> sessions;  ///< As stored, sorted by project, study and label.
  std::uint64_t files_received = 0;
  std::uint64_t files_identical = 0;
  std::uint64_t bytes_received = 0;
};

/// Publishes the finished drafts with `operation` (home: prearchive). A draft whose project, Study
/// Instance UID and label a waiting session has joins that session: objects it has already with
/// the same bytes are counted as identical, the same object of the same series with other bytes is
/// replaced, any other file of the same name gets another name. Any other draft becomes a session
/// of its own, under a timestamp nobody else has.
///
/// kInvalidArgument "import.nothing" when no file was kept and a filter is not the reason,
/// "import.bad-label" when a label or subject can not be one; kConflict "import.other-study" when
/// something does not join the wanted session; kLocked while somebody else works on
/// a session to be joined. Sessions afterwards are RECEIVING when they need a build, else READY.
Result<ReceiveOutcome> PublishReceived(const Trees& trees, Store& store, Operation& operation,
                                       ReceivedDrafts& drafts, const ReceiveRequest& request,
                                       const Acknowledge& acknowledge);

/// The store's part of a "receive" plan. Repeatable.
Status AcknowledgeReceive(Store& store, const OperationPlan& plan);

}  // namespace xnatarchive

#endif  // XNATARCHIVE_PREARCHIVE_RECEIVE_HPP_
