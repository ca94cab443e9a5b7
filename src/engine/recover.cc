#include <utility>

#include "archive/experiment_facts.hpp"
#include "archive/operation_home.hpp"
#include "base/status_macros.hpp"
#include "engine/core.hpp"
#include "prearchive/build_session.hpp"
#include "prearchive/receive.hpp"
#include "prearchive/session_state.hpp"

namespace xnatarchive {

Acknowledge ArchiveEngine::Core::Acknowledger() const {
  return [this](const OperationPlan& plan) -> Status {
    if (plan.kind == "receive") return AcknowledgeReceive(store, plan);
    if (plan.kind == "build") return AcknowledgeBuild(store, plan);
    if (plan.kind == "delete") return AcknowledgeDelete(store, plan);
    if (plan.kind == "archive") return AcknowledgeArchive(store, plan);
    return Status(Code::kUnsupported, "plan.unknown-kind",
                  "an unfinished operation is of a kind this version does not know");
  };
}

namespace {

/// Rows that say somebody works on the session although nobody does go back to what the files say.
Status ReleaseRows(const Trees& trees, Store& store) {
  XNA_ASSIGN_OR_RETURN(const std::vector<PrearchiveSession> rows, store.ListPrearchive());
  for (const PrearchiveSession& row : rows) {
    if (!IsLocked(row.state)) continue;
    const Result<FileLock> lock =
        LockSession(trees, PrearchiveLockKey(row.project, row.timestamp, row.folder));
    if (lock.status().code() == Code::kLocked) continue;  // its owner lives
    XNA_RETURN_IF_ERROR(lock.status());
    XNA_ASSIGN_OR_RETURN(const PrearchiveState state, StateFromFiles(trees.prearchive, row.Id()));
    const Result<PrearchiveSession> changed =
        store.ChangePrearchiveState(row.Id(), {row.state}, state);
    // Changed or gone meanwhile: somebody else takes care of it.
    if (!changed.ok() && changed.status().code() != Code::kConflict &&
        changed.status().code() != Code::kNotFound && changed.status().code() != Code::kLocked) {
      return changed.status();
    }
  }
  return Status();
}

/// Audit records of operations that died before they had a plan.
Status CloseAudits(const Trees& trees, Store& store) {
  XNA_ASSIGN_OR_RETURN(const std::vector<AuditRow> records, store.ListOpenAudit());
  for (const AuditRow& record : records) {
    const Result<FileLock> lock = LockSession(trees, ArchiveLockKey(record.project, record.label));
    if (lock.status().code() == Code::kLocked) continue;
    XNA_RETURN_IF_ERROR(lock.status());
    const Status closed = store.CloseAudit(record.id, AuditStatus::kFailed, "interrupted");
    if (!closed.ok() && closed.code() != Code::kConflict) return closed;
  }
  return Status();
}

}  // namespace

Result<RecoverySummary> ArchiveEngine::Core::Recover() {
  XNA_ASSIGN_OR_RETURN(RecoveryReport report, RecoverOperations(trees, Acknowledger(), threads));
  XNA_RETURN_IF_ERROR(ReleaseRows(trees, store));
  XNA_RETURN_IF_ERROR(CloseAudits(trees, store));
  RecoverySummary summary;
  summary.finished = std::move(report.finished);
  summary.discarded = std::move(report.discarded);
  summary.busy = std::move(report.busy);
  summary.failed = std::move(report.failed);
  return summary;
}

}  // namespace xnatarchive
