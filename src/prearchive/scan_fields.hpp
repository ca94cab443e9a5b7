// scan_fields.hpp - which DICOM elements make which fields of a scan.
//
// Paths and types are those of XNAT's schema (xnat.xsd), the choice of elements is that of XNAT's
// session builder. PET scans get more than XNAT gives them: what has a place in the schema.
#ifndef XNATARCHIVE_PREARCHIVE_SCAN_FIELDS_HPP_
#define XNATARCHIVE_PREARCHIVE_SCAN_FIELDS_HPP_

#include <string>
#include <string_view>
#include <vector>

#include "dicom/header.hpp"
#include "prearchive/field_source.hpp"
#include "xnatarchive/session_document.hpp"

namespace xnatarchive {

/// What the pixels of a scan measure. Empty where the files do not say or do not agree.
struct ScanGeometry {
  std::string columns;
  std::string rows;
  std::string voxel_x;  ///< Millimetres; all three or none.
  std::string voxel_y;
  std::string voxel_z;
  std::string orientation;  ///< "Sag", "Cor" or "Tra".
};

ScanGeometry ReadGeometry(const FieldSource& source);
/// Every element that ReadGeometry reads.
std::vector<Tag> GeometryTags();

/// The fields of one scan type beyond those every scan has.
struct ScanFields {
  std::vector<FieldRow> rows;
  /// Writes the geometry where MR and CT scans have it: parameters/voxelRes, orientation, fov.
  bool has_geometry = false;
  /// Called last, for what a row cannot say; nullptr for none. Reads only `rows` and `tags`.
  void (*set_others)(const FieldSource& source, const ScanGeometry& geometry, Scan& scan) = nullptr;
  std::vector<Tag> tags;
};

/// Sets the fields every scan has, and those of its xsi_type.
void SetScanFields(const FieldSource& source, const ScanGeometry& geometry, Scan& scan);
/// Every element that SetScanFields reads for that type.
std::vector<Tag> ScanTags(std::string_view xsi_type);
/// Where a scan of that type has the element's text as it is; nullptr when it has no such place.
const char* ScanPath(std::string_view xsi_type, Tag tag);

/// Returns the element at `path` (local names, which must exist) of a scan, to add to.
XmlElement& ScanElement(Scan& scan, std::string_view path);

// One per file: mr_fields.cc, ct_fields.cc, pet_fields.cc.
const ScanFields& MrScanFields();
const ScanFields& CtScanFields();
const ScanFields& PetScanFields();

}  // namespace xnatarchive

#endif  // XNATARCHIVE_PREARCHIVE_SCAN_FIELDS_HPP_
