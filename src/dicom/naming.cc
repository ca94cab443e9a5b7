#include "dicom/naming.hpp"

#include <algorithm>
#include <cstdint>

#include "base/text.hpp"

namespace xnatarchive {
namespace {

constexpr std::size_t kFileNameBytesMax = 255;
constexpr std::size_t kScanNumberBytesMax = 64;

bool IsNameCharacter(char c) {
  return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_' ||
         c == '-' || c == '.';
}

/// Every other character becomes one '_', a multi-byte one too.
std::string SanitiseFileName(std::string_view text) {
  std::string name;
  for (const char c : text) {
    const bool continuation = (static_cast<unsigned char>(c) & 0xC0) == 0x80;
    if (!continuation) name += IsNameCharacter(c) ? c : '_';
  }
  return name;
}

/// java.lang.String.hashCode. The strings hashed are ASCII, so bytes are UTF-16 units.
std::uint32_t JavaHash(std::string_view text) {
  std::uint32_t hash = 0;
  for (const char c : text) hash = hash * 31 + static_cast<unsigned char>(c);
  return hash;
}

std::string ValueOrNote(const DicomHeader& header, Tag tag) {
  if (header.Has(tag)) return std::string(header.Get(tag));
  return "no-value-for-" + std::string(FindKeptTag(tag)->keyword);
}

}  // namespace

std::string SopHash(std::string_view sop_class_uid, std::string_view sop_instance_uid) {
  return Base36((31 + JavaHash(sop_class_uid)) * 31 + JavaHash(sop_instance_uid));
}

std::string ScanDirectory(const DicomHeader& header) {
  std::string number(header.Get(kTagSeriesNumber));
  if (StartsWith(number, "+")) number[0] = '_';
  if (!number.empty() && number.size() <= kScanNumberBytesMax && number[0] != '.' &&
      std::all_of(number.begin(), number.end(), IsNameCharacter)) {
    return number;
  }
  const std::string_view uid = header.Get(kTagSeriesInstanceUID);
  if (uid.empty() || uid.size() > kFileNameBytesMax) return "NA";
  return SanitiseLabel(uid);
}

std::string FileName(const DicomHeader& header) {
  std::string head = ValueOrNote(header, kTagStudyInstanceUID) + "-" +
                     ValueOrNote(header, kTagSeriesNumber) + "-" +
                     ValueOrNote(header, kTagInstanceNumber);
  const std::string tail =
      "-" + SopHash(header.Get(kTagSOPClassUID), header.Get(kTagSOPInstanceUID)) + ".dcm";
  head = SanitiseFileName(head);
  head.erase(0, std::min(head.find_first_not_of('.'), head.size()));
  head.resize(std::min(head.size(), kFileNameBytesMax - tail.size()));
  return head + tail;
}

std::string SafeClientName(std::string_view client_name, const DicomHeader& header) {
  std::string name = SanitiseFileName(client_name);
  name.erase(0, std::min(name.find_first_not_of('.'), name.size()));
  if (name.empty() || name.size() > kFileNameBytesMax ||
      EndsWith(AsciiLower(name), "_catalog.xml")) {
    return FileName(header);
  }
  return name;
}

}  // namespace xnatarchive
