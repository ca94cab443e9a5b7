#include "catalog/folder_places.hpp"

#include <set>
#include <utility>

#include "archive/read_catalog.hpp"
#include "base/status_macros.hpp"
#include "base/text.hpp"

namespace xnatarchive {
namespace {

constexpr std::string_view kCatalogEnd = "_catalog.xml";

/// The catalogs a resource's directory may have, without ".gz": one, or several that can not all be
/// right.
Result<std::vector<std::string>> CatalogNames(const Directory& archive,
                                              const std::string& directory,
                                              const std::string& label) {
  XNA_ASSIGN_OR_RETURN(const std::vector<DirectoryEntry> entries, archive.List(directory));
  const std::string own = label + std::string(kCatalogEnd);
  std::set<std::string> names;
  for (const DirectoryEntry& entry : entries) {
    std::string name = WithoutPacking(entry.name);
    if (EndsWith(name, kCatalogEnd) && CheckRelativePath(name).ok()) names.insert(std::move(name));
  }
  if (names.empty() || names.count(own) > 0) return std::vector<std::string>{own};
  return std::vector<std::string>(names.begin(), names.end());
}

}  // namespace

std::string ResourceFolder(const std::string& project, const std::string& subject) {
  return subject.empty() ? JoinPath(project, "resources")
                         : JoinPath(JoinPath(project, "subjects"), subject);
}

std::string FolderLockLabel(const std::string& subject) {
  return subject.empty() ? "resources" : "subjects/" + AsciiLower(subject);
}

Result<std::vector<ResourcePlace>> PlacesInFolder(const Directory& archive,
                                                  const std::string& folder) {
  std::vector<ResourcePlace> places;
  const Result<std::vector<DirectoryEntry>> entries = archive.List(folder);
  if (entries.status().code() == Code::kNotFound) return places;
  XNA_RETURN_IF_ERROR(entries.status());
  for (const DirectoryEntry& entry : *entries) {
    const bool resource = entry.kind == FileKind::kDirectory && !StartsWith(entry.name, ".") &&
                          CheckRelativePath(entry.name).ok();
    if (!resource) continue;
    XNA_ASSIGN_OR_RETURN(const std::vector<std::string> names,
                         CatalogNames(archive, JoinPath(folder, entry.name), entry.name));
    for (const std::string& name : names) {
      ResourcePlace place;
      place.label = entry.name;
      place.catalog_path = JoinPath(entry.name, name);
      place.number = places.size();
      places.push_back(std::move(place));
    }
  }
  return places;
}

}  // namespace xnatarchive
