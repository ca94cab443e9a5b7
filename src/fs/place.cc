#include "fs/place.hpp"

#include <fcntl.h>

#include <algorithm>

#include "base/status_macros.hpp"
#include "fs/lexical_path.hpp"

namespace xnatarchive {

Result<Place> Locate(const Directory& tree, std::string_view path, int parent_flags) {
  XNA_RETURN_IF_ERROR(CheckSafePath(path));
  const std::string parent(ParentPath(path));
  Place place{File(), tree.fd(), std::string(BaseName(path))};
  if (parent.empty()) return place;
  place.dirfd = tree.fs().Open(tree.fd(), parent.c_str(), parent_flags | O_DIRECTORY, 0);
  if (place.dirfd < 0) return ErrnoStatus(place.dirfd, "open", path);
  place.parent = File(tree.fs(), place.dirfd, parent);
  return place;
}

Result<File> OpenDirectoryFile(const Directory& tree, std::string_view path) {
  if (!path.empty()) XNA_RETURN_IF_ERROR(CheckSafePath(path));
  std::string name(path);
  const char* const c_name = name.empty() ? "." : name.c_str();
  const int fd = tree.fs().Open(tree.fd(), c_name, O_RDONLY | O_DIRECTORY, 0);
  if (fd < 0) return ErrnoStatus(fd, "open", path);
  return File(tree.fs(), fd, std::move(name));
}

Result<std::vector<DirectoryEntry>> ListSorted(FileSystem& fs, int dirfd, std::string_view path) {
  std::vector<DirectoryEntry> entries;
  const int result = fs.List(dirfd, &entries);
  if (result < 0) return ErrnoStatus(result, "list", path);
  std::sort(entries.begin(), entries.end(),
            [](const DirectoryEntry& a, const DirectoryEntry& b) { return a.name < b.name; });
  return entries;
}

}  // namespace xnatarchive
