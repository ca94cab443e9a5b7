#include "fs/directory.hpp"

#include <fcntl.h>
#include <sys/random.h>

#include <algorithm>
#include <cerrno>
#include <utility>

#include "base/status_macros.hpp"
#include "base/text.hpp"
#include "fs/lexical_path.hpp"
#include "fs/place.hpp"

namespace xnatarchive {
namespace {

constexpr unsigned kFileMode = 0644;
constexpr unsigned kDirectoryMode = 0755;

/// Opens a regular file by its path in the tree.
Result<File> OpenRegularFile(const Directory& tree, std::string_view path, FileInfo* info) {
  XNA_RETURN_IF_ERROR(CheckSafePath(path));
  const std::string name(path);
  return OpenRegular(tree.fs(), tree.fd(), name.c_str(), name, info);
}

FileContent Holding(std::string_view bytes) {
  return [bytes](File& file) { return file.Write(bytes.data(), bytes.size()); };
}

/// Fills the new file `file`, durably, and gives it the name `name` in `dirfd`.
Status FillAndRename(FileSystem& fs, File file, const FileContent& content, int dirfd,
                     const char* temporary, const char* name) {
  XNA_RETURN_IF_ERROR(content(file));
  XNA_RETURN_IF_ERROR(file.Sync());
  XNA_RETURN_IF_ERROR(file.Close());
  const int renamed = fs.Rename(dirfd, temporary, dirfd, name, 0);
  return renamed < 0 ? ErrnoStatus(renamed, "rename", file.path()) : Status();
}

/// Makes one directory; fine when it is there already.
Status MakeOrFind(const Directory& tree, std::string_view path) {
  Status made = tree.MakeDirectory(path);
  if (made.code() != Code::kAlreadyExists) return made;
  XNA_ASSIGN_OR_RETURN(const FileInfo info, tree.Stat(path));
  return info.kind == FileKind::kDirectory ? Status() : made;
}

unsigned RenameFlags(RenameMode mode) {
  switch (mode) {
    case RenameMode::kNoReplace:
      return RENAME_NOREPLACE;
    case RenameMode::kExchange:
      return RENAME_EXCHANGE;
    case RenameMode::kReplace:
      break;
  }
  return 0;
}

/// renameat2(RENAME_NOREPLACE) where the file system does not know the flag (NFS, some FUSE): the
/// look before the rename is a race, which the locks of the callers exclude.
int RenameIfAbsent(FileSystem& fs, const Place& from, const Place& to) {
  FileInfo info;
  const int there = fs.Stat(to.dirfd, to.name.c_str(), &info);
  if (there == 0) return -EEXIST;
  if (there != -ENOENT) return there;
  return fs.Rename(from.dirfd, from.name.c_str(), to.dirfd, to.name.c_str(), 0);
}

}  // namespace

std::string TemporaryName() {
  unsigned char bytes[8] = {};
  // O_EXCL guards us should it fail.
  [[maybe_unused]] const ssize_t filled = getrandom(bytes, sizeof bytes, GRND_NONBLOCK);
  return ".xa-" + Hex(bytes, sizeof bytes) + ".tmp";
}

Result<File> OpenRegular(FileSystem& fs, int dirfd, const char* name, std::string path,
                         FileInfo* info) {
  // O_NONBLOCK, so that a FIFO with no writer does not hang us.
  const int fd = fs.Open(dirfd, name, O_RDONLY | O_NONBLOCK | O_NOCTTY, 0);
  if (fd < 0 && fd != -ENXIO) return ErrnoStatus(fd, "open", path);  // ENXIO: a socket
  File file(fs, fd, std::move(path));
  if (fd >= 0) {
    XNA_ASSIGN_OR_RETURN(*info, file.Info());
    if (info->kind == FileKind::kRegular) return file;
  }
  return Status(Code::kInvalidArgument, "fs.not-a-file", "expected a regular file")
      .WithPath(PrintablePath(file.path()));
}

Result<Directory> Directory::Open(FileSystem& fs, const std::string& path) {
  if (path.empty() || path.find('\0') != std::string::npos) {
    return Status(Code::kInvalidArgument, "fs.unsafe-path", "the root path is empty or holds NUL");
  }
  const int fd = fs.OpenRoot(path.c_str());
  if (fd < 0) return ErrnoStatus(fd, "open", path);
  Directory directory;
  directory.fs_ = &fs;
  directory.fd_ = fd;
  directory.path_ = AbsolutePath(path);
  return directory;
}

Status Directory::MakeRoot(FileSystem& fs, const std::string& path) {
  const std::string absolute = AbsolutePath(path);
  const std::size_t slash = absolute.find_last_of('/');
  XNA_ASSIGN_OR_RETURN(const Directory parent,
                       Open(fs, slash == 0 ? "/" : absolute.substr(0, slash)));
  return parent.MakeDirectories(absolute.substr(slash + 1));
}

Directory::Directory(Directory&& other) noexcept
    : fs_(other.fs_), fd_(std::exchange(other.fd_, -1)), path_(std::move(other.path_)) {}

Directory& Directory::operator=(Directory&& other) noexcept {
  std::swap(fs_, other.fs_);
  std::swap(fd_, other.fd_);
  std::swap(path_, other.path_);
  return *this;
}

Directory::~Directory() {
  if (fd_ >= 0) fs_->Close(fd_);
}

Result<Directory> Directory::OpenSubdirectory(std::string_view path) const {
  if (!path.empty()) XNA_RETURN_IF_ERROR(CheckSafePath(path));
  const std::string name(path.empty() ? "." : path);
  const int fd = fs_->Open(fd_, name.c_str(), O_RDONLY | O_DIRECTORY, 0);
  if (fd < 0) return ErrnoStatus(fd, "open", path);
  Directory directory;
  directory.fs_ = fs_;
  directory.fd_ = fd;
  directory.path_ = JoinPath(path_, path);
  return directory;
}

Result<FileInfo> Directory::Stat(std::string_view path) const {
  FileInfo info;
  int result;
  if (path.empty()) {
    result = fs_->Stat(fd_, "", &info);
  } else {
    XNA_ASSIGN_OR_RETURN(const Place place, Locate(*this, path, O_PATH));
    result = fs_->Stat(place.dirfd, place.name.c_str(), &info);
  }
  if (result < 0) return ErrnoStatus(result, "stat", path);
  return info;
}

Result<std::optional<FileInfo>> Directory::Find(std::string_view path) const {
  if (path.empty()) {
    XNA_ASSIGN_OR_RETURN(const FileInfo own, Stat(path));
    return std::optional<FileInfo>(own);
  }
  XNA_ASSIGN_OR_RETURN(const Place place, Locate(*this, path, O_PATH));
  FileInfo info;
  const int result = fs_->Stat(place.dirfd, place.name.c_str(), &info);
  if (result == -ENOENT) return std::optional<FileInfo>();
  if (result < 0) return ErrnoStatus(result, "stat", path);
  return std::optional<FileInfo>(info);
}

Result<bool> Directory::Exists(std::string_view path) const {
  const Result<std::optional<FileInfo>> found = Find(path);
  if (found.ok()) return found->has_value();
  if (found.status().code() == Code::kNotFound) return false;
  return found.status();
}

Result<File> Directory::OpenRead(std::string_view path, FileInfo* info) const {
  FileInfo found;
  return OpenRegularFile(*this, path, info == nullptr ? &found : info);
}

Result<File> Directory::Create(std::string_view path) const {
  XNA_RETURN_IF_ERROR(CheckSafePath(path));
  std::string name(path);
  const int fd = fs_->Open(fd_, name.c_str(), O_WRONLY | O_CREAT | O_EXCL, kFileMode);
  if (fd < 0) return ErrnoStatus(fd, "open", path);
  return File(*fs_, fd, std::move(name));
}

Result<std::string> Directory::ReadFile(std::string_view path, std::uint64_t size_max) const {
  FileInfo info;
  XNA_ASSIGN_OR_RETURN(File file, OpenRegularFile(*this, path, &info));
  size_max = std::min(size_max, std::uint64_t{1} << 62);
  // One byte more than there should be shows whether the file grew meanwhile.
  std::string bytes;
  for (std::uint64_t size = std::min(info.size, size_max) + 1;; size += size) {
    const std::size_t had = bytes.size();
    bytes.resize(static_cast<std::size_t>(std::min(size, size_max + 1)));
    XNA_ASSIGN_OR_RETURN(const std::size_t n, file.Read(&bytes[had], bytes.size() - had));
    const bool at_end = had + n < bytes.size();
    bytes.resize(had + n);
    if (bytes.size() > size_max) {
      return Status(Code::kCorruption, "fs.too-large",
                    "the file is over the limit of " + std::to_string(size_max) + " bytes")
          .WithPath(PrintablePath(path));
    }
    if (at_end) return bytes;
  }
}

Status Directory::WriteNew(std::string_view path, std::string_view bytes) const {
  return WriteNew(path, Holding(bytes));
}

Status Directory::WriteNew(std::string_view path, const FileContent& content) const {
  XNA_ASSIGN_OR_RETURN(File file, Create(path));
  XNA_RETURN_IF_ERROR(content(file));
  return file.Close();
}

Status Directory::WriteAtomic(std::string_view path, std::string_view bytes) const {
  return WriteAtomic(path, Holding(bytes));
}

Status Directory::WriteAtomic(std::string_view path, const FileContent& content) const {
  XNA_ASSIGN_OR_RETURN(const Place place, Locate(*this, path, O_RDONLY));
  const std::string temporary = TemporaryName();
  const char* const c_temporary = temporary.c_str();
  const int fd = fs_->Open(place.dirfd, c_temporary, O_WRONLY | O_CREAT | O_EXCL, kFileMode);
  if (fd < 0) return ErrnoStatus(fd, "open", path);
  File file(*fs_, fd, std::string(path));
  Status status =
      FillAndRename(*fs_, std::move(file), content, place.dirfd, c_temporary, place.name.c_str());
  if (!status.ok()) {
    fs_->Unlink(place.dirfd, c_temporary, 0);  // if that fails too: readers ignore the name
    return status;
  }
  const int synced = fs_->FSync(place.dirfd);
  return synced < 0 ? ErrnoStatus(synced, "fsync", path) : Status();
}

Status Directory::MakeDirectory(std::string_view path) const {
  XNA_ASSIGN_OR_RETURN(const Place place, Locate(*this, path, O_PATH));
  const int result = fs_->MkDir(place.dirfd, place.name.c_str(), kDirectoryMode);
  return result < 0 ? ErrnoStatus(result, "mkdir", path) : Status();
}

Status Directory::MakeDirectories(std::string_view path) const {
  if (path.empty()) return Status();
  std::size_t end = path.size();
  for (;;) {  // up, to the deepest parent that is there
    Status status = MakeOrFind(*this, path.substr(0, end));
    if (status.ok()) break;
    const std::size_t slash = path.substr(0, end).rfind('/');
    if (status.code() != Code::kNotFound || slash == std::string_view::npos) return status;
    end = slash;
  }
  while (end < path.size()) {  // and down again
    end = std::min(path.find('/', end + 1), path.size());
    XNA_RETURN_IF_ERROR(MakeOrFind(*this, path.substr(0, end)));
  }
  return Status();
}

Result<std::vector<DirectoryEntry>> Directory::List(std::string_view path) const {
  XNA_ASSIGN_OR_RETURN(const File directory, OpenDirectoryFile(*this, path));
  return ListSorted(*fs_, directory.fd(), path);
}

Status Directory::Rename(std::string_view from, const Directory& to_tree, std::string_view to,
                         RenameMode mode) const {
  XNA_ASSIGN_OR_RETURN(const Place source, Locate(*this, from, O_PATH));
  XNA_ASSIGN_OR_RETURN(const Place target, Locate(to_tree, to, O_PATH));
  int result = fs_->Rename(source.dirfd, source.name.c_str(), target.dirfd, target.name.c_str(),
                           RenameFlags(mode));
  if (result == -EINVAL && mode == RenameMode::kNoReplace) {
    result = RenameIfAbsent(*fs_, source, target);
  }
  if (result == 0) return Status();
  return ErrnoStatus(result, "rename", result == -EEXIST || result == -ENOTEMPTY ? to : from);
}

Status Directory::Link(std::string_view from, const Directory& to_tree, std::string_view to) const {
  XNA_ASSIGN_OR_RETURN(const Place source, Locate(*this, from, O_PATH));
  XNA_ASSIGN_OR_RETURN(const Place target, Locate(to_tree, to, O_PATH));
  const int result =
      fs_->Link(source.dirfd, source.name.c_str(), target.dirfd, target.name.c_str());
  return result < 0 ? ErrnoStatus(result, "link", result == -EEXIST ? to : from) : Status();
}

Status Directory::RemoveFile(std::string_view path) const {
  XNA_ASSIGN_OR_RETURN(const Place place, Locate(*this, path, O_PATH));
  const int result = fs_->Unlink(place.dirfd, place.name.c_str(), 0);
  return result < 0 ? ErrnoStatus(result, "unlink", path) : Status();
}

Status Directory::RemoveDirectory(std::string_view path) const {
  XNA_ASSIGN_OR_RETURN(const Place place, Locate(*this, path, O_PATH));
  const int result = fs_->Unlink(place.dirfd, place.name.c_str(), AT_REMOVEDIR);
  return result < 0 ? ErrnoStatus(result, "rmdir", path) : Status();
}

Status Directory::SyncFile(std::string_view path) const {
  XNA_ASSIGN_OR_RETURN(File file, OpenRead(path));
  return file.Sync();
}

Status Directory::SyncDirectory(std::string_view path) const {
  XNA_ASSIGN_OR_RETURN(File directory, OpenDirectoryFile(*this, path));
  return directory.Sync();
}

Status Directory::SyncFileSystem() const {
  const int result = fs_->SyncFs(fd_);
  return result < 0 ? ErrnoStatus(result, "syncfs", "") : Status();
}

Result<std::uint64_t> Directory::FreeBytes() const {
  const std::int64_t result = fs_->FreeBytes(fd_);
  if (result < 0) return ErrnoStatus(static_cast<int>(result), "statvfs", "");
  return static_cast<std::uint64_t>(result);
}

}  // namespace xnatarchive
