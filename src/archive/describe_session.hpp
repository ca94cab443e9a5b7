// describe_session.hpp - a prearchive session as it lies on disk, with all that planning, staging
// and publishing it need to know.
#ifndef XNATARCHIVE_ARCHIVE_DESCRIBE_SESSION_HPP_
#define XNATARCHIVE_ARCHIVE_DESCRIBE_SESSION_HPP_

#include <cstdint>
#include <limits>
#include <map>
#include <string>
#include <unordered_map>
#include <vector>

#include "archive/session_inventory.hpp"
#include "digest/digest.hpp"
#include "xnatarchive/checksum.hpp"
#include "xnatarchive/import_handler.hpp"

namespace xnatarchive {

/// The document of an archived session, in its directory.
inline constexpr std::string_view kSessionDocument = "session.xml";

/// One resource's catalog held against its files.
struct ResourceFacts {
  /// In `file_of_entry`: the entry is a URL and its bytes are elsewhere.
  static constexpr std::uint32_t kRemote = std::numeric_limits<std::uint32_t>::max();

  bool catalog_missing = false;     ///< The draft's catalog was made from the files.
  bool catalog_packed = false;      ///< The catalog's file is packed, and named so (".gz").
  std::string unreadable;           ///< Reason the catalog could not be read; empty when it could.
  std::uint64_t files = 0;          ///< Entries whose file is there.
  std::uint64_t bytes = 0;          ///< Of those.
  std::uint64_t missing = 0;        ///< Entries without a file.
  std::uint64_t bad_entries = 0;    ///< Entries whose path can not be a file's, or is named twice.
  std::uint64_t unlisted = 0;       ///< Files that no entry names.
  std::uint64_t not_dicom = 0;      ///< Entries of a DICOM resource without a UID.
  std::uint64_t repeated_uids = 0;  ///< Entries with a SOP Instance UID of an earlier one.
  std::uint64_t other_objects = 0;  ///< Entries whose file is known to be another object now.
  /// The first of the missing, the bad, the unlisted and the other objects; of the bad it may be
  /// any text.
  std::string first_missing, first_bad, first_unlisted, first_other;
  /// For every entry, in ForEachEntry's order, the index of its file in the inventory.
  std::vector<std::uint32_t> file_of_entry;
  /// Of the entries without a file those that have it packed, as PATH.gz: by their number, its
  /// index.
  std::map<std::size_t, std::uint32_t> packed_of_entry;
  /// Files whose digests have to be computed, as indices into the inventory.
  std::vector<std::uint32_t> to_hash;
};

struct DescribedSession {
  SessionDraft draft;
  SessionInventory inventory;        ///< `resources` are parallel to the draft's.
  std::vector<ResourceFacts> facts;  ///< Parallel to the draft's resources.
  /// Of a session that is to be built: where files lie now that the build will move, by the paths
  /// they will have; relative to the session.
  std::unordered_map<std::string, std::string> received_at;
  /// Digests that had to be computed so far: for each resource none, or one for each of its files.
  std::vector<std::vector<Digests>> digests;

  /// Where a file, `path` relative to the session, lies now.
  std::string PlaceNow(const std::string& path) const;
  std::uint64_t Files() const;
  std::uint64_t Bytes() const;
  std::uint64_t FilesToHash() const;
};

/// Calls `visit(entry)` for every entry of a catalog and of the sets in it.
template <typename AnyCatalog, typename Visit>
void ForEachEntry(AnyCatalog& catalog, const Visit& visit) {
  for (auto& set : catalog.sets) ForEachEntry(set, visit);
  for (auto& entry : catalog.entries) visit(entry);
}

/// Whether an entry's URI is a URL: its bytes are elsewhere, unless a file lies at its path, too.
bool IsUrl(std::string_view uri);

/// The resources a document names, catalogs not loaded. Only those of type xnat:resourceCatalog.
std::vector<ResourceDraft> ResourcesOf(const SessionDocument& document);

/// Whether a name in a catalog's directory can be an entry of it: not a catalog, a lock file of
/// XNAT's, or a temporary of ours.
bool CanBeEntry(std::string_view path);

/// Nobody's data: what programs and network file systems keep beside files for a while.
bool IsTransient(std::string_view path);

/// Whether a file in a catalog's directory is to have an entry, and is missed where it has none.
bool IsToBeListed(std::string_view path);

/// Whether the digests that `checksum` asks for stand in the entry.
bool HasDigests(const CatalogEntry& entry, Checksum checksum);

/// Says whether the digests that `checksum` asks for stand in the entry and are those of the file
/// as it is: SIZE and MTIME say what a look at the file says.
bool KnowsDigests(const CatalogEntry& entry, const SessionFile& file, Checksum checksum);

/// Holds a resource's catalog against its files. Pure.
ResourceFacts CheckResource(const ResourceDraft& resource, const std::vector<SessionFile>& files,
                            Checksum checksum);

/// Walks `session` and loads its catalogs, packed ones as well, on `threads` threads; reads no
/// other file's bytes.
///
/// `place`: the session's path in its tree, for entries with an absolute URI (CompletePaths); empty
///          where none can have any.
/// `draft`: its document, and its resources, which when there are none become those of the
/// document.
///          A resource whose catalog has no entries yet gets the one at its `catalog_path`, or when
///          that file is missing, one of all files in its directory.
/// Failures are those of the disk; what is wrong with the session itself is told by the facts.
Result<DescribedSession> DescribeSession(const Directory& session, const std::string& place,
                                         SessionDraft draft, Checksum checksum, unsigned threads);

/// The same, of a session whose files and resources are known: `inventory` has those of
/// `draft.resources`, in that order.
Result<DescribedSession> DescribeFiles(const Directory& session, const std::string& place,
                                       SessionDraft draft, SessionInventory inventory,
                                       Checksum checksum, unsigned threads);

}  // namespace xnatarchive

#endif  // XNATARCHIVE_ARCHIVE_DESCRIBE_SESSION_HPP_
