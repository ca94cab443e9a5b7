// job.hpp - archiving that was asked for now and is done later: one job, one outcome per session.
//
// Jobs are rows of the store, so that they outlive the process that submitted them, and any thread
// of any process that has the root open may work them off. They are a queue and its history, not
// the truth: when the store is lost so are its jobs, and the sessions still wait in the prearchive.
#ifndef XNATARCHIVE_JOB_HPP_
#define XNATARCHIVE_JOB_HPP_

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "xnatarchive/archive_plan.hpp"
#include "xnatarchive/status.hpp"

namespace xnatarchive {

/// Where a job, or one session of it, stands. Values are permanent.
enum class JobState : std::int32_t {
  kQueued = 0,     ///< Nobody has begun.
  kRunning = 1,    ///< A worker is at it; of a job: it has begun, and has not ended.
  kDone = 2,       ///< Archived; of a job: every session is.
  kFailed = 3,     ///< Not archived; of a job: it has ended, and a session failed.
  kCancelled = 4,  ///< Not archived, as asked; of a job: it has ended, none failed, one is this.
};

/// Returns "queued", "running", "done", "failed" or "cancelled".
std::string_view JobStateName(JobState state) noexcept;
/// Reads such a name. nullopt for anything else.
std::optional<JobState> ParseJobState(std::string_view name) noexcept;
/// True for the three states that never change again.
bool HasEnded(JobState state) noexcept;

/// One session of a job. Times are milliseconds since the epoch, UTC; 0: not yet.
struct JobItem {
  std::string src;  ///< As it was submitted.
  JobState state = JobState::kQueued;
  std::string uri;  ///< kDone: where it is archived, as ArchiveReport::uri.
  /// kFailed: what Archive failed with, its reason and disk state too (errno is not kept).
  /// kCancelled: kCancelled "job.cancelled". OK otherwise.
  Status status;
  /// kDone: what became of the incoming files. Absent when the worker died after it had archived
  /// the session: nobody has counted.
  std::optional<FileCounts> counts;
  std::int64_t started_ms = 0;    ///< When a worker first took it.
  std::int64_t ended_ms = 0;      ///< When it had its outcome.
  std::uint64_t files_done = 0;   ///< kRunning: of the step it is at, as Progress tells it.
  std::uint64_t files_total = 0;  ///< The same; 0 while unknown.
};

/// Sessions that were submitted together. Their outcomes do not depend on each other.
struct Job {
  std::string id;    ///< Names it for FindJob, WaitForJob and CancelJob.
  std::string kind;  ///< "archive".
  /// Who submitted it and from where: CallOptions of Submit. Its sessions are archived in this
  /// name.
  std::string user;
  std::string origin;
  JobState state = JobState::kQueued;
  bool cancel_requested = false;  ///< CancelJob was called before it had ended.
  std::int64_t created_ms = 0;    ///< When it was submitted.
  std::int64_t started_ms = 0;    ///< When its first session was taken; 0: not yet.
  std::int64_t ended_ms = 0;      ///< When its last session had its outcome; 0: not yet.
  std::uint64_t items_done = 0;   ///< Sessions that have their outcome, whatever it is.
  std::uint64_t items_total = 0;  ///< Sessions of the job.
  std::vector<JobItem> items;     ///< In the order they were submitted.
};

}  // namespace xnatarchive

#endif  // XNATARCHIVE_JOB_HPP_
