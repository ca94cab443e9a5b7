// version.hpp - which release of the library this is.
#ifndef XNATARCHIVE_VERSION_HPP_
#define XNATARCHIVE_VERSION_HPP_

#define XNATARCHIVE_VERSION_MAJOR 0
#define XNATARCHIVE_VERSION_MINOR 1
#define XNATARCHIVE_VERSION_PATCH 0

namespace xnatarchive {

/// Returns "MAJOR.MINOR.PATCH" of the library that is linked, which may be newer than the header.
const char* Version() noexcept;

}  // namespace xnatarchive

#endif  // XNATARCHIVE_VERSION_HPP_
