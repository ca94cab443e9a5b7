#include "prearchive/build_catalog.hpp"

#include <algorithm>
#include <optional>
#include <string>
#include <string_view>
#include <tuple>
#include <utility>
#include <vector>

#include "base/text.hpp"
#include "fs/directory.hpp"
#include "prearchive/received_drafts.hpp"

namespace xnatarchive {
namespace {

struct Placed {
  std::optional<std::int64_t> number;
  std::string uri;
  const BuildFile* file = nullptr;
};

bool operator<(const Placed& a, const Placed& b) {
  if (a.number.has_value() != b.number.has_value()) return a.number.has_value();
  return std::tie(a.number, a.uri) < std::tie(b.number, b.uri);
}

std::vector<Placed> PlaceFiles(const SeriesPart& part, std::string_view directory,
                               FilePlaces& places) {
  std::vector<Placed> placed;
  placed.reserve(part.files.size());
  for (const BuildFile* file : part.files) {
    Placed& entry = placed.emplace_back();
    entry.number = ParseInt(file->file->instance_number);
    entry.uri = places.Place(*file, directory).substr(directory.size() + 1);
    entry.file = file;
  }
  std::sort(placed.begin(), placed.end());
  return placed;
}

CatalogEntry MakeEntry(Placed placed) {
  static const SharedText size("SIZE"), mtime("MTIME"), xxh3("XXH3");
  const IndexedFile& file = *placed.file->file;
  CatalogEntry entry;
  entry.dicom = true;
  entry.uri = std::move(placed.uri);
  entry.uid = file.sop_instance_uid;
  entry.instance_number = placed.number.value_or(1);
  entry.digest = file.md5;
  entry.meta_fields.reserve(3);
  entry.meta_fields.push_back({size, std::to_string(file.size)});
  entry.meta_fields.push_back({mtime, std::to_string(file.mtime_ns)});
  if (!file.xxh3.empty()) entry.meta_fields.push_back({xxh3, file.xxh3});
  return entry;
}

ResourceDraft MakeResource(const Series& series, const SeriesPart& part, std::string_view label,
                           std::string_view content, FilePlaces& places) {
  ResourceDraft resource;
  resource.scan_id = series.id;
  resource.label = label;
  resource.format = "DICOM";
  resource.content = content;
  resource.directory = ResourceDirectory(series.id, label);
  resource.catalog_path = JoinPath(resource.directory, CatalogFileName(series.id, label));
  resource.catalog.dicom = true;
  resource.catalog.uid = series.uid;
  std::vector<Placed> placed = PlaceFiles(part, resource.directory, places);
  resource.catalog.entries.reserve(placed.size());
  for (Placed& file : placed) resource.catalog.entries.push_back(MakeEntry(std::move(file)));
  return resource;
}

std::optional<std::int64_t> Dimension(const std::string& text) {
  return text.empty() ? std::nullopt : ParseInt(text);
}

}  // namespace

std::int64_t CountFrames(const Series& series) {
  constexpr std::int64_t kFramesMax = 1u << 31;  // of one file; the element's own limit
  std::int64_t frames = 0;
  for (const BuildFile* file : series.primary.files) {
    const std::int64_t own = ParseInt(file->header->Get(kTagNumberOfFrames)).value_or(1);
    frames += own < 1 || own > kFramesMax ? 1 : own;
  }
  return frames;
}

ResourceDraft BuildPrimaryResource(const Series& series, const ScanGeometry& geometry,
                                   FilePlaces& places) {
  ResourceDraft resource = MakeResource(series, series.primary, "DICOM", "RAW", places);
  Catalog& catalog = resource.catalog;
  catalog.dimensions = {Dimension(geometry.columns), Dimension(geometry.rows), CountFrames(series),
                        std::nullopt};
  if (!geometry.voxel_x.empty()) {
    catalog.voxel_resolution = {geometry.voxel_x, geometry.voxel_y, geometry.voxel_z, ""};
  }
  catalog.orientation = geometry.orientation;
  return resource;
}

ResourceDraft BuildSecondaryResource(const Series& series, FilePlaces& places) {
  ResourceDraft resource = MakeResource(series, series.secondary, "secondary", "secondary", places);
  for (CatalogEntry& entry : resource.catalog.entries) entry.instance_number.reset();
  return resource;
}

}  // namespace xnatarchive
