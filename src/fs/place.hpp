// place.hpp - a path split where the kernel needs it split.
//
// rename, link, unlink, mkdir and statx have no RESOLVE_* flags: given "a/b/c" they would follow a
// link at "a" or "b". So the parent is opened safely first and the call gets the last name only.
#ifndef XNATARCHIVE_FS_PLACE_HPP_
#define XNATARCHIVE_FS_PLACE_HPP_

#include <string>
#include <string_view>

#include "fs/directory.hpp"

namespace xnatarchive {

/// One name in one open directory. `dirfd` is the tree's own descriptor for a path of one
/// component, so the tree must outlive the place.
struct Place {
  File parent;
  int dirfd = -1;
  std::string name;
};

/// Finds the place of `path`, which need not exist itself. `parent_flags` O_PATH suits all calls
/// but fsync, which needs O_RDONLY.
Result<Place> Locate(const Directory& tree, std::string_view path, int parent_flags);

/// Opens a directory for listing and fsync; "" is the tree itself.
Result<File> OpenDirectoryFile(const Directory& tree, std::string_view path);

/// The names in the open directory `dirfd`, sorted bytewise.
Result<std::vector<DirectoryEntry>> ListSorted(FileSystem& fs, int dirfd, std::string_view path);

}  // namespace xnatarchive

#endif  // XNATARCHIVE_FS_PLACE_HPP_
