// refresh.hpp - bringing catalogs up to date with the files beside them: what is asked for, and
// what came of it.
//
// A catalog is the only index of its resource's files; a file it does not name does not exist for
// readers. Refreshing is for files that came, went or changed without the library: copied in by
// hand, written by a pipeline, restored from a backup.
//
// It is XNAT's refresh, with these differences:
//  - Nothing is written where nothing changed. XNAT marks every DICOM entry as modified each time,
//    and gives every entry a name and a cachePath; here an entry lacks nothing but its ID and SIZE.
//  - "checksum" reads the files that need it; XNAT reads all of them.
//  - "append" gives a DICOM object its full entry; XNAT gives it a plain one.
//  - "populateStats" counts what the catalog lists when it is done. Without "delete" that includes
//    entries whose file is missing, which XNAT leaves out.
//  - A second catalog in the directory, and a file only called like one, are passed over, and
//    counted as `ignored`; XNAT then does nothing, and says it had succeeded. Such a file may have
//    an entry, which stays.
//  - A file that another program or a network file system keeps for a while (.nfs*, .xa*) gets no
//    entry; XNAT gives it one. An entry whose file is there only as PATH.gz, or is a link, stays.
//  - A resource that lists no files is refused where it is named (kUnsupported
//    "refresh.not-a-catalog"), and passed over where its owner is; with "populateStats" XNAT counts
//    its files. An unknown label is kNotFound; XNAT does nothing, and says it had succeeded.
//  - What fails keeps nothing else from being refreshed; XNAT stops at the first URI that fails.
//  - A mass removal needs `force`, and a directory that can not be read is a failure; XNAT takes
//    both for files that are gone.
#ifndef XNATARCHIVE_REFRESH_HPP_
#define XNATARCHIVE_REFRESH_HPP_

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "xnatarchive/status.hpp"

namespace xnatarchive {

/// What a refresh does; XNAT's four options. Whatever they are, an entry whose file has another
/// size or modification time than it says gets the new ones, and loses digests that are not those
/// of the file any more.
struct RefreshOptions {
  /// Files without an entry get one; DICOM objects one with SOP Instance UID, instance number and
  /// format.
  bool append = false;
  /// Digests the site keeps are computed where they are missing, and again where size or
  /// modification time say that the file was changed; where the site keeps none, MD5 and XXH3. A
  /// file is not read when its digests are known.
  bool checksum = false;
  bool remove = false;          ///< "delete": entries without a file are removed.
  bool populate_stats = false;  ///< file_count and file_size follow, in the document and the index.
};

/// Reads a comma list of "append", "checksum", "delete" and "populateStats". kInvalidArgument
/// "refresh.bad-option" for any other word; nothing is trimmed.
Result<RefreshOptions> ParseRefreshOptions(std::string_view text);

/// What ArchiveEngine::Refresh looks at, and what it may change.
struct RefreshRequest {
  /// Archive URIs of projects, subjects and experiments, of scans, reconstructions and assessors,
  /// or of a resource of one of them, with or without "/data" or "/REST". As in XNAT, an experiment
  /// stands for its resources, those of its scans, and what came out of its reconstructions and
  /// assessors; an assessor for its resources and what came out of it; a project or a subject for
  /// its own resources alone. Those lie in PROJECT/resources/LABEL and
  /// PROJECT/subjects/SUBJECT/LABEL, and no document counts their files.
  std::vector<std::string> resources;
  /// Absent: as the site's setting refresh_without_options says: "all" is append, delete,
  /// populateStats and, unless the site's checksum is "none", checksum; "review" changes nothing
  /// and only tells.
  std::optional<RefreshOptions> options;
  /// Removes entries also beyond the site's setting refresh_removal_percent, and renews a digest
  /// that contradicts a file although nothing says that it was changed.
  bool force = false;
  /// How long to wait for whoever works on a session; after that it is kLocked. Progress says
  /// "wait" meanwhile. 0: not at all.
  std::int64_t wait_ms = 0;
  /// Makes a catalog that is lost, empty or damaged anew from the files, whatever the options. The
  /// old bytes are gone then.
  bool rebuild = false;
};

/// What became of one catalog.
enum class RefreshOutcome : std::int32_t {
  kUnchanged = 0,  ///< It was true already, or was only reviewed.
  kUpdated = 1,    ///< The catalog, or what the document says of it, was written.
  kFailed = 2,     ///< It is as it was; `status` is why.
};

/// "unchanged", "updated", "failed".
const char* RefreshOutcomeName(RefreshOutcome outcome) noexcept;

/// What became of one catalog.
struct CatalogOutcome {
  std::string uri;      ///< Of the resource; of what was asked for, when no resource was found.
  std::string catalog;  ///< Path of its catalog, relative to the archive.
  RefreshOutcome outcome = RefreshOutcome::kUnchanged;
  Status status;
  std::uint64_t added = 0;        ///< Entries that are new.
  std::uint64_t removed = 0;      ///< Entries that are gone.
  std::uint64_t modified = 0;     ///< Entries that say something else.
  std::uint64_t checksummed = 0;  ///< Files read for their digests.
  bool rebuilt = false;           ///< All entries were made from the files.
  // As they were found.
  std::uint64_t entries = 0;
  std::uint64_t missing = 0;   ///< Entries without a file.
  std::uint64_t unlisted = 0;  ///< Files that could have an entry and have none.
  std::uint64_t changed = 0;   ///< Entries with another size or time than their file.
  std::uint64_t ignored = 0;   ///< Names that can not have an entry: links, second catalogs, ...
  std::string ignored_example;
  // As they are now.
  std::int64_t files = 0;
  std::int64_t bytes = 0;
};

/// What ArchiveEngine::Refresh found and did.
struct RefreshReport {
  std::vector<CatalogOutcome> catalogs;  ///< By session, in the order asked for.
  Status events;                         ///< The EventSink's first failure; nothing else is wrong.
};

}  // namespace xnatarchive

#endif  // XNATARCHIVE_REFRESH_HPP_
