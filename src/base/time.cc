#include "base/time.hpp"

#include <algorithm>
#include <chrono>
#include <cstdio>
#include <ctime>

#include "base/text.hpp"

namespace xnatarchive {
namespace {

struct LocalTime {
  std::tm tm;
  int ms;
};

LocalTime ToLocal(std::int64_t epoch_ms) {
  std::int64_t seconds = epoch_ms / 1000;
  int ms = static_cast<int>(epoch_ms % 1000);
  if (ms < 0) {
    ms += 1000;
    --seconds;
  }
  LocalTime local{{}, ms};
  const auto time = static_cast<std::time_t>(seconds);
  localtime_r(&time, &local.tm);
  return local;
}

/// Puts year, month, day, hour, minute, second and millisecond, in that order, where `format` has
/// digits, which say how many of theirs there are at least. Listings have hundreds; snprintf takes
/// thrice as long.
std::string Format(std::string_view format, std::int64_t epoch_ms) {
  const LocalTime local = ToLocal(epoch_ms);
  const int parts[] = {
      local.tm.tm_year + 1900, local.tm.tm_mon + 1, local.tm.tm_mday, local.tm.tm_hour,
      local.tm.tm_min,         local.tm.tm_sec,     local.ms};
  const int* part = parts;
  std::string text;
  text.reserve(32);
  for (const char c : format) {
    if (c < '0' || c > '9') {
      text += c;
      continue;
    }
    const std::string number = std::to_string(*part++);
    const auto width = static_cast<std::size_t>(c - '0');
    text.append(width - std::min(width, number.size()), '0').append(number);
  }
  return text;
}

}  // namespace

std::int64_t NowMs() {
  using std::chrono::duration_cast;
  using std::chrono::milliseconds;
  return duration_cast<milliseconds>(std::chrono::system_clock::now().time_since_epoch()).count();
}

bool IsCalendarDay(int year, int month, int day) {
  constexpr int kDays[] = {31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
  if (year < 1 || month < 1 || month > 12 || day < 1) return false;
  const bool leap = (year % 4 == 0 && year % 100 != 0) || year % 400 == 0;
  return day <= kDays[month - 1] + (leap && month == 2 ? 1 : 0);
}

std::string FormatTimestamp(std::int64_t epoch_ms) { return Format("422_2223", epoch_ms); }

std::optional<std::int64_t> ParseTimestamp(std::string_view text) {
  const auto is_digit = [](char c) { return c >= '0' && c <= '9'; };
  if ((text.size() != 18 && text.size() != 15) || text[8] != '_' ||
      std::count_if(text.begin(), text.end(), is_digit) + 1 !=
          static_cast<std::ptrdiff_t>(text.size())) {
    return std::nullopt;
  }
  const auto number = [&](std::size_t begin, std::size_t length) {
    return static_cast<int>(*ParseInt(text.substr(begin, length)));
  };
  std::tm tm{};
  tm.tm_year = number(0, 4) - 1900;
  tm.tm_mon = number(4, 2) - 1;
  tm.tm_mday = number(6, 2);
  tm.tm_hour = number(9, 2);
  tm.tm_min = number(11, 2);
  tm.tm_sec = number(13, 2);
  tm.tm_isdst = -1;
  const std::time_t seconds = std::mktime(&tm);
  if (seconds == static_cast<std::time_t>(-1)) return std::nullopt;
  return static_cast<std::int64_t>(seconds) * 1000 + (text.size() == 18 ? number(15, 3) : 0);
}

std::string FormatCatalogTime(std::int64_t epoch_ms) { return Format("4-2-2T2:2:2.3", epoch_ms); }

std::string FormatAuditTime(std::int64_t epoch_ms) {
  // strftime's %a and %b follow the process locale; XNAT's text is always English.
  static constexpr const char* kDays[] = {"Sun", "Mon", "Tue", "Wed", "Thu", "Fri", "Sat"};
  static constexpr const char* kMonths[] = {"Jan", "Feb", "Mar", "Apr", "May", "Jun",
                                            "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"};
  const LocalTime local = ToLocal(epoch_ms);
  char buffer[96];
  const int length = std::snprintf(buffer, sizeof buffer, "%s %s %02d %02d:%02d:%02d %s %04d",
                                   kDays[local.tm.tm_wday], kMonths[local.tm.tm_mon],
                                   local.tm.tm_mday, local.tm.tm_hour, local.tm.tm_min,
                                   local.tm.tm_sec, local.tm.tm_zone, local.tm.tm_year + 1900);
  return std::string(buffer, static_cast<std::size_t>(length));
}

std::string FormatTableTime(std::int64_t epoch_ms) {
  std::string text = Format("4-2-2 2:2:2.3", epoch_ms);
  while (text.back() == '0' && text[text.size() - 2] != '.') text.pop_back();
  return text;
}

}  // namespace xnatarchive
