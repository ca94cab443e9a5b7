// directory.hpp - an open directory tree; the only way the library touches a disk.
//
// Every path is relative to the tree's root, '/' separated, and can not leave it: the kernel
// resolves it beneath the root's descriptor and follows no symbolic link. "" is the root itself.
// Failures carry the path, errno, and one of the codes kNotFound (ENOENT, ENOTDIR),
// kAlreadyExists (EEXIST, ENOTEMPTY), kPermission (EACCES, EPERM, EROFS), kNoSpace (ENOSPC,
// EDQUOT), kInvalidArgument (a name that is empty, "..", absolute, too long or holds NUL; a path
// that meets a link: reason "fs.unsafe-path"), else kIo. Reasons are "fs.<call>".
#ifndef XNATARCHIVE_FS_DIRECTORY_HPP_
#define XNATARCHIVE_FS_DIRECTORY_HPP_

#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "xnatarchive/file_system.hpp"
#include "xnatarchive/status.hpp"

namespace xnatarchive {

/// An open file; closes itself. Movable. One thread at a time.
class File {
 public:
  File() = default;
  File(FileSystem& fs, int fd, std::string path) : fs_(&fs), fd_(fd), path_(std::move(path)) {}
  File(File&& other) noexcept;
  File& operator=(File&& other) noexcept;
  ~File();

  FileSystem& fs() const { return *fs_; }
  bool is_open() const { return fd_ >= 0; }
  int fd() const { return fd_; }
  const std::string& path() const { return path_; }

  /// Reads up to `size` bytes; fewer only at the end of the file. 0 at the end.
  Result<std::size_t> Read(void* buffer, std::size_t size);
  Result<std::size_t> ReadAt(void* buffer, std::size_t size, std::uint64_t offset);
  /// Writes all of it.
  Status Write(const void* data, std::size_t size);
  Status SetModificationTime(std::int64_t mtime_ns);
  Status Sync();
  /// Begins to write the content back without waiting; see FileSystem::StartWriteback.
  void StartWriteback();
  /// Begins to read the first `size` bytes without waiting; see FileSystem::StartRead.
  void StartRead(std::uint64_t size);
  Result<FileInfo> Info() const;
  /// Closes and reports what close says; the destructor closes silently.
  Status Close();

 private:
  FileSystem* fs_ = nullptr;
  int fd_ = -1;
  std::string path_;
};

/// Writes into a new file what it shall hold.
using FileContent = std::function<Status(File&)>;

enum class RenameMode { kNoReplace, kReplace, kExchange };

/// A file or directory met on a walk. `path` is relative to the walked directory.
struct WalkEntry {
  std::string path;
  FileInfo info;
};

/// An open directory tree. Movable, shares nothing; all methods are safe from any thread.
class Directory {
 public:
  Directory() = default;
  /// Opens the tree at `path` (UTF-8 bytes, absolute or relative to the working directory).
  static Result<Directory> Open(FileSystem& fs, const std::string& path);
  /// Makes the directory at such a path, whose parent exists; fine when it is there.
  static Status MakeRoot(FileSystem& fs, const std::string& path);

  Directory(Directory&& other) noexcept;
  Directory& operator=(Directory&& other) noexcept;
  ~Directory();

  FileSystem& fs() const { return *fs_; }
  int fd() const { return fd_; }
  /// The path given to Open, made absolute, for messages to operators and for prearchivePath.
  const std::string& path() const { return path_; }

  /// Opens the tree below one of its directories.
  Result<Directory> OpenSubdirectory(std::string_view path) const;

  Result<FileInfo> Stat(std::string_view path) const;
  /// As Stat, but nothing is there is no failure, and costs none of its text; that the directory
  /// above is not there, or is none, is kNotFound.
  Result<std::optional<FileInfo>> Find(std::string_view path) const;
  /// False for "not found"; any other failure is a failure.
  Result<bool> Exists(std::string_view path) const;
  /// kInvalidArgument "fs.not-a-file" for a directory, FIFO, socket or device. `info`, when given,
  /// receives what it is when opened.
  Result<File> OpenRead(std::string_view path, FileInfo* info = nullptr) const;
  /// Creates a new file for writing, mode 0644; kAlreadyExists when the name is taken.
  Result<File> Create(std::string_view path) const;
  /// Reads a whole file; kCorruption "fs.too-large" above `size_max` bytes.
  Result<std::string> ReadFile(std::string_view path, std::uint64_t size_max) const;
  /// Creates a new file holding `bytes`, or what `content` writes; when that fails, some of it. Not
  /// durable until synced.
  Status WriteNew(std::string_view path, std::string_view bytes) const;
  Status WriteNew(std::string_view path, const FileContent& content) const;
  /// Makes `path` hold `bytes`, durably and atomically: writes ".xa-<random>.tmp" beside it, syncs,
  /// renames, syncs the directory. On failure the old content is intact; only when that last sync
  /// fails is the new content there, whole, but perhaps not durable.
  Status WriteAtomic(std::string_view path, std::string_view bytes) const;
  Status WriteAtomic(std::string_view path, const FileContent& content) const;

  Status MakeDirectory(std::string_view path) const;    ///< kAlreadyExists when there.
  Status MakeDirectories(std::string_view path) const;  ///< With parents; fine when there.
  /// Names in a directory, sorted bytewise.
  Result<std::vector<DirectoryEntry>> List(std::string_view path) const;
  /// Visits everything below `path`, parents before children, names sorted bytewise, links not
  /// followed. Only when `visit` returns OK the walk goes on. Depth is limited to 64:
  /// kInvalidArgument "fs.too-deep". Names that vanish meanwhile are left out.
  Status Walk(std::string_view path, const std::function<Status(const WalkEntry&)>& visit) const;

  Status Rename(std::string_view from, const Directory& to_tree, std::string_view to,
                RenameMode mode) const;
  Status Link(std::string_view from, const Directory& to_tree, std::string_view to) const;
  Status RemoveFile(std::string_view path) const;       ///< kNotFound when absent.
  Status RemoveDirectory(std::string_view path) const;  ///< Must be empty.
  /// Removes a file or a whole tree; fine when absent. Never leaves the tree, never follows links.
  Status RemoveTree(std::string_view path) const;

  Status SyncFile(std::string_view path) const;
  Status SyncDirectory(std::string_view path) const;
  /// Makes everything on this tree's file system durable.
  Status SyncFileSystem() const;
  Result<std::uint64_t> FreeBytes() const;

 private:
  FileSystem* fs_ = nullptr;
  int fd_ = -1;
  std::string path_;
};

/// Opens a regular file by a name in the open directory `dirfd`, for work on many files of one
/// directory. `path` is what messages call it; `info` receives what it is when opened. Fails like
/// Directory::OpenRead.
Result<File> OpenRegular(FileSystem& fs, int dirfd, const char* name, std::string path,
                         FileInfo* info);

/// ".xa-<random>.tmp", for a file that is not whole yet: readers ignore names that begin with
/// ".xa".
std::string TemporaryName();

/// Turns a negative errno of the table into a Status. `call` names it: "open", "rename".
Status ErrnoStatus(int negative_errno, std::string_view call, std::string_view path);

/// Returns OK when `path` is one this library will use: not empty, relative, no empty, "." or ".."
/// component, no NUL or control character, each component at most 255 bytes, valid UTF-8.
Status CheckRelativePath(std::string_view path);

/// "a/b/c" -> "a/b"; "c" -> "".
std::string_view ParentPath(std::string_view path);
/// "a/b/c" -> "c".
std::string_view BaseName(std::string_view path);
/// Joins with '/', leaving out empty parts.
std::string JoinPath(std::string_view a, std::string_view b);

}  // namespace xnatarchive

#endif  // XNATARCHIVE_FS_DIRECTORY_HPP_
