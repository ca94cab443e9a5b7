// collect_values.hpp - from DCMTK's elements to the values of a DicomHeader. Internal to this
// layer.
#ifndef XNATARCHIVE_DICOM_COLLECT_VALUES_HPP_
#define XNATARCHIVE_DICOM_COLLECT_VALUES_HPP_

#include <vector>

#include "dicom/header.hpp"

class DcmItem;

namespace xnatarchive {

/// The sequences whose items are searched for elements the top level does not have.
inline constexpr Tag kRadiopharmaceuticalInformationSequence = 0x00540016;
inline constexpr Tag kSharedFunctionalGroupsSequence = 0x52009229;
inline constexpr Tag kPerFrameFunctionalGroupsSequence = 0x52009230;

/// Adds the kept elements of `dataset`, and those of its top level named in `extra`, to `header`.
void CollectValues(DcmItem& dataset, const std::vector<Tag>& extra, DicomHeader& header);

}  // namespace xnatarchive

#endif  // XNATARCHIVE_DICOM_COLLECT_VALUES_HPP_
