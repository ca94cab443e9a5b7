// file_system.hpp - the one table of operating system calls the library makes on files.
//
// Everything the library does to a disk goes through this table. A host replaces it for exotic
// mounts; tests replace it to fail the Nth call, to lose what was not synced, or to stop the
// process at any call. Derive from PosixFileSystem's behaviour by wrapping the one that
// `PosixFileSystem()` returns and overriding single methods of `ForwardingFileSystem`.
//
// Conventions of every method: the meaning, flags and error codes of the Linux call of that name;
// the result is its value (>= 0), or a negative errno. EINTR is retried by the table itself. Paths
// are relative to `dirfd`, '/' separated, NUL-terminated bytes. All methods are thread-safe and
// do not throw.
#ifndef XNATARCHIVE_FILE_SYSTEM_HPP_
#define XNATARCHIVE_FILE_SYSTEM_HPP_

#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

namespace xnatarchive {

/// What a name stands for.
enum class FileKind : std::uint8_t { kRegular, kDirectory, kSymlink, kOther };

/// What statx tells of a file. Times are nanoseconds since the epoch.
struct FileInfo {
  FileKind kind = FileKind::kOther;
  std::uint32_t links = 0;
  std::uint64_t size = 0;  ///< Bytes.
  std::int64_t mtime_ns = 0;
  std::int64_t ctime_ns = 0;
  std::uint64_t inode = 0;
  std::uint64_t device = 0;
};

/// One name in a directory; "." and ".." are left out.
struct DirectoryEntry {
  std::string name;
  FileKind kind = FileKind::kOther;
};

/// The system calls through which a disk is reached, one function each, with their arguments and
/// -errno as result of a failure.
class FileSystem {
 public:
  FileSystem() = default;
  FileSystem(const FileSystem&) = delete;
  FileSystem& operator=(const FileSystem&) = delete;
  virtual ~FileSystem() = default;

  /// Opens the root of a tree by an ordinary path (symlinks allowed here only), O_PATH-less, as a
  /// directory descriptor.
  virtual int OpenRoot(const char* path) noexcept = 0;
  /// openat2 with RESOLVE_BENEATH | RESOLVE_NO_SYMLINKS | RESOLVE_NO_MAGICLINKS: the path can not
  /// leave `dirfd`, whatever anybody does to the tree meanwhile. O_CLOEXEC is added.
  virtual int Open(int dirfd, const char* path, int flags, unsigned mode) noexcept = 0;
  /// @{ The system call of that name.
  virtual int Close(int fd) noexcept = 0;
  virtual std::int64_t Read(int fd, void* buffer, std::size_t size) noexcept = 0;
  virtual std::int64_t PRead(int fd, void* buffer, std::size_t size,
                             std::uint64_t offset) noexcept = 0;
  virtual std::int64_t Write(int fd, const void* buffer, std::size_t size) noexcept = 0;
  virtual std::int64_t CopyFileRange(int from, int to, std::size_t size) noexcept = 0;
  virtual int Truncate(int fd, std::uint64_t size) noexcept = 0;
  virtual int SetTimes(int fd, std::int64_t mtime_ns) noexcept = 0;
  virtual int FSync(int fd) noexcept = 0;
  virtual int SyncFs(int fd) noexcept = 0;
  /// @}
  /// A hint: begin to write what `fd` has unwritten, and do not wait (sync_file_range), so that the
  /// sync that follows finds little left to do. It makes nothing durable; doing nothing is fine.
  virtual int StartWriteback(int fd) noexcept {
    (void)fd;
    return 0;
  }
  /// A hint: begin to read the first `size` bytes of `fd` into the cache, and do not wait
  /// (posix_fadvise), so that the reads that follow find them there. Doing nothing is fine.
  virtual int StartRead(int fd, std::uint64_t size) noexcept {
    (void)fd;
    (void)size;
    return 0;
  }
  /// statx of a path (symlinks not followed), or of `fd` itself when `path` is empty.
  virtual int Stat(int fd, const char* path, FileInfo* info) noexcept = 0;
  /// Appends every name in the open directory `fd`, in the order the system gives.
  virtual int List(int fd, std::vector<DirectoryEntry>* entries) noexcept = 0;
  /// mkdirat.
  virtual int MkDir(int dirfd, const char* path, unsigned mode) noexcept = 0;
  /// renameat2; `flags` 0, RENAME_NOREPLACE (1) or RENAME_EXCHANGE (2).
  virtual int Rename(int from_dirfd, const char* from, int to_dirfd, const char* to,
                     unsigned flags) noexcept = 0;
  /// linkat.
  virtual int Link(int from_dirfd, const char* from, int to_dirfd, const char* to) noexcept = 0;
  /// unlinkat; `flags` 0 or AT_REMOVEDIR.
  virtual int Unlink(int dirfd, const char* path, int flags) noexcept = 0;
  /// Takes, without waiting, an exclusive open-file-description lock on one byte at `offset`.
  virtual int TryLock(int fd, std::uint64_t offset) noexcept = 0;
  /// Lets go of all locks of the open file description, of which a child process that was forked
  /// meanwhile may have a descriptor too: closing this one alone would leave them to the child.
  virtual int Unlock(int fd) noexcept = 0;
  /// Free bytes for an unprivileged user on the file system of `fd`, or a negative errno.
  virtual std::int64_t FreeBytes(int fd) noexcept = 0;
};

/// Passes every call to another table; override the calls you care about.
class ForwardingFileSystem : public FileSystem {
 public:
  /// `target` must outlive this object.
  explicit ForwardingFileSystem(FileSystem& target) : target_(target) {}

  int OpenRoot(const char* path) noexcept override;
  int Open(int dirfd, const char* path, int flags, unsigned mode) noexcept override;
  int Close(int fd) noexcept override;
  std::int64_t Read(int fd, void* buffer, std::size_t size) noexcept override;
  std::int64_t PRead(int fd, void* buffer, std::size_t size,
                     std::uint64_t offset) noexcept override;
  std::int64_t Write(int fd, const void* buffer, std::size_t size) noexcept override;
  std::int64_t CopyFileRange(int from, int to, std::size_t size) noexcept override;
  int Truncate(int fd, std::uint64_t size) noexcept override;
  int SetTimes(int fd, std::int64_t mtime_ns) noexcept override;
  int FSync(int fd) noexcept override;
  int SyncFs(int fd) noexcept override;
  int StartWriteback(int fd) noexcept override;
  int StartRead(int fd, std::uint64_t size) noexcept override;
  int Stat(int fd, const char* path, FileInfo* info) noexcept override;
  int List(int fd, std::vector<DirectoryEntry>* entries) noexcept override;
  int MkDir(int dirfd, const char* path, unsigned mode) noexcept override;
  int Rename(int from_dirfd, const char* from, int to_dirfd, const char* to,
             unsigned flags) noexcept override;
  int Link(int from_dirfd, const char* from, int to_dirfd, const char* to) noexcept override;
  int Unlink(int dirfd, const char* path, int flags) noexcept override;
  int TryLock(int fd, std::uint64_t offset) noexcept override;
  int Unlock(int fd) noexcept override;
  std::int64_t FreeBytes(int fd) noexcept override;

 private:
  FileSystem& target_;
};

/// The table that calls Linux. One object for the process, never destroyed, stateless.
FileSystem& PosixFileSystem() noexcept;

}  // namespace xnatarchive

#endif  // XNATARCHIVE_FILE_SYSTEM_HPP_
