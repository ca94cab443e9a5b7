// build_series.hpp - the files of a session sorted into the series that become its scans.
#ifndef XNATARCHIVE_PREARCHIVE_BUILD_SERIES_HPP_
#define XNATARCHIVE_PREARCHIVE_BUILD_SERIES_HPP_

#include <string>
#include <vector>

#include "dicom/header.hpp"
#include "dicom/sop_class.hpp"
#include "prearchive/build.hpp"

namespace xnatarchive {

/// Files of one series that go into one resource.
struct SeriesPart {
  std::vector<const DicomHeader*> headers;  ///< Distinct, in order of first appearance.
  std::vector<const BuildFile*> files;
};

/// One scan to be.
struct Series {
  std::string id;   ///< Scan ID and directory name, unique in the session.
  std::string uid;  ///< Series Instance UID; may be empty.
  SeriesKind kind;
  SeriesPart primary;    ///< Resource "DICOM".
  SeriesPart secondary;  ///< Resource "secondary"; empty when they are not separated.

  /// The headers that describe the scan: those of its images where there are any.
  const std::vector<const DicomHeader*>& DescribingHeaders() const {
    return primary.headers.empty() ? secondary.headers : primary.headers;
  }
};

/// What files of one series have in common and those of others have not: the Series Instance UID,
/// or where a file has none the scan it claims.
std::string SeriesKey(const DicomHeader& header);

/// Groups by SeriesKey and gives each series its scan ID: the name of the scan directory
/// of its files, or, when several series claim the same one, "<name>-<modality><n>", n counted per
/// modality in order of the UIDs. Sorted by ID, digits as numbers. Every file is in exactly one
/// part.
std::vector<Series> GroupSeries(const BuildInput& input, std::vector<std::string>* log);

}  // namespace xnatarchive

#endif  // XNATARCHIVE_PREARCHIVE_BUILD_SERIES_HPP_
