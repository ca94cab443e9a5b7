// run_jobs.cc - working jobs off: one item, taken, archived and ended.
#include <algorithm>
#include <chrono>
#include <utility>

#include "archive/operation_home.hpp"
#include "base/status_macros.hpp"
#include "engine/core.hpp"
#include "engine/hooks.hpp"
#include "engine/job_request.hpp"

namespace xnatarchive {
namespace {

using Clock = std::chrono::steady_clock;

constexpr std::chrono::milliseconds kLookEvery{200};  // for a wish to cancel
constexpr std::int64_t kLockedPatienceMs = 5000;
/// An item that so many workers died with may be what killed them.
constexpr std::int64_t kDeathsMax = 3;

/// The archived URI of a prearchive session, if an operation that began after audit record `mark`
/// archived it. Empty: none did.
Result<std::string> ArchivedSince(const ArchiveEngine::Core& core, std::string_view src,
                                  std::int64_t mark) {
  XNA_ASSIGN_OR_RETURN(const ParsedUri uri, ParseUri(src));
  XNA_ASSIGN_OR_RETURN(
      const std::vector<AuditRow> records,
      core.store.ListPrearchiveAudit(PrearchivePlace({uri.project, uri.timestamp, uri.folder})));
  const auto record = std::find_if(records.begin(), records.end(), [&](const AuditRow& candidate) {
    return candidate.id > mark && candidate.status == AuditStatus::kComplete &&
           (candidate.type == "Transferred" || candidate.type == "Merged");
  });
  if (record == records.end()) return std::string();
  XNA_ASSIGN_OR_RETURN(const auto experiment, core.store.FindExperiment(record->experiment_id));
  if (!experiment) return "/data/archive/experiments/" + record->experiment_id;
  XNA_ASSIGN_OR_RETURN(const auto subject,
                       core.store.FindSubject(experiment->project, experiment->subject_id));
  return ExperimentUri(experiment->project, subject ? subject->label : experiment->subject_id,
                       experiment->label);
}

/// One item in the hands of one worker, whose thread this is.
class JobItemRun {
 public:
  JobItemRun(ArchiveEngine::Core& core, const CallOptions& worker, JobItemRow item)
      : core_(core), worker_(worker), item_(std::move(item)) {}

  Status Run();

 private:
  bool GoOn(const Progress& progress);
  void Look();
  Result<ArchiveReport> Try(const ArchiveRequest& request, Hooks& hooks);
  Status GiveUp(const ArchiveRequest& request, Hooks& hooks);
  Status End(const Result<ArchiveReport>& report);

  ArchiveEngine::Core& core_;
  ProgressReporter worker_;
  JobItemRow item_;
  Clock::time_point next_look_{};
  bool cancelled_ = false;  // the job's canceller asked to stop
  bool counted_ = true;     // the report has counts
};

/// Tells the worker how far it is, and whoever looks at the job; asks both whether to go on.
bool JobItemRun::GoOn(const Progress& progress) {
  if (progress.files_total != 0) {
    item_.files_done = static_cast<std::int64_t>(progress.files_done);
    item_.files_total = static_cast<std::int64_t>(progress.files_total);
  }
  if (Clock::now() >= next_look_) Look();
  return worker_.Report(progress) && !cancelled_;
}

void JobItemRun::Look() {
  next_look_ = Clock::now() + kLookEvery;
  const Result<bool> cancelled = core_.store.NoteJobProgress(item_);
  if (cancelled.ok() && *cancelled) cancelled_ = true;  // else it is asked again soon
}

/// Does not archive any more, but finishes what a dead worker had begun.
Status JobItemRun::GiveUp(const ArchiveRequest& request, Hooks& hooks) {
  if (item_.deaths > 0) {
    Result<PrearchiveSession> row = core_.FindRow(request.src, Permission::kEdit, hooks);
    if (row.ok()) row = core_.ReleaseStale(std::move(row).value(), hooks);
    if (!row.ok()) return row.status();
  }
  if (cancelled_) return JobCancelled();
  return Status(Code::kInternal, "job.workers-died",
                std::to_string(item_.deaths) + " workers died with this session");
}

Result<ArchiveReport> JobItemRun::Try(const ArchiveRequest& request, Hooks& hooks) {
  const bool give_up = cancelled_ || item_.deaths >= kDeathsMax;
  Result<ArchiveReport> report =
      give_up ? Result<ArchiveReport>(GiveUp(request, hooks)) : core_.Archive(request, hooks);
  if (item_.deaths == 0 || report.status().reason() != "prearchive.not-found") return report;
  // A worker died with it, perhaps after it had archived it.
  XNA_ASSIGN_OR_RETURN(const std::string uri, ArchivedSince(core_, request.src, item_.audit_mark));
  if (uri.empty()) return report;
  ArchiveReport archived;
  archived.uri = uri;
  counted_ = false;
  return archived;
}

Status JobItemRun::End(const Result<ArchiveReport>& report) {
  if (!report.ok() && report.status().code() == Code::kCancelled) {
    if (cancelled_) {
      item_.state = JobState::kCancelled;
      NoteOutcome(JobCancelled(), &item_);
      return core_.store.EndJobItem(item_);
    }
    if (worker_.cancelled()) {
      XNA_RETURN_IF_ERROR(core_.store.RequeueJobItem(item_));
      return Status(Code::kCancelled, "job.stopped",
                    "the worker was told to stop; the session is queued again");
    }
  }
  if (report.status().disk_state() == DiskState::kRecoveryPending) {
    ++item_.deaths;  // As after a death: what is unfinished is finished first.
    return core_.store.RequeueJobItem(item_);
  }
  item_.state = report.ok() ? JobState::kDone : JobState::kFailed;
  NoteOutcome(report.status(), &item_);
  if (report.ok()) {
    item_.uri = report->uri;
    if (counted_) item_.counts = WriteFileCounts(report->counts);
    IgnoreError(report->pipeline, "the audit trail has it");
    IgnoreError(report->events, "the sink's own failure; nothing else is wrong");
  }
  return core_.store.EndJobItem(item_);
}

Status JobItemRun::Run() {
  XNA_ASSIGN_OR_RETURN(const auto job, core_.store.FindJob(item_.job));
  if (!job) return Status(Code::kNotFound, "job.not-found", "the item's job is gone");
  CallOptions call;
  call.user = job->user;
  call.origin = job->origin;
  call.progress = [this](const Progress& progress) { return GoOn(progress); };
  Look();
  Result<ArchiveRequest> request = ReadJobRequest(item_.request);
  if (!request.ok()) return End(request.status());
  const std::int64_t patience_ms = std::max(request->wait_ms, kLockedPatienceMs);
  request->wait_ms = 0;  // what a dead worker left is waited for, too, so it is done here
  Hooks hooks(core_, call);
  ArchiveReport archived;
  Status status = RetryWhileLocked(
      patience_ms, [this](const Progress& progress) { return GoOn(progress); },
      [&]() -> Status {
        XNA_ASSIGN_OR_RETURN(archived, Try(*request, hooks));
        return Status();
      });
  const Result<ArchiveReport> report =
      status.ok() ? Result<ArchiveReport>(std::move(archived)) : std::move(status);
  hooks.End(request->src, report.status());
  return End(report);
}

}  // namespace

Status JobCancelled() { return Status(Code::kCancelled, "job.cancelled", "the job was cancelled"); }

void NoteOutcome(const Status& status, JobItemRow* item) {
  item->code = static_cast<std::int64_t>(status.code());
  item->reason = status.reason();
  item->message = status.message();
  item->path = status.path();
  item->disk_state = static_cast<std::int64_t>(status.disk_state());
}

Status ArchiveEngine::Core::RequeueUnowned(JobItemRow item) const {
  const Result<FileLock> lock = LockOwner(trees.archive, item.owner);
  if (lock.status().code() == Code::kLocked) return Status();  // its worker lives
  XNA_RETURN_IF_ERROR(lock.status());
  ++item.deaths;
  const Status requeued = store.RequeueJobItem(item);
  // It has ended meanwhile, or somebody else has found it.
  return requeued.code() == Code::kConflict ? Status() : requeued;
}

Result<bool> ArchiveEngine::Core::RunOneJobItem(const CallOptions& worker) {
  XNA_ASSIGN_OR_RETURN(const std::vector<JobItemRow> running, store.ListRunningJobItems());
  for (const JobItemRow& item : running) {
    IgnoreError(RequeueUnowned(item), "whoever comes next tries again; others are queued");
  }
  // Looking first leaves the disk and the write lock alone while there is nothing to do.
  XNA_ASSIGN_OR_RETURN(const bool queued, store.HasQueuedJobItem());
  if (!queued) return false;
  const std::string owner = NewOperationId();
  XNA_ASSIGN_OR_RETURN(const FileLock lock, LockOwner(trees.archive, owner));
  XNA_ASSIGN_OR_RETURN(auto item, store.TakeJobItem(owner));
  if (!item) return false;
  XNA_RETURN_IF_ERROR(JobItemRun(*this, worker, std::move(*item)).Run());
  return true;
}

}  // namespace xnatarchive
