// commit_idle.cc - sessions to which no file came for some time: built, and archived if they may
// be.
#include <algorithm>
#include <utility>

#include "archive/operation_home.hpp"
#include "base/status_macros.hpp"
#include "base/time.hpp"
#include "engine/archive_settings.hpp"
#include "engine/auto_archive.hpp"
#include "engine/core.hpp"
#include "engine/hooks.hpp"
#include "prearchive/build_session.hpp"
#include "prearchive/session_state.hpp"

namespace xnatarchive {
namespace {

/// After how long a session that somebody else works on, or that the disk has no room for, is tried
/// again.
constexpr std::int64_t kTryAgainMs = 10'000;

/// One session, from looking at it under its lock to the report.
class IdleSession {
 public:
  IdleSession(ArchiveEngine::Core& core, Hooks& hooks, ProgressReporter& reporter)
      : core_(core), hooks_(hooks), reporter_(reporter) {}

  /// Does what is due. kLocked when somebody else works on it, OK also when nothing is due.
  Status Commit(const PrearchiveId& id, std::int64_t modified_before_ms, IdleReport* report) {
    XNA_ASSIGN_OR_RETURN(SessionLocks lock, Lock(id));
    XNA_ASSIGN_OR_RETURN(const auto row, Look(id));
    if (!row) return Status();
    const bool receiving = row->state == PrearchiveState::kReceiving;
    const bool due = receiving ? row->last_modified_ms <= modified_before_ms
                               : row->state == PrearchiveState::kReady && row->archive_pending;
    if (!due) return Status();  // somebody sent a file, or did it, before the lock was ours
    XNA_ASSIGN_OR_RETURN(const auto archive, RequestUnlessItWaits(core_.store, *row));
    if (receiving) {
      XNA_RETURN_IF_ERROR(Build(id, std::move(lock), archive.has_value()));
    } else if (!archive) {
      XNA_RETURN_IF_ERROR(ForgetPending(*row));
    }
    lock.clear();
    hooks_.TellEvents();
    if (!archive) {
      report->built.push_back(PrearchiveUri(*row));
      return Status();
    }
    XNA_ASSIGN_OR_RETURN(ArchiveReport archived, core_.ArchiveReady(*archive, hooks_, id));
    if (!archived.pipeline.ok()) {
      report->failed_pipelines.emplace_back(archived.uri, std::move(archived.pipeline));
    }
    report->archived.push_back(std::move(archived.uri));
    return Status();
  }

 private:
  Result<SessionLocks> Lock(const PrearchiveId& id) {
    const std::string key = PrearchiveLockKey(id.project, id.timestamp, id.folder);
    SessionLocks lock;
    XNA_RETURN_IF_ERROR(LockSession(core_.trees, key, &lock));
    XNA_RETURN_IF_ERROR(FinishEarlier(core_.trees, {key}, core_.Acknowledger(hooks_)));
    return lock;
  }

  /// The row as it is under the lock; a state that only a dead process can have left is gone.
  Result<std::optional<PrearchiveSession>> Look(const PrearchiveId& id) {
    XNA_ASSIGN_OR_RETURN(auto row, core_.store.FindPrearchive(id));
    if (row && IsLocked(row->state)) {
      XNA_ASSIGN_OR_RETURN(row, ReleaseRow(core_.trees.prearchive, core_.store, *row));
    } else if (row && row->state == PrearchiveState::kReceivingInterrupt) {
      const std::int64_t modified_ms = row->last_modified_ms;
      XNA_ASSIGN_OR_RETURN(
          row, core_.store.ChangePrearchiveState(id, {row->state}, PrearchiveState::kReceiving));
      row->last_modified_ms = modified_ms;  // no file came
    }
    return row;
  }

  Status Build(const PrearchiveId& id, SessionLocks lock, bool archive_pending) {
    return BuildPrearchiveSession(core_.trees, core_.store,
                                  {id, ActorOf(hooks_.call()), reporter_.BuildProgress(),
                                   std::move(lock), archive_pending},
                                  core_.Acknowledger(hooks_))
        .status();
  }

  /// It was to be archived when it was built, and is not any more: its project says so.
  Status ForgetPending(PrearchiveSession row) {
    row.archive_pending = false;
    return core_.store.UpdatePrearchive(row);
  }

  ArchiveEngine::Core& core_;
  Hooks& hooks_;
  ProgressReporter& reporter_;
};

bool IsGone(const Status& failure) { return failure.reason() == "prearchive.not-found"; }

}  // namespace

Result<IdleReport> ArchiveEngine::Core::CommitIdle(Hooks& hooks) {
  XNA_ASSIGN_OR_RETURN(const ArchiveSettings settings, LoadArchiveSettings(store, ""));
  const std::int64_t modified_before_ms = NowMs() - settings.idle_ms;
  XNA_ASSIGN_OR_RETURN(const std::vector<PrearchiveSession> rows,
                       store.ListIdlePrearchive(modified_before_ms));
  ProgressReporter reporter(hooks.call());
  IdleSession session(*this, hooks, reporter);
  IdleReport report;
  bool all_done = true;
  std::uint64_t done = 0;
  for (const PrearchiveSession& row : rows) {
    if (!reporter.Report({"idle", done++, rows.size(), 0, 0})) break;
    Status status = session.Commit(row.Id(), modified_before_ms, &report);
    if (reporter.cancelled()) break;
    if (status.ok() || IsGone(status)) continue;
    all_done = false;
    if (status.code() == Code::kLocked) continue;  // in other hands, or a file came meanwhile
    hooks.Failed(PrearchiveUri(row), status);
    report.failed.emplace_back(PrearchiveUri(row), std::move(status));
  }
  if (reporter.cancelled()) {
    report.next_ms = 0;
    return report;
  }
  XNA_ASSIGN_OR_RETURN(const auto oldest, store.OldestReceiving());
  if (!all_done) report.next_ms = kTryAgainMs;
  if (oldest) {
    const std::int64_t due_ms = *oldest + settings.idle_ms - NowMs();
    const std::int64_t next_ms = due_ms > 0 ? due_ms : kTryAgainMs;
    report.next_ms = report.next_ms < 0 ? next_ms : std::min(report.next_ms, next_ms);
  }
  return report;
}

}  // namespace xnatarchive
