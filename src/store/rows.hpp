// rows.hpp - the store's rows as plain values. Texts may be empty; nothing is NULL. Times are
// milliseconds since the epoch, 0 when not known.
#ifndef XNATARCHIVE_STORE_ROWS_HPP_
#define XNATARCHIVE_STORE_ROWS_HPP_

#include <cstdint>
#include <string>

#include "xnatarchive/job.hpp"
#include "xnatarchive/prearchive_session.hpp"

namespace xnatarchive {

struct ProjectRow {
  std::string id;
  PrearchiveCode prearchive_code = PrearchiveCode::kManual;
  bool quarantine = false;  ///< XNAT's quarantine code 1: new and changed sessions are quarantined.
  std::string autorun;      ///< Command to run for each archived session; empty: none.
};

struct SubjectRow {
  std::string id;  ///< Such as "XNAT_S00001".
  std::string project;
  std::string label;
  std::int64_t inserted_ms = 0;  ///< When the first session, or the subject by itself, came.
};

enum class ExperimentStatus { kActive, kQuarantine };

struct ExperimentRow {
  std::string id;  ///< Such as "XNAT_E00001".
  std::string project;
  std::string label;
  std::string subject_id;
  std::string xsi_type;  ///< Such as "xnat:mrSessionData".
  std::string uid;       ///< Study Instance UID.
  std::string modality;
  std::string date;  ///< yyyy-MM-dd.
  ExperimentStatus status = ExperimentStatus::kActive;
  std::string path;  ///< Session directory relative to the archive root, '/' separated.
  std::int64_t scan_count = 0;
  std::int64_t file_count = 0;
  std::int64_t bytes = 0;
  std::int64_t inserted_ms = 0;
  std::int64_t modified_ms = 0;
};

/// "PROJECT/TIMESTAMP/FOLDER", by which audit records name a prearchive session.
std::string PrearchivePlace(const PrearchiveId& id);

enum class AuditStatus { kInProgress, kComplete, kFailed };

/// Who asked for something, and from where.
struct Actor {
  std::string user;
  std::string origin;  ///< Such as "cli", or an address; empty: not known.
};

/// What was done to a session, by whom, why, and how it ended (XNAT calls it a workflow).
struct AuditRow {
  std::int64_t id = 0;  ///< The event number that catalog entries cite; set by OpenAudit.
  std::string operation_id;
  std::string type;  ///< "Received", "Built", "Deleted", "Transferred", "Merged", "Activated", ...
  AuditStatus status = AuditStatus::kInProgress;
  std::string project;
  std::string experiment_id;
  std::string label;
  std::string user;
  std::string justification;
  std::int64_t started_ms = 0;
  std::int64_t ended_ms = 0;  ///< 0 while in progress.
  std::string reason;         ///< Why it failed.
  std::string detail;         ///< Such as the output of a pipeline.
  std::string origin;         ///< Of the request.
  std::string prearchive;     ///< PrearchivePlace of the prearchive session, when one was there.
  std::int64_t files = 0;     ///< That it was about.
  std::int64_t bytes = 0;
};

/// Sessions that were submitted together. What state they are in, their items say.
struct JobRow {
  std::int64_t id = 0;  ///< Set by AddJob.
  std::string kind;
  std::string user;
  std::string origin;
  std::int64_t created_ms = 0;  ///< Set by AddJob.
  bool cancel_requested = false;
};

/// A session that waits in a job.
struct QueuedSource {
  std::string src;
  std::int64_t queued_ms = 0;  ///< When the job was submitted.
};

/// One session of a job, and its outcome once it has one.
struct JobItemRow {
  std::int64_t job = 0;  ///< Set by AddJob, as `number`: from 1, in the order given.
  std::int64_t number = 0;
  std::string src;
  std::string request;  ///< How to archive it, as the engine writes it.
  JobState state = JobState::kQueued;
  /// The lock that says whether the worker lives which has it; empty when it is not running.
  std::string owner;
  std::int64_t deaths = 0;  ///< Workers that died with it.
  /// Number of the last audit record when it was first taken: what its workers did is above.
  std::int64_t audit_mark = 0;
  std::int64_t started_ms = 0;  ///< When it was first taken.
  std::int64_t ended_ms = 0;
  std::int64_t files_done = 0;
  std::int64_t files_total = 0;
  std::string uri;        ///< Of the archived session.
  std::string counts;     ///< As the engine writes them.
  std::int64_t code = 0;  ///< This and the next four: the Status of what has failed.
  std::string reason;
  std::string message;
  std::string path;
  std::int64_t disk_state = 0;
};

}  // namespace xnatarchive

#endif  // XNATARCHIVE_STORE_ROWS_HPP_
