#include "xml/catalog_date.hpp"

#include <algorithm>
#include <cstddef>
#include <initializer_list>

#include "base/text.hpp"

namespace xnatarchive {
namespace {

/// Reads 1 to `digits_max` digits off the front of `text`; -1 where there are none.
int ReadDigits(std::string_view& text, std::size_t digits_min, std::size_t digits_max) {
  std::size_t size = 0;
  int value = 0;
  while (size < text.size() && size < digits_max && text[size] >= '0' && text[size] <= '9') {
    value = value * 10 + (text[size++] - '0');
  }
  text.remove_prefix(size);
  return size < digits_min ? -1 : value;
}

bool ReadChar(std::string_view& text, char c) {
  if (text.empty() || text[0] != c) return false;
  text.remove_prefix(1);
  return true;
}

bool IsDay(int month, int day) { return month >= 1 && month <= 12 && day >= 1 && day <= 31; }

bool IsIso(std::string_view text) {
  if (ReadDigits(text, 4, 4) < 0) return false;
  const bool dashed = ReadChar(text, '-');
  const int month = ReadDigits(text, 2, 2);
  if (dashed && !ReadChar(text, '-')) return false;
  const int day = ReadDigits(text, 2, 2);
  if (!IsDay(month, day)) return false;
  if (!ReadChar(text, 'T') && !ReadChar(text, ' ')) return true;
  const int hour = ReadDigits(text, 1, 2);
  return hour >= 0 && hour <= 24;
}

bool IsAmerican(std::string_view text) {
  const int month = ReadDigits(text, 1, 2);
  if (!ReadChar(text, '/')) return false;
  const int day = ReadDigits(text, 1, 2);
  return ReadChar(text, '/') && ReadDigits(text, 4, 4) >= 0 && IsDay(month, day);
}

bool IsJava(std::string_view text) {
  constexpr std::string_view kMonths = "JanFebMarAprMayJunJulAugSepOctNovDec";
  if (text.size() < 15 || text[3] != ' ' || text[7] != ' ') return false;
  const std::size_t month = kMonths.find(text.substr(4, 3));
  if (month == std::string_view::npos || month % 3 != 0) return false;
  std::string_view year = text.substr(text.size() - 5);
  std::string_view day = text.substr(8);
  return ReadChar(year, ' ') && ReadDigits(year, 4, 4) >= 0 && IsDay(1, ReadDigits(day, 1, 2));
}

}  // namespace

bool IsCatalogDate(std::string_view text) {
  return IsIso(text) || IsAmerican(text) || IsJava(text);
}

}  // namespace xnatarchive
