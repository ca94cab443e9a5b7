#include "support/fault_file_system.hpp"

#include <fcntl.h>

namespace xnatarchive {

void FaultFileSystem::FailAt(std::uint64_t n, int error, Duration duration) {
  const std::lock_guard<std::mutex> lock(mutex_);
  fault_at_ = n;
  error_ = error;
  persistent_ = duration == Duration::kPersistent;
  half_write_ = false;
}

void FaultFileSystem::KillAt(std::uint64_t n, bool half_write) {
  const std::lock_guard<std::mutex> lock(mutex_);
  fault_at_ = n;
  error_ = kKilledErrno;
  persistent_ = true;
  half_write_ = half_write;
}

void FaultFileSystem::Reset() {
  const std::lock_guard<std::mutex> lock(mutex_);
  calls_ = 0;
  fault_at_ = 0;
  fault_call_ = "";
}

std::uint64_t FaultFileSystem::calls() const {
  const std::lock_guard<std::mutex> lock(mutex_);
  return calls_;
}

bool FaultFileSystem::triggered() const { return !fault_call().empty(); }

std::string FaultFileSystem::fault_call() const {
  const std::lock_guard<std::mutex> lock(mutex_);
  return fault_call_;
}

int FaultFileSystem::Count(const char* call, bool* halve) noexcept {
  const std::lock_guard<std::mutex> lock(mutex_);
  ++calls_;
  if (fault_at_ == 0 || calls_ < fault_at_ || (calls_ > fault_at_ && !persistent_)) return 0;
  if (*fault_call_ == '\0') fault_call_ = call;
  if (halve != nullptr) *halve = half_write_ && calls_ == fault_at_;
  return -error_;
}

int FaultFileSystem::Open(int dirfd, const char* path, int flags, unsigned mode) noexcept {
  if ((flags & O_CREAT) != 0) {
    if (const int fault = Count("open"); fault < 0) return fault;
  }
  const int fd = ForwardingFileSystem::Open(dirfd, path, flags, mode);
  if (fd >= 0 && (flags & O_ACCMODE) != O_RDONLY) {
    const std::lock_guard<std::mutex> lock(mutex_);
    written_.insert(fd);
  }
  return fd;
}

int FaultFileSystem::Close(int fd) noexcept {
  bool written;
  {
    const std::lock_guard<std::mutex> lock(mutex_);
    written = written_.erase(fd) > 0;
  }
  const int fault = written ? Count("close") : 0;
  const int result = ForwardingFileSystem::Close(fd);
  return fault < 0 ? fault : result;
}

std::int64_t FaultFileSystem::Write(int fd, const void* buffer, std::size_t size) noexcept {
  bool halve = false;
  const int fault = Count("write", &halve);
  if (fault == 0) return ForwardingFileSystem::Write(fd, buffer, size);
  if (halve) ForwardingFileSystem::Write(fd, buffer, size / 2);
  return fault;
}

std::int64_t FaultFileSystem::CopyFileRange(int from, int to, std::size_t size) noexcept {
  bool halve = false;
  const int fault = Count("copy_file_range", &halve);
  if (fault == 0) return ForwardingFileSystem::CopyFileRange(from, to, size);
  if (halve) ForwardingFileSystem::CopyFileRange(from, to, size / 2);
  return fault;
}

int FaultFileSystem::Truncate(int fd, std::uint64_t size) noexcept {
  const int fault = Count("truncate");
  return fault < 0 ? fault : ForwardingFileSystem::Truncate(fd, size);
}

int FaultFileSystem::SetTimes(int fd, std::int64_t mtime_ns) noexcept {
  const int fault = Count("utimens");
  return fault < 0 ? fault : ForwardingFileSystem::SetTimes(fd, mtime_ns);
}

int FaultFileSystem::FSync(int fd) noexcept {
  const int fault = Count("fsync");
  return fault < 0 ? fault : ForwardingFileSystem::FSync(fd);
}

int FaultFileSystem::SyncFs(int fd) noexcept {
  const int fault = Count("syncfs");
  return fault < 0 ? fault : ForwardingFileSystem::SyncFs(fd);
}

int FaultFileSystem::MkDir(int dirfd, const char* path, unsigned mode) noexcept {
  const int fault = Count("mkdir");
  return fault < 0 ? fault : ForwardingFileSystem::MkDir(dirfd, path, mode);
}

int FaultFileSystem::Rename(int from_dirfd, const char* from, int to_dirfd, const char* to,
                            unsigned flags) noexcept {
  const int fault = Count("rename");
  return fault < 0 ? fault : ForwardingFileSystem::Rename(from_dirfd, from, to_dirfd, to, flags);
}

int FaultFileSystem::Link(int from_dirfd, const char* from, int to_dirfd, const char* to) noexcept {
  const int fault = Count("link");
  return fault < 0 ? fault : ForwardingFileSystem::Link(from_dirfd, from, to_dirfd, to);
}

int FaultFileSystem::Unlink(int dirfd, const char* path, int flags) noexcept {
  const int fault = Count("unlink");
  return fault < 0 ? fault : ForwardingFileSystem::Unlink(dirfd, path, flags);
}

}  // namespace xnatarchive
