#include "archive/resource_totals.hpp"

#include <utility>

#include "archive/describe_session.hpp"
#include "archive/read_catalog.hpp"
#include "base/status_macros.hpp"
#include "base/text.hpp"

namespace xnatarchive {
namespace {

Status Count(const CatalogEntry& entry, std::string_view directory, const FindSize& find_size,
             ResourceTotals* totals) {
  const std::string path(PathOf(entry, directory));
  if (!CheckRelativePath(path).ok()) return Status();
  std::optional<std::int64_t> size = ParseInt(entry.Meta("SIZE"));
  if (!size || IsUrl(entry.uri)) {
    XNA_ASSIGN_OR_RETURN(const auto found, find_size(path));
    if (!found && IsUrl(entry.uri)) return Status();
    size = static_cast<std::int64_t>(found.value_or(0));
  }
  ++totals->files;
  totals->bytes += *size;
  return Status();
}

}  // namespace

std::optional<std::int64_t> FramesOfPart(std::optional<std::int64_t> frames, std::int64_t files,
                                         std::int64_t part) {
  if (part == 0) return 0;
  if (!frames || *frames < files || part > files) return std::nullopt;  // not of these files
  if (part == files) return frames;
  return *frames == files ? std::optional(part) : std::nullopt;
}

FindSize SizesBelow(const Directory& tree, std::string directory) {
  return [&tree, directory = std::move(directory)](
             const std::string& path) -> Result<std::optional<std::uint64_t>> {
    const Result<FileInfo> info = tree.Stat(JoinPath(directory, path));
    if (info.ok()) return std::optional<std::uint64_t>(info->size);
    if (info.status().code() == Code::kNotFound || info.status().reason() == "fs.unsafe-path") {
      return std::optional<std::uint64_t>();
    }
    return info.status();
  };
}

Result<ResourceTotals> CountFiles(const Catalog& catalog, std::string_view directory,
                                  const FindSize& find_size) {
  ResourceTotals totals;
  Status failure;
  ForEachEntry(catalog, [&](const CatalogEntry& entry) {
    if (failure.ok()) failure = Count(entry, directory, find_size, &totals);
  });
  if (!failure.ok()) return failure;
  if (catalog.dimensions) totals.slices = catalog.dimensions->z;
  return totals;
}

}  // namespace xnatarchive
