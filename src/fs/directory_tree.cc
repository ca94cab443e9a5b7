// Walking and removing whole trees. Both hold one open directory for each level and name what is
// in it relative to that, so no path is resolved from the root again, and no component of one can
// be exchanged for a link on the way.
#include <fcntl.h>

#include <cerrno>
#include <utility>

#include "base/status_macros.hpp"
#include "fs/directory.hpp"
#include "fs/lexical_path.hpp"
#include "fs/place.hpp"

namespace xnatarchive {
namespace {

constexpr std::size_t kWalkDepthMax = 64;
constexpr std::size_t kRemoveDepthMax = 256;  // more than a walk, to remove what nobody can walk

/// An open directory on the way down, and how far its names have been visited.
struct Level {
  File directory;
  std::vector<DirectoryEntry> entries;
  std::size_t next = 0;
};

Result<Level> MakeLevel(FileSystem& fs, File directory) {
  XNA_ASSIGN_OR_RETURN(auto entries, ListSorted(fs, directory.fd(), directory.path()));
  return Level{std::move(directory), std::move(entries)};
}

/// Opens `name` in `dirfd` as a level. `path` names it in messages.
Result<Level> Descend(FileSystem& fs, int dirfd, const std::string& name, std::string path) {
  const int fd = fs.Open(dirfd, name.c_str(), O_RDONLY | O_DIRECTORY, 0);
  if (fd < 0) return ErrnoStatus(fd, "open", path);
  return MakeLevel(fs, File(fs, fd, std::move(path)));
}

Status TooDeep(std::string_view path, std::size_t depth_max) {
  return Status(Code::kInvalidArgument, "fs.too-deep",
                "directories are nested over " + std::to_string(depth_max) + " deep")
      .WithPath(PrintablePath(path));
}

/// Empties the directory of the only one of `levels`, which stays open. A directory is open until
/// after its name is gone: its blocks are then freed when it is closed, and not under the lock of
/// the directory above, which other threads remove from.
Status RemoveContents(FileSystem& fs, std::vector<Level>& levels) {
  for (;;) {
    Level& level = levels.back();
    if (level.next == level.entries.size()) {
      if (levels.size() == 1) return Status();
      const Level emptied = std::move(level);
      levels.pop_back();
      Level& parent = levels.back();
      const std::string& name = parent.entries[parent.next++].name;
      const int result = fs.Unlink(parent.directory.fd(), name.c_str(), AT_REMOVEDIR);
      if (result < 0 && result != -ENOENT) {
        return ErrnoStatus(result, "rmdir", JoinPath(parent.directory.path(), name));
      }
      continue;
    }
    const DirectoryEntry& entry = level.entries[level.next];
    std::string path = JoinPath(level.directory.path(), entry.name);
    if (entry.kind == FileKind::kDirectory) {
      if (levels.size() == kRemoveDepthMax) return TooDeep(path, kRemoveDepthMax);
      Result<Level> below = Descend(fs, level.directory.fd(), entry.name, std::move(path));
      if (below.status().code() == Code::kNotFound) {  // somebody else removes it too
        ++level.next;
        continue;
      }
      XNA_RETURN_IF_ERROR(below.status());
      levels.push_back(std::move(*below));
      continue;
    }
    const int result = fs.Unlink(level.directory.fd(), entry.name.c_str(), 0);
    if (result < 0 && result != -ENOENT) return ErrnoStatus(result, "unlink", path);
    ++level.next;
  }
}

}  // namespace

Status Directory::Walk(std::string_view path,
                       const std::function<Status(const WalkEntry&)>& visit) const {
  XNA_ASSIGN_OR_RETURN(File top, OpenDirectoryFile(*this, path));
  XNA_ASSIGN_OR_RETURN(Level first, MakeLevel(*fs_, std::move(top)));
  std::vector<Level> levels;
  levels.push_back(std::move(first));
  const std::size_t skip =
      path.empty() ? 0 : path.size() + 1;  // entry paths are relative to `path`
  WalkEntry entry;
  while (!levels.empty()) {
    Level& level = levels.back();
    if (level.next == level.entries.size()) {
      levels.pop_back();
      continue;
    }
    const std::string& name = level.entries[level.next++].name;
    std::string full = JoinPath(level.directory.path(), name);
    const int result = fs_->Stat(level.directory.fd(), name.c_str(), &entry.info);
    if (result == -ENOENT) continue;  // removed since it was listed
    if (result < 0) return ErrnoStatus(result, "stat", full);
    entry.path.assign(full, skip);
    XNA_RETURN_IF_ERROR(visit(entry));
    if (entry.info.kind != FileKind::kDirectory) continue;
    if (levels.size() == kWalkDepthMax) return TooDeep(full, kWalkDepthMax);
    XNA_ASSIGN_OR_RETURN(Level below, Descend(*fs_, level.directory.fd(), name, std::move(full)));
    levels.push_back(std::move(below));
  }
  return Status();
}

Status Directory::RemoveTree(std::string_view path) const {
  Result<Place> located = Locate(*this, path, O_PATH);
  if (located.status().code() == Code::kNotFound) return Status();
  XNA_ASSIGN_OR_RETURN(const Place place, std::move(located));
  int result = fs_->Unlink(place.dirfd, place.name.c_str(), 0);
  if (result == -EISDIR || result == -EPERM) {
    Result<Level> level = Descend(*fs_, place.dirfd, place.name, std::string(path));
    if (level.status().code() == Code::kNotFound) return Status();
    XNA_RETURN_IF_ERROR(level.status());
    std::vector<Level> levels;
    levels.push_back(std::move(*level));
    XNA_RETURN_IF_ERROR(RemoveContents(*fs_, levels));
    result = fs_->Unlink(place.dirfd, place.name.c_str(), AT_REMOVEDIR);
  }
  return result < 0 && result != -ENOENT ? ErrnoStatus(result, "unlink", path) : Status();
}

}  // namespace xnatarchive
