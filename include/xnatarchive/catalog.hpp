// catalog.hpp - a catalog: the list of a resource's files, as plain values.
//
// The catalog XML beside the files is XNAT's format (schema http://nrg.wustl.edu/catalog). A file
// the catalog does not name does not exist for readers; a catalog never names a file that is not
// there.
#ifndef XNATARCHIVE_CATALOG_HPP_
#define XNATARCHIVE_CATALOG_HPP_

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "xnatarchive/session_document.hpp"
#include "xnatarchive/shared_text.hpp"

namespace xnatarchive {

/// A named value. `value` is empty for an element without text.
struct MetaField {
  SharedText name;
  SharedText value;
};

/// Who did something to an entry, when, and under which audit record.
struct CatalogEvent {
  SharedText by;        ///< User name; empty when absent.
  SharedText time;      ///< yyyy-MM-ddTHH:mm:ss.SSS, local time; empty when absent.
  SharedText event_id;  ///< Decimal audit record number; empty when absent.
};

/// One file. Empty strings mean the attribute is absent.
struct CatalogEntry {
  bool dicom = false;  ///< cat:dcmEntry rather than cat:entry.
  SharedText uri;      ///< Normally the path relative to the catalog's directory, '/' separated.
  SharedText id;
  SharedText cache_path;
  SharedText name;
  SharedText description;
  SharedText format;
  SharedText content;
  SharedText digest;  ///< MD5, lower-case hex.
  SharedText uid;     ///< SOP Instance UID.
  std::optional<std::int64_t> instance_number;
  CatalogEvent created;
  CatalogEvent modified;
  std::vector<MetaField> meta_fields;  ///< SIZE, MTIME, XXH3 and whatever else, in order.
  std::vector<std::string> tags;
  std::vector<std::pair<std::string, std::string>> attributes;  ///< Unknown ones, kept.
  std::vector<XmlElement> elements;                             ///< Unknown ones, kept.

  /// Returns the meta field's value, or an empty string.
  std::string_view Meta(std::string_view meta_name) const;
  /// Sets or adds the meta field.
  void SetMeta(std::string_view meta_name, std::string value);

  /// Path relative to the catalog's directory: `uri`, or where that is absolute or a URL,
  /// `cache_path`, else `id`.
  const SharedText& RelativePath() const;
};

/// cat:dimensions; absent members are not written.
struct CatalogDimensions {
  std::optional<std::int64_t> x, y, z, volumes;
};

/// cat:voxelRes. Numbers are kept as text, so that they come back as they were written.
struct CatalogVoxelResolution {
  std::string x, y, z, units;
};

/// One catalog document.
struct Catalog {
  bool dicom = false;  ///< cat:DCMCatalog rather than cat:Catalog.
  std::string id;
  std::string uid;  ///< Series Instance UID.
  std::string name;
  std::string description;
  std::vector<MetaField> meta_fields;  ///< PROJECT, AUDIT, ...
  std::vector<std::string> tags;
  std::vector<Catalog> sets;  ///< cat:entrySet: nested groups; rare.
  std::vector<CatalogEntry> entries;
  std::optional<CatalogDimensions> dimensions;
  std::optional<CatalogVoxelResolution> voxel_resolution;
  std::string orientation;
  std::vector<std::pair<std::string, std::string>> attributes;  ///< Unknown ones, kept.
  std::vector<std::pair<std::string, std::string>> namespaces;  ///< Beyond XNAT's core set.
  std::vector<XmlElement> elements;                             ///< Unknown children, kept.

  /// @{ As in CatalogEntry.
  std::string_view Meta(std::string_view meta_name) const;
  void SetMeta(std::string_view meta_name, std::string value);
  /// @}
};

}  // namespace xnatarchive

#endif  // XNATARCHIVE_CATALOG_HPP_
