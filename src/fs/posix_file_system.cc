#include <dirent.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <cerrno>
#include <cstdio>
#include <cstring>
#include <limits>
#include <new>

#include "fs/open_beneath.hpp"
#include "xnatarchive/file_system.hpp"

namespace xnatarchive {
namespace {

constexpr std::int64_t kNsPerSecond = 1'000'000'000;

/// Repeats `call` while it is interrupted; its value, or a negative errno.
template <typename Call>
auto Retry(Call call) noexcept -> decltype(call()) {
  for (;;) {
    const auto value = call();
    if (value >= 0) return value;
    if (errno != EINTR) return -errno;
  }
}

FileKind KindOfMode(unsigned mode) {
  if (S_ISREG(mode)) return FileKind::kRegular;
  if (S_ISDIR(mode)) return FileKind::kDirectory;
  return S_ISLNK(mode) ? FileKind::kSymlink : FileKind::kOther;
}

/// As getdents64 writes it; glibc has no declaration of it under that name.
struct KernelEntry {
  std::uint64_t inode;
  std::int64_t offset;
  std::uint16_t record_size;
  std::uint8_t type;
  char name[1];
};

class Posix final : public FileSystem {
 public:
  int OpenRoot(const char* path) noexcept override {
    return Retry([&] { return open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC); });
  }

  int Open(int dirfd, const char* path, int flags, unsigned mode) noexcept override {
    return OpenBeneath(dirfd, path, flags, mode);
  }

  int Close(int fd) noexcept override {
    // Linux gives the descriptor back also when it says EINTR: closing again would hit a stranger.
    return close(fd) == 0 || errno == EINTR ? 0 : -errno;
  }

  std::int64_t Read(int fd, void* buffer, std::size_t size) noexcept override {
    return Retry([&] { return read(fd, buffer, size); });
  }

  std::int64_t PRead(int fd, void* buffer, std::size_t size,
                     std::uint64_t offset) noexcept override {
    return Retry([&] { return pread(fd, buffer, size, static_cast<off_t>(offset)); });
  }

  std::int64_t Write(int fd, const void* buffer, std::size_t size) noexcept override {
    return Retry([&] { return write(fd, buffer, size); });
  }

  std::int64_t CopyFileRange(int from, int to, std::size_t size) noexcept override {
    return Retry([&] { return copy_file_range(from, nullptr, to, nullptr, size, 0); });
  }

  int Truncate(int fd, std::uint64_t size) noexcept override {
    return Retry([&] { return ftruncate(fd, static_cast<off_t>(size)); });
  }

  int SetTimes(int fd, std::int64_t mtime_ns) noexcept override {
    std::int64_t seconds = mtime_ns / kNsPerSecond;
    std::int64_t rest = mtime_ns % kNsPerSecond;
    if (rest < 0) {
      rest += kNsPerSecond;
      --seconds;
    }
    timespec times[2] = {};
    times[0].tv_nsec = UTIME_OMIT;
    times[1].tv_sec = seconds;
    times[1].tv_nsec = rest;
    return Retry([&] { return futimens(fd, times); });
  }

  int FSync(int fd) noexcept override {
    return Retry([&] { return fsync(fd); });
  }

  int SyncFs(int fd) noexcept override {
    return Retry([&] { return syncfs(fd); });
  }

  int StartRead(int fd, std::uint64_t size) noexcept override {
    return -posix_fadvise(fd, 0, static_cast<off_t>(size), POSIX_FADV_WILLNEED);
  }

  int StartWriteback(int fd) noexcept override {
    return Retry([&] { return sync_file_range(fd, 0, 0, SYNC_FILE_RANGE_WRITE); });
  }

  int Stat(int fd, const char* path, FileInfo* info) noexcept override {
    struct statx data;
    const int flags = AT_SYMLINK_NOFOLLOW | AT_STATX_DONT_SYNC | (*path == 0 ? AT_EMPTY_PATH : 0);
    const int result = Retry([&] { return statx(fd, path, flags, STATX_BASIC_STATS, &data); });
    if (result < 0) return result;
    const auto ns = [](const statx_timestamp& time) {
      return time.tv_sec * kNsPerSecond + static_cast<std::int64_t>(time.tv_nsec);
    };
    info->kind = KindOfMode(data.stx_mode);
    info->links = data.stx_nlink;
    info->size = data.stx_size;
    info->mtime_ns = ns(data.stx_mtime);
    info->ctime_ns = ns(data.stx_ctime);
    info->inode = data.stx_ino;
    info->device = (static_cast<std::uint64_t>(data.stx_dev_major) << 32) | data.stx_dev_minor;
    return 0;
  }

  int List(int fd, std::vector<DirectoryEntry>* entries) noexcept override try {
    if (lseek(fd, 0, SEEK_SET) < 0) return -errno;
    alignas(KernelEntry) char buffer[32 * 1024];
    for (;;) {
      const auto size = Retry([&] { return syscall(SYS_getdents64, fd, buffer, sizeof buffer); });
      if (size <= 0) return static_cast<int>(size);
      for (std::int64_t at = 0; at < size;) {
        const auto* entry = reinterpret_cast<const KernelEntry*>(buffer + at);
        at += entry->record_size;
        const char* name = entry->name;
        if (strcmp(name, ".") == 0 || strcmp(name, "..") == 0) continue;
        entries->push_back({name, Kind(fd, name, entry->type)});
      }
    }
  } catch (const std::bad_alloc&) {
    return -ENOMEM;
  }

  int MkDir(int dirfd, const char* path, unsigned mode) noexcept override {
    return Retry([&] { return mkdirat(dirfd, path, mode); });
  }

  int Rename(int from_dirfd, const char* from, int to_dirfd, const char* to,
             unsigned flags) noexcept override {
    return Retry([&] { return renameat2(from_dirfd, from, to_dirfd, to, flags); });
  }

  int Link(int from_dirfd, const char* from, int to_dirfd, const char* to) noexcept override {
    return Retry([&] { return linkat(from_dirfd, from, to_dirfd, to, 0); });
  }

  int Unlink(int dirfd, const char* path, int flags) noexcept override {
    return Retry([&] { return unlinkat(dirfd, path, flags); });
  }

  int TryLock(int fd, std::uint64_t offset) noexcept override {
    // Not a POSIX lock: those are lost when any descriptor of the file closes, and do not exclude
    // threads of one process.
    struct flock lock = {};
    lock.l_type = F_WRLCK;
    lock.l_whence = SEEK_SET;
    lock.l_start = static_cast<off_t>(offset);
    lock.l_len = 1;
    return Retry([&] { return fcntl(fd, F_OFD_SETLK, &lock); });
  }

  int Unlock(int fd) noexcept override {
    struct flock lock = {};
    lock.l_type = F_UNLCK;
    lock.l_whence = SEEK_SET;  // from 0 to the end, wherever that is
    return Retry([&] { return fcntl(fd, F_OFD_SETLK, &lock); });
  }

  std::int64_t FreeBytes(int fd) noexcept override {
    struct statvfs info;
    const int result = Retry([&] { return fstatvfs(fd, &info); });
    if (result < 0) return result;
    const std::uint64_t block = info.f_frsize;
    constexpr auto kMax = static_cast<std::uint64_t>(std::numeric_limits<std::int64_t>::max());
    if (block == 0 || info.f_bavail > kMax / block) return static_cast<std::int64_t>(kMax);
    return static_cast<std::int64_t>(info.f_bavail * block);
  }

 private:
  /// Some file systems do not tell the kind in the listing; then statx does.
  FileKind Kind(int fd, const char* name, unsigned type) noexcept {
    if (type != DT_UNKNOWN) return KindOfMode(DTTOIF(type));
    FileInfo info;
    return Stat(fd, name, &info) < 0 ? FileKind::kOther : info.kind;
  }
};

}  // namespace

FileSystem& PosixFileSystem() noexcept {
  static auto* const kFileSystem = new Posix;  // never destroyed: other statics may still use it
  return *kFileSystem;
}

}  // namespace xnatarchive
