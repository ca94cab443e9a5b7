// load_catalog.hpp - reads the catalog of an archived resource, however XNAT or a crash left it.
#ifndef XNATARCHIVE_CATALOG_LOAD_CATALOG_HPP_
#define XNATARCHIVE_CATALOG_LOAD_CATALOG_HPP_

#include "archive/session_inventory.hpp"
#include "catalog/refresh_plan.hpp"
#include "catalog/resource_places.hpp"
#include "fs/directory.hpp"
#include "xnatarchive/status.hpp"

namespace xnatarchive {

/// Reads the catalog of `resource` below `session`, unpacking one that is there as ".gz" only;
/// `found` is what lies in its directory. Fills in `place`, but for its directory.
///
/// With `rebuild`, one that is missing or can not be parsed becomes an empty one of the resource's
/// kind instead. Else kCorruption "catalog.missing", which names another catalog that is there, or
/// what ParseCatalog says. kConflict "catalog.two-in-directory" for a packed one beside a plain one
/// of that name, where the document names the packed one.
Status LoadCatalog(const Directory& session, const ResourcePlace& resource,
                   const ResourceInventory& found, bool rebuild, CatalogInPlace* place);

}  // namespace xnatarchive

#endif  // XNATARCHIVE_CATALOG_LOAD_CATALOG_HPP_
