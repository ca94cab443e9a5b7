// ballast.hpp - files that only hold room, until it is needed (I7).
#ifndef XNATARCHIVE_FS_BALLAST_HPP_
#define XNATARCHIVE_FS_BALLAST_HPP_

#include <cstddef>
#include <string>

namespace xnatarchive {

/// So many bytes, the same each time, that no file system can compress.
std::string BallastBytes(std::size_t count);

}  // namespace xnatarchive

#endif  // XNATARCHIVE_FS_BALLAST_HPP_
