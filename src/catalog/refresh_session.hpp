// refresh_session.hpp - the catalogs of one archived session, held against their files and brought
// up to date.
//
// Reviewing only reads. What it found decides whether there is anything to do; if there is, what
// changes is replaced in one operation. A catalog that can not be refreshed keeps the others from
// nothing.
#ifndef XNATARCHIVE_CATALOG_REFRESH_SESSION_HPP_
#define XNATARCHIVE_CATALOG_REFRESH_SESSION_HPP_

#include <functional>
#include <string>
#include <utility>
#include <vector>

#include "archive/archived_form.hpp"
#include "archive/operation.hpp"
#include "archive/uri.hpp"
#include "catalog/refresh_plan.hpp"
#include "catalog/resource_places.hpp"
#include "xnatarchive/archive_engine.hpp"

namespace xnatarchive {

/// One catalog on its way.
struct CatalogReview {
  ResourcePlace resource;
  CatalogInPlace place;
  ResourceInventory found;
  RefreshPlan plan;
  OpenedFiles opened;
  ResourceTotals totals;  ///< Of the catalog as it is; once applied, as it will be.
  Status status;          ///< A failure: it stays as it is.
  bool written = false;   ///< Something of it was to be published.
};

struct SessionReview {
  std::string directory;              ///< Of the session or folder, relative to the archive.
  SessionDocument document;           ///< Of a folder only the project's ID.
  std::vector<ResourcePlace> places;  ///< All there are.
  std::vector<CatalogReview> catalogs;
  /// URIs, as they were given, that name nothing in the session, and why.
  std::vector<std::pair<std::string, Status>> not_found;

  /// Whether a catalog, or with `populate_stats` the document, is to be written.
  bool NeedsWriting(bool populate_stats) const;
};

/// A URI of the session, as it was given and taken apart.
struct NamedUri {
  std::string text;
  ParsedUri uri;
};

/// Reads the session's document and the catalogs that `uris` name, walks their directories, and
/// plans. Requires the session's lock. Nothing is written and no other file is opened.
///
/// A catalog's own failures are in its `status`: kCorruption "catalog.missing", "catalog.outside"
/// (the document names no directory below the session), and those of ParseCatalog, unless the
/// policy rebuilds it; kConflict "catalog.two-in-directory", "refresh.too-many-removed"; and any
/// failure of the disk while its directory was walked. Fails as a whole when the document can not
/// be read.
Result<SessionReview> ReviewSession(const Directory& archive, const std::string& directory,
                                    const std::vector<NamedUri>& uris, const RefreshPolicy& policy,
                                    unsigned threads);

/// The same for the resources of a project or a subject (empty: of the project), which no document
/// lists and counts: `policy` does not populate statistics.
Result<SessionReview> ReviewFolder(const Directory& archive, const std::string& project,
                                   const std::string& subject, const std::vector<NamedUri>& uris,
                                   const RefreshPolicy& policy, unsigned threads);

/// What opening and writing needs.
struct RefreshExecution {
  RefreshPolicy policy;
  unsigned threads = 1;
  std::function<bool(const Progress&)> progress;  ///< As CallOptions::progress.
};

/// Opens the files whose digests or DICOM identity the plans need. Failures are noted in the
/// catalogs' `status`: those of HashFiles, and "archive.digest-mismatch" unless the policy forces.
/// Only kCancelled "archive.cancelled" fails the whole.
Status OpenPlanned(const Directory& archive, const RefreshExecution& execution,
                   SessionReview* review);

/// Stages what changes, and commits it as one operation, whose plan has what `facts` says of the
/// new document. Requires that `operation` holds the session's lock, which was held since the
/// review, and that OpenPlanned is done.
///
/// A catalog whose files changed since the review fails with kConflict "refresh.files-changed".
/// When no catalog is left to write nothing is committed. A failure of the commit is every written
/// catalog's, and returned.
Status ExecuteRefresh(
    const Trees& trees, Operation& operation, const RefreshExecution& execution,
    const ArchiveEvent& event,
    const std::function<std::vector<std::pair<std::string, std::string>>(const SessionDocument&)>&
        facts,
    const Acknowledge& acknowledge, SessionReview* review);

/// What came of each catalog, and of each URI that named none. `session_uri` as in ExperimentUri.
std::vector<CatalogOutcome> OutcomesOf(const SessionReview& review, const std::string& session_uri);

}  // namespace xnatarchive

#endif  // XNATARCHIVE_CATALOG_REFRESH_SESSION_HPP_
