// catalog_date.hpp - which dates XNAT can read in a catalog.
#ifndef XNATARCHIVE_XML_CATALOG_DATE_HPP_
#define XNATARCHIVE_XML_CATALOG_DATE_HPP_

#include <string_view>

namespace xnatarchive {

/// Says whether the text begins as one of the date forms found in catalogs: yyyy-MM-dd and
/// yyyyMMdd with anything after them (XNAT ignores a zone), M/d/yyyy, and Java's own
/// "EEE MMM dd HH:mm:ss zzz yyyy".
bool IsCatalogDate(std::string_view text);

}  // namespace xnatarchive

#endif  // XNATARCHIVE_XML_CATALOG_DATE_HPP_
