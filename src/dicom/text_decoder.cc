#include "dicom/text_decoder.hpp"

#include <dcmtk/config/osconfig.h>
#include <dcmtk/dcmdata/dcspchrs.h>
#include <dcmtk/ofstd/ofchrenc.h>

#include <algorithm>

#include "base/text.hpp"

namespace xnatarchive {
namespace {

constexpr char kEscape = '\x1B';

bool IsPlain(char c) { return (c >= ' ' && c <= '~') || c == '\t' || c == '\n' || c == '\r'; }

bool IsControl(char c) {
  return (static_cast<unsigned char>(c) < ' ' && !IsPlain(c)) || c == '\x7F';
}

std::string ReplaceNonAscii(std::string_view bytes) {
  std::string text;
  for (const char c : bytes) {
    if (static_cast<unsigned char>(c) < 0x80) {
      text += c;
    } else {
      text += "\xEF\xBF\xBD";  // U+FFFD
    }
  }
  return text;
}

bool IsKatakana(char c) {
  const auto byte = static_cast<unsigned char>(c);
  return byte >= 0xA1 && byte <= 0xDF;
}

/// ISO-2022-JP-2 text with the half-width katakana of JIS X 0201 between it, as "ISO 2022 IR 13"
/// allows: the only bytes above 0x7F, and never inside a two-byte character.
bool ConvertJapanese(OFCharacterEncoding& encoding, std::string_view bytes, OFString& utf8) {
  while (!bytes.empty()) {
    if (const auto code = static_cast<unsigned char>(bytes.front()); IsKatakana(bytes.front())) {
      const char character[] = {'\xEF', static_cast<char>(code < 0xC0 ? 0xBD : 0xBE),
                                static_cast<char>(code < 0xC0 ? code : code - 0x40), '\0'};
      utf8 += character;
      bytes.remove_prefix(1);
      continue;
    }
    const auto end = std::find_if(bytes.begin(), bytes.end(), IsKatakana);
    const auto length = static_cast<std::size_t>(end - bytes.begin());
    OFString run;
    if (encoding.convertString(bytes.data(), length, run).bad()) return false;
    utf8 += run;
    bytes.remove_prefix(length);
  }
  return true;
}

}  // namespace

TextDecoder::TextDecoder(std::string character_set) : character_set_(std::move(character_set)) {}
TextDecoder::~TextDecoder() = default;

void TextDecoder::OpenConverter() {
  opened_ = true;
  auto converter = std::make_unique<DcmSpecificCharacterSet>();
  if (converter->selectCharacterSet(character_set_.c_str()).good()) {
    converter_ = std::move(converter);
    return;
  }
  // DCMTK over glibc's iconv (Debian's) knows neither JIS X 0208 nor JIS X 0212, but iconv knows
  // the text that uses them, as it has the same escape sequences as Japanese mail.
  if (character_set_.find("ISO 2022 IR 87") == std::string::npos &&
      character_set_.find("ISO 2022 IR 159") == std::string::npos) {
    return;
  }
  auto japanese = std::make_unique<OFCharacterEncoding>();
  if (japanese->selectEncoding("ISO-2022-JP-2", "UTF-8").good()) japanese_ = std::move(japanese);
}

bool TextDecoder::Convert(std::string_view bytes, const char* delimiters, std::string& converted) {
  if (character_set_.empty() || character_set_ == "ISO_IR 192") return false;  // nothing to convert
  if (!opened_) OpenConverter();
  OFString utf8;
  const bool done =
      converter_ != nullptr
          ? converter_->convertString(bytes.data(), bytes.size(), utf8, delimiters).good()
          : japanese_ != nullptr && ConvertJapanese(*japanese_, bytes, utf8);
  if (!done) return false;
  converted.assign(utf8.c_str(), utf8.length());
  return IsValidUtf8(converted);
}

std::string TextDecoder::Decode(std::string_view bytes, const char* delimiters) {
  if (std::all_of(bytes.begin(), bytes.end(), IsPlain)) return std::string(bytes);
  const bool ascii = std::all_of(bytes.begin(), bytes.end(), [](char c) {
    return static_cast<unsigned char>(c) < 0x80 && c != kEscape;
  });
  std::string text;
  if (ascii || !Convert(bytes, delimiters, text)) {
    text = IsValidUtf8(bytes) ? std::string(bytes) : ReplaceNonAscii(bytes);
  }
  std::replace_if(text.begin(), text.end(), IsControl, ' ');
  return text;
}

}  // namespace xnatarchive
