// text.hpp - small pure functions on text.
#ifndef XNATARCHIVE_BASE_TEXT_HPP_
#define XNATARCHIVE_BASE_TEXT_HPP_

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace xnatarchive {

/// XNAT's label rule: every character outside [A-Za-z0-9_-] becomes '_'. A multi-byte UTF-8
/// character becomes one '_', as it is one character in XNAT; so does each byte of invalid UTF-8.
std::string SanitiseLabel(std::string_view text);
/// The longest label accepted: it becomes a directory name and part of file names, which file
/// systems limit to 255 bytes.
inline constexpr std::size_t kLabelBytesMax = 200;
/// One to kLabelBytesMax characters of [A-Za-z0-9_-], at least one of them a letter or digit (a
/// label of only forbidden characters sanitises to underscores, and tells nobody anything).
bool IsValidLabel(std::string_view text);

bool IsValidUtf8(std::string_view text);
/// The text's first `bytes_max` bytes, without a character that is cut there. NUL, and each byte of
/// invalid UTF-8, becomes '?': what a database takes as text.
std::string CleanUtf8(std::string_view text, std::size_t bytes_max);
std::string AsciiLower(std::string_view text);
bool EqualsIgnoreCase(std::string_view a, std::string_view b);  ///< ASCII only.
bool StartsWith(std::string_view text, std::string_view prefix);
bool EndsWith(std::string_view text, std::string_view suffix);
/// The first `count` characters of UTF-8 text.
std::string_view FirstCharacters(std::string_view text, std::size_t count);
std::string_view Trim(std::string_view text);  ///< ASCII white space and NUL at both ends.
std::vector<std::string> Split(std::string_view text, char separator);  ///< Keeps empty parts.
std::string Join(const std::vector<std::string>& parts, std::string_view separator);

/// Decimal integer, the whole text, or nullopt.
std::optional<std::int64_t> ParseInt(std::string_view text);
/// Lower-case base 36, no sign, "0" for 0.
std::string Base36(std::uint64_t value);
/// Lower-case hex of `size` bytes.
std::string Hex(const void* bytes, std::size_t size);

/// Percent-encodes control characters, '%', and `extra`, so that a value fits on one line of a
/// text file. DecodePercent undoes it; nullopt for a broken escape.
std::string EncodePercent(std::string_view text, std::string_view extra = "");
std::optional<std::string> DecodePercent(std::string_view text);

/// Orders text so that runs of digits compare as numbers: "2" < "10", "3-MR1" < "3-MR2".
bool NaturalLess(std::string_view a, std::string_view b);

/// 64-bit FNV-1a: for lock offsets and the like, never as a checksum of data.
std::uint64_t Fnv1a(std::string_view text);

}  // namespace xnatarchive

#endif  // XNATARCHIVE_BASE_TEXT_HPP_
