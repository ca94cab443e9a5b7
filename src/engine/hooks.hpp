// hooks.hpp - the host's strategies, as one call of the engine uses them.
//
// Nothing else in the library calls a strategy. Here exceptions become failures, failures and
// findings are made fit to be passed on, and a strategy that hangs learns that the caller
// cancelled: a host's mistake may cost that host the call, but never a session.
#ifndef XNATARCHIVE_ENGINE_HOOKS_HPP_
#define XNATARCHIVE_ENGINE_HOOKS_HPP_

#include <algorithm>
#include <map>
#include <new>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "archive/operation.hpp"
#include "archive/uri.hpp"
#include "engine/core.hpp"

namespace xnatarchive {

/// kHandlerFailed "<hook>.threw". What was thrown is not told: it may hold what no message may.
inline Status Threw(std::string_view hook) {
  return Status(Code::kHandlerFailed, std::string(hook) + ".threw",
                "the host's " + std::string(hook) + " hook threw an exception");
}

/// Calls a strategy: every one goes through here or through the next. An exception is Threw;
/// std::bad_alloc passes, as everywhere.
template <typename Strategy>
Status CallHook(std::string_view hook, const Strategy& strategy) {
  try {
    return strategy();
  } catch (const std::bad_alloc&) {
    throw;
  } catch (...) {
    return Threw(hook);
  }
}

/// The same when the change is made: the caller has to be told of that, so std::bad_alloc is an
/// exception as any other.
template <typename Strategy>
Status CallHookAfterwards(std::string_view hook, const Strategy& strategy) {
  try {
    return strategy();
  } catch (...) {
    return Threw(hook);
  }
}

/// A strategy's failure as the caller gets it: `code`, a reason that is a slug, one line of
/// message, and no word about the disk, of which a strategy knows nothing.
Status HookFailure(std::string_view hook, Code code, const Status& failure);

/// Appends what one validator found, made fit for the table: what session_validator.hpp promises.
void AddHostFindings(std::vector<Finding> found, std::vector<Finding>* findings);

/// Runs a host's handler. Its failures keep their codes: they tell of the input.
Status DescribeSafely(ImportHandler& handler, ImportSource& source, SessionDrafts& drafts);
/// The same for Accepts, which has no way to fail.
Result<bool> AcceptsSafely(const ImportHandler& handler, const ImportSource& source);

/// The strategies during one call of the engine. One thread: the caller's.
class Hooks {
 public:
  /// Both outlive it.
  Hooks(const ArchiveEngine::Core& core, const CallOptions& call);

  const CallOptions& call() const { return call_; }

  // AccessPolicy. What it cannot decide ends the call: from then on nothing is allowed.

  /// OK; kPermission "access.denied"; or why it could not be decided.
  Status Authorize(Permission permission, const std::string& project);
  /// Read permission for the project a URI names. OK when it names none: see `KeepReadable` for
  /// listings, and ask again when the experiment is found.
  Status AuthorizeUri(const ParsedUri& uri);
  /// Every project that an archive request names: source and destination. Before anything is
  /// looked up.
  Status AuthorizeArchive(const ArchiveRequest& request);
  /// The project a session will be archived in (empty: none is known): edit permission, and what
  /// `overwrite` needs.
  Status AuthorizeDestination(const std::string& project, Overwrite overwrite);
  /// The first of `candidates` that is a project and may be edited.
  std::optional<std::string> FirstProject(const std::vector<std::string>& candidates);
  /// Removes the rows of projects that may not be read.
  template <typename Row>
  Status KeepReadable(std::vector<Row>* rows, std::string Row::*project) {
    const auto hidden = [&](const Row& row) {
      return Authorize(Permission::kRead, row.*project).code() == Code::kPermission;
    };
    rows->erase(std::remove_if(rows->begin(), rows->end(), hidden), rows->end());
    return undecided_;
  }

  // SessionTransform: only where the host has one.

  /// kHandlerFailed "transform.bad-name" when it is none that can be recorded.
  Result<std::string> TransformName();
  /// A failure is the transform's own, or "transform.cancelled".
  Status Transform(const SessionCandidate& session, SessionFiles& files, SessionDocument* document);

  // SessionValidator.

  /// Appends what the validators find. A failure is a validator's own, or "validator.cancelled".
  Status Validate(const SessionCandidate& session, std::vector<Finding>* findings);

  // PipelineLauncher.

  /// Its result, fit for the audit record.
  PipelineResult Launch(const PipelineRequest& request);

  // EventSink. Events are collected while locks are held, and told when none is.

  /// What an acknowledged plan did. After the acknowledgement: the store knows of it.
  void Happened(const OperationPlan& plan);
  void Happened(Event event);
  /// What a call, or a part of it, did not do; `uri` as the request has it.
  void Failed(std::string_view uri, const Status& why);
  /// Tells what has been collected. No lock of the caller's is held.
  void TellEvents();
  /// The end of a call: tells the rest, and whether it failed.
  void End(std::string_view uri, const Status& outcome);
  /// The sink's first failure.
  const Status& events() const { return sink_failure_; }

 private:
  /// Asks the caller whether to go on, as the given phase of the call.
  Cancelled CancelledDuring(const char* phase);
  Status CancelledBy(const char* hook) const;

  const ArchiveEngine::Core& core_;
  const CallOptions& call_;
  ProgressReporter reporter_;
  std::map<std::pair<Permission, std::string>, bool> answers_;  // of the access policy
  Status undecided_;                                            // its first failure
  std::vector<Event> events_;
  Status sink_failure_;
};

}  // namespace xnatarchive

#endif  // XNATARCHIVE_ENGINE_HOOKS_HPP_
