// opened_file.hpp - one file of a session, open for reading: a download, or a part of one.
#ifndef XNATARCHIVE_OPENED_FILE_HPP_
#define XNATARCHIVE_OPENED_FILE_HPP_

#include <cstddef>
#include <cstdint>
#include <functional>
#include <string>

#include "xnatarchive/status.hpp"

namespace xnatarchive {

/// The file as it was when it was opened: a merge that replaces it meanwhile, or a deletion of its
/// session, changes nothing about what is read. It is closed with the last copy of `read`.
///
/// Threads: `read` may be called from any thread at any time, also when the engine is gone.
struct OpenedFile {
  std::string name;  ///< Last component of its path.
  std::uint64_t size = 0;
  std::int64_t mtime_ms = 0;  ///< Since the epoch.
  /// Letters and digits that are others whenever the file has other content; no checksum.
  std::string version;
  /// Up to `size` bytes from `offset` on; fewer at the end, 0 behind it. Fails as the disk does.
  std::function<Result<std::size_t>(std::uint64_t offset, void* buffer, std::size_t size)> read;
};

}  // namespace xnatarchive

#endif  // XNATARCHIVE_OPENED_FILE_HPP_
