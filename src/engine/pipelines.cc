#include "engine/pipelines.hpp"

#include <utility>

#include "archive/operation_home.hpp"
#include "base/status_macros.hpp"
#include "base/time.hpp"
#include "engine/archive_settings.hpp"
#include "engine/events.hpp"

namespace xnatarchive {
namespace {

/// Opens the record of a pipeline, and takes the lock that says its caller lives: nobody sees the
/// record without the lock.
Status OpenPipelineRecord(const Trees& trees, Store& store, AuditRow* record, SessionLocks* locks) {
  return store.Transaction([&](Store& transaction) -> Status {
    XNA_ASSIGN_OR_RETURN(record->id, transaction.OpenAudit(*record));
    return LockSession(trees, PipelineLockKey(record->project, record->id), locks);
  });
}

Status CloseRecord(Store& store, std::int64_t id, const PipelineResult& result) {
  if (result.status.ok()) return store.CloseAudit(id, AuditStatus::kComplete, "", result.output);
  IgnoreError(store.CloseAudit(id, AuditStatus::kFailed, result.status.ToString(), result.output),
              "the pipeline's failure is what matters");
  return result.status;
}

}  // namespace

Status RunProjectPipeline(const ArchiveEngine::Core& core, const ExperimentRow& experiment,
                          const ArchiveReport& report, Hooks& hooks) {
  XNA_ASSIGN_OR_RETURN(const auto project, core.store.FindProject(experiment.project));
  if (!project || project->autorun.empty()) return Status();
  XNA_ASSIGN_OR_RETURN(const ArchiveSettings settings,
                       LoadArchiveSettings(core.store, experiment.project));
  PipelineRequest request;
  request.command = project->autorun;
  request.project = report.project;
  request.subject_label = report.subject;
  request.session_label = report.label;
  request.experiment_id = report.experiment_id;
  request.uri = report.uri;
  request.directory = JoinPath(core.trees.archive.path(), experiment.path);
  request.user = UserName(hooks.call());
  request.timeout_ms = settings.autorun_timeout_ms;

  AuditRow record = ExperimentRecord(kPipelineRecord, ActorOf(hooks.call()), experiment);
  record.started_ms = NowMs();
  SessionLocks locks;
  XNA_RETURN_IF_ERROR(OpenPipelineRecord(core.trees, core.store, &record, &locks));
  const PipelineResult result = hooks.Launch(request);
  Status status = CloseRecord(core.store, record.id, result);
  hooks.Happened(PipelineEvent(request, record.id, status));
  return status;
}

}  // namespace xnatarchive
