#include <string>
#include <utility>
#include <vector>

#include "archive/operation_home.hpp"
#include "archive/quarantine_mark.hpp"
#include "base/status_macros.hpp"
#include "base/time.hpp"
#include "engine/core.hpp"
#include "engine/hooks.hpp"

namespace xnatarchive {
namespace {

const char* StatusName(AuditStatus status) {
  if (status == AuditStatus::kInProgress) return "In Progress";
  return status == AuditStatus::kComplete ? "Complete" : "Failed";
}

/// Of what the record is about: the archived session, once it has an ID.
std::string UriOf(const AuditRow& record) {
  if (!record.experiment_id.empty()) return "/data/archive/experiments/" + record.experiment_id;
  return record.prearchive.empty() ? "" : "/data/prearchive/projects/" + record.prearchive;
}

Table AuditTable(const std::vector<AuditRow>& records) {
  Table table;
  table.columns = {"id",     "started", "ended",         "type",  "status", "user",
                   "origin", "project", "label",         "files", "bytes",  "justification",
                   "reason", "detail",  "experiment_id", "URI"};
  for (const AuditRow& record : records) {
    table.rows.push_back({std::to_string(record.id), FormatTableTime(record.started_ms),
                          record.ended_ms == 0 ? "" : FormatTableTime(record.ended_ms), record.type,
                          StatusName(record.status), record.user, record.origin,
                          record.project.empty() ? std::string(kUnassigned) : record.project,
                          record.label, std::to_string(record.files), std::to_string(record.bytes),
                          record.justification, record.reason, record.detail, record.experiment_id,
                          UriOf(record)});
  }
  return table;
}

Result<std::vector<AuditRow>> RecordsOf(const ArchiveEngine::Core& core, const ParsedUri& uri,
                                        Hooks& hooks) {
  switch (uri.kind) {
    case UriKind::kProject: {
      XNA_ASSIGN_OR_RETURN(const std::string id,
                           core.RequireProject(uri.project, Permission::kRead, hooks));
      return core.store.ListProjectAudit(id);
    }
    case UriKind::kExperiment: {
      XNA_ASSIGN_OR_RETURN(const ExperimentRow row,
                           core.FindExperiment(uri, Permission::kRead, hooks));
      XNA_ASSIGN_OR_RETURN(auto records, core.store.ListSessionAudit(row.id));
      // Where it waited before it was moved may be a project of others.
      XNA_RETURN_IF_ERROR(hooks.KeepReadable(&records, &AuditRow::project));
      return records;
    }
    case UriKind::kPrearchiveSession: {
      XNA_RETURN_IF_ERROR(hooks.AuthorizeUri(uri));
      XNA_ASSIGN_OR_RETURN(auto records, core.store.ListPrearchiveAudit(PrearchivePlace(
                                             {uri.project, uri.timestamp, uri.folder})));
      if (!records.empty()) return records;
      return Status(Code::kNotFound, "prearchive.not-found",
                    "nothing is known of such a prearchive session");
    }
    default:
      return Status(Code::kInvalidArgument, "uri.no-audit",
                    "expected the URI of a project, an experiment or a prearchive session");
  }
}

/// What only the store has to be told of a session that was released.
Status NoteActivation(Store& store, ExperimentRow experiment, const Actor& actor) {
  experiment.status = ExperimentStatus::kActive;
  AuditRow record = ExperimentRecord("Activated", actor, experiment);
  record.status = AuditStatus::kComplete;
  record.files = experiment.file_count;
  record.bytes = experiment.bytes;
  return store.Transaction([&](Store& transaction) -> Status {
    XNA_RETURN_IF_ERROR(transaction.UpsertExperiment(experiment));
    return transaction.AddAudit(record);
  });
}

}  // namespace

Result<Table> ArchiveEngine::Core::Audit(std::string_view text, Hooks& hooks) const {
  if (text.empty()) {
    XNA_ASSIGN_OR_RETURN(auto records, store.ListProjectAudit(std::nullopt));
    XNA_RETURN_IF_ERROR(hooks.KeepReadable(&records, &AuditRow::project));
    return AuditTable(records);
  }
  XNA_ASSIGN_OR_RETURN(const ParsedUri uri, ParseUri(text));
  XNA_ASSIGN_OR_RETURN(const auto records, RecordsOf(*this, uri, hooks));
  return AuditTable(records);
}

Result<bool> ArchiveEngine::Core::Activate(std::string_view text, Hooks& hooks) {
  XNA_ASSIGN_OR_RETURN(const ParsedUri uri, ParseUri(text));
  if (uri.kind != UriKind::kExperiment) {
    return Status(Code::kInvalidArgument, "uri.not-an-experiment",
                  "expected the URI of an archived session");
  }
  XNA_ASSIGN_OR_RETURN(const ExperimentRow named, FindExperiment(uri, Permission::kAdmin, hooks));
  const std::string key = ArchiveLockKey(named.project, named.label);
  XNA_ASSIGN_OR_RETURN(const FileLock lock, LockSession(trees, key));  // I1
  XNA_RETURN_IF_ERROR(FinishEarlier(trees, {key}, Acknowledger(hooks)));
  XNA_ASSIGN_OR_RETURN(const auto row, store.FindExperiment(named.id));
  if (!row) return Status(Code::kNotFound, "uri.not-found", "there is no such experiment");
  XNA_ASSIGN_OR_RETURN(const bool marked, HasQuarantineMark(trees.archive, row->path));
  if (!marked && row->status == ExperimentStatus::kActive) return false;
  // The tree first. Whoever dies in between leaves a session that is listed as quarantined, and
  // that the next call releases.
  XNA_RETURN_IF_ERROR(RemoveQuarantineMark(trees.archive, row->path));
  XNA_RETURN_IF_ERROR(NoteActivation(store, *row, ActorOf(hooks.call())));
  return true;
}

Result<Table> ArchiveEngine::Audit(std::string_view uri, const CallOptions& call) const {
  Hooks hooks(*core_, call);
  return core_->Audit(uri, hooks);
}

Result<bool> ArchiveEngine::Activate(std::string_view uri, const CallOptions& call) {
  Hooks hooks(*core_, call);
  Result<bool> activated = core_->Activate(uri, hooks);
  hooks.TellEvents();  // of what a dead process had left
  return activated;
}

}  // namespace xnatarchive
