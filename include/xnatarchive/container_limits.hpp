// container_limits.hpp - how much a zip or tar may unpack to before it is refused.
//
// A container of a few kilobytes can unpack to petabytes, or to millions of empty files. The
// defaults admit any study a scanner can make; a host that serves strangers lowers them.
#ifndef XNATARCHIVE_CONTAINER_LIMITS_HPP_
#define XNATARCHIVE_CONTAINER_LIMITS_HPP_

#include <cstdint>

namespace xnatarchive {

/// Limits on one container, with everything nested in it taken together.
struct ContainerLimits {
  std::uint64_t entries_max = 2'000'000;  ///< Directories count.
  std::uint64_t total_bytes_max = std::uint64_t{4} << 40;
  std::uint64_t entry_bytes_max = std::uint64_t{64} << 30;
  /// Unpacked bytes for each byte of the container read so far. Deflate reaches 1032 on nothing but
  /// zeros; images stay below 100.
  double ratio_max = 1000;
  /// The ratio is not looked at before this many bytes are unpacked: a blank image is no bomb.
  std::uint64_t ratio_floor_bytes = std::uint64_t{64} << 20;
  /// Containers within containers: 0 opens none of those inside, 3 reads a.zip/b.tar/c.zip/d.tgz.
  int nesting_max = 3;
};

}  // namespace xnatarchive

#endif  // XNATARCHIVE_CONTAINER_LIMITS_HPP_
