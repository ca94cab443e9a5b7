// make_container.hpp - containers for tests, made by libarchive; and what a walk through one saw.
#ifndef XNATARCHIVE_TESTS_UNIT_CONTAINER_MAKE_CONTAINER_HPP_
#define XNATARCHIVE_TESTS_UNIT_CONTAINER_MAKE_CONTAINER_HPP_

#include <sys/stat.h>

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "container/container.hpp"

namespace xnatarchive {

/// One thing to put into a container. `type` is an S_IF* constant.
struct Item {
  std::string name;
  std::string data;
  std::uint32_t type = S_IFREG;
  std::string link_target = {};
  bool hard_link = false;
  bool size_known = true;
  std::uint64_t hole_bytes = 0;  ///< Added behind the data of a sparse tar entry.
  std::int64_t mtime = 1'166'101'926;
};

/// How to write: a format by its file extension, and libarchive's options.
struct Recipe {
  std::string extension = "zip";
  std::string options = {};     ///< Such as "zip:compression=store".
  std::string passphrase = {};  ///< Encrypts a zip.
  std::string tar_format = "pax";
};

std::string MakeContainer(const std::vector<Item>& items, const Recipe& recipe = {});

/// Bytes in memory: a file, or a stream that gives at most `chunk` bytes at once.
class MemorySource : public ByteSource {
 public:
  explicit MemorySource(std::string bytes) : bytes_(std::move(bytes)), seekable_(true) {}
  MemorySource(std::string bytes, std::size_t chunk) : bytes_(std::move(bytes)), chunk_(chunk) {}

  Result<std::size_t> Read(void* buffer, std::size_t size) override;
  std::optional<std::uint64_t> SeekableSize() const override;
  Status Seek(std::uint64_t offset) override;

  bool at_end() const { return position_ == bytes_.size(); }

 private:
  std::string bytes_;
  std::size_t chunk_ = SIZE_MAX;
  bool seekable_ = false;
  std::size_t position_ = 0;
};

/// "path=data" for each file, one per line, then "ok" or "code/reason path".
std::string Walk(ByteSource& source, std::string_view name, const ContainerLimits& limits = {});
std::string WalkFile(const std::string& bytes, std::string_view name,
                     const ContainerLimits& limits = {});
std::string WalkStream(const std::string& bytes, std::string_view name,
                       const ContainerLimits& limits = {});

/// The last line of such a walk.
std::string LastLine(const std::string& text);

}  // namespace xnatarchive

#endif  // XNATARCHIVE_TESTS_UNIT_CONTAINER_MAKE_CONTAINER_HPP_
