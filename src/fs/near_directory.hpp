// near_directory.hpp - work on many files of one directory without looking the directory up each
// time.
#ifndef XNATARCHIVE_FS_NEAR_DIRECTORY_HPP_
#define XNATARCHIVE_FS_NEAR_DIRECTORY_HPP_

#include <optional>
#include <string>
#include <string_view>

#include "fs/directory.hpp"

namespace xnatarchive {

/// Keeps the directory above the last path open. As Directory's methods of the same names, but a
/// directory that is moved or replaced meanwhile goes on being the one that is meant: Forget()
/// after moving directories. One thread at a time.
class NearDirectory {
 public:
  Result<FileInfo> Stat(const Directory& tree, std::string_view path);
  Result<std::optional<FileInfo>> Find(const Directory& tree, std::string_view path);
  Result<bool> Exists(const Directory& tree, std::string_view path);
  Status RemoveFile(const Directory& tree, std::string_view path);
  /// `to_near` remembers where `to` is.
  Status Rename(const Directory& tree, std::string_view from, NearDirectory& to_near,
                const Directory& to_tree, std::string_view to, RenameMode mode);
  Status Link(const Directory& tree, std::string_view from, NearDirectory& to_near,
              const Directory& to_tree, std::string_view to);

  void Forget() { tree_ = nullptr; }

 private:
  Result<const Directory*> Above(const Directory& tree, std::string_view path);

  const Directory* tree_ = nullptr;  // null: nothing is open
  std::string parent_;
  Directory open_;
};

}  // namespace xnatarchive

#endif  // XNATARCHIVE_FS_NEAR_DIRECTORY_HPP_
