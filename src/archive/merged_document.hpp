// merged_document.hpp - what a session document says after another session was merged into it.
// Pure.
#ifndef XNATARCHIVE_ARCHIVE_MERGED_DOCUMENT_HPP_
#define XNATARCHIVE_ARCHIVE_MERGED_DOCUMENT_HPP_

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "archive/merge_match.hpp"
#include "xnatarchive/session_document.hpp"

namespace xnatarchive {

/// What is true of an incoming resource's catalog after the merge.
struct ResourceTotals {
  std::int64_t files = 0;
  std::int64_t bytes = 0;
  std::optional<std::int64_t> slices;  ///< dimensions/@z, where there is one.
};

/// XNAT's merge of documents. Scans are matched as `match` says, resources within them by label.
/// Where both are of one type, the incoming values win and what only the archived one has is kept;
/// else the archived one stays as it is and gains scans and resources. ID, project and label are
/// the archived session's. A resource that is not a catalog and whose label is taken gets "2"
/// appended to it.
///
/// `incoming`: as DocumentWithResources made it, so that no default of ours replaces what somebody
/// has set. `incoming_catalogs`: the catalogs' paths in it, and `totals`: parallel to
/// `match.resources`.
SessionDocument MergeDocuments(const SessionDocument& archived, SessionDocument incoming,
                               const SessionMatch& match,
                               const std::vector<std::string>& incoming_catalogs,
                               const std::vector<ResourceTotals>& totals);

}  // namespace xnatarchive

#endif  // XNATARCHIVE_ARCHIVE_MERGED_DOCUMENT_HPP_
