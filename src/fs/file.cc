#include <cerrno>
#include <system_error>
#include <utility>

#include "fs/directory.hpp"
#include "fs/lexical_path.hpp"

namespace xnatarchive {
namespace {

Code CodeOfErrno(int error) {
  switch (error) {
    case ENOENT:
    case ENOTDIR:
      return Code::kNotFound;
    case EEXIST:
    case ENOTEMPTY:
      return Code::kAlreadyExists;
    case EACCES:
    case EPERM:
    case EROFS:
      return Code::kPermission;
    case ENOSPC:
    case EDQUOT:
      return Code::kNoSpace;
    default:
      return Code::kIo;
  }
}

}  // namespace

Status ErrnoStatus(int negative_errno, std::string_view call, std::string_view path) {
  const int error = -negative_errno;
  const std::string text = std::generic_category().message(error);
  // EXDEV is the resolver's word for leaving the tree; from rename and link it is a mere fact.
  if (error == ELOOP || error == ENAMETOOLONG || (error == EXDEV && call == "open")) {
    return Status(Code::kInvalidArgument, "fs.unsafe-path", "path refused: " + text)
        .WithErrno(error)
        .WithPath(PrintablePath(path));
  }
  return Status(CodeOfErrno(error), "fs." + std::string(call),
                std::string(call) + " failed: " + text)
      .WithErrno(error)
      .WithPath(PrintablePath(path));
}

File::File(File&& other) noexcept
    : fs_(other.fs_), fd_(std::exchange(other.fd_, -1)), path_(std::move(other.path_)) {}

File& File::operator=(File&& other) noexcept {
  std::swap(fs_, other.fs_);
  std::swap(fd_, other.fd_);
  std::swap(path_, other.path_);
  return *this;
}

File::~File() {
  if (fd_ >= 0) fs_->Close(fd_);
}

Result<std::size_t> File::Read(void* buffer, std::size_t size) {
  std::size_t done = 0;
  while (done < size) {
    const std::int64_t n = fs_->Read(fd_, static_cast<char*>(buffer) + done, size - done);
    if (n < 0) return ErrnoStatus(static_cast<int>(n), "read", path_);
    if (n == 0) break;
    done += static_cast<std::size_t>(n);
  }
  return done;
}

Result<std::size_t> File::ReadAt(void* buffer, std::size_t size, std::uint64_t offset) {
  std::size_t done = 0;
  while (done < size) {
    char* const to = static_cast<char*>(buffer) + done;
    const std::int64_t n = fs_->PRead(fd_, to, size - done, offset + done);
    if (n < 0) return ErrnoStatus(static_cast<int>(n), "read", path_);
    if (n == 0) break;
    done += static_cast<std::size_t>(n);
  }
  return done;
}

Status File::Write(const void* data, std::size_t size) {
  std::size_t done = 0;
  while (done < size) {
    const char* const from = static_cast<const char*>(data) + done;
    const std::int64_t n = fs_->Write(fd_, from, size - done);
    if (n < 0) return ErrnoStatus(static_cast<int>(n), "write", path_);
    if (n == 0) return ErrnoStatus(-EIO, "write", path_);
    done += static_cast<std::size_t>(n);
  }
  return Status();
}

Status File::SetModificationTime(std::int64_t mtime_ns) {
  const int result = fs_->SetTimes(fd_, mtime_ns);
  return result < 0 ? ErrnoStatus(result, "utimens", path_) : Status();
}

Status File::Sync() {
  const int result = fs_->FSync(fd_);
  return result < 0 ? ErrnoStatus(result, "fsync", path_) : Status();
}

void File::StartWriteback() { (void)fs_->StartWriteback(fd_); }

void File::StartRead(std::uint64_t size) { (void)fs_->StartRead(fd_, size); }

Result<FileInfo> File::Info() const {
  FileInfo info;
  const int result = fs_->Stat(fd_, "", &info);
  if (result < 0) return ErrnoStatus(result, "stat", path_);
  return info;
}

Status File::Close() {
  if (fd_ < 0) return Status();
  const int result = fs_->Close(std::exchange(fd_, -1));
  return result < 0 ? ErrnoStatus(result, "close", path_) : Status();
}

}  // namespace xnatarchive
