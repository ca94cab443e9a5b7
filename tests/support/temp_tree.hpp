// temp_tree.hpp - a directory of a test's own, removed with everything in it at the end.
#ifndef XNATARCHIVE_TESTS_SUPPORT_TEMP_TREE_HPP_
#define XNATARCHIVE_TESTS_SUPPORT_TEMP_TREE_HPP_

#include <string>
#include <string_view>

#include "fs/directory.hpp"

namespace xnatarchive {

/// Made below `base`, or when that is empty $TMPDIR, or /tmp. Every method throws
/// std::runtime_error when it cannot do its work: a test that cannot set itself up has failed.
class TempTree {
 public:
  /// `fs` is the table that `dir()` goes through; the methods below always use the real disk.
  explicit TempTree(FileSystem& fs = PosixFileSystem(), const std::string& base = {});
  ~TempTree();
  TempTree(const TempTree&) = delete;
  TempTree& operator=(const TempTree&) = delete;

  Directory& dir() { return dir_; }
  const std::string& path() const { return path_; }  ///< Absolute.

  /// Makes or replaces a file, with the directories above it.
  void Write(std::string_view path, std::string_view bytes);
  void MakeDirectories(std::string_view path);
  void Symlink(std::string_view target, std::string_view path);
  std::string Read(std::string_view path) const;
  bool Exists(std::string_view path) const;
  void Remove(std::string_view path);  ///< File or tree; fine when absent.
  /// Everything below `path`, one line each, sorted: "path size fnv" for files (64-bit FNV-1a of
  /// the content, hex), "path/" for directories, "path -> target" for links, "path ?" for others.
  std::string Dump(std::string_view path = "") const;

 private:
  std::string path_;
  Directory real_;
  Directory dir_;
};

}  // namespace xnatarchive

#endif  // XNATARCHIVE_TESTS_SUPPORT_TEMP_TREE_HPP_
