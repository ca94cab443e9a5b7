#include "query.hpp"

#include <charconv>
#include <cstddef>

namespace server {
namespace {

/// What follows "name=" in the first item of a list; "" when there is none.
std::string_view ItemOf(std::string_view list, char separator, std::string_view name) {
  while (!list.empty()) {
    std::string_view item = list.substr(0, list.find(separator));
    list.remove_prefix(item.size() == list.size() ? item.size() : item.size() + 1);
    while (!item.empty() && item.front() == ' ') item.remove_prefix(1);
    if (item.size() > name.size() && item.substr(0, name.size()) == name &&
        item[name.size()] == '=') {
      return item.substr(name.size() + 1);
    }
  }
  return "";
}

}  // namespace

std::string DecodePercent(std::string_view text, bool plus) {
  std::string decoded;
  for (std::size_t i = 0; i < text.size(); ++i) {
    unsigned char byte = 0;
    const char* const digits = text.data() + i + 1;
    if (text[i] == '%' && i + 2 < text.size() &&
        std::from_chars(digits, digits + 2, byte, 16).ptr == digits + 2) {
      decoded += static_cast<char>(byte);
      i += 2;
    } else {
      decoded += plus && text[i] == '+' ? ' ' : text[i];
    }
  }
  return decoded;
}

std::string ParameterOf(std::string_view text, std::string_view name) {
  return DecodePercent(ItemOf(text, '&', name), true);
}

std::string CookieOf(std::string_view header, std::string_view name) {
  std::string_view value = ItemOf(header, ';', name);
  if (value.size() >= 2 && value.front() == '"' && value.back() == '"') {
    value = value.substr(1, value.size() - 2);
  }
  return std::string(value);
}

}  // namespace server
