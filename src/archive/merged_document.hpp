// merged_document.hpp - what a session document says after another session was merged into it.
// Pure.
#ifndef XNATARCHIVE_ARCHIVE_MERGED_DOCUMENT_HPP_
#define XNATARCHIVE_ARCHIVE_MERGED_DOCUMENT_HPP_

#include <string>
#include <vector>

#include "archive/merge_match.hpp"
#include "archive/resource_totals.hpp"
#include "xnatarchive/session_document.hpp"

namespace xnatarchive {

/// What the merge makes of the incoming resources; all parallel to `SessionMatch::resources`.
struct MergedResources {
  std::vector<std::string> incoming_catalogs;  ///< The catalogs' paths in the incoming document.
  std::vector<ResourceTotals> totals;          ///< Of the catalogs as they are after the merge.
  std::vector<bool> changed;                   ///< Whether they say something else than before.
};

/// Whose values count where both documents say something.
enum class DocumentRule {
  kIncomingWins,   ///< XNAT's merge: the incoming ones, filled up with the archived ones.
  kArchivedStays,  ///< The archived ones alone: only scans and resources it does not have are
                   ///< added.
};

/// XNAT's merge of documents. Scans are matched as `match` says, resources within them by label.
/// Where both are of one type, the incoming values win and what only the archived one has is kept;
/// else the archived one stays as it is and gains scans and resources. ID, project and label are
/// the archived session's. A resource that is not a catalog and whose label is taken gets "2"
/// appended to it.
/// Counts of files are those of `resources` under either rule; so is a scan's number of frames,
/// which is left out where its changed catalog does not tell it.
///
/// `incoming`: as DocumentWithResources made it, so that no default of ours replaces what somebody
/// has set.
SessionDocument MergeDocuments(const SessionDocument& archived, SessionDocument incoming,
                               const SessionMatch& match, const MergedResources& resources,
                               DocumentRule rule);

}  // namespace xnatarchive

#endif  // XNATARCHIVE_ARCHIVE_MERGED_DOCUMENT_HPP_
