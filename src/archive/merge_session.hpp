// merge_session.hpp - merging a session into one that is archived: the executor.
//
// What is new is moved: whole resources by one rename each, files of resources that both have by
// links, or all at once where all are replaced (swap_resource.hpp). What is replaced is linked
// into the history before the plan exists, so that no step can lose it. New catalogs and the
// document are staged and take their places after the files they name (I5). Nothing that is
// archived is copied or read again. Across file systems the new files are copied into the stage
// first, and moved from there.
#ifndef XNATARCHIVE_ARCHIVE_MERGE_SESSION_HPP_
#define XNATARCHIVE_ARCHIVE_MERGE_SESSION_HPP_

#include "archive/archive_session.hpp"
#include "archive/existing_session.hpp"
#include "archive/merged_document.hpp"
#include "archive/planner.hpp"

namespace xnatarchive {

struct MergeExecution {
  /// As for a new session. `destination` is the existing session's directory, `documents` is empty,
  /// and the document's ID, project, label and subject are those of the existing session.
  ArchiveExecution archive;
  ExistingSession existing;
  ArchivePlan plan;  ///< What PlanArchive said of the two; not blocked.
  DocumentRule document_rule = DocumentRule::kIncomingWins;
};

/// Merges the session and removes it from the prearchive. Requires, returns and leaves behind what
/// ExecuteArchive does; the archived session is as before or as after the merge. kConflict
/// "archive.files-changed" when files come into an archived resource that is replaced meanwhile.
///
/// When every file is archived already and the document says nothing new, the archived session is
/// not touched.
Result<ArchiveOutcome> ExecuteMerge(const Trees& trees, Operation& operation, MergeExecution input,
                                    const Acknowledge& acknowledge);

}  // namespace xnatarchive

#endif  // XNATARCHIVE_ARCHIVE_MERGE_SESSION_HPP_
