// planner.hpp - what archiving a session would do, and what stands against it.
//
// Pure: validating is planning without executing, so that the two cannot disagree.
#ifndef XNATARCHIVE_ARCHIVE_PLANNER_HPP_
#define XNATARCHIVE_ARCHIVE_PLANNER_HPP_

#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

#include "archive/describe_session.hpp"
#include "xnatarchive/archive_engine.hpp"
#include "xnatarchive/finding.hpp"
#include "xnatarchive/status.hpp"

namespace xnatarchive {

/// An archived session of the same ID, or of the same project and label.
struct ExistingSession {
  SessionDocument document;
  bool processing_open = false;
};

struct ArchivePolicy {
  Overwrite overwrite = Overwrite::kNone;
  bool prevent_cross_modality_merge = true;
  bool allow_uid_mismatch = false;   ///< The project's setting.
  bool session_id_available = true;  ///< False when a new session's ID could not be made.
  /// What was found before planning: destination, parameters, a host's validator. Where a code of
  /// theirs says that a name is missing, the plan does not say so again.
  std::vector<Finding> earlier;
};

/// What happens to one file of a merge.
enum class FileAction { kAdd, kKeep, kReplace };

struct PlannedFile {
  std::string path;  ///< Relative to the resource's directory.
  FileAction action = FileAction::kAdd;
  std::uint64_t size = 0;
};

struct PlannedResource {
  std::size_t resource = 0;  ///< Index into the draft's resources.
  /// Every file is added, as the directory is moved whole; `files` is empty then, so that a plan
  /// for 100,000 new files is small.
  bool whole = true;
  std::vector<PlannedFile> files;
  std::uint64_t file_count = 0;
  std::uint64_t bytes = 0;
};

/// A scan that gets another ID because an archived one has its own.
struct ScanRename {
  std::string from;
  std::string to;
};

struct ArchivePlan {
  bool new_session = true;        ///< Published as one directory.
  std::vector<Finding> findings;  ///< Sorted by code.
  std::vector<ScanRename> scan_renames;
  std::vector<PlannedResource> resources;
  std::uint64_t scans = 0;
  std::uint64_t files = 0;
  std::uint64_t bytes = 0;
  std::uint64_t files_to_hash = 0;

  /// Whether a FAIL or CONFLICT is among the findings.
  bool Blocked() const;
  /// OK, or the first finding that blocks: kConflict for a CONFLICT, kInvalidArgument for a FAIL,
  /// with its reason and message.
  Status ToStatus() const;
};

/// Plans the archiving of a session whose document has its final project, label, subject and, for a
/// session that is not only validated, ID. `existing` is null for a new session.
///
/// A session that exists is a CONFLICT whatever the policy says: this version does not merge.
ArchivePlan PlanArchive(const DescribedSession& session, const ExistingSession* existing,
                        const ArchivePolicy& policy);

}  // namespace xnatarchive

#endif  // XNATARCHIVE_ARCHIVE_PLANNER_HPP_
