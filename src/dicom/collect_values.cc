#include "dicom/collect_values.hpp"

#include <dcmtk/config/osconfig.h>
#include <dcmtk/dcmdata/dctk.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <string>
#include <utility>

#include "base/text.hpp"
#include "dicom/text_decoder.hpp"

namespace xnatarchive {
namespace {

/// Functional groups nest three deep; whatever is below eight is not one of ours.
constexpr int kDepthMax = 8;

enum class TextKind { kNone, kSingle, kMulti, kName };

TextKind KindOf(DcmEVR vr) {
  switch (vr) {
    case EVR_LT:
    case EVR_ST:
    case EVR_UT:
      return TextKind::kSingle;
    case EVR_PN:
      return TextKind::kName;
    case EVR_AE:
    case EVR_AS:
    case EVR_CS:
    case EVR_DA:
    case EVR_DS:
    case EVR_DT:
    case EVR_IS:
    case EVR_LO:
    case EVR_SH:
    case EVR_TM:
    case EVR_UC:
    case EVR_UI:
    case EVR_UR:
      return TextKind::kMulti;
    default:
      return TextKind::kNone;
  }
}

/// The fewest digits that read back as `value`: 0.1f is "0.1", not what it widens to.
template <typename Float>
std::string ShortestDecimal(Float value) {
  std::array<char, 32> buffer{};
  const auto [end, error] = std::to_chars(buffer.data(), buffer.data() + buffer.size(), value);
  return error == std::errc() ? std::string(buffer.data(), end) : std::string();
}

/// Reads the wanted elements of a parsed data set.
class Collector {
 public:
  Collector(std::string character_set, const std::vector<Tag>& extra, DicomHeader& header)
      : decoder_(std::move(character_set)), extra_(extra), header_(header) {}

  void CollectTopLevel(DcmItem& dataset) {
    std::vector<DcmSequenceOfItems*> groups;
    for (DcmObject* object = nullptr; (object = dataset.nextInContainer(object)) != nullptr;) {
      const Tag tag = TagOf(*object);
      if (tag == kRadiopharmaceuticalInformationSequence ||
          tag == kSharedFunctionalGroupsSequence || tag == kPerFrameFunctionalGroupsSequence) {
        if (object->ident() == EVR_SQ) groups.push_back(static_cast<DcmSequenceOfItems*>(object));
      } else if (FindKeptTag(tag) != nullptr || IsExtra(tag)) {
        header_.Add(tag, ValueOf(*object));
      }
    }
    const DicomHeader top_level = header_;
    for (DcmSequenceOfItems* group : groups) CollectNested(*group, top_level, 0);
  }

 private:
  static Tag TagOf(const DcmObject& object) {
    return static_cast<Tag>(object.getGTag()) << 16 | object.getETag();
  }

  bool IsExtra(Tag tag) const {
    return std::find(extra_.begin(), extra_.end(), tag) != extra_.end();
  }

  /// Adds what the top level does not have.
  void CollectNested(DcmSequenceOfItems& sequence, const DicomHeader& top_level, int depth) {
    for (DcmObject* item = nullptr; (item = sequence.nextInContainer(item)) != nullptr;) {
      for (DcmObject* object = nullptr; (object = item->nextInContainer(object)) != nullptr;) {
        const Tag tag = TagOf(*object);
        if (FindKeptTag(tag) != nullptr) {
          if (!top_level.Has(tag)) header_.Add(tag, ValueOf(*object));
        } else if (object->ident() == EVR_SQ && depth < kDepthMax) {
          CollectNested(static_cast<DcmSequenceOfItems&>(*object), top_level, depth + 1);
        }
      }
    }
  }

  std::string ValueOf(DcmObject& object) {
    if (object.ident() == EVR_SQ) return CodeMeanings(static_cast<DcmSequenceOfItems&>(object));
    if (object.isLeaf() == OFFalse) return std::string();
    auto& element = static_cast<DcmElement&>(object);
    if (!element.valueLoaded()) return std::string();  // empty, or longer than we keep
    switch (element.ident()) {
      case EVR_FD:
      case EVR_FL:
        return Decimals(element);
      case EVR_UN:
        return UnknownText(element);
      default:
        break;
    }
    const TextKind kind = KindOf(element.ident());
    if (kind != TextKind::kNone) {
      char* text = nullptr;
      Uint32 size = 0;
      if (element.getString(text, size).bad() || text == nullptr) return std::string();
      return Clean(std::string_view(text, size), kind);
    }
    OFString numbers;
    if (element.getOFStringArray(numbers).bad()) return std::string();
    return std::string(numbers.c_str(), numbers.length());
  }

  /// Padding trimmed, of each value where there may be several.
  std::string Clean(std::string_view bytes, TextKind kind) {
    if (kind == TextKind::kSingle) return std::string(Trim(decoder_.Decode(bytes, "")));
    const std::string text = decoder_.Decode(bytes, kind == TextKind::kName ? "\\^=" : "\\");
    if (text.find('\\') == std::string::npos) return std::string(Trim(text));
    std::vector<std::string> values = Split(text, '\\');
    for (std::string& value : values) value = std::string(Trim(value));
    return Join(values, "\\");
  }

  /// A text element whose sender did not know its VR; numbers in that form are left out.
  std::string UnknownText(DcmElement& element) {
    const KeptTag* kept = FindKeptTag(TagOf(element));
    const TextKind kind = kept == nullptr ? TextKind::kMulti : KindOf(DcmVR(kept->vr).getEVR());
    Uint8* bytes = nullptr;
    if (kind == TextKind::kNone || element.getUint8Array(bytes).bad() || bytes == nullptr) {
      return std::string();
    }
    return Clean(std::string_view(reinterpret_cast<char*>(bytes), element.getLength()), kind);
  }

  static std::string Decimals(DcmElement& element) {
    std::vector<std::string> values;
    for (unsigned long i = 0; i < element.getVM(); ++i) {
      Float64 wide = 0;
      Float32 narrow = 0;
      if (element.ident() == EVR_FD && element.getFloat64(wide, i).good()) {
        values.push_back(ShortestDecimal(wide));
      } else if (element.ident() == EVR_FL && element.getFloat32(narrow, i).good()) {
        values.push_back(ShortestDecimal(narrow));
      }
    }
    return Join(values, "\\");
  }

  std::string CodeMeanings(DcmSequenceOfItems& sequence) {
    std::vector<std::string> meanings;
    for (DcmObject* item = nullptr; (item = sequence.nextInContainer(item)) != nullptr;) {
      DcmElement* meaning = nullptr;
      if (item->ident() == EVR_item &&
          static_cast<DcmItem*>(item)->findAndGetElement(DCM_CodeMeaning, meaning).good()) {
        meanings.push_back(ValueOf(*meaning));
      }
    }
    return Join(meanings, "\\");
  }

  TextDecoder decoder_;
  const std::vector<Tag>& extra_;
  DicomHeader& header_;
};

}  // namespace

void CollectValues(DcmItem& dataset, const std::vector<Tag>& extra, DicomHeader& header) {
  OFString character_set;
  if (dataset.findAndGetOFStringArray(DCM_SpecificCharacterSet, character_set).bad()) {
    character_set.clear();
  }
  Collector(std::string(character_set.c_str()), extra, header).CollectTopLevel(dataset);
}

}  // namespace xnatarchive
