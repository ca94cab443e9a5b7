// reindex.hpp - what rebuilding the index from the trees found.
#ifndef XNATARCHIVE_REINDEX_HPP_
#define XNATARCHIVE_REINDEX_HPP_

#include <cstdint>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "xnatarchive/status.hpp"

namespace xnatarchive {

/// What a row of the index is about. Values are part of the C ABI and never change.
enum class IndexRowKind : std::int32_t {
  kProject = 0,
  kSubject = 1,
  kExperiment = 2,
  kPrearchiveSession = 3,
};

/// What became of the row. Values are part of the C ABI and never change.
enum class IndexChange : std::int32_t {
  kAdded = 0,    ///< The trees have it, the index had not.
  kRemoved = 1,  ///< The index had it, the trees have not.
  kChanged = 2,  ///< They say different things of it.
};

/// "project", "subject", "experiment", "prearchive-session".
std::string_view IndexRowKindName(IndexRowKind kind) noexcept;
/// "added", "removed", "changed".
std::string_view IndexChangeName(IndexChange change) noexcept;

/// One thing in which the index was not what the trees say. A row that was added or removed is one
/// difference, one that changed a difference for each of its fields. Times are not compared: the
/// trees do not tell them.
struct IndexDifference {
  IndexRowKind kind = IndexRowKind::kProject;
  IndexChange change = IndexChange::kAdded;
  std::string project;  ///< As it is now; of a removed row, as it was. Empty: Unassigned.
  /// ID of a project, a subject or an experiment; TIMESTAMP/FOLDER of a prearchive session.
  std::string id;
  std::string field;   ///< Of a changed row, such as "label", "path", "file_count", "status".
  std::string before;  ///< What the index said.
  std::string after;   ///< What the trees say, and the index from here on.
};

/// What ArchiveEngine::Reindex counted and changed.
struct ReindexReport {
  std::uint64_t projects = 0;
  std::uint64_t subjects = 0;
  std::uint64_t experiments = 0;
  std::uint64_t prearchive_sessions = 0;
  std::vector<IndexDifference> differences;  ///< By kind, project, ID and field.
  /// What could not be read, or not be indexed beside the rest (a project that differs from another
  /// in case only, a second session of one ID, ...): path and why.
  std::vector<std::pair<std::string, Status>> unreadable;
};

}  // namespace xnatarchive

#endif  // XNATARCHIVE_REINDEX_HPP_
