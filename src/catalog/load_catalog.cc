#include "catalog/load_catalog.hpp"

#include <string>
#include <utility>

#include "archive/read_catalog.hpp"
#include "base/text.hpp"

namespace xnatarchive {
namespace {

Status Missing(const ResourcePlace& resource, const ResourceInventory& found) {
  std::string message = "the catalog " + std::string(BaseName(resource.catalog_path)) +
                        ", which the session's document names, is not there";
  for (const SessionFile& file : found.files) {
    const bool other = file.path.find('/') == std::string::npos &&
                       EndsWith(file.path, "_catalog.xml") && CheckRelativePath(file.path).ok();
    if (!other) continue;
    message += "; there is " + file.path;
    break;
  }
  return Status(Code::kCorruption, "catalog.missing", std::move(message));
}

Catalog EmptyCatalog(const ResourcePlace& resource) {
  Catalog catalog;
  catalog.dicom = EqualsIgnoreCase(resource.format, "DICOM");
  if (catalog.dicom) {
    catalog.uid = resource.series_uid;
  } else {
    catalog.id = resource.label;
  }
  return catalog;
}

}  // namespace

Status LoadCatalog(const Directory& session, const ResourcePlace& resource,
                   const ResourceInventory& found, bool rebuild, CatalogInPlace* place) {
  place->name = BaseName(WithoutPacking(resource.catalog_path));
  Result<Catalog> catalog = ReadCatalog(session, resource.catalog_path, &place->packed);
  if (catalog.ok()) {
    place->catalog = std::move(catalog).value();
    return Status();
  }
  const bool missing = catalog.status().code() == Code::kNotFound;
  if (!missing && catalog.status().code() != Code::kCorruption) return catalog.status();
  if (rebuild) {
    place->catalog = EmptyCatalog(resource);
    place->rebuilt = true;
    return Status();
  }
  Status failure = missing ? Missing(resource, found) : std::move(catalog).status();
  return std::move(failure).WithPath(JoinPath(place->directory, place->name));
}

}  // namespace xnatarchive
