#include "dicom/tags.hpp"

#include <algorithm>

namespace xnatarchive {

const std::vector<KeptTag>& KeptTags() {
#define XNA_DICOM_ROW(tag, keyword, vr) {tag, #keyword, #vr},
  static const std::vector<KeptTag> kTable = {XNA_DICOM_TAGS(XNA_DICOM_ROW)};
#undef XNA_DICOM_ROW
  return kTable;
}

const KeptTag* FindKeptTag(Tag tag) {
  const std::vector<KeptTag>& table = KeptTags();
  const auto found = std::lower_bound(table.begin(), table.end(), tag,
                                      [](const KeptTag& row, Tag t) { return row.tag < t; });
  return found != table.end() && found->tag == tag ? &*found : nullptr;
}

}  // namespace xnatarchive
