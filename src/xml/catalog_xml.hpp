// catalog_xml.hpp - catalog documents: bytes to Catalog and back.
//
// XNAT reads a catalog strictly (one bad number makes all of it unreadable) and drops what it does
// not know. We are as strict with what is known, because a catalog that is half understood must
// not be rewritten, but keep what is unknown. Writing follows XNAT byte for byte, so that a file
// that did not change does not differ.
#ifndef XNATARCHIVE_XML_CATALOG_XML_HPP_
#define XNATARCHIVE_XML_CATALOG_XML_HPP_

#include <functional>
#include <string>
#include <string_view>

#include "xnatarchive/catalog.hpp"
#include "xnatarchive/status.hpp"

namespace xnatarchive {

/// XNAT's two indentations. Plain has the root's children at the left margin: every rewrite of an
/// archived catalog. Pretty is one tab deeper: what a session build or a new resource writes first.
enum class CatalogStyle { kPlain, kPretty };

/// Reads a catalog. Prefixes do not matter, only namespaces. Empty attributes count as absent,
/// xsi:schemaLocation, comments and processing instructions are dropped. Unknown attributes and
/// elements are kept, with the prefixes the catalog will be written with: those of a container
/// (cat:entries, cat:metaFields, ...) as an element of that name in `elements`, which holds only
/// what is unknown; a cat:metaField, cat:tag, cat:dimensions, cat:voxelRes or cat:orientation that
/// carries anything unknown is kept whole in that way.
///
/// Memory: the result, and the bytes once more where their line ends are not "\n".
/// Returns kCorruption "catalog.empty" for no bytes at all (a truncated file: XNAT takes it for a
///         catalog without entries and so loses them), "catalog.bad-xml" for what CheckXml refuses
///         or a catalog beyond its limits, "catalog.not-a-catalog" for another root element,
///         "catalog.bad-value" for a number or date that is none, and for text in an element that
///         holds elements only: a tag is damaged there.
Result<Catalog> ParseCatalog(std::string_view bytes);

/// Writes the document, XML declaration first, no newline at the end. Characters XML does not
/// allow are dropped as by AppendEscaped. Names of kept attributes and elements must be valid and
/// use prefixes of the core set or of `namespaces`.
std::string WriteCatalog(const Catalog& catalog, CatalogStyle style);

/// The same in parts of some 100 kB, so that never all of it is in memory. A failure of `write`
/// ends it and is returned.
Status WriteCatalog(const Catalog& catalog, CatalogStyle style,
                    const std::function<Status(std::string_view)>& write);

}  // namespace xnatarchive

#endif  // XNATARCHIVE_XML_CATALOG_XML_HPP_
