// container.hpp - the files in a zip or tar, one after another, without unpacking it.
//
// Nothing is written to disk, and memory does not grow with the container: a container within a
// container is read through the stream of its entry.
#ifndef XNATARCHIVE_CONTAINER_CONTAINER_HPP_
#define XNATARCHIVE_CONTAINER_CONTAINER_HPP_

#include <cstddef>
#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <string_view>

#include "container/byte_source.hpp"
#include "xnatarchive/container_limits.hpp"
#include "xnatarchive/status.hpp"

namespace xnatarchive {

class ArchiveReader;
class ContainerWalk;

/// Returns true for .zip .zar .tar .xar .tar.gz .tgz .tar.bz2 .tbz2 .tar.xz .txz in any case.
bool IsContainerName(std::string_view name);

/// One file in a container, valid during the visit. One thread at a time.
class ContainerEntry {
 public:
  ContainerEntry(const ContainerEntry&) = delete;
  ContainerEntry& operator=(const ContainerEntry&) = delete;

  /// Relative UTF-8 path without "." or ".." components, through nested containers:
  /// "inner.tar/a/x.dcm". Bytes that are not UTF-8 and control characters show as %XX. Not unique:
  /// a container may hold a name twice. No limit but 4096 bytes a container; it need not be a name
  /// the file system takes.
  const std::string& path() const { return path_; }
  /// Bytes, as the container claims; nullopt where it says so only after the data.
  std::optional<std::uint64_t> size() const { return size_; }
  /// Nanoseconds since the epoch; 0 when unknown.
  std::int64_t mtime_ns() const { return mtime_ns_; }

  /// Reads up to `size` bytes; 0 at the end. Checksums of the container are checked at the end.
  Result<std::size_t> Read(void* buffer, std::size_t size);

 private:
  friend class ContainerWalk;
  ContainerEntry(ContainerWalk& walk, ArchiveReader& reader) : walk_(walk), reader_(reader) {}

  ContainerWalk& walk_;
  ArchiveReader& reader_;
  std::string path_;
  std::optional<std::uint64_t> size_;
  std::int64_t mtime_ns_ = 0;
  std::uint64_t bytes_read_ = 0;
};

/// What becomes of a container within the container.
enum class Nested {
  kOpened,   ///< Its files are visited.
  kAsFiles,  ///< It is a file like others.
};

/// Calls `visit` with each regular file in the container, in its order, nested containers opened or
/// not.
///
/// What `visit` leaves unread is read and checked after it, so that OK means that the whole
/// container is there and all its checksums are right. A stream is read to its end.
///
/// `name` says what the container is by its extension; without a known one, as in "-", the content
/// does. A seekable zip is read by its directory, a stream by its entries' headers: links are known
/// only from the directory, and in a stream come as files that hold their target's name.
/// `cancelled` is asked at each block and entry.
///
/// Stops at the first failure of `visit`, which gets the entry's path unless it has one, and at the
/// first of these, each with the path of the entry, "outer.zip/inner.tar/x.dcm":
///   kInvalidArgument "container.unsafe-name"   an absolute name, or one with ".."
///   kInvalidArgument "container.unsafe-entry"  a link, device, or pipe
///   kInvalidArgument "container.unknown-format", "container.too-many-entries",
///     "container.too-large", "container.bomb", "container.too-deep"   see ContainerLimits
///   kUnsupported "container.encrypted", "container.unsupported" (a compression method)
///   kCorruption "container.corrupt"            damaged, or cut off
///   kCancelled "cancelled"; the source's own failures
/// Entries visited before the failure have been visited: what was done with them is the caller's to
/// undo.
Status ForEachEntry(ByteSource& source, std::string_view name, const ContainerLimits& limits,
                    const std::function<Status(ContainerEntry&)>& visit,
                    const std::function<bool()>& cancelled = {}, Nested nested = Nested::kOpened);

}  // namespace xnatarchive

#endif  // XNATARCHIVE_CONTAINER_CONTAINER_HPP_
