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
#include "archive/existing_session.hpp"
#include "archive/merge_files.hpp"
#include "xnatarchive/archive_plan.hpp"
#include "xnatarchive/finding.hpp"
#include "xnatarchive/status.hpp"

namespace xnatarchive {

struct ArchivePolicy {
  MergePolicy merge;
  bool prevent_cross_modality_merge = true;
  bool allow_uid_mismatch = false;  ///< The project's setting.
  bool ids_available = true;  ///< False when a new session's ID, or its subject's, can not be made.
  /// Only files are merged, such as those that are put back: the draft's document may have neither
  /// scans nor resources, and values that are not of their types.
  bool document_stays = false;
  /// What was found before planning: destination, parameters, a host's validator. Where a code of
  /// theirs says that a name is missing, the plan does not say so again.
  std::vector<Finding> earlier;
};

struct ArchivePlan {
  bool new_session = true;                 ///< Published as one directory.
  std::vector<Finding> findings;           ///< Sorted by code.
  std::vector<PlannedScan> scans_planned;  ///< Parallel to the document's scans.
  std::vector<PlannedResource> resources;  ///< The draft's, and of a merge the files of none.
  /// Of a merge: for every resource, what becomes of each of its meetings; and of the others'.
  std::vector<std::vector<FileDecision>> decisions;
  std::vector<FileDecision> other_decisions;
  FileCounts counts;
  std::uint64_t scans = 0;
  std::uint64_t files = 0;
  std::uint64_t bytes = 0;
  std::uint64_t files_to_hash = 0;

  /// Whether a FAIL or CONFLICT is among the findings.
  bool Blocked() const;
  /// Whether all that comes to an archived session is there already.
  bool KeepsAll() const;
  /// OK, or the first finding that blocks: its reason and message, with the code of AnswerTo. Where
  /// it is about a file, up to 20 of the files that it concerns are named.
  Status ToStatus() const;
};

/// Plans the archiving of a session whose document has its final project, label, subject and, for a
/// session that is not only validated, ID. `existing` is null for a new session, and otherwise as
/// CompareWithExisting left it.
///
/// Every rule of findings.hpp that counts under the policy is checked; what blocks archiving and
/// what validation lists is the same.
ArchivePlan PlanArchive(const DescribedSession& session, const ExistingSession* existing,
                        const ArchivePolicy& policy);

}  // namespace xnatarchive

#endif  // XNATARCHIVE_ARCHIVE_PLANNER_HPP_
