// resource_totals.hpp - how many files a catalog lists, and of how many bytes: the one place that
// says what a session's document and the store tell of them.
#ifndef XNATARCHIVE_ARCHIVE_RESOURCE_TOTALS_HPP_
#define XNATARCHIVE_ARCHIVE_RESOURCE_TOTALS_HPP_

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <string_view>

#include "fs/directory.hpp"
#include "xnatarchive/catalog.hpp"
#include "xnatarchive/status.hpp"

namespace xnatarchive {

/// What is true of a resource's catalog.
struct ResourceTotals {
  std::int64_t files = 0;
  std::int64_t bytes = 0;
  std::optional<std::int64_t> slices;  ///< dimensions/@z, where there is one.
};

/// How many frames `part` of a resource's `files` have, which have `frames` together: known of none
/// of them, of all, and of some where every file has one.
std::optional<std::int64_t> FramesOfPart(std::optional<std::int64_t> frames, std::int64_t files,
                                         std::int64_t part);

/// The size of a file, by its path relative to the catalog; nullopt when it is not there.
using FindSize = std::function<Result<std::optional<std::uint64_t>>(const std::string& path)>;

/// Looks at the files below a directory of `tree`, which outlives it.
FindSize SizesBelow(const Directory& tree, std::string directory);

/// Counts what the catalog, in `directory` (as in PathOf), lists: every entry that names a path
/// below it. `find_size` is asked for
/// those that do not say their size, which count without one when the file is not there; and for
/// those with a URL, which count only when a file of that name is there.
Result<ResourceTotals> CountFiles(const Catalog& catalog, std::string_view directory,
                                  const FindSize& find_size);

}  // namespace xnatarchive

#endif  // XNATARCHIVE_ARCHIVE_RESOURCE_TOTALS_HPP_
