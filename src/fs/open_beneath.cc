#include "fs/open_beneath.hpp"

#include <fcntl.h>
#include <linux/openat2.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <cerrno>
#include <climits>
#include <cstring>

namespace xnatarchive {
namespace {

int OpenAt2(int dirfd, const char* path, const open_how& how) noexcept {
  for (;;) {
    const auto fd = syscall(SYS_openat2, dirfd, path, &how, sizeof how);
    if (fd >= 0) return static_cast<int>(fd);
    // EAGAIN: a rename elsewhere raced with the resolution; the kernel asks for another try.
    if (errno != EINTR && errno != EAGAIN) return -errno;
  }
}

/// False on kernels before 5.6 (ENOSYS) and in sandboxes that refuse calls they do not know
/// (EPERM).
bool KernelHasOpenAt2() noexcept {
  open_how how{};
  how.flags = O_PATH | O_DIRECTORY | O_CLOEXEC;
  how.resolve = RESOLVE_NO_MAGICLINKS;
  const int fd = OpenAt2(AT_FDCWD, "/", how);
  if (fd >= 0) close(fd);
  return fd >= 0;
}

int OpenOne(int dirfd, const char* name, int flags, unsigned mode) noexcept {
  for (;;) {
    const int fd = openat(dirfd, name, flags | O_NOFOLLOW | O_CLOEXEC, mode);
    if (fd >= 0) return fd;
    if (errno == EINTR) continue;
    const int error = errno;
    struct stat info;
    if (error == ENOTDIR && fstatat(dirfd, name, &info, AT_SYMLINK_NOFOLLOW) == 0 &&
        S_ISLNK(info.st_mode)) {
      return -ELOOP;  // O_DIRECTORY hides that the name is a link
    }
    return -error;
  }
}

}  // namespace

int OpenBeneathByChain(int dirfd, const char* path, int flags, unsigned mode) noexcept {
  if (*path == '\0') return -ENOENT;
  if (*path == '/') return -EXDEV;
  int current = dirfd;
  for (;;) {
    const std::size_t length = strcspn(path, "/");
    char name[NAME_MAX + 1];
    int next = -ENAMETOOLONG;
    const bool last = path[length] == '\0';
    if (length <= NAME_MAX) {
      memcpy(name, path, length);
      name[length] = '\0';
      next = strcmp(name, "..") == 0 ? -EXDEV
             : last                  ? OpenOne(current, name, flags, mode)
                                     : OpenOne(current, name, O_PATH | O_DIRECTORY, 0);
    }
    if (current != dirfd) close(current);
    if (next < 0 || last) return next;
    current = next;
    path += length + 1;
  }
}

int OpenBeneath(int dirfd, const char* path, int flags, unsigned mode) noexcept {
  static const bool kHasOpenAt2 = KernelHasOpenAt2();
  if (!kHasOpenAt2) return OpenBeneathByChain(dirfd, path, flags, mode);
  open_how how{};
  how.flags = static_cast<unsigned>(flags | O_CLOEXEC);
  how.mode = (flags & O_CREAT) != 0 ? mode : 0;
  how.resolve = RESOLVE_BENEATH | RESOLVE_NO_SYMLINKS | RESOLVE_NO_MAGICLINKS;
  return OpenAt2(dirfd, path, how);
}

}  // namespace xnatarchive
