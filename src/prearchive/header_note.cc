#include "prearchive/header_note.hpp"

#include <algorithm>
#include <vector>

#include "base/text.hpp"
#include "dicom/sop_class.hpp"
#include "prearchive/scan_fields.hpp"
#include "prearchive/session_fields.hpp"

namespace xnatarchive {
namespace {

// Every element that a build reads of an object whose scan is of that type.
std::vector<Tag> BuildTags(std::string_view scan_type) {
  std::vector<Tag> tags = {kTagSOPClassUID,   kTagStudyInstanceUID, kTagSeriesInstanceUID,
                           kTagSeriesNumber,  kTagModality,         kTagSeriesDescription,
                           kTagNumberOfFrames};
  for (const std::vector<Tag>& more : {SessionTags(), GeometryTags(), ScanTags(scan_type)}) {
    tags.insert(tags.end(), more.begin(), more.end());
  }
  std::sort(tags.begin(), tags.end());
  tags.erase(std::unique(tags.begin(), tags.end()), tags.end());
  return tags;
}

// Made once for the types that have fields of their own; all others have the same.
const std::vector<Tag>& NoteTags(const std::string& scan_type) {
  static const std::vector<Tag> mr = BuildTags("xnat:mrScanData");
  static const std::vector<Tag> ct = BuildTags("xnat:ctScanData");
  static const std::vector<Tag> pet = BuildTags("xnat:petScanData");
  static const std::vector<Tag> other = BuildTags("");
  if (scan_type == "xnat:mrScanData") return mr;
  if (scan_type == "xnat:ctScanData") return ct;
  return scan_type == "xnat:petScanData" ? pet : other;
}

// Times of a PET image are read for the time frames of dynamic scans only; elsewhere they differ
// from bed to bed and slice to slice for nothing.
bool IsFrameTime(Tag tag) {
  return tag == kTagAcquisitionTime || tag == kTagFrameReferenceTime ||
         tag == kTagActualFrameDuration;
}

}  // namespace

std::string WriteHeaderNote(const DicomHeader& header) {
  const std::string scan_type = ScanType({{std::string(header.Get(kTagSOPClassUID))},
                                          std::string(header.Get(kTagModality)),
                                          std::string()});
  const bool dynamic = StartsWith(header.Get(kTagSeriesType), "DYNAMIC");
  DicomHeader note;
  for (const Tag tag : NoteTags(scan_type)) {
    if (IsFrameTime(tag) && !dynamic) continue;
    for (const std::string_view value : header.GetAll(tag)) note.Add(tag, value);
  }
  return note.Encode();
}

Result<DicomHeader> ParseHeaderNote(std::string_view note) { return DicomHeader::Decode(note); }

}  // namespace xnatarchive
