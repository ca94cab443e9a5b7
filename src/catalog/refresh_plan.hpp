// refresh_plan.hpp - a catalog held against the files of its directory: what a refresh does to it.
// Pure.
#ifndef XNATARCHIVE_CATALOG_REFRESH_PLAN_HPP_
#define XNATARCHIVE_CATALOG_REFRESH_PLAN_HPP_

#include <cstdint>
#include <limits>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "archive/archived_form.hpp"
#include "archive/session_inventory.hpp"
#include "dicom/header.hpp"
#include "xnatarchive/catalog.hpp"
#include "xnatarchive/checksum.hpp"
#include "xnatarchive/refresh.hpp"

namespace xnatarchive {

/// A removal of fewer entries than this is never too many.
inline constexpr std::uint64_t kFewRemovals = 10;

/// What to do, as request and site decide.
struct RefreshPolicy {
  RefreshOptions options;
  bool review = false;  ///< Change nothing.
  bool force = false;
  bool rebuild = false;
  Checksum checksum = Checksum::kMd5AndXxh3;  ///< Digests to compute; not kNone with the option.
  std::int64_t removal_percent_max = 50;
};

/// A catalog as it was read, and where it is.
struct CatalogInPlace {
  Catalog catalog;
  std::string directory;  ///< Of the catalog, relative to the archive.
  std::string name;       ///< The catalog's file name, also of one that is packed, without ".gz".
  bool packed = false;    ///< It was read from a file of that name and ".gz".
  bool rebuilt = false;   ///< It could not be read, and is made anew.
};

enum class EntryAction : std::uint8_t { kKeep, kUpdate, kRemove };

/// What a refresh does to a catalog. Numbers of files are indices into the inventory.
struct RefreshPlan {
  static constexpr std::uint32_t kNone = std::numeric_limits<std::uint32_t>::max();

  struct Entry {
    EntryAction action = EntryAction::kKeep;
    std::uint32_t file = kNone;
  };
  std::vector<Entry> entries;              ///< In ForEachEntry's order.
  std::vector<std::uint32_t> added;        ///< Files that get an entry.
  std::vector<std::uint32_t> to_hash;      ///< Files whose digests are needed.
  std::vector<std::uint32_t> to_identify;  ///< Files whose DICOM header is needed.
  std::uint64_t removed = 0;
  std::uint64_t modified = 0;
  // As found; see CatalogOutcome.
  std::uint64_t missing = 0;
  std::uint64_t unlisted = 0;
  std::uint64_t changed = 0;
  std::uint64_t ignored = 0;
  std::string ignored_example;

  bool ChangesCatalog() const { return !added.empty() || removed + modified > 0; }
};

/// Decides. Linear in entries and files.
///
/// An entry whose file lies where it says is updated when its size or time are not those of the
/// file, when digests are asked for that it does not have, or when its ID or size are not there.
/// One whose bytes are elsewhere (a URL, a path outside the directory, a link, the directory of
/// another resource in this one) is left alone, as is one whose file is there as PATH.gz. Where a
/// file is another, or is read for the first time, its entry becomes that of the DICOM object it
/// is. A file is that of the entry with its path before it is another's copy or packed form. Of two
/// entries of one file the second counts as missing, and so does one of the catalog itself, which
/// no entry could be true of.
///
/// kConflict "refresh.too-many-removed" when more than kFewRemovals entries and more than
/// `removal_percent_max` of all would be removed: a disk that is not mounted looks like that.
Result<RefreshPlan> PlanRefresh(const CatalogInPlace& place, const ResourceInventory& found,
                                const RefreshPolicy& policy);

/// What opening the files told; parallel to the plan's lists.
struct OpenedFiles {
  std::vector<Digests> digests;                          ///< Of `to_hash`.
  std::vector<std::optional<DicomIdentity>> identities;  ///< Of `to_identify`; nullopt: no DICOM.
};

/// The digests that contradict what the catalog says of files that nobody changed: kCorruption
/// "archive.digest-mismatch", with the file's path. OK when there is none.
Status CheckDigests(const CatalogInPlace& place, const ResourceInventory& found,
                    const RefreshPlan& plan, const OpenedFiles& opened);

/// Does what the plan says. New entries follow the others, by path; those of a rebuilt catalog by
/// instance number. The AUDIT gets one change set.
void ApplyRefresh(const ArchiveStamp& stamp, const ResourceInventory& found,
                  const RefreshPlan& plan, const OpenedFiles& opened, CatalogInPlace* place);

}  // namespace xnatarchive

#endif  // XNATARCHIVE_CATALOG_REFRESH_PLAN_HPP_
