#include "xml/xml_text.hpp"

#include <algorithm>
#include <array>
#include <charconv>
#include <cstddef>
#include <cstdint>
#include <system_error>

#include "xml/xml_chars.hpp"

namespace xnatarchive {
namespace {

constexpr std::array<bool, 256> MakePlainBytes() {
  std::array<bool, 256> plain{};
  for (unsigned c = 0x20; c < 0x80; ++c) {
    plain[c] = c != '&' && c != '<' && c != '>' && c != '"' && c != '\'';
  }
  return plain;
}
constexpr std::array<bool, 256> kPlainBytes = MakePlainBytes();

/// What an ASCII character that is not plain is written as; empty for one that XML does not allow.
std::string_view AsciiEscape(char c, XmlPlace place) {
  const bool attribute = place == XmlPlace::kAttribute;
  switch (c) {
    case '&':
      return "&amp;";
    case '<':
      return "&lt;";
    case '>':
      return "&gt;";
    case '"':
      return "&quot;";
    case '\'':
      return "&apos;";
    case '\t':
      return attribute ? "&#9;" : "\t";
    case '\n':
      return attribute ? "&#10;" : "\n";
    case '\r':
      return "&#13;";
    case '\0':
      return " ";
    default:
      return {};
  }
}

/// Decodes the reference that is all of `name`, the text between '&' and ';'.
bool AppendReference(std::string& out, std::string_view name) {
  constexpr std::pair<std::string_view, char> kEntities[] = {
      {"amp", '&'}, {"lt", '<'}, {"gt", '>'}, {"quot", '"'}, {"apos", '\''}};
  for (const auto& [entity, c] : kEntities) {
    if (name == entity) {
      out += c;
      return true;
    }
  }
  if (name.size() < 2 || name[0] != '#') return false;
  const bool hex = name[1] == 'x';
  const char* const begin = name.data() + (hex ? 2 : 1);
  const char* const end = name.data() + name.size();
  std::uint32_t value = 0;
  const auto [stop, error] = std::from_chars(begin, end, value, hex ? 16 : 10);
  if (error != std::errc() || stop != end || !IsXmlChar(value)) return false;
  AppendUtf8(out, value);
  return true;
}

void AppendNewLine(std::string& out, int depth) {
  out += '\n';
  out.append(static_cast<std::size_t>(depth), '\t');
}

}  // namespace

void AppendEscaped(std::string& out, std::string_view value, XmlPlace place) {
  std::size_t at = 0;
  while (at < value.size()) {
    const std::size_t begin = at;
    while (at < value.size() && kPlainBytes[static_cast<unsigned char>(value[at])]) ++at;
    out.append(value, begin, at - begin);
    if (at == value.size()) break;
    const CodePoint c = DecodeUtf8(value, at);
    if (c.size == 0) {
      out += "\xEF\xBF\xBD";
    } else if (c.size == 1) {
      out += AsciiEscape(value[at], place);
    } else if (IsXmlChar(c.value)) {
      out.append(value, at, c.size);
    }
    at += std::max<std::size_t>(1, c.size);
  }
}

std::string_view Unescape(std::string_view raw, XmlPlace place, std::string& room) {
  // White space that is not a space is below ' ', as is nothing else that XML allows.
  const char below = place == XmlPlace::kAttribute ? ' ' : '\0';
  const auto special = [below](char c) { return c == '&' || (c >= '\0' && c < below); };
  bool any = false;  // found without leaving the loop, which the compiler makes use of
  for (const char c : raw) any |= special(c);
  if (!any) return raw;
  room.clear();
  std::size_t begin = 0;
  for (auto it = std::find_if(raw.begin(), raw.end(), special); it != raw.end();
       it = std::find_if(raw.begin() + static_cast<std::ptrdiff_t>(begin), raw.end(), special)) {
    const auto at = static_cast<std::size_t>(it - raw.begin());
    room.append(raw, begin, at - begin);
    begin = at + 1;
    if (raw[at] != '&') {
      room += ' ';
      continue;
    }
    const std::string_view ahead = raw.substr(begin, kReferenceDigitsMax + 3);  // "#x", ";"
    const std::size_t size = ahead.find(';');
    if (size != std::string_view::npos && AppendReference(room, ahead.substr(0, size))) {
      begin += size + 1;
    } else {
      room += '&';
    }
  }
  return room.append(raw, begin, std::string_view::npos);
}

std::string Unescape(std::string_view raw, XmlPlace place) {
  std::string room;
  return std::string(Unescape(raw, place, room));
}

void AppendStartTag(std::string& out, std::string_view name, XmlAttributes& attributes, int depth,
                    XmlBody body) {
  const auto before = [](const auto& a, const auto& b) {
    const bool a_last = a.first == "xsi:type";
    const bool b_last = b.first == "xsi:type";
    return a_last != b_last ? b_last : a.first < b.first;
  };
  if (!std::is_sorted(attributes.begin(), attributes.end(), before)) {
    std::stable_sort(attributes.begin(), attributes.end(), before);
  }
  AppendNewLine(out, depth);
  out += '<';
  out += name;
  for (const auto& [attribute, value] : attributes) {
    out += ' ';
    out += attribute;
    out += "=\"";
    AppendEscaped(out, value, XmlPlace::kAttribute);
    out += '"';
  }
  out += body == XmlBody::kFollows ? ">" : "/>";
}

void AppendEndTag(std::string& out, std::string_view name, int depth) {
  AppendNewLine(out, depth);
  out += "</";
  out += name;
  out += '>';
}

void AppendTextElement(std::string& out, std::string_view name, XmlAttributes& attributes,
                       std::string_view text, int depth) {
  AppendStartTag(out, name, attributes, depth, text.empty() ? XmlBody::kNone : XmlBody::kFollows);
  if (text.empty()) return;
  AppendEscaped(out, text, XmlPlace::kText);
  out += "</";
  out += name;
  out += '>';
}

}  // namespace xnatarchive
