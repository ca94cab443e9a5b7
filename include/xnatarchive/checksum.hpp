// checksum.hpp - which digests the library computes of the files it archives.
#ifndef XNATARCHIVE_CHECKSUM_HPP_
#define XNATARCHIVE_CHECKSUM_HPP_

#include <cstdint>
#include <optional>
#include <string_view>

namespace xnatarchive {

/// The `checksum` setting. MD5 is what XNAT and its clients compare; XXH3 (XXH3-128) lets a later
/// verification run at the speed of the disk. Values are part of the C ABI and never change.
enum class Checksum : std::int32_t {
  kMd5AndXxh3 = 0,  ///< Both, in one pass: XXH3 beside MD5 costs a tenth of MD5 alone.
  kMd5 = 1,
  kXxh3 = 2,
  kNone = 3,  ///< Files are not read for a digest; damage cannot be detected later.
};

/// Reads "md5+xxh3", "md5", "xxh3" or "none"; nullopt for anything else.
std::optional<Checksum> ParseChecksum(std::string_view text);

/// Returns the text that ParseChecksum reads.
std::string_view ChecksumName(Checksum checksum) noexcept;

}  // namespace xnatarchive

#endif  // XNATARCHIVE_CHECKSUM_HPP_
