// catalog_content.hpp - a catalog as the content of a file.
#ifndef XNATARCHIVE_ARCHIVE_CATALOG_CONTENT_HPP_
#define XNATARCHIVE_ARCHIVE_CATALOG_CONTENT_HPP_

#include "fs/directory.hpp"
#include "xml/catalog_xml.hpp"
#include "xnatarchive/catalog.hpp"

namespace xnatarchive {

/// Writes `catalog`, which must outlive it. The disk begins to write a large one while the rest is
/// made, so that the sync that follows finds little left to do.
FileContent CatalogContent(const Catalog& catalog, CatalogStyle style);
FileContent CatalogContent(Catalog&& catalog, CatalogStyle style) = delete;

}  // namespace xnatarchive

#endif  // XNATARCHIVE_ARCHIVE_CATALOG_CONTENT_HPP_
