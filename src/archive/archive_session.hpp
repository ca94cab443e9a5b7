// archive_session.hpp - publishing one new session: the executor.
//
// On one file system the new catalogs and the document are staged, put into the source session by
// the plan, and the session directory is renamed into the archive: the cost does not depend on its
// size. Across file systems the session is copied into the stage, every byte hashed on the way, and
// the copy is renamed; the source is removed when that is durable. Either way a reader of the
// archive sees all of the session or nothing.
#ifndef XNATARCHIVE_ARCHIVE_ARCHIVE_SESSION_HPP_
#define XNATARCHIVE_ARCHIVE_ARCHIVE_SESSION_HPP_

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "archive/archived_form.hpp"
#include "archive/describe_session.hpp"
#include "archive/operation.hpp"
#include "archive/session_edits.hpp"
#include "xnatarchive/archive_engine.hpp"

namespace xnatarchive {

struct ArchiveExecution {
  /// As DescribeSession gave it and PlanArchive did not block it; its document has its final ID,
  /// project, label and subject_ID. Used up: catalogs are freed as soon as they are staged.
  DescribedSession session;
  std::string source;  ///< Session directory, relative to the prearchive.
  /// A merge may also take files of the history back, and an edited session is in the stage.
  Tree source_tree = Tree::kPrearchive;
  /// What `source` was made from, when that is an edited session.
  std::optional<OriginalSession> original;
  std::vector<std::string> side_cars;  ///< Prearchive files that go away with it; may be absent.
  std::string destination;             ///< "PROJECT/arc001/LABEL", relative to the archive.
  /// Small files to place in the archive in the same step (path, bytes), such as the subject's
  /// document; those that are there are replaced. No lock guards them: two operations that place
  /// the same one must mean the same bytes.
  std::vector<std::pair<std::string, std::string>> documents;
  bool quarantine = false;  ///< Marked so in the tree (quarantine_mark.hpp).
  /// Whether somebody set fields of the document, which then are merged even where no file is.
  bool sets_fields = false;
  ArchiveEvent event;
  Checksum checksum = Checksum::kMd5AndXxh3;
  unsigned threads = 1;
  bool one_file_system = true;  ///< What OnOneFileSystem said.
  /// Phases "hash" or "copy", then "publish". Calls never overlap, and come from the thread that
  /// called ExecuteArchive; false cancels, as long as nothing is published.
  std::function<bool(const Progress&)> progress;
  /// What the acknowledgement needs (OperationPlan::facts), from the document as it is archived.
  std::function<std::vector<std::pair<std::string, std::string>>(const SessionDocument&)> facts;
};

struct ArchiveOutcome {
  std::uint64_t files = 0;
  std::uint64_t bytes = 0;
  std::uint64_t files_hashed = 0;
  bool copied = false;
  /// What failed after the change was done and acknowledged: kCommitted, or OK.
  Status clean_up;
};

/// Publishes the session and removes it from the prearchive.
///
/// Requires:   `operation` was begun in Tree::kArchive and holds the locks of the prearchive
/// session
///             and of the archived one.
/// Returns:    kConflict "archive.session-exists" when the destination is there;
///             kConflict "archive.source-changed" when files of the session changed meanwhile;
///             kCorruption "archive.digest-mismatch"; kCancelled "archive.cancelled"; kNoSpace
///             "archive.no-space"; and what the disk and Operation::Commit say.
/// On failure: unless disk_state() is kRecoveryPending, archive and prearchive are as before.
Result<ArchiveOutcome> ExecuteArchive(const Trees& trees, Operation& operation,
                                      ArchiveExecution input, const Acknowledge& acknowledge);

}  // namespace xnatarchive

#endif  // XNATARCHIVE_ARCHIVE_ARCHIVE_SESSION_HPP_
