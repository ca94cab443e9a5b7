// prepare_archive.hpp - everything about an archive request that comes before anything is written:
// what Archive and Validate share.
#ifndef XNATARCHIVE_ENGINE_PREPARE_ARCHIVE_HPP_
#define XNATARCHIVE_ENGINE_PREPARE_ARCHIVE_HPP_

#include <functional>
#include <optional>
#include <string>

#include "archive/describe_session.hpp"
#include "archive/destination.hpp"
#include "archive/existing_session.hpp"
#include "archive/planner.hpp"
#include "engine/core.hpp"
#include "engine/hooks.hpp"
#include "engine/transform_session.hpp"

namespace xnatarchive {

/// An archive request, understood and planned.
struct PreparedArchive {
  PrearchiveSession row;
  DescribedSession session;  ///< As its transform left it.
  Transformed transformed;
  Destination destination;
  std::optional<SubjectRow> subject;  ///< Absent: it will be made.
  /// The archived session it is to be merged into; absent for a new one.
  std::optional<ExistingSession> existing;
  ExperimentStatus existing_status = ExperimentStatus::kActive;
  ArchivePlan plan;

  /// "/data/archive/projects/P/subjects/S/experiments/L"; empty while a name is missing.
  std::string Uri() const;
};

/// Takes the locks of an archived session once its name is known. Not called for validation.
using LockNames = std::function<Status(const Destination&)>;

/// Describes, names, transforms and plans. Writes nothing but the rewritten files into `stage`,
/// relative to the archive, unless that is empty. Findings are in the plan, which has nothing else
/// where the session's document is none ("archive.bad-document"); a failure means that the request
/// could not be understood or the session not be read, or that a hook does not allow or cannot
/// decide it.
///
/// `unbuilt`: build the session in memory first, because it is still RECEIVING.
Result<PreparedArchive> PrepareArchive(const ArchiveEngine::Core& core, Hooks& hooks,
                                       const ArchiveRequest& request, const PrearchiveSession& row,
                                       bool unbuilt, const LockNames& lock_names,
                                       const std::string& stage);

/// Reads the document of the archived session at `existing->directory`, or says in it why there is
/// none. Failures are those of the disk.
Status ReadExisting(const ArchiveEngine::Core& core, ExistingSession* existing);

}  // namespace xnatarchive

#endif  // XNATARCHIVE_ENGINE_PREPARE_ARCHIVE_HPP_
