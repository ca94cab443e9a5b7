// What merges replaced: listed, put back, removed.
#include "archive/history.hpp"

#include <algorithm>
#include <utility>

#include "archive/archive_tree.hpp"
#include "archive/experiment_facts.hpp"
#include "archive/merge_session.hpp"
#include "archive/operation_home.hpp"
#include "base/status_macros.hpp"
#include "base/text.hpp"
#include "base/time.hpp"
#include "catalog/resource_places.hpp"
#include "digest/hash_files.hpp"
#include "engine/archive_settings.hpp"
#include "engine/core.hpp"
#include "engine/hooks.hpp"
#include "engine/prepare_archive.hpp"

namespace xnatarchive {
namespace {

/// A record on its way back into its session.
struct Restoration {
  HistoryRecord record;
  DescribedSession session;
  ExistingSession existing;
  ArchivePlan plan;
};

/// Whether the files of a record are what their entries say: nobody may change them. One that was
/// damaged must not take the place of one that is well, with a new digest and for good.
Status CheckUndamaged(const Directory& record, const Catalog& catalog, unsigned threads) {
  const auto known = [](const CatalogEntry& entry) {
    if (!entry.Meta("XXH3").empty()) return Checksum::kXxh3;
    return entry.digest.empty() ? Checksum::kNone : Checksum::kMd5;
  };
  std::string damaged;
  for (const Checksum checksum : {Checksum::kXxh3, Checksum::kMd5, Checksum::kNone}) {
    std::vector<const CatalogEntry*> entries;
    std::vector<std::string> paths;
    for (const CatalogEntry& entry : catalog.entries) {
      if (known(entry) != checksum) continue;
      entries.push_back(&entry);
      paths.emplace_back(entry.uri);
    }
    XNA_RETURN_IF_ERROR(
        HashFiles(record, paths, checksum, threads, {}, [&](std::size_t i, const HashedFile& file) {
          const CatalogEntry& entry = *entries[i];
          const auto size = ParseInt(entry.Meta("SIZE"));
          const bool well =
              (!size || *size == static_cast<std::int64_t>(file.info.size)) &&
              (checksum != Checksum::kXxh3 || file.digests.xxh3 == entry.Meta("XXH3")) &&
              (checksum != Checksum::kMd5 || EqualsIgnoreCase(file.digests.md5, entry.digest));
          if (!well) damaged = paths[i];
        }));
  }
  if (damaged.empty()) return Status();
  return Status(Code::kCorruption, "history.damaged",
                "a file of the record has not the size or the checksum that it had")
      .WithPath(damaged);
}

/// Describes the record as a session to be merged, and plans that.
Result<Restoration> PrepareRestoration(const ArchiveEngine::Core& core, HistoryDetail detail) {
  const Directory& archive = core.trees.archive;
  const std::string path = HistoryPath(detail.record.id);
  XNA_ASSIGN_OR_RETURN(SessionDocument document, ReadSessionDocument(archive, path));
  Restoration restoration;
  restoration.record = std::move(detail.record);
  MakeCatalogPaths(restoration.record.directory, &document);
  XNA_ASSIGN_OR_RETURN(const Directory source, archive.OpenSubdirectory(path));
  XNA_ASSIGN_OR_RETURN(restoration.session,
                       DescribeSession(source, "", HistoryDraft(detail.catalog, document),
                                       core.checksum, core.threads));
  ExistingSession& existing = restoration.existing;
  existing.directory = restoration.record.directory;
  XNA_RETURN_IF_ERROR(ReadExisting(core, &existing));
  const bool readable = existing.unreadable.empty();  // else the plan says why not
  if (readable && existing.document.id != restoration.record.experiment_id) {
    return Status(Code::kConflict, "history.other-session",
                  "another session has the label of the one the files were replaced in");
  }
  ArchivePolicy policy;
  XNA_ASSIGN_OR_RETURN(const ArchiveSettings settings,
                       LoadArchiveSettings(core.store, restoration.record.project));
  policy.merge.overwrite = Overwrite::kDelete;
  policy.merge.identity =
      settings.use_sop_instance_uid ? ObjectIdentity::kSopInstanceUid : ObjectIdentity::kFileName;
  policy.prevent_cross_modality_merge = false;
  policy.document_stays = true;
  if (readable) {
    XNA_ASSIGN_OR_RETURN(const Directory session, archive.OpenSubdirectory(existing.directory));
    XNA_RETURN_IF_ERROR(CompareWithExisting(source, session,
                                            {policy.merge.identity, core.checksum, core.threads},
                                            &restoration.session, &existing));
  }
  restoration.plan = PlanArchive(restoration.session, &existing, policy);
  XNA_RETURN_IF_ERROR(restoration.plan.ToStatus());
  XNA_RETURN_IF_ERROR(CheckUndamaged(source, detail.catalog, core.threads));
  return restoration;
}

/// The experiment as the store knows it, and a new audit record.
Result<ExperimentFacts> OpenRestoration(Store& store, const Restoration& restoration,
                                        const Actor& actor, const std::string& operation_id) {
  const SessionDocument& document = restoration.existing.document;
  AuditRow record;
  record.type = "Restored";
  record.operation_id = operation_id;
  record.files = static_cast<std::int64_t>(restoration.plan.files);
  record.bytes = static_cast<std::int64_t>(restoration.plan.bytes);
  record.justification = "history " + restoration.record.id;
  return OpenChange(store, document.id, actor, std::move(record));
}

MergeExecution ExecutionOf(const ArchiveEngine::Core& core, Restoration restoration,
                           const ExperimentFacts& facts, const std::string& user) {
  MergeExecution execution;
  ArchiveExecution& archive = execution.archive;
  archive.session = std::move(restoration.session);
  archive.session.draft.document.id = facts.experiment.id;
  archive.source = HistoryPath(restoration.record.id);
  archive.source_tree = Tree::kArchive;
  archive.destination = restoration.existing.directory;
  archive.event = {user, std::to_string(facts.audit_id), NowMs()};
  archive.checksum = core.checksum;
  archive.threads = core.threads;
  archive.facts = [facts](const SessionDocument& archived) {
    return WriteExperimentFacts(facts, archived);
  };
  execution.existing = std::move(restoration.existing);
  execution.plan = std::move(restoration.plan);
  execution.document_rule = DocumentRule::kArchivedStays;
  return execution;
}

/// What only the store can tell afterwards: that there were replaced files, and who removed them.
AuditRow PruneRecord(const HistoryRecord& pruned, const Actor& actor) {
  ExperimentRow experiment;
  experiment.id = pruned.experiment_id;
  experiment.project = pruned.project;
  experiment.label = pruned.label;
  AuditRow record = ExperimentRecord(kPrunedRecord, actor, experiment);
  record.started_ms = NowMs();
  record.files = static_cast<std::int64_t>(pruned.files);
  record.bytes = static_cast<std::int64_t>(pruned.bytes);
  record.justification = kPrunedPrefix + pruned.id;
  return record;
}

/// The record, if this may be done to its project; one of a project that may not be read is not
/// found.
Result<HistoryDetail> FindRecord(const Directory& archive, const std::string& id,
                                 Permission permission, Hooks& hooks) {
  XNA_ASSIGN_OR_RETURN(HistoryDetail detail, ReadHistory(archive, id));
  const Status readable = hooks.Authorize(Permission::kRead, detail.record.project);
  if (readable.code() == Code::kPermission) {
    return Status(Code::kNotFound, "history.not-found", "there is no such history record");
  }
  XNA_RETURN_IF_ERROR(readable);
  XNA_RETURN_IF_ERROR(hooks.Authorize(permission, detail.record.project));
  return detail;
}

}  // namespace

Result<std::vector<HistoryEntry>> ArchiveEngine::Core::History(std::string_view uri,
                                                               Hooks& hooks) const {
  ParsedUri wanted;
  if (!uri.empty()) {
    XNA_ASSIGN_OR_RETURN(wanted, ParseUri(uri));
    XNA_RETURN_IF_ERROR(hooks.AuthorizeUri(wanted));
    if (wanted.kind != UriKind::kArchive && wanted.kind != UriKind::kProject &&
        wanted.kind != UriKind::kExperiment) {
      return Status(Code::kInvalidArgument, "history.bad-uri",
                    "expected the URI of a project or an experiment");
    }
  }
  std::vector<std::string> unreadable;
  XNA_ASSIGN_OR_RETURN(std::vector<HistoryRecord> records, ListHistory(trees.archive, &unreadable));
  XNA_RETURN_IF_ERROR(hooks.KeepReadable(&records, &HistoryRecord::project));
  std::vector<HistoryEntry> entries;
  for (const HistoryRecord& record : records) {
    if (!wanted.project.empty() && record.project != wanted.project) continue;
    if (!wanted.experiment.empty() && record.label != wanted.experiment &&
        record.experiment_id != wanted.experiment) {
      continue;
    }
    entries.push_back({record.id, record.project, record.label, record.experiment_id, record.user,
                       record.time_ms, record.files, record.bytes});
  }
  return entries;
}

Result<ArchiveReport> ArchiveEngine::Core::RestoreHistory(const std::string& id, Hooks& hooks) {
  const CallOptions& call = hooks.call();
  const Acknowledge acknowledge = Acknowledger(hooks);
  XNA_ASSIGN_OR_RETURN(const HistoryDetail found,
                       FindRecord(trees.archive, id, Permission::kDelete, hooks));
  XNA_ASSIGN_OR_RETURN(
      Operation operation,
      Operation::Begin(trees, Tree::kArchive, "archive",
                       {ArchiveLockKey(found.record.project, found.record.label)}, acknowledge));
  XNA_ASSIGN_OR_RETURN(HistoryDetail detail, ReadHistory(trees.archive, id));  // under the lock
  XNA_ASSIGN_OR_RETURN(Restoration restoration, PrepareRestoration(*this, std::move(detail)));
  XNA_ASSIGN_OR_RETURN(const ExperimentFacts facts,
                       OpenRestoration(store, restoration, ActorOf(call), operation.id()));
  ArchiveReport report;
  report.experiment_id = facts.experiment.id;
  report.project = facts.experiment.project;
  report.subject = facts.subject.label;
  report.label = facts.experiment.label;
  report.uri = "/data/archive/projects/" + report.project + "/subjects/" + report.subject +
               "/experiments/" + report.label;
  report.status =
      facts.experiment.status == ExperimentStatus::kQuarantine ? "quarantine" : "active";
  report.merged = true;
  report.counts = restoration.plan.counts;
  report.scan_plan = restoration.plan.scans_planned;
  report.scans = restoration.plan.scans;
  const Result<ArchiveOutcome> outcome =
      ExecuteMerge(trees, operation,
                   ExecutionOf(*this, std::move(restoration), facts, UserName(call)), acknowledge);
  if (!outcome.ok()) {
    if (outcome.status().disk_state() != DiskState::kRecoveryPending) {
      IgnoreError(
          store.CloseAudit(facts.audit_id, AuditStatus::kFailed, outcome.status().ToString()),
          "the operation's own failure is what matters");
    }
    return outcome.status();
  }
  IgnoreError(outcome->clean_up, "the files are back; leftovers are swept by the next Open");
  report.files = outcome->files;
  report.bytes = outcome->bytes;
  return report;
}

Status ArchiveEngine::Core::PruneHistory(const std::string& id, Hooks& hooks) {
  XNA_ASSIGN_OR_RETURN(const HistoryDetail found,
                       FindRecord(trees.archive, id, Permission::kDelete, hooks));
  store.MakeRoom();  // I7
  const std::string key = ArchiveLockKey(found.record.project, found.record.label);
  XNA_ASSIGN_OR_RETURN(const FileLock lock, LockSession(trees, key));
  XNA_RETURN_IF_ERROR(FinishEarlier(trees, {key}, Acknowledger(hooks)));
  XNA_ASSIGN_OR_RETURN(const HistoryDetail detail, ReadHistory(trees.archive, id));
  XNA_ASSIGN_OR_RETURN(const std::int64_t audit_id,
                       store.OpenAudit(PruneRecord(detail.record, ActorOf(hooks.call()))));
  const Status pruned = xnatarchive::PruneHistory(trees.archive, id, threads);
  const bool gone = ReadHistory(trees.archive, id).status().code() == Code::kNotFound;
  const Status noted = gone ? store.CloseAudit(audit_id, AuditStatus::kComplete)
                            : store.CloseAudit(audit_id, AuditStatus::kFailed, pruned.ToString());
  return pruned.ok() ? noted : pruned;
}

}  // namespace xnatarchive
