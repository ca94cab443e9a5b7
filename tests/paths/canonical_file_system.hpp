// canonical_file_system.hpp - the table of I/O calls as careful programs often write it: resolve
// the path, check that it is inside, then use the path. The control of the swapping attack.
#ifndef XNATARCHIVE_TESTS_PATHS_CANONICAL_FILE_SYSTEM_HPP_
#define XNATARCHIVE_TESTS_PATHS_CANONICAL_FILE_SYSTEM_HPP_

#include <functional>
#include <map>
#include <mutex>
#include <string>
#include <utility>

#include "xnatarchive/file_system.hpp"

namespace xnatarchive {

/// Between the check and the use the path may become another file.
class CanonicalFileSystem : public ForwardingFileSystem {
 public:
  /// `between` is called between each check and the use: what may happen in that moment.
  explicit CanonicalFileSystem(std::function<void()> between)
      : ForwardingFileSystem(PosixFileSystem()), between_(std::move(between)) {}

  int OpenRoot(const char* path) noexcept override;
  int Open(int dirfd, const char* path, int flags, unsigned mode) noexcept override;
  int Close(int fd) noexcept override;
  int Stat(int fd, const char* path, FileInfo* info) noexcept override;
  int MkDir(int dirfd, const char* path, unsigned mode) noexcept override;
  int Rename(int from_dirfd, const char* from, int to_dirfd, const char* to,
             unsigned flags) noexcept override;
  int Link(int from_dirfd, const char* from, int to_dirfd, const char* to) noexcept override;
  int Unlink(int dirfd, const char* path, int flags) noexcept override;

 private:
  struct Opened {
    std::string path;
    std::string root;
  };

  /// The path as text. `*result` is 0 when its directory is inside the root it was opened below,
  /// else a negative errno.
  std::string Check(int dirfd, const char* path, int* result);
  Opened Find(int fd);
  int Remember(int fd, const std::string& path, const std::string& root);

  const std::function<void()> between_;
  std::mutex mutex_;
  std::map<int, Opened> opened_;
};

}  // namespace xnatarchive

#endif  // XNATARCHIVE_TESTS_PATHS_CANONICAL_FILE_SYSTEM_HPP_
