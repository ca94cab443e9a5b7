#include "prearchive/scan_fields.hpp"

#include <algorithm>
#include <cassert>

#include "base/text.hpp"

namespace xnatarchive {
namespace {

const std::vector<FieldRow>& SharedRows() {
  static const std::vector<FieldRow> rows = {
      {"series_description", kTagSeriesDescription},
      {"scanner", kTagStationName},
      {"scanner/@manufacturer", kTagManufacturer},
      {"scanner/@model", kTagManufacturerModelName},
      {"modality", kTagModality},
      {"startTime", kTagSeriesTime, FieldForm::kTime},
      {"start_date", kTagSeriesDate, FieldForm::kDate},
      {"requestedProcedureDescription", kTagRequestedProcedureDescription},
      {"protocolName", kTagProtocolName},
      {"bodyPartExamined", kTagBodyPartExamined},
  };
  return rows;
}

const ScanFields& FieldsOf(std::string_view xsi_type) {
  static const ScanFields none;
  if (xsi_type == "xnat:mrScanData") return MrScanFields();
  if (xsi_type == "xnat:ctScanData") return CtScanFields();
  if (xsi_type == "xnat:petScanData") return PetScanFields();
  return none;
}

void SetGeometry(const ScanGeometry& geometry, Scan& scan) {
  if (!geometry.voxel_x.empty()) {
    scan.Set("parameters/voxelRes/@units", "mm");
    scan.Set("parameters/voxelRes/@x", geometry.voxel_x);
    scan.Set("parameters/voxelRes/@y", geometry.voxel_y);
    scan.Set("parameters/voxelRes/@z", geometry.voxel_z);
  }
  scan.Set("parameters/orientation", geometry.orientation);
  if (!geometry.columns.empty() && !geometry.rows.empty()) {
    scan.Set("parameters/fov/@x", geometry.columns);
    scan.Set("parameters/fov/@y", geometry.rows);
  }
}

}  // namespace

ScanGeometry ReadGeometry(const FieldSource& source) {
  ScanGeometry geometry;
  geometry.columns = source.Unique("fov", kTagColumns, FieldForm::kInteger);
  geometry.rows = source.Unique("fov", kTagRows, FieldForm::kInteger);
  geometry.orientation =
      source.Unique("orientation", kTagImageOrientationPatient, FieldForm::kOrientation);
  const std::string xy = source.Unique("voxelRes", kTagPixelSpacing, FieldForm::kRealPair);
  const std::string z = source.Unique("voxelRes", kTagSliceThickness, FieldForm::kReal);
  if (!xy.empty() && !z.empty()) {
    const std::size_t separator = xy.find('\\');
    geometry.voxel_x = xy.substr(0, separator);
    geometry.voxel_y = xy.substr(separator + 1);
    geometry.voxel_z = z;
  }
  return geometry;
}

std::vector<Tag> GeometryTags() {
  return {kTagColumns, kTagRows, kTagImageOrientationPatient, kTagPixelSpacing, kTagSliceThickness};
}

void SetScanFields(const FieldSource& source, const ScanGeometry& geometry, Scan& scan) {
  const ScanFields& fields = FieldsOf(scan.xsi_type);
  SetRows(source, SharedRows(), scan);
  SetRows(source, fields.rows, scan);
  if (fields.has_geometry) SetGeometry(geometry, scan);
  if (fields.set_others != nullptr) fields.set_others(source, geometry, scan);
}

std::vector<Tag> ScanTags(std::string_view xsi_type) {
  const ScanFields& fields = FieldsOf(xsi_type);
  std::vector<Tag> tags = fields.tags;
  for (const auto* rows : {&SharedRows(), &fields.rows}) {
    for (const FieldRow& row : *rows) tags.push_back(row.tag);
  }
  return tags;
}

const char* ScanPath(std::string_view xsi_type, Tag tag) {
  for (const auto* rows : {&SharedRows(), &FieldsOf(xsi_type).rows}) {
    for (const FieldRow& row : *rows) {
      if (row.tag == tag && row.form == FieldForm::kText) return row.path;
    }
  }
  return nullptr;
}

XmlElement& ScanElement(Scan& scan, std::string_view path) {
  std::vector<XmlElement>* elements = &scan.elements;
  XmlElement* element = nullptr;
  for (const std::string& step : Split(path, '/')) {
    const auto at = std::find_if(elements->begin(), elements->end(), [&](const XmlElement& child) {
      return child.name == "xnat:" + step;
    });
    assert(at != elements->end());
    element = &*at;
    elements = &element->children;
  }
  return *element;
}

}  // namespace xnatarchive
