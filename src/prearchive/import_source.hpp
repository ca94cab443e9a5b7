// import_source.hpp - the inputs the engine can read: a folder, a file, a container, a stream, and
// a session of the prearchive.
#ifndef XNATARCHIVE_PREARCHIVE_IMPORT_SOURCE_HPP_
#define XNATARCHIVE_PREARCHIVE_IMPORT_SOURCE_HPP_

#include <functional>
#include <memory>
#include <string>
#include <string_view>

#include "container/byte_source.hpp"
#include "fs/directory.hpp"
#include "xnatarchive/container_limits.hpp"
#include "xnatarchive/import_handler.hpp"

namespace xnatarchive {

/// A SourceFile whose whole content can be read once. What Head has read is buffered and handed
/// over by TakeHead; Read goes on behind it.
class InputFile : public SourceFile {
 public:
  Result<std::string_view> Head(std::size_t size_max) override;
  /// The bytes Head has read so far; afterwards the buffer is empty.
  std::string TakeHead() { return std::move(head_); }
  /// Reads behind the head; fewer bytes than asked for only at the end, 0 at the end.
  virtual Result<std::size_t> Read(void* buffer, std::size_t size) = 0;

 private:
  std::string head_;
};

/// Opens a file, folder or container of the host, or `stream` when there is one. A file with a
/// container's name is a container; a stream is one when its first bytes say so. A bag
/// (bag_source.hpp) is seen as such when a folder is one, or its declaration is among the first
/// files of a container or stream.
///
/// kNotFound "import.no-input"; kInvalidArgument "import.bad-input" for what is neither a regular
/// file nor a directory. Links are followed in `path` itself, never below it: a link inside a
/// folder fails the visit with kInvalidArgument "import.unsafe-entry".
Result<std::unique_ptr<ImportSource>> OpenImportSource(FileSystem& fs, const std::string& path,
                                                       std::unique_ptr<ByteSource> stream,
                                                       const ContainerLimits& limits,
                                                       std::function<bool()> cancelled);

/// Opens a container whose bag was not seen by OpenImportSource, because its declaration comes
/// later: reads all names for that. Null when it holds none, or is no container.
Result<std::unique_ptr<ImportSource>> OpenBagInContainer(FileSystem& fs, const std::string& path,
                                                         const ContainerLimits& limits,
                                                         std::function<bool()> cancelled);

/// The session `folder` in directory `parent` of the prearchive. Its files are visited with paths
/// relative to `parent`: first "<folder>.xml" when there is one, then "<folder>/...". Side-cars
/// (".xa-*") are not visited.
std::unique_ptr<ImportSource> PrearchiveSource(const Directory& prearchive, std::string parent,
                                               std::string folder);

}  // namespace xnatarchive

#endif  // XNATARCHIVE_PREARCHIVE_IMPORT_SOURCE_HPP_
