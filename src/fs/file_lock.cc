#include "fs/file_lock.hpp"

#include <fcntl.h>

#include <cerrno>
#include <string>

#include "base/status_macros.hpp"
#include "base/text.hpp"

namespace xnatarchive {
namespace {

constexpr std::uint64_t kOffsetMask = (std::uint64_t{1} << 62) - 1;  // off_t, with room to spare

/// Every acquisition opens the file anew: the lock belongs to the open file description, so two
/// threads exclude each other as two processes do.
Result<File> OpenLockFile(const Directory& tree, const std::string& path) {
  const auto open = [&] { return tree.fs().Open(tree.fd(), path.c_str(), O_RDWR | O_CREAT, 0644); };
  int fd = open();
  if (fd == -ENOENT) {
    XNA_RETURN_IF_ERROR(tree.MakeDirectories(ParentPath(path)));
    fd = open();
  }
  if (fd < 0) return ErrnoStatus(fd, "open", path);
  return File(tree.fs(), fd, path);
}

}  // namespace

Result<FileLock> FileLock::TryAcquire(const Directory& tree, std::string_view lock_file,
                                      std::string_view key) {
  XNA_RETURN_IF_ERROR(CheckRelativePath(lock_file));
  XNA_ASSIGN_OR_RETURN(File file, OpenLockFile(tree, std::string(lock_file)));
  FileLock lock(std::move(file));
  XNA_RETURN_IF_ERROR(lock.Add(key));
  return lock;
}

Status FileLock::Add(std::string_view key) {
  const int result = file_.fs().TryLock(file_.fd(), Fnv1a(key) & kOffsetMask);
  if (result == -EAGAIN || result == -EACCES) {
    return Status(Code::kLocked, "lock.held", "another thread or process holds the lock")
        .WithErrno(-result)
        .WithPath(file_.path());
  }
  return result < 0 ? ErrnoStatus(result, "lock", file_.path()) : Status();
}

}  // namespace xnatarchive
