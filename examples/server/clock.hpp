// clock.hpp - the time of day, for logs, pages and cookies.
#ifndef XNATARCHIVE_SERVER_CLOCK_HPP_
#define XNATARCHIVE_SERVER_CLOCK_HPP_

#include <chrono>
#include <cstdint>

namespace server {

/// Milliseconds since the epoch, UTC.
inline std::int64_t NowMs() {
  const auto now = std::chrono::system_clock::now().time_since_epoch();
  return std::chrono::duration_cast<std::chrono::milliseconds>(now).count();
}

}  // namespace server

#endif  // XNATARCHIVE_SERVER_CLOCK_HPP_
