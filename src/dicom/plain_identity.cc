#include "dicom/plain_identity.hpp"

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <string>

#include "base/text.hpp"

namespace xnatarchive {
namespace {

constexpr std::size_t kPreambleBytes = 128;
constexpr std::string_view kMagic = "DICM";
constexpr Tag kMetaGroupLength = 0x00020000;
constexpr Tag kMediaStorageSopClass = 0x00020002;
constexpr Tag kFirstObjectTag = 0x00080000;  // before it: a DICOMDIR's elements
constexpr Tag kItem = 0xFFFEE000;
constexpr Tag kItemEnd = 0xFFFEE00D;
constexpr Tag kSequenceEnd = 0xFFFEE0DD;
constexpr std::uint32_t kUndefinedLength = 0xFFFFFFFF;
constexpr int kNestingMax = 8;
constexpr std::string_view kDicomdir = "1.2.840.10008.1.3.10";

/// Representations whose length has two bytes, and four.
constexpr std::string_view kShortForms =
    "AE AS AT CS DA DS DT FD FL IS LO LT PN SH SL SS ST TM UI UL US";
constexpr std::string_view kLongForms = "OB OD OF OL OV OW SQ SV UC UN UR UT UV";

/// Of these it is certain that the data set is not deflated.
bool IsPlainSyntax(std::string_view uid) {
  static constexpr std::string_view kPlain[] = {
      "1.2.840.10008.1.2",      "1.2.840.10008.1.2.1",    "1.2.840.10008.1.2.5",
      "1.2.840.10008.1.2.4.50", "1.2.840.10008.1.2.4.51", "1.2.840.10008.1.2.4.57",
      "1.2.840.10008.1.2.4.70", "1.2.840.10008.1.2.4.80", "1.2.840.10008.1.2.4.81",
      "1.2.840.10008.1.2.4.90", "1.2.840.10008.1.2.4.91"};
  return std::find(std::begin(kPlain), std::end(kPlain), uid) != std::end(kPlain);
}

bool IsUpper(char c) { return c >= 'A' && c <= 'Z'; }

bool Names(std::string_view list, std::string_view vr) {
  return vr.find(' ') == std::string_view::npos && list.find(vr) != std::string_view::npos;
}

struct Element {
  Tag tag = 0;
  std::string_view vr;  ///< Empty where the encoding does not name it.
  std::uint32_t length = 0;
};

/// Goes over little endian bytes. All methods give nullopt or false for what is unusual, and at the
/// end of the bytes.
class PlainReader {
 public:
  PlainReader(std::string_view bytes, std::size_t position) : bytes_(bytes), position_(position) {}

  std::size_t position() const { return position_; }

  /// What the first element of the data set tells.
  bool ChooseEncoding() {
    if (Left() < 8) return false;
    const std::string_view vr = bytes_.substr(position_ + 4, 2);
    explicit_ = IsUpper(vr[0]) && IsUpper(vr[1]);
    return explicit_ || Number(position_ + 6, 2) == 0;
  }

  std::optional<Tag> PeekTag() const {
    if (Left() < 8) return std::nullopt;
    return static_cast<Tag>(Number(position_, 2) << 16 | Number(position_ + 2, 2));
  }

  /// Reads what stands before the next value.
  std::optional<Element> Next() {
    const std::optional<Tag> tag = PeekTag();
    if (!tag) return std::nullopt;
    Element element;
    element.tag = *tag;
    if (!explicit_ || IsDelimiter(*tag)) {
      element.length = Number(position_ + 4, 4);
      position_ += 8;
      return element;
    }
    element.vr = bytes_.substr(position_ + 4, 2);
    if (Names(kShortForms, element.vr)) {
      element.length = Number(position_ + 6, 2);
      position_ += 8;
    } else if (Names(kLongForms, element.vr) && Left() >= 12) {
      element.length = Number(position_ + 8, 4);
      position_ += 12;
    } else {
      return std::nullopt;
    }
    return element;
  }

  std::optional<std::string_view> Value(const Element& element) {
    if (element.length > Left() || element.length % 2 != 0) return std::nullopt;
    const std::string_view value = bytes_.substr(position_, element.length);
    position_ += element.length;
    return Trim(value);
  }

  /// Passes over a value; over the items of a sequence where their length is not told.
  bool Skip(const Element& element, int nesting = 0) {
    if (element.length != kUndefinedLength) return Value(element).has_value();
    const bool sequence = element.vr == "SQ" || (!explicit_ && !IsDelimiter(element.tag));
    if (!sequence && element.tag != kItem) return false;
    if (nesting == kNestingMax) return false;
    const Tag end = sequence ? kSequenceEnd : kItemEnd;
    for (;;) {
      const std::optional<Element> inner = Next();
      if (!inner) return false;
      if (inner->tag == end) return inner->length == 0;
      if (sequence ? inner->tag != kItem : IsDelimiter(inner->tag)) return false;
      if (!Skip(*inner, nesting + 1)) return false;
    }
  }

 private:
  static bool IsDelimiter(Tag tag) {
    return tag == kItem || tag == kItemEnd || tag == kSequenceEnd;
  }
  std::size_t Left() const { return bytes_.size() - position_; }
  std::uint32_t Number(std::size_t at, std::size_t size) const {
    std::uint32_t number = 0;
    for (std::size_t i = size; i > 0; --i) {
      number = number << 8 | static_cast<unsigned char>(bytes_[at + i - 1]);
    }
    return number;
  }

  std::string_view bytes_;
  std::size_t position_;
  bool explicit_ = true;  // as the meta header always is
};

/// Passes over the meta header; false unless it is one of a plain object's.
bool SkipMeta(PlainReader* reader) {
  const std::optional<Element> first = reader->Next();
  if (!first || first->tag != kMetaGroupLength || first->length != 4) return false;
  if (!reader->Skip(*first)) return false;
  bool plain = false;
  for (Tag before = first->tag;;) {
    const std::optional<Tag> tag = reader->PeekTag();
    if (!tag || *tag <= before) return false;
    if (*tag >> 16 != kMetaGroupLength >> 16) return plain;
    before = *tag;
    const std::optional<Element> element = reader->Next();
    const auto value = element ? reader->Value(*element) : std::nullopt;
    if (!value || (*tag == kMediaStorageSopClass && *value == kDicomdir)) return false;
    if (*tag == kTagTransferSyntaxUID) plain = IsPlainSyntax(*value);
  }
}

}  // namespace

std::optional<DicomIdentity> FindPlainIdentity(std::string_view first_bytes) {
  if (first_bytes.size() < kPreambleBytes || first_bytes.substr(kPreambleBytes, 4) != kMagic) {
    return std::nullopt;
  }
  PlainReader reader(first_bytes, kPreambleBytes + kMagic.size());
  if (!SkipMeta(&reader) || !reader.ChooseEncoding()) return std::nullopt;
  DicomIdentity identity;
  bool has_class = false;
  for (Tag before = kFirstObjectTag - 1; before != kTagInstanceNumber;) {
    const std::optional<Element> element = reader.Next();
    if (!element || element->tag <= before || element->tag > kTagInstanceNumber) {
      return std::nullopt;  // where elements are out of order the number may yet come
    }
    before = element->tag;
    if (before != kTagSOPClassUID && before != kTagSOPInstanceUID && before != kTagInstanceNumber) {
      if (!reader.Skip(*element)) return std::nullopt;
      continue;
    }
    const std::optional<std::string_view> value = reader.Value(*element);
    const std::string_view vr = before == kTagInstanceNumber ? "IS" : "UI";
    if (!value || (!element->vr.empty() && element->vr != vr)) return std::nullopt;
    if (before == kTagInstanceNumber) {
      identity.instance_number = ParseInt(*value);
      if (!value->empty() && !identity.instance_number) return std::nullopt;
    } else if (!IsValidUid(*value)) {
      return std::nullopt;
    } else if (before == kTagSOPClassUID) {
      has_class = true;
    } else {
      identity.uid = *value;
    }
  }
  if (!has_class || identity.uid.empty()) return std::nullopt;
  return identity;
}

}  // namespace xnatarchive
