// build_catalog.hpp - the catalogs of a scan.
#ifndef XNATARCHIVE_PREARCHIVE_BUILD_CATALOG_HPP_
#define XNATARCHIVE_PREARCHIVE_BUILD_CATALOG_HPP_

#include <cstdint>

#include "prearchive/build_places.hpp"
#include "prearchive/build_series.hpp"
#include "prearchive/scan_fields.hpp"
#include "xnatarchive/import_handler.hpp"

namespace xnatarchive {

/// Frames in all primary files; a file that does not say has one.
std::int64_t CountFrames(const Series& series);

/// Resource "DICOM" of the series: one entry per primary file in order of Instance Number (files
/// without one last, ties by path), with the checksums that are known, so that archiving need not
/// read the file again; dimensions, voxel size and orientation.
ResourceDraft BuildPrimaryResource(const Series& series, const ScanGeometry& geometry,
                                   FilePlaces& places);
/// Resource "secondary": the same without numbers and geometry, which do not apply.
ResourceDraft BuildSecondaryResource(const Series& series, FilePlaces& places);

}  // namespace xnatarchive

#endif  // XNATARCHIVE_PREARCHIVE_BUILD_CATALOG_HPP_
