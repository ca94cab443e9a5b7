// merge_files.hpp - which archived file each incoming one meets, and what becomes of it.
//
// Pure, but for what is looked up between the two steps: MeetFiles says who meets whom, the caller
// finds out which of them are the same bytes (existing_session.hpp), DecideFiles applies XNAT's
// table of overwrite.
#ifndef XNATARCHIVE_ARCHIVE_MERGE_FILES_HPP_
#define XNATARCHIVE_ARCHIVE_MERGE_FILES_HPP_

#include <cstdint>
#include <limits>
#include <string>
#include <string_view>
#include <vector>

#include "archive/describe_session.hpp"
#include "archive/session_inventory.hpp"
#include "xnatarchive/archive_plan.hpp"
#include "xnatarchive/catalog.hpp"

namespace xnatarchive {

/// What decides that two objects are one. XNAT's useSopInstanceUidToUniquelyIdentifyDicom.
enum class ObjectIdentity { kSopInstanceUid, kFileName };

/// How the bytes of an incoming file compare with those it would replace.
enum class Sameness { kDifferent, kSame, kArchivedIsMissing };

/// One incoming file, or one entry whose bytes are elsewhere (a URL), and what it meets.
struct FileMeeting {
  static constexpr std::uint32_t kNone = std::numeric_limits<std::uint32_t>::max();

  std::uint32_t file = kNone;    ///< Index into the inventory's list; kNone for a URL.
  std::uint32_t entry = kNone;   ///< Incoming entry; kNone for a file that no catalog names.
  std::uint32_t object = kNone;  ///< Archived entry of the same object.
  std::uint32_t holder = kNone;  ///< Archived entry that has the incoming file's path.
  bool ambiguous = false;  ///< Several archived entries have this UID, none of them this path.
  /// Looked up afterwards: a file that no archived entry names lies at the path.
  bool stray = false;
  /// Looked up afterwards: a directory has the path, or a file the path of a directory above it, or
  /// it lies in the directory of another archived resource, or is where the archived catalog is.
  bool obstructed = false;
  /// Looked up afterwards, against `object`, or against the stray file.
  Sameness sameness = Sameness::kDifferent;
  /// Looked up afterwards, where the archived file is missing: its entry tells of other bytes.
  bool differs_from_lost = false;
  std::uint64_t archived_size = 0;  ///< Of that file; 0 when it is missing.
  bool archived_changed = false;    ///< Or may be: its entry's digests need not be its own.
};

/// Entries of a catalog and its sets, as ForEachEntry visits them. The catalog must stay.
std::vector<const CatalogEntry*> EntriesOf(const Catalog& catalog);

/// The incoming files of one place: a resource, or what lies in none.
struct IncomingFiles {
  std::vector<const CatalogEntry*> entries;
  std::vector<std::uint32_t> file_of_entry;  ///< As ResourceFacts::file_of_entry.
  const std::vector<SessionFile>& files;
  std::string_view catalog;  ///< Path of the catalog among `files`; empty for none.
};

/// Pairs every incoming file with what an archived catalog names. Left out are the incoming
/// catalog, which is merged, and what IsLeftBehind names.
std::vector<FileMeeting> MeetFiles(const IncomingFiles& incoming,
                                   const std::vector<const CatalogEntry*>& archived,
                                   ObjectIdentity identity);

/// Whether a file is of no use in an archived session: a temporary of ours, a lock of XNAT's.
bool IsLeftBehind(std::string_view path);

struct MergePolicy {
  Overwrite overwrite = Overwrite::kNone;
  ObjectIdentity identity = ObjectIdentity::kSopInstanceUid;
  bool conflict_on_identical = false;  ///< XNAT's stricter rule; ours keeps the archived file.
};

/// What becomes of one incoming file.
struct FileDecision {
  FileAction action = FileAction::kAdd;
  /// For kConflict: "archive.merge-conflict" (overwrite "delete" would replace it) or
  /// "archive.name-taken" (nothing would).
  std::string_view reason;
};

/// Applies the table of `overwrite` to every meeting. kNone decides as kAppend does, for a report.
/// A missing archived file is put back under any policy by the bytes its entry tells of, or by any
/// where it tells of none; other bytes replace it under "delete".
/// An archived file that several incoming ones are is not replaced by any of them, or what another
/// one relies on would go: "archive.name-taken".
std::vector<FileDecision> DecideFiles(const std::vector<FileMeeting>& meetings,
                                      const std::vector<const CatalogEntry*>& incoming,
                                      const std::vector<const CatalogEntry*>& archived,
                                      const MergePolicy& policy);

}  // namespace xnatarchive

#endif  // XNATARCHIVE_ARCHIVE_MERGE_FILES_HPP_
