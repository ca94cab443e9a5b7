#include "html.hpp"

namespace page {
namespace {

void AppendEscaped(std::string_view text, std::string* out) {
  for (const char c : text) {
    const auto byte = static_cast<unsigned char>(c);
    switch (c) {
      case '&':
        *out += "&amp;";
        break;
      case '<':
        *out += "&lt;";
        break;
      case '>':
        *out += "&gt;";
        break;
      case '"':
        *out += "&quot;";
        break;
      case '\'':
        *out += "&#39;";
        break;
      default:
        if ((byte < 0x20 && c != '\t' && c != '\n') || byte == 0x7F) {
          *out += "\xEF\xBF\xBD";
        } else {
          *out += c;
        }
    }
  }
}

bool IsVoid(std::string_view tag) { return tag == "input" || tag == "link" || tag == "meta"; }

bool IsPlain(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '-' ||
         c == '.' || c == '_' || c == '~';
}

}  // namespace

Html::Html(std::string_view text) { AppendEscaped(text, &markup_); }

Html Element(std::string_view tag, const Attributes& attributes,
             std::initializer_list<Html> children) {
  Html html;
  std::string& out = html.markup_;
  out += '<';
  out += tag;
  for (const auto& [name, value] : attributes) {
    if (name.empty()) continue;
    out += ' ';
    out += name;
    out += "=\"";
    AppendEscaped(value, &out);
    out += '"';
  }
  out += '>';
  if (IsVoid(tag)) return html;
  for (const Html& child : children) out += child.markup_;
  out += "</";
  out += tag;
  out += '>';
  return html;
}

Html Name(std::string_view text) { return Element("bdi", {}, {text}); }

std::string Document(const Html& html) { return "<!DOCTYPE html>\n" + html.markup() + "\n"; }

std::string UrlEncode(std::string_view text) {
  constexpr char kDigits[] = "0123456789ABCDEF";
  std::string out;
  for (const char c : text) {
    if (IsPlain(c)) {
      out += c;
      continue;
    }
    const auto byte = static_cast<unsigned char>(c);
    out += '%';
    out += kDigits[byte >> 4];
    out += kDigits[byte & 15];
  }
  return out;
}

std::string Query(const std::vector<std::pair<std::string, std::string>>& pairs) {
  std::string query;
  for (const auto& [name, value] : pairs) {
    query += (query.empty() ? "" : "&") + UrlEncode(name) + "=" + UrlEncode(value);
  }
  return query;
}

}  // namespace page
