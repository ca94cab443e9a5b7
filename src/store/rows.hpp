// rows.hpp - the store's rows as plain values. Texts may be empty; nothing is NULL. Times are
// milliseconds since the epoch, 0 when not known.
#ifndef XNATARCHIVE_STORE_ROWS_HPP_
#define XNATARCHIVE_STORE_ROWS_HPP_

#include <cstdint>
#include <string>

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

}  // namespace xnatarchive

#endif  // XNATARCHIVE_STORE_ROWS_HPP_
