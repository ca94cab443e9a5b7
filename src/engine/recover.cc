#include <cstring>
#include <string>
#include <utility>
#include <vector>

#include "archive/experiment_facts.hpp"
#include "archive/history.hpp"
#include "archive/operation_home.hpp"
#include "base/status_macros.hpp"
#include "engine/core.hpp"
#include "engine/hooks.hpp"
#include "prearchive/build_session.hpp"
#include "prearchive/move_session.hpp"
#include "prearchive/receive.hpp"
#include "prearchive/session_state.hpp"

namespace xnatarchive {

namespace {

Status TellStore(Store& store, const OperationPlan& plan) {
  if (plan.kind == "receive") return AcknowledgeReceive(store, plan);
  if (plan.kind == "build") return AcknowledgeBuild(store, plan);
  if (plan.kind == "delete") return AcknowledgeDelete(store, plan);
  if (plan.kind == "move") return AcknowledgeMove(store, plan);
  if (plan.kind == "archive") return AcknowledgeArchive(store, plan);
  if (plan.kind == "refresh") return AcknowledgeRefresh(store, plan);
  return Status(Code::kUnsupported, "plan.unknown-kind",
                "an unfinished operation is of a kind this version does not know");
}

/// Rows that say somebody works on the session although nobody does.
Status ReleaseUnowned(const Trees& trees, Store& store, const PrearchiveSession& row) {
  if (!IsLocked(row.state)) return Status();
  const Result<FileLock> lock =
      LockSession(trees, PrearchiveLockKey(row.project, row.timestamp, row.folder));
  if (lock.status().code() == Code::kLocked) return Status();  // its owner lives
  XNA_RETURN_IF_ERROR(lock.status());
  const Result<PrearchiveSession> released = ReleaseRow(trees.prearchive, store, row);
  // Changed or gone meanwhile: somebody else takes care of it.
  if (released.status().code() == Code::kConflict || released.status().code() == Code::kNotFound ||
      released.status().code() == Code::kLocked) {
    return Status();
  }
  return released.status();
}

/// Whether an operation's owner or recovery is still going to end its record.
Result<bool> IsUnfinished(const Trees& trees, const std::string& operation_id) {
  if (operation_id.empty()) return false;
  for (const Tree tree : kAllTrees) {
    XNA_ASSIGN_OR_RETURN(const bool there, trees[tree].Exists(OperationHome(operation_id)));
    if (there) return true;
  }
  return false;
}

/// Audit records of operations that died before they had a plan, and of pipelines whose caller
/// died.
Status CloseUnowned(const Trees& trees, Store& store, const AuditRow& record) {
  const Result<FileLock> lock = LockSession(
      trees, record.type == kPipelineRecord ? PipelineLockKey(record.project, record.id)
                                            : ArchiveLockKey(record.project, record.label));
  if (lock.status().code() == Code::kLocked) return Status();
  XNA_RETURN_IF_ERROR(lock.status());
  XNA_ASSIGN_OR_RETURN(const bool unfinished, IsUnfinished(trees, record.operation_id));
  if (unfinished) return Status();
  // A record of the history is gone with one rename, whatever happened afterwards.
  const bool pruned =
      record.type == kPrunedRecord &&
      ReadHistory(trees.archive, record.justification.substr(std::strlen(kPrunedPrefix)))
              .status()
              .code() == Code::kNotFound;
  const Status closed = pruned ? store.CloseAudit(record.id, AuditStatus::kComplete)
                               : store.CloseAudit(record.id, AuditStatus::kFailed, "interrupted");
  return closed.code() == Code::kConflict ? Status() : closed;
}

/// Calls `release` for every row. Its failures are only noted: what could not be put right now does
/// not keep an archive, which may be read-only, from being opened.
template <typename Row, typename F>
void ForEachRow(const char* name, const Result<std::vector<Row>>& rows, const F& release,
                std::vector<std::string>* failed) {
  if (!rows.ok()) {
    failed->push_back(std::string(name) + "s: " + rows.status().ToString());
    return;
  }
  for (const Row& row : *rows) {
    const Status status = release(row);
    if (!status.ok()) failed->push_back(std::string(name) + ": " + status.ToString());
  }
}

}  // namespace

Acknowledge ArchiveEngine::Core::Acknowledger(Hooks& hooks) const {
  return [this, &hooks](const OperationPlan& plan) -> Status {
    XNA_RETURN_IF_ERROR(TellStore(store, plan));
    hooks.Happened(plan);
    return Status();
  };
}

std::string PipelineLockKey(const std::string& project, std::int64_t audit_id) {
  return ArchiveLockKey(project, "pipelines/" + std::to_string(audit_id));  // '/': no session label
}

Result<RecoverySummary> ArchiveEngine::Core::Recover(Hooks& hooks) {
  store.MakeRoom();  // I7
  XNA_ASSIGN_OR_RETURN(RecoveryReport report,
                       RecoverOperations(trees, Acknowledger(hooks), threads));
  ForEachRow(
      "prearchive row", store.ListPrearchive(),
      [&](const PrearchiveSession& row) { return ReleaseUnowned(trees, store, row); },
      &report.failed);
  ForEachRow(
      "audit record", store.ListOpenAudit(),
      [&](const AuditRow& record) { return CloseUnowned(trees, store, record); }, &report.failed);
  ForEachRow(
      "job item", store.ListRunningJobItems(),
      [&](const JobItemRow& item) { return RequeueUnowned(item); }, &report.failed);
  RecoverySummary summary;
  summary.finished = std::move(report.finished);
  summary.discarded = std::move(report.discarded);
  summary.busy = std::move(report.busy);
  summary.failed = std::move(report.failed);
  return summary;
}

Result<PrearchiveSession> ArchiveEngine::Core::ReleaseStale(PrearchiveSession row, Hooks& hooks) {
  if (!IsLocked(row.state)) return row;
  const std::string key = PrearchiveLockKey(row.project, row.timestamp, row.folder);
  XNA_ASSIGN_OR_RETURN(const FileLock lock, LockSession(trees, key));
  XNA_RETURN_IF_ERROR(FinishEarlier(trees, {key}, Acknowledger(hooks)));
  // Others may have released it, or finished what the dead one had begun, before we had the lock.
  XNA_ASSIGN_OR_RETURN(auto now, store.FindPrearchive(row.Id()));
  if (!now) {
    return Status(Code::kNotFound, "prearchive.not-found", "the session was archived or deleted");
  }
  if (!IsLocked(now->state)) return std::move(*now);
  return ReleaseRow(trees.prearchive, store, *now);
}

}  // namespace xnatarchive
