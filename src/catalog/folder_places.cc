#include "catalog/folder_places.hpp"

#include <algorithm>
#include <utility>

#include "base/status_macros.hpp"
#include "base/text.hpp"

namespace xnatarchive {
namespace {

constexpr std::string_view kCatalogEnd = "_catalog.xml";

/// The catalogs a resource's directory may have: one, or several that can not all be right.
Result<std::vector<std::string>> CatalogNames(const Directory& archive,
                                              const std::string& directory,
                                              const std::string& label) {
  XNA_ASSIGN_OR_RETURN(const std::vector<DirectoryEntry> entries, archive.List(directory));
  const std::string own = label + std::string(kCatalogEnd);
  std::vector<std::string> names;
  for (const DirectoryEntry& entry : entries) {
    if (entry.name == own || entry.name == own + ".gz") return std::vector<std::string>{own};
    const bool catalog = EndsWith(entry.name, kCatalogEnd) && CheckRelativePath(entry.name).ok();
    if (catalog) names.push_back(entry.name);
  }
  if (names.empty()) names.push_back(own);
  return names;
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
