// file_lock.hpp - one writer per session, over all threads and processes of a host.
//
// A lock is one byte, at an offset computed from its key, of one lock file that is never deleted
// (deleting lock files loses updates). The kernel releases it when the owner dies.
#ifndef XNATARCHIVE_FS_FILE_LOCK_HPP_
#define XNATARCHIVE_FS_FILE_LOCK_HPP_

#include <string_view>

#include "fs/directory.hpp"

namespace xnatarchive {

/// Held from TryAcquire until destruction, and no longer, whatever child processes were forked
/// meanwhile. Movable. One open file, however many keys.
class FileLock {
 public:
  /// Takes the lock named `key` in `tree`'s file `lock_file` (made when absent, with parents).
  /// kLocked "lock.held" when any thread or process, this one included, holds it.
  static Result<FileLock> TryAcquire(const Directory& tree, std::string_view lock_file,
                                     std::string_view key);
  /// Takes one more lock of the same file, to be held as long as the first; fine when it is among
  /// those held already. kLocked "lock.held" when anybody else holds it.
  Status Add(std::string_view key);
  FileLock(FileLock&&) noexcept = default;
  FileLock& operator=(FileLock&&) noexcept = default;
  ~FileLock() {
    if (file_.fd() >= 0) file_.fs().Unlock(file_.fd());  // if it fails, closing does it
  }

 private:
  explicit FileLock(File file) : file_(std::move(file)) {}
  File file_;
};

}  // namespace xnatarchive

#endif  // XNATARCHIVE_FS_FILE_LOCK_HPP_
