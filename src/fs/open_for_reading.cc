#include "fs/open_for_reading.hpp"

#include <memory>
#include <utility>

#include "base/status_macros.hpp"
#include "base/text.hpp"

namespace xnatarchive {
namespace {

std::string VersionOf(const FileInfo& info) {
  return Base36(info.size) + "x" + Base36(static_cast<std::uint64_t>(info.mtime_ns)) + "x" +
         Base36(info.inode);
}

}  // namespace

Result<OpenedFile> OpenForReading(const Directory& tree, std::string_view path) {
  FileInfo info;
  XNA_ASSIGN_OR_RETURN(File file, tree.OpenRead(path, &info));
  OpenedFile opened;
  opened.name = BaseName(path);
  opened.size = info.size;
  opened.mtime_ms = info.mtime_ns / 1'000'000;
  opened.version = VersionOf(info);
  const auto shared = std::make_shared<File>(std::move(file));
  opened.read = [shared](std::uint64_t offset, void* buffer, std::size_t size) {
    return shared->ReadAt(buffer, size, offset);
  };
  return opened;
}

}  // namespace xnatarchive
