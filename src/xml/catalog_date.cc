#include "xml/catalog_date.hpp"

#include <algorithm>
#include <cstddef>
#include <initializer_list>

#include "base/text.hpp"
#include "xml/digits.hpp"

namespace xnatarchive {
namespace {

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
