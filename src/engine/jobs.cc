// jobs.cc - submitting jobs, and looking at them. run_jobs.cc works them off.
#include <algorithm>
#include <chrono>
#include <map>
#include <set>
#include <thread>
#include <tuple>
#include <utility>

#include "base/status_macros.hpp"
#include "base/text.hpp"
#include "engine/core.hpp"
#include "engine/hooks.hpp"
#include "engine/job_request.hpp"
#include "engine/job_workers.hpp"

namespace xnatarchive {
namespace {

constexpr std::chrono::milliseconds kLookAgain{50};

/// What has been asked for, as rows: every request must be about another session.
Result<std::vector<JobItemRow>> RowsOf(const std::vector<ArchiveRequest>& requests) {
  if (requests.empty()) {
    return Status(Code::kInvalidArgument, "job.empty", "a job is about one session or more");
  }
  std::set<std::tuple<std::string, std::string, std::string>> seen;
  std::vector<JobItemRow> rows;
  for (const ArchiveRequest& request : requests) {
    XNA_ASSIGN_OR_RETURN(const ParsedUri src, ParseUri(request.src));
    if (src.kind != UriKind::kPrearchiveSession) {
      return Status(Code::kInvalidArgument, "uri.not-a-prearchive-session",
                    "expected /prearchive/projects/PROJECT/TIMESTAMP/SESSION");
    }
    if (!seen.insert({src.project, src.timestamp, src.folder}).second) {
      return Status(Code::kInvalidArgument, "job.same-source",
                    "the same session is in the job twice");
    }
    JobItemRow row;
    row.src = request.src;
    row.request = WriteJobRequest(request);
    rows.push_back(std::move(row));
  }
  return rows;
}

Status StatusOf(const JobItemRow& row) {
  if (row.code == 0) return Status();
  const bool known = row.code > 0 && row.code <= static_cast<std::int64_t>(Code::kInternal);
  Status status(known ? static_cast<Code>(row.code) : Code::kInternal, row.reason, row.message);
  const auto worst = static_cast<std::int64_t>(DiskState::kRecoveryPending);
  const auto disk = static_cast<DiskState>(std::clamp<std::int64_t>(row.disk_state, 0, worst));
  status = std::move(status).WithPath(row.path).WithDiskState(disk);
  IgnoreError(status, "it is what the caller wants to know, and may look at or not");
  return status;
}

JobItem ItemOf(const JobItemRow& row) {
  JobItem item;
  item.src = row.src;
  item.state = row.state;
  item.uri = row.uri;
  item.status = StatusOf(row);
  item.counts = ReadFileCounts(row.counts);
  item.started_ms = row.started_ms;
  item.ended_ms = row.ended_ms;
  item.files_done = static_cast<std::uint64_t>(row.files_done);
  item.files_total = static_cast<std::uint64_t>(row.files_total);
  return item;
}

/// The state of a job, from those of its items.
JobState StateOf(const std::vector<JobItem>& items) {
  const auto any = [&](const auto& is) { return std::any_of(items.begin(), items.end(), is); };
  const auto in = [](JobState state) {
    return [state](const JobItem& item) { return item.state == state; };
  };
  if (any([](const JobItem& item) { return !HasEnded(item.state); })) {
    const bool begun = any([](const JobItem& item) { return item.state != JobState::kQueued; });
    return begun ? JobState::kRunning : JobState::kQueued;
  }
  if (any(in(JobState::kFailed))) return JobState::kFailed;
  return any(in(JobState::kCancelled)) ? JobState::kCancelled : JobState::kDone;
}

Job JobOf(const JobRow& row, const std::vector<JobItemRow>& items) {
  Job job;
  job.id = std::to_string(row.id);
  job.kind = row.kind;
  job.user = row.user;
  job.origin = row.origin;
  job.cancel_requested = row.cancel_requested;
  job.created_ms = row.created_ms;
  for (const JobItemRow& item : items) job.items.push_back(ItemOf(item));
  job.state = StateOf(job.items);
  job.items_total = job.items.size();
  for (const JobItem& item : job.items) {
    if (HasEnded(item.state)) ++job.items_done;
    job.ended_ms = std::max(job.ended_ms, item.ended_ms);
    if (item.started_ms == 0) continue;
    if (job.started_ms == 0 || item.started_ms < job.started_ms) job.started_ms = item.started_ms;
  }
  if (!HasEnded(job.state)) job.ended_ms = 0;
  return job;
}

/// The names of projects that an item is about: what it asks for, and what came of it.
std::set<std::string> ProjectsOf(const JobItemRow& item) {
  std::set<std::string> projects;
  const auto add = [&](std::string_view uri) {
    const Result<ParsedUri> parsed = ParseUri(uri);
    if (parsed.ok()) projects.insert(parsed->project);
  };
  add(item.src);
  if (!item.uri.empty()) add(item.uri);
  const Result<ArchiveRequest> request = ReadJobRequest(item.request);
  if (!request.ok()) return projects;
  if (!request->dest.empty()) add(request->dest);
  for (const char* name : {"project", "PROJECT_ID"}) {
    const auto at = request->parameters.find(name);
    if (at != request->parameters.end()) projects.emplace(Trim(at->second));
  }
  return projects;
}

/// OK for the job's own user, or who may do this to every project of it.
Status AuthorizeJob(Permission permission, const JobRow& job, const std::vector<JobItemRow>& items,
                    Hooks& hooks) {
  const std::string& user = hooks.call().user;
  if (!user.empty() && user == job.user) return Status();
  for (const JobItemRow& item : items) {
    for (const std::string& project : ProjectsOf(item)) {
      XNA_RETURN_IF_ERROR(hooks.Authorize(permission, project));
    }
  }
  return Status();
}

struct FoundJob {
  JobRow row;
  std::vector<JobItemRow> items;
};

Status NoJob() { return Status(Code::kNotFound, "job.not-found", "there is no such job"); }

/// Also for a job that may not be seen: NoJob.
Result<FoundJob> Find(Store& store, std::string_view id, Hooks& hooks) {
  const auto number = ParseInt(id);
  if (!number) return NoJob();
  XNA_ASSIGN_OR_RETURN(auto row, store.FindJob(*number));
  if (!row) return NoJob();
  XNA_ASSIGN_OR_RETURN(auto items, store.ListJobItems(*number));
  Status allowed = AuthorizeJob(Permission::kRead, *row, items, hooks);
  if (allowed.code() == Code::kPermission) return NoJob();
  XNA_RETURN_IF_ERROR(allowed);
  return FoundJob{std::move(*row), std::move(items)};
}

}  // namespace

Result<std::string> ArchiveEngine::Core::Submit(const std::vector<ArchiveRequest>& requests,
                                                Hooks& hooks) {
  XNA_ASSIGN_OR_RETURN(const std::vector<JobItemRow> rows, RowsOf(requests));
  for (const ArchiveRequest& request : requests) {
    XNA_RETURN_IF_ERROR(hooks.AuthorizeArchive(request));
  }
  JobRow job;
  job.kind = "archive";
  job.user = hooks.call().user;
  job.origin = hooks.call().origin;
  XNA_ASSIGN_OR_RETURN(const std::int64_t id, store.AddJob(job, rows));
  if (job_workers != nullptr) job_workers->Wake();
  return std::to_string(id);
}

Result<Job> ArchiveEngine::Core::FindJob(std::string_view id, Hooks& hooks) const {
  XNA_ASSIGN_OR_RETURN(const FoundJob found, Find(store, id, hooks));
  return JobOf(found.row, found.items);
}

Result<std::vector<Job>> ArchiveEngine::Core::Jobs(Hooks& hooks) const {
  XNA_ASSIGN_OR_RETURN(const std::vector<JobRow> rows, store.ListJobs());
  XNA_ASSIGN_OR_RETURN(const std::vector<JobItemRow> all, store.ListJobItems(std::nullopt));
  std::map<std::int64_t, std::vector<JobItemRow>> items;
  for (const JobItemRow& item : all) items[item.job].push_back(item);
  std::vector<Job> jobs;
  for (const JobRow& row : rows) {
    const Status allowed = AuthorizeJob(Permission::kRead, row, items[row.id], hooks);
    if (allowed.code() == Code::kPermission) continue;
    XNA_RETURN_IF_ERROR(allowed);
    jobs.push_back(JobOf(row, items[row.id]));
  }
  return jobs;
}

Result<Job> ArchiveEngine::Core::WaitForJob(std::string_view id, std::int64_t timeout_ms,
                                            Hooks& hooks) const {
  ProgressReporter reporter(hooks.call());
  const auto start = std::chrono::steady_clock::now();
  for (;;) {
    XNA_ASSIGN_OR_RETURN(Job job, FindJob(id, hooks));
    const bool go_on = reporter.Report({"job", job.items_done, job.items_total, 0, 0});
    if (HasEnded(job.state)) return job;
    if (!go_on) {
      return Status(Code::kCancelled, "job.wait-cancelled",
                    "waiting was cancelled; the job goes on");
    }
    if (timeout_ms >= 0 && MillisecondsSince(start) >= timeout_ms) {
      return Status(Code::kLocked, "job.timeout", "the job has not ended yet");
    }
    std::this_thread::sleep_for(kLookAgain);
  }
}

Status ArchiveEngine::Core::CancelJob(std::string_view id, Hooks& hooks) {
  XNA_ASSIGN_OR_RETURN(const FoundJob found, Find(store, id, hooks));
  XNA_RETURN_IF_ERROR(AuthorizeJob(Permission::kEdit, found.row, found.items, hooks));
  JobItemRow outcome;
  NoteOutcome(JobCancelled(), &outcome);
  return store.CancelJob(found.row.id, outcome);
}

Status ArchiveEngine::Core::TellQueued(std::vector<PrearchiveSession>* rows) const {
  if (rows->empty()) return Status();
  // Of one session, few sources have to be read: nobody writes a timestamp in another way.
  XNA_ASSIGN_OR_RETURN(
      const std::vector<QueuedSource> sources,
      store.ListQueuedSources(rows->size() == 1 ? rows->front().timestamp : std::string()));
  std::map<std::tuple<std::string, std::string, std::string>, std::int64_t> queued;
  for (const QueuedSource& source : sources) {
    const Result<ParsedUri> uri = ParseUri(source.src);
    if (uri.ok()) queued[{uri->project, uri->timestamp, uri->folder}] = source.queued_ms;
  }
  for (PrearchiveSession& row : *rows) {
    const auto at = queued.find({row.project, row.timestamp, row.folder});
    if (at != queued.end() && IsToldAsQueued(row, at->second)) {
      row.state = PrearchiveState::kQueuedArchiving;
    }
  }
  return Status();
}

Result<std::string> ArchiveEngine::Submit(const std::vector<ArchiveRequest>& requests,
                                          const CallOptions& call) {
  Hooks hooks(*core_, call);
  return core_->Submit(requests, hooks);
}

Result<Job> ArchiveEngine::FindJob(std::string_view id, const CallOptions& call) const {
  Hooks hooks(*core_, call);
  return core_->FindJob(id, hooks);
}

Result<std::vector<Job>> ArchiveEngine::Jobs(const CallOptions& call) const {
  Hooks hooks(*core_, call);
  return core_->Jobs(hooks);
}

Result<Job> ArchiveEngine::WaitForJob(std::string_view id, std::int64_t timeout_ms,
                                      const CallOptions& call) const {
  Hooks hooks(*core_, call);
  return core_->WaitForJob(id, timeout_ms, hooks);
}

Status ArchiveEngine::CancelJob(std::string_view id, const CallOptions& call) {
  Hooks hooks(*core_, call);
  return core_->CancelJob(id, hooks);
}

Result<bool> ArchiveEngine::RunOneJobItem(const CallOptions& call) {
  Hooks hooks(*core_, call);
  XNA_RETURN_IF_ERROR(hooks.Authorize(Permission::kAdmin, ""));
  return core_->RunOneJobItem(call);
}

}  // namespace xnatarchive
