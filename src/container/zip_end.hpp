// zip_end.hpp - how many entries a zip says it has; a pure function.
#ifndef XNATARCHIVE_CONTAINER_ZIP_END_HPP_
#define XNATARCHIVE_CONTAINER_ZIP_END_HPP_

#include <cstddef>
#include <cstdint>
#include <string_view>

namespace xnatarchive {

/// The end record and the longest comment behind it, and the two records of a large zip before it.
inline constexpr std::size_t kZipEndBytesMax = 22 + 65535 + 20 + 56;

/// Says whether the last bytes of a zip (kZipEndBytesMax, or all) hold its end record, and the
/// record's number of entries is `entries`. Old programs write the number modulo 65,536.
bool ZipEndMatches(std::string_view tail, std::uint64_t entries);

}  // namespace xnatarchive

#endif  // XNATARCHIVE_CONTAINER_ZIP_END_HPP_
