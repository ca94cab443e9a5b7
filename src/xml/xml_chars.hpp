// xml_chars.hpp - which bytes and code points XML 1.0 allows where.
#ifndef XNATARCHIVE_XML_XML_CHARS_HPP_
#define XNATARCHIVE_XML_XML_CHARS_HPP_

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

namespace xnatarchive {

/// A decoded UTF-8 sequence. `size` is 0 where the bytes are not UTF-8 (RFC 3629).
struct CodePoint {
  std::uint32_t value = 0;
  std::size_t size = 0;
};

/// Decodes the sequence that begins at `at`, which lies inside `text`.
CodePoint DecodeUtf8(std::string_view text, std::size_t at);
void AppendUtf8(std::string& out, std::uint32_t code_point);

/// The production Char: what may stand in a document at all, also as a numeric reference.
constexpr bool IsXmlChar(std::uint32_t c) {
  return (c >= 0x20 && c <= 0xD7FF) || c == 0x9 || c == 0xA || c == 0xD ||
         (c >= 0xE000 && c <= 0xFFFD) || (c >= 0x10000 && c <= 0x10FFFF);
}

constexpr bool IsXmlSpace(char c) { return c == ' ' || c == '\t' || c == '\n' || c == '\r'; }

/// The productions NameStartChar and NameChar without ':', which separates prefix and local name.
bool IsNameStart(std::uint32_t c);
bool IsNameChar(std::uint32_t c);

}  // namespace xnatarchive

#endif  // XNATARCHIVE_XML_XML_CHARS_HPP_
