#include <chrono>
#include <functional>
#include <thread>
#include <utility>

#include "archive/archive_session.hpp"
#include "archive/archive_tree.hpp"
#include "archive/experiment_facts.hpp"
#include "archive/merge_session.hpp"
#include "archive/operation_home.hpp"
#include "base/status_macros.hpp"
#include "base/time.hpp"
#include "catalog/folder_places.hpp"
#include "engine/core.hpp"
#include "engine/hooks.hpp"
#include "engine/pipelines.hpp"
#include "engine/prepare_archive.hpp"
#include "prearchive/build_session.hpp"
#include "prearchive/session_log.hpp"
#include "prearchive/session_paths.hpp"
#include "prearchive/session_state.hpp"

namespace xnatarchive {
namespace {

constexpr std::chrono::milliseconds kTryLockedAgain{50};
constexpr std::int64_t kSubjectLockTimeoutMs = 60'000;

/// RECEIVING, or stopped by an earlier failure before it was built.
Result<bool> NeedsBuild(const Trees& trees, const PrearchiveSession& row) {
  if (row.state == PrearchiveState::kReceiving ||
      row.state == PrearchiveState::kReceivingInterrupt) {
    return true;
  }
  if (row.state != PrearchiveState::kError && row.state != PrearchiveState::kConflict) return false;
  XNA_ASSIGN_OR_RETURN(const PrearchiveState files, StateFromFiles(trees.prearchive, row.Id()));
  return files == PrearchiveState::kReceiving;
}

/// Takes the archived session's lock and, because two sessions of one new subject may be archived
/// at once, a new subject's, waiting for the latter.
Status LockDestination(Store& store, Operation& operation, const Destination& destination,
                       const Acknowledge& acknowledge) {
  XNA_RETURN_IF_ERROR(
      operation.Lock({ArchiveLockKey(destination.project, destination.label)}, acknowledge));
  if (destination.subject.empty()) return Status();
  XNA_ASSIGN_OR_RETURN(const auto subject,
                       store.FindSubject(destination.project, destination.subject));
  if (subject) return Status();
  const std::string subject_key =
      ArchiveLockKey(destination.project, FolderLockLabel(destination.subject));
  const std::int64_t give_up = NowMs() + kSubjectLockTimeoutMs;
  for (;;) {
    Status status = operation.Lock({subject_key}, acknowledge);
    if (status.code() != Code::kLocked || NowMs() > give_up) return status;
    std::this_thread::sleep_for(std::chrono::milliseconds(5));
  }
}

ExperimentRow RowOf(const PreparedArchive& prepared, const ArchiveRequest& request,
                    const ProjectRow& project) {
  const SessionDocument& document = prepared.session.draft.document;
  ExperimentRow row;
  row.project = prepared.destination.project;
  row.label = prepared.destination.label;
  row.xsi_type = document.xsi_type;
  row.uid = document.uid;
  row.modality = document.Get("@modality");
  row.date = document.Get("date");
  // What is quarantined stays so until somebody has looked at it.
  row.status = request.quarantine || project.quarantine ? ExperimentStatus::kQuarantine
                                                        : prepared.existing_status;
  row.path =
      prepared.existing ? prepared.existing->directory : SessionDirectory(row.project, row.label);
  row.inserted_ms = row.modified_ms = NowMs();
  return row;
}

/// The IDs of the subject and the experiment: those there are, or new ones.
Status TakeIds(Store& transaction, const PreparedArchive& prepared, ExperimentFacts* facts) {
  if (prepared.subject) {
    facts->subject = *prepared.subject;
  } else {
    XNA_ASSIGN_OR_RETURN(facts->subject.id, transaction.NextId(Sequence::kSubject));
    facts->subject.project = prepared.destination.project;
    facts->subject.label = prepared.destination.subject;
  }
  if (prepared.existing) {
    facts->experiment.id = prepared.existing->document.id;
  } else {
    XNA_ASSIGN_OR_RETURN(facts->experiment.id, transaction.NextId(Sequence::kExperiment));
  }
  facts->experiment.subject_id = facts->subject.id;
  return Status();
}

/// What the audit trail says of archiving; `experiment`: what it becomes, as far as it is known.
AuditRow ArchiveRecord(const PreparedArchive& prepared, const ArchiveRequest& request,
                       const Actor& actor, const ExperimentRow& experiment) {
  AuditRow record =
      ExperimentRecord(prepared.existing ? "Merged" : "Transferred", actor, experiment);
  record.prearchive = PrearchivePlace(prepared.row.Id());
  record.files = static_cast<std::int64_t>(prepared.plan.files);
  record.bytes = static_cast<std::int64_t>(prepared.plan.bytes);
  const auto reason = request.parameters.find("event_reason");
  record.justification = reason == request.parameters.end() ? "standard upload" : reason->second;
  if (!prepared.transformed.name.empty()) {
    record.justification += "; transformed by " + prepared.transformed.name;
  }
  return record;
}

/// Opens the audit record: "Transferred" or "Merged", and a second one, "Merged UIDs", when the
/// merge mixes two studies.
Status OpenAuditRecords(Store& transaction, const PreparedArchive& prepared,
                        const ArchiveRequest& request, const Actor& actor, ExperimentFacts* facts) {
  AuditRow record = ArchiveRecord(prepared, request, actor, facts->experiment);
  record.operation_id = facts->operation_id;
  record.started_ms = NowMs();
  XNA_ASSIGN_OR_RETURN(facts->audit_id, transaction.OpenAudit(record));
  if (!prepared.existing) return Status();
  const std::string& incoming = prepared.session.draft.document.uid;
  const std::string& archived = prepared.existing->document.uid;
  if (incoming.empty() || archived.empty() || incoming == archived) return Status();
  record.type = "Merged UIDs";
  return transaction.OpenAudit(record).status();
}

/// Takes the IDs, opens the audit record and marks the row, in one transaction.
Status OpenRecords(Store& store, const PreparedArchive& prepared, const ArchiveRequest& request,
                   const Actor& actor, const std::string& operation_id, ExperimentFacts* facts) {
  facts->operation_id = operation_id;
  return store.Transaction([&](Store& transaction) -> Status {
    XNA_RETURN_IF_ERROR(TakeIds(transaction, prepared, facts));
    XNA_RETURN_IF_ERROR(OpenAuditRecords(transaction, prepared, request, actor, facts));
    const Result<PrearchiveSession> marked = transaction.ChangePrearchiveState(
        prepared.row.Id(), {prepared.row.state}, PrearchiveState::kArchiving);
    if (!marked.ok()) return marked.status();
    const Result<PrearchiveSession> locked = transaction.ChangePrearchiveState(
        prepared.row.Id(), {PrearchiveState::kArchiving}, PrearchiveState::kLockedArchiving);
    return locked.ok() ? Status() : locked.status();
  });
}

/// Validation takes no lock. Fails when the session was archived, moved or deleted meanwhile, or is
/// being.
Status CheckUndisturbed(Store& store, const PrearchiveSession& before) {
  XNA_ASSIGN_OR_RETURN(const auto now, store.FindPrearchive(before.Id()));
  if (!now) {
    return Status(Code::kNotFound, "prearchive.not-found",
                  "there is no such prearchive session any more");
  }
  if (now->state == before.state || !IsLocked(now->state)) return Status();
  return Status(Code::kLocked, "operation.locked",
                "another thread or process has begun to work on the session");
}

/// Whether a failure says something about the session, and not about who else works on it, about
/// the disk, or about the request: only then the session is marked.
bool ConcernsSession(const Status& failure) {
  if (failure.reason() == "archive.contradiction" || failure.reason() == "archive.bad-dest" ||
      failure.reason() == "archive.bad-field" || failure.reason() == "uri.malformed") {
    return false;
  }
  return failure.code() == Code::kConflict || failure.code() == Code::kAlreadyExists ||
         failure.code() == Code::kCorruption || failure.code() == Code::kInvalidArgument;
}

/// Whether the request sets fields of the document, or an upload of the session did.
bool SetsFields(const ArchiveRequest& request, const PrearchiveSession& row) {
  return !request.fields.empty() ||
         std::any_of(row.parameters.begin(), row.parameters.end(),
                     [](const auto& parameter) { return IsXmlPath(parameter.first); });
}

/// What the executor is to do, from what was prepared and recorded. `staged`: where an edited
/// session lies; empty: it is archived from where it waits.
ArchiveExecution ExecutionOf(PreparedArchive* prepared, const ExperimentFacts& facts,
                             const std::string& user, bool sets_fields, const std::string& staged) {
  const SessionPaths paths(prepared->row.Id());
  ArchiveExecution execution;
  execution.session = std::move(prepared->session);
  execution.session.draft.document.id = facts.experiment.id;
  execution.session.draft.document.Set("subject_ID", facts.subject.id);
  execution.source = staged.empty() ? paths.directory : staged;
  execution.source_tree = staged.empty() ? Tree::kPrearchive : Tree::kArchive;
  execution.original = std::move(prepared->transformed.original);
  execution.side_cars = paths.SideCars();
  execution.destination = facts.experiment.path;
  if (!prepared->subject) {
    execution.documents.emplace_back(
        SubjectDocumentPath(facts.subject.project, facts.subject.label),
        WriteSubjectDocument(facts.subject));
  }
  execution.quarantine = facts.experiment.status == ExperimentStatus::kQuarantine;
  execution.sets_fields = sets_fields;
  execution.event = {user, std::to_string(facts.audit_id), NowMs()};
  execution.facts = [facts](const SessionDocument& archived) {
    return WriteExperimentFacts(facts, archived);
  };
  return execution;
}

/// What is known before it is done.
void Describe(const PreparedArchive& prepared, ArchiveReport* report) {
  report->uri = prepared.Uri();
  report->scans = prepared.plan.scans;
  report->merged = prepared.existing.has_value();
  report->counts = prepared.plan.counts;
  report->scan_plan = prepared.plan.scans_planned;
  report->warnings = prepared.plan.findings;
}

/// Ends a failed archive operation: the row it may have locked, and its audit record, or makes one
/// of `refused`, if it came to none and the session is to blame. Where it is, the row and the
/// session's log say so, too. Its own failures change nothing.
void NoteFailure(Store& store, const Trees& trees, const PrearchiveSession& row,
                 const std::string& operation_id, AuditRow refused, const Status& failure) {
  if (failure.disk_state() == DiskState::kRecoveryPending) return;  // it is going to succeed
  const std::string reason =
      std::string(failure.message()) + " [" + std::string(failure.reason()) + "]";
  const bool to_blame = ConcernsSession(failure);
  PrearchiveState state = row.state;
  if (to_blame) {
    AppendSessionLog(trees.prearchive, SessionPaths(row.Id()), "Archive failed: " + reason);
    state = failure.code() == Code::kConflict || failure.code() == Code::kAlreadyExists
                ? PrearchiveState::kConflict
                : PrearchiveState::kError;
  }
  refused.status = AuditStatus::kFailed;
  refused.reason = reason;
  const Status noted = store.Transaction([&](Store& transaction) -> Status {
    XNA_ASSIGN_OR_RETURN(const auto stored, transaction.FindPrearchive(row.Id()));
    if (stored && stored->state != state) {
      const auto changed = transaction.ChangePrearchiveState(row.Id(), {stored->state}, state);
      if (!changed.ok()) return changed.status();
    }
    if (operation_id.empty()) return to_blame ? transaction.AddAudit(refused) : Status();
    XNA_ASSIGN_OR_RETURN(const std::vector<AuditRow> open, transaction.ListOpenAudit());
    for (const AuditRow& record : open) {
      if (record.operation_id != operation_id) continue;
      XNA_RETURN_IF_ERROR(transaction.CloseAudit(record.id, AuditStatus::kFailed, reason));
    }
    return Status();
  });
  IgnoreError(noted, "the operation's own failure is what matters");
}

/// Of what was refused before it had a record: the session it was to become, without an ID, since
/// nothing of it went there.
AuditRow RefusalRecord(const Result<PreparedArchive>& prepared, const PrearchiveSession& row,
                       const ArchiveRequest& request, const Actor& actor) {
  ExperimentRow experiment;
  experiment.project = row.project;
  experiment.label = row.label;
  if (!prepared.ok()) {
    PreparedArchive unprepared;
    unprepared.row = row;
    return ArchiveRecord(unprepared, request, actor, experiment);
  }
  const Destination& destination = prepared->destination;
  if (!destination.project.empty()) experiment.project = destination.project;
  if (!destination.label.empty()) experiment.label = destination.label;
  return ArchiveRecord(*prepared, request, actor, experiment);
}

}  // namespace

/// Archives a session that is built, under its lock. `facts` tells what came of it.
Status ArchiveEngine::Core::ArchiveBuilt(const ArchiveRequest& request, Hooks& hooks,
                                         const PrearchiveId& id, ArchiveReport* report,
                                         ExperimentFacts* facts) {
  const CallOptions& call = hooks.call();
  const Acknowledge acknowledge = Acknowledger(hooks);
  XNA_ASSIGN_OR_RETURN(
      Operation operation,
      Operation::Begin(trees, Tree::kArchive, "archive",
                       {PrearchiveLockKey(id.project, id.timestamp, id.folder)}, acknowledge));
  XNA_ASSIGN_OR_RETURN(auto row, store.FindPrearchive(id));
  if (!row) {
    return Status(Code::kNotFound, "prearchive.not-found", "the session was archived or deleted");
  }
  if (IsLocked(row->state)) {  // by nobody: the session's lock is ours
    XNA_ASSIGN_OR_RETURN(row, ReleaseRow(trees.prearchive, store, *row));
  }
  XNA_ASSIGN_OR_RETURN(const bool receiving, NeedsBuild(trees, *row));
  if (receiving) {
    return Status(Code::kLocked, "archive.receiving", "the session is still receiving files");
  }
  Result<PreparedArchive> prepared = PrepareArchive(
      *this, hooks, request, *row, false,
      [&](const Destination& destination) {
        return LockDestination(store, operation, destination, acknowledge);
      },
      operation.stage());
  const auto fail = [&](Status failure) -> Status {
    NoteFailure(store, trees, *row, facts->operation_id,
                RefusalRecord(prepared, *row, request, ActorOf(call)), failure);
    return failure;
  };
  if (!prepared.ok()) return fail(prepared.status());
  Status blocked = prepared->plan.ToStatus();
  if (!blocked.ok()) return fail(std::move(blocked));

  XNA_ASSIGN_OR_RETURN(const auto project, store.FindProject(prepared->destination.project));
  if (!project) return Status(Code::kNotFound, "project.not-found", "there is no such project");
  const Result<bool> one_file_system = OneFileSystem();
  if (!one_file_system.ok()) return one_file_system.status();
  ProgressReporter reporter(call);
  const auto progress = [&](const Progress& done) { return reporter.Report(done); };
  const Result<std::string> staged =
      StageTransformed(*this, prepared->transformed, operation.stage(), *one_file_system, progress,
                       &prepared->session);
  if (!staged.ok()) return fail(staged.status());
  facts->experiment = RowOf(*prepared, request, *project);
  facts->prearchive = row->Id();
  XNA_RETURN_IF_ERROR(OpenRecords(store, *prepared, request, ActorOf(call), operation.id(), facts));

  Describe(*prepared, report);
  ArchiveExecution execution =
      ExecutionOf(&*prepared, *facts, UserName(call), SetsFields(request, *row), *staged);
  execution.checksum = checksum;
  execution.threads = threads;
  execution.one_file_system = *one_file_system || !staged->empty();
  execution.progress = progress;
  Result<ArchiveOutcome> outcome =
      prepared->existing ? ExecuteMerge(trees, operation,
                                        {std::move(execution), std::move(*prepared->existing),
                                         std::move(prepared->plan)},
                                        acknowledge)
                         : ExecuteArchive(trees, operation, std::move(execution), acknowledge);
  if (!outcome.ok()) return fail(std::move(outcome).status());
  IgnoreError(outcome->clean_up, "the session is archived; leftovers are swept by the next Open");
  report->files = outcome->files;
  report->bytes = outcome->bytes;
  report->files_hashed = outcome->files_hashed;
  return Status();
}

Status RetryWhileLocked(std::int64_t wait_ms, const std::function<bool(const Progress&)>& report,
                        const std::function<Status()>& attempt) {
  const auto start = std::chrono::steady_clock::now();
  for (;;) {
    Status result = attempt();
    if (result.code() != Code::kLocked || MillisecondsSince(start) >= wait_ms) return result;
    if (!report({"wait", 0, 0, 0, 0})) {
      return Status(Code::kCancelled, "archive.wait-cancelled", "the session is still locked");
    }
    std::this_thread::sleep_for(kTryLockedAgain);
  }
}

Result<ArchiveReport> ArchiveEngine::Core::Archive(const ArchiveRequest& request, Hooks& hooks) {
  XNA_RETURN_IF_ERROR(hooks.AuthorizeArchive(request));
  ProgressReporter reporter(hooks.call());
  ArchiveReport archived;
  XNA_RETURN_IF_ERROR(RetryWhileLocked(
      request.wait_ms, [&](const Progress& progress) { return reporter.Report(progress); },
      [&]() -> Status {
        XNA_ASSIGN_OR_RETURN(archived, ArchiveNow(request, hooks));
        return Status();
      }));
  return archived;
}

/// Archives the session if nobody else works on it.
Result<ArchiveReport> ArchiveEngine::Core::ArchiveNow(const ArchiveRequest& request, Hooks& hooks) {
  XNA_ASSIGN_OR_RETURN(PrearchiveSession row, FindRow(request.src, Permission::kEdit, hooks));
  XNA_ASSIGN_OR_RETURN(row, ReleaseStale(std::move(row), hooks));
  XNA_ASSIGN_OR_RETURN(const bool unbuilt, NeedsBuild(trees, row));
  if (unbuilt) {
    ProgressReporter reporter(hooks.call());
    const Result<PrearchiveSession> built = BuildPrearchiveSession(
        trees, store, {row.Id(), ActorOf(hooks.call()), reporter.BuildProgress()},
        Acknowledger(hooks));
    if (!built.ok()) return built.status();
    hooks.TellEvents();
  }
  return ArchiveReady(request, hooks, row.Id());
}

Result<ArchiveReport> ArchiveEngine::Core::ArchiveReady(const ArchiveRequest& request, Hooks& hooks,
                                                        const PrearchiveId& id) {
  ArchiveReport report;
  ExperimentFacts facts;
  XNA_RETURN_IF_ERROR(ArchiveBuilt(request, hooks, id, &report, &facts));
  hooks.TellEvents();
  report.experiment_id = facts.experiment.id;
  report.project = facts.experiment.project;
  report.subject = facts.subject.label;
  report.label = facts.experiment.label;
  report.status =
      facts.experiment.status == ExperimentStatus::kQuarantine ? "quarantine" : "active";
  if (request.trigger_pipelines) {  // the session is archived, whatever comes of this
    report.pipeline = RunProjectPipeline(*this, facts.experiment, report, hooks);
    hooks.TellEvents();
  }
  return report;
}

Result<ValidationReport> ArchiveEngine::Core::Validate(const ArchiveRequest& request,
                                                       Hooks& hooks) const {
  XNA_RETURN_IF_ERROR(hooks.AuthorizeArchive(request));
  XNA_ASSIGN_OR_RETURN(const PrearchiveSession row, FindRow(request.src, Permission::kEdit, hooks));
  XNA_ASSIGN_OR_RETURN(const bool unbuilt, NeedsBuild(trees, row));
  const Result<PreparedArchive> result =
      PrepareArchive(*this, hooks, request, row, unbuilt, {}, "");
  const Status disturbed = CheckUndisturbed(store, row);
  if (!disturbed.ok()) {
    IgnoreError(result.status(), "what was seen of a session on the move is true of nothing");
    return disturbed;
  }
  if (!result.ok()) return result.status();
  const PreparedArchive& prepared = *result;
  ValidationReport report;
  report.findings = prepared.plan.findings;
  report.blocked = prepared.plan.Blocked();
  report.uri = prepared.Uri();
  report.scans = prepared.plan.scans;
  report.files = prepared.plan.files;
  report.bytes = prepared.plan.bytes;
  report.files_to_hash = prepared.plan.files_to_hash;
  report.merges = prepared.existing.has_value();
  report.counts = prepared.plan.counts;
  report.scan_plan = prepared.plan.scans_planned;
  report.resources = prepared.plan.resources;
  return report;
}

}  // namespace xnatarchive
