// time.hpp - clocks and the three time formats of XNAT.
#ifndef XNATARCHIVE_BASE_TIME_HPP_
#define XNATARCHIVE_BASE_TIME_HPP_

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace xnatarchive {

/// Milliseconds since the epoch, UTC.
std::int64_t NowMs();

/// Whether the Gregorian calendar has that day; years begin at 1.
bool IsCalendarDay(int year, int month, int day);

/// "yyyyMMdd_HHmmssSSS", local time: the name of a prearchive timestamp directory.
std::string FormatTimestamp(std::int64_t epoch_ms);
/// Reads that, or the older form without milliseconds. nullopt for anything else.
std::optional<std::int64_t> ParseTimestamp(std::string_view text);

/// "yyyy-MM-ddTHH:mm:ss.SSS", local time: created/modified times of catalog entries.
std::string FormatCatalogTime(std::int64_t epoch_ms);
/// "EEE MMM dd HH:mm:ss zzz yyyy", local time, English: dates inside a catalog's AUDIT field.
std::string FormatAuditTime(std::int64_t epoch_ms);
/// "yyyy-MM-dd HH:mm:ss.S", local time, milliseconds without trailing zeros: table output.
std::string FormatTableTime(std::int64_t epoch_ms);

}  // namespace xnatarchive

#endif  // XNATARCHIVE_BASE_TIME_HPP_
