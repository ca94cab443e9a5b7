// trees.hpp - the two directory trees every operation works on.
#ifndef XNATARCHIVE_ARCHIVE_TREES_HPP_
#define XNATARCHIVE_ARCHIVE_TREES_HPP_

#include <array>
#include <string>
#include <tuple>

#include "fs/directory.hpp"

namespace xnatarchive {

/// Which tree a path belongs to. Written to plan files; never renumber.
enum class Tree : char { kArchive = 'A', kPrearchive = 'P' };

inline constexpr std::array<Tree, 2> kAllTrees = {Tree::kArchive, Tree::kPrearchive};

/// A path with the tree it is relative to.
struct TreePath {
  Tree tree = Tree::kArchive;
  std::string path;
};

inline bool operator==(const TreePath& a, const TreePath& b) {
  return a.tree == b.tree && a.path == b.path;
}
inline bool operator<(const TreePath& a, const TreePath& b) {
  return std::tie(a.tree, a.path) < std::tie(b.tree, b.path);
}

/// The archive and the prearchive. They may be on different file systems.
struct Trees {
  Directory archive;
  Directory prearchive;

  const Directory& operator[](Tree tree) const {
    return tree == Tree::kArchive ? archive : prearchive;
  }
};

/// Makes the library's own directories (.xa/ops, .xa/trash) in a tree, durably. Fine when they are
/// there.
Status PrepareTree(const Directory& tree);

/// Whether a directory can be renamed from the prearchive to the archive: tries it with an empty
/// one, because device numbers mislead (bind mounts, subvolumes).
Result<bool> OnOneFileSystem(const Trees& trees);

}  // namespace xnatarchive

#endif  // XNATARCHIVE_ARCHIVE_TREES_HPP_
