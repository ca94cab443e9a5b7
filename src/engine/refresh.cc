#include <algorithm>
#include <map>
#include <utility>

#include "archive/archive_tree.hpp"
#include "archive/experiment_facts.hpp"
#include "archive/operation_home.hpp"
#include "base/status_macros.hpp"
#include "base/text.hpp"
#include "base/time.hpp"
#include "catalog/folder_places.hpp"
#include "catalog/refresh_session.hpp"
#include "engine/archive_settings.hpp"
#include "engine/core.hpp"
#include "engine/hooks.hpp"

namespace xnatarchive {
namespace {

/// An archived session, or the resources of a project or a subject, and the URIs that name it or
/// something in it.
struct SessionRequest {
  /// Of a project's or a subject's resources, which have no ID: `subject_id` is the subject's
  /// label, `label` what their lock is called by, `path` their folder.
  ExperimentRow experiment;
  std::vector<NamedUri> uris;

  bool IsFolder() const { return experiment.id.empty(); }
};

CatalogOutcome FailedOutcome(std::string uri, const Status& why) {
  CatalogOutcome outcome;
  outcome.uri = std::move(uri);
  outcome.outcome = RefreshOutcome::kFailed;
  outcome.status = why;
  IgnoreError(outcome.status, "the report carries it");
  return outcome;
}

Result<RefreshPolicy> PolicyOf(const ArchiveEngine::Core& core, const RefreshRequest& request) {
  XNA_ASSIGN_OR_RETURN(const ArchiveSettings settings, LoadArchiveSettings(core.store, ""));
  RefreshPolicy policy;
  const Checksum kept = core.checksum;
  policy.review = !request.options && settings.review_without_options;
  policy.options =
      request.options.value_or(RefreshOptions{true, kept != Checksum::kNone, true, true});
  if (policy.review) policy.options = {};
  policy.checksum = kept == Checksum::kNone ? Checksum::kMd5AndXxh3 : kept;
  policy.force = request.force;
  policy.rebuild = request.rebuild && !policy.review;
  policy.removal_percent_max = settings.removal_percent_max;
  return policy;
}

/// Whether a failure ends the whole call: no answer about one URI, but about the host.
bool EndsCall(const Status& status) {
  return status.code() == Code::kHandlerFailed || status.code() == Code::kNoMemory;
}

/// What a project or a subject has its resources in.
Result<ExperimentRow> FindFolder(const ArchiveEngine::Core& core, const ParsedUri& uri,
                                 Hooks& hooks) {
  ExperimentRow folder;
  if (uri.subject.empty()) {
    XNA_ASSIGN_OR_RETURN(folder.project,
                         core.RequireProject(uri.project, Permission::kEdit, hooks));
  } else {
    XNA_ASSIGN_OR_RETURN(const SubjectRow subject, core.FindSubject(uri, Permission::kEdit, hooks));
    folder.project = subject.project;
    folder.subject_id = subject.label;
  }
  folder.label = FolderLockLabel(folder.subject_id);
  folder.path = ResourceFolder(folder.project, folder.subject_id);
  return folder;
}

/// The session or folder that a URI names, or why there is none.
Result<ExperimentRow> FindSession(const ArchiveEngine::Core& core, const ParsedUri& uri,
                                  Hooks& hooks) {
  if (uri.kind < UriKind::kProject) {
    return Status(Code::kInvalidArgument, "uri.not-in-archive", "expected an archive URI");
  }
  if (!uri.collection.empty() && uri.collection != "files") {
    return Status(Code::kInvalidArgument, "uri.malformed",
                  "the URI names a whole level; expected something in it");
  }
  if (uri.experiment.empty()) return FindFolder(core, uri, hooks);
  return core.FindExperiment(uri, Permission::kEdit, hooks);
}

/// One session of a Refresh call.
class SessionRefresh {
 public:
  SessionRefresh(ArchiveEngine::Core& core, Hooks& hooks, const SessionRequest& request,
                 const RefreshExecution& execution)
      : core_(core),
        hooks_(hooks),
        request_(request),
        execution_(execution),
        acknowledge_(core.Acknowledger(hooks)),
        key_(ArchiveLockKey(request.experiment.project, request.experiment.label)) {}

  /// A failure is that of the session as a whole. Where there is nothing to write there is no
  /// operation, which would leave its traces.
  Status Run(std::vector<CatalogOutcome>* outcomes) {
    SessionLocks locks;
    XNA_RETURN_IF_ERROR(LockSession(core_.trees, key_, &locks));  // I1
    XNA_RETURN_IF_ERROR(FinishEarlier(core_.trees, {key_}, acknowledge_));
    XNA_ASSIGN_OR_RETURN(SessionReview review, Review());
    if (review.NeedsWriting(PopulatesStats())) {
      XNA_RETURN_IF_ERROR(Write(std::move(locks), &review));
    } else if (PopulatesStats()) {
      XNA_RETURN_IF_ERROR(UpdateIndex(review.document));
    }
    for (CatalogOutcome& outcome : OutcomesOf(review, Uri())) {
      outcomes->push_back(std::move(outcome));
    }
    return Status();
  }

 private:
  bool PopulatesStats() const { return execution_.policy.options.populate_stats; }

  /// What the store has to be told, and the number of the audit record.
  struct Change {
    std::int64_t audit_id = 0;
    std::function<std::vector<std::pair<std::string, std::string>>(const SessionDocument&)> facts;
  };

  std::string Uri() const {
    const ExperimentRow& row = request_.experiment;
    if (request_.IsFolder()) {
      const std::string project = "/data/archive/projects/" + row.project;
      return row.subject_id.empty() ? project : project + "/subjects/" + row.subject_id;
    }
    const auto subject = core_.store.FindSubject(row.project, row.subject_id);
    const bool known = subject.ok() && subject->has_value();
    return ExperimentUri(row.project, known ? (*subject)->label : row.subject_id, row.label);
  }

  Result<SessionReview> Review() {
    const ExperimentRow& row = request_.experiment;
    if (request_.IsFolder()) {
      return ReviewFolder(core_.trees.archive, row.project, row.subject_id, request_.uris,
                          execution_.policy, core_.threads);
    }
    XNA_ASSIGN_OR_RETURN(SessionReview review,
                         ReviewSession(core_.trees.archive, row.path, request_.uris,
                                       execution_.policy, core_.threads));
    if (review.document.id == row.id) return review;
    return Status(Code::kConflict, "refresh.other-session",
                  "the session's document has another ID than the index")
        .WithPath(row.path);
  }

  /// The document is true; so shall be the index.
  Status UpdateIndex(const SessionDocument& document) {
    return core_.store.Transaction([&](Store& transaction) -> Status {
      XNA_ASSIGN_OR_RETURN(const auto row, transaction.FindExperiment(request_.experiment.id));
      if (!row) return Status();
      ExperimentRow counted = *row;
      SetTotals(document, &counted);
      const bool same = counted.file_count == row->file_count && counted.bytes == row->bytes &&
                        counted.scan_count == row->scan_count;
      return same ? Status() : transaction.UpsertExperiment(counted);
    });
  }

  /// Does what the review found, which becomes what came of it.
  Status Write(SessionLocks locks, SessionReview* review) {
    XNA_ASSIGN_OR_RETURN(Operation operation,
                         Operation::Begin(core_.trees, Tree::kArchive, "refresh", {key_},
                                          acknowledge_, std::move(locks)));
    XNA_RETURN_IF_ERROR(OpenPlanned(core_.trees.archive, execution_, review));
    if (!review->NeedsWriting(PopulatesStats())) return Status();
    AuditRow record;
    record.type = "Refreshed";
    record.operation_id = operation.id();
    record.justification = "refresh " + request_.uris.front().text;
    for (const CatalogReview& catalog : review->catalogs) {
      record.files += static_cast<std::int64_t>(catalog.plan.added.size() + catalog.plan.modified +
                                                catalog.plan.removed);
    }
    XNA_ASSIGN_OR_RETURN(const Change change, OpenRecord(std::move(record)));
    const Status done =
        ExecuteRefresh(core_.trees, operation, execution_,
                       {UserName(hooks_.call()), std::to_string(change.audit_id), NowMs()},
                       change.facts, acknowledge_, review);
    CloseRecord(change.audit_id, done, *review);
    return Status();  // what failed, its catalogs tell
  }

  Result<Change> OpenRecord(AuditRow record) {
    const Actor actor = ActorOf(hooks_.call());
    Change change;
    if (!request_.IsFolder()) {
      XNA_ASSIGN_OR_RETURN(
          const ExperimentFacts facts,
          OpenChange(core_.store, request_.experiment.id, actor, std::move(record)));
      change.audit_id = facts.audit_id;
      change.facts = [facts](const SessionDocument& document) {
        return WriteExperimentFacts(facts, document);
      };
      return change;
    }
    record.project = request_.experiment.project;
    record.label = request_.experiment.label;
    record.user = actor.user;
    record.origin = actor.origin;
    record.started_ms = NowMs();
    XNA_ASSIGN_OR_RETURN(change.audit_id, core_.store.OpenAudit(record));
    change.facts = [operation = record.operation_id](const SessionDocument&) {
      return WriteRefreshFacts(operation);
    };
    return change;
  }

  /// Ends the record of what was not done; the acknowledgement ends that of what was.
  void CloseRecord(std::int64_t audit_id, const Status& done, const SessionReview& review) {
    if (done.disk_state() == DiskState::kRecoveryPending) return;  // it is going to succeed
    const bool written = std::any_of(review.catalogs.begin(), review.catalogs.end(),
                                     [](const CatalogReview& catalog) { return catalog.written; });
    if (done.ok() && written) return;
    const std::string why = done.ok() ? "files were written to meanwhile" : done.ToString();
    IgnoreError(core_.store.CloseAudit(audit_id, AuditStatus::kFailed, why),
                "what happened to the catalogs is what matters");
  }

  ArchiveEngine::Core& core_;
  Hooks& hooks_;
  const SessionRequest& request_;
  const RefreshExecution& execution_;
  const Acknowledge acknowledge_;
  const std::string key_;
};

}  // namespace

Result<RefreshReport> ArchiveEngine::Core::Refresh(const RefreshRequest& request, Hooks& hooks) {
  if (request.resources.empty()) {
    return Status(Code::kInvalidArgument, "refresh.no-resource", "expected the URI of a resource");
  }
  RefreshExecution execution;
  XNA_ASSIGN_OR_RETURN(execution.policy, PolicyOf(*this, request));
  execution.threads = threads;
  ProgressReporter reporter(hooks.call());
  execution.progress = [&](const Progress& progress) { return reporter.Report(progress); };

  RefreshReport report;
  std::vector<SessionRequest> sessions;
  std::map<std::string, std::size_t> session_of_path;
  for (const std::string& text : request.resources) {
    const Result<ParsedUri> uri = ParseUri(text);
    const Result<ExperimentRow> found =
        uri.ok() ? FindSession(*this, *uri, hooks) : Result<ExperimentRow>(uri.status());
    if (EndsCall(found.status())) return found.status();
    if (!found.ok()) {
      report.catalogs.push_back(FailedOutcome(text, found.status()));
      continue;
    }
    const auto [at, is_new] = session_of_path.emplace(found->path, sessions.size());
    if (is_new) sessions.push_back({*found, {}});
    sessions[at->second].uris.push_back({text, *uri});
  }
  for (const SessionRequest& session : sessions) {
    RefreshExecution own = execution;
    if (session.IsFolder()) own.policy.options.populate_stats = false;  // no document counts them
    const Status status = RetryWhileLocked(request.wait_ms, execution.progress, [&] {
      return SessionRefresh(*this, hooks, session, own).Run(&report.catalogs);
    });
    if (!status.ok()) {
      for (const NamedUri& named : session.uris) {
        report.catalogs.push_back(FailedOutcome(named.text, status));
      }
    }
    hooks.TellEvents();
  }
  for (const CatalogOutcome& outcome : report.catalogs) {
    if (!outcome.status.ok()) hooks.Failed(outcome.uri, outcome.status);
  }
  return report;
}

}  // namespace xnatarchive
