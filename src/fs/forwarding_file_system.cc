#include "xnatarchive/file_system.hpp"

namespace xnatarchive {

int ForwardingFileSystem::OpenRoot(const char* path) noexcept { return target_.OpenRoot(path); }
int ForwardingFileSystem::Open(int dirfd, const char* path, int flags, unsigned mode) noexcept {
  return target_.Open(dirfd, path, flags, mode);
}
int ForwardingFileSystem::Close(int fd) noexcept { return target_.Close(fd); }
std::int64_t ForwardingFileSystem::Read(int fd, void* buffer, std::size_t size) noexcept {
  return target_.Read(fd, buffer, size);
}
std::int64_t ForwardingFileSystem::PRead(int fd, void* buffer, std::size_t size,
                                         std::uint64_t offset) noexcept {
  return target_.PRead(fd, buffer, size, offset);
}
std::int64_t ForwardingFileSystem::Write(int fd, const void* buffer, std::size_t size) noexcept {
  return target_.Write(fd, buffer, size);
}
std::int64_t ForwardingFileSystem::CopyFileRange(int from, int to, std::size_t size) noexcept {
  return target_.CopyFileRange(from, to, size);
}
int ForwardingFileSystem::Truncate(int fd, std::uint64_t size) noexcept {
  return target_.Truncate(fd, size);
}
int ForwardingFileSystem::SetTimes(int fd, std::int64_t mtime_ns) noexcept {
  return target_.SetTimes(fd, mtime_ns);
}
int ForwardingFileSystem::FSync(int fd) noexcept { return target_.FSync(fd); }
int ForwardingFileSystem::SyncFs(int fd) noexcept { return target_.SyncFs(fd); }
int ForwardingFileSystem::StartWriteback(int fd) noexcept { return target_.StartWriteback(fd); }

int ForwardingFileSystem::StartRead(int fd, std::uint64_t size) noexcept {
  return target_.StartRead(fd, size);
}
int ForwardingFileSystem::Stat(int fd, const char* path, FileInfo* info) noexcept {
  return target_.Stat(fd, path, info);
}
int ForwardingFileSystem::List(int fd, std::vector<DirectoryEntry>* entries) noexcept {
  return target_.List(fd, entries);
}
int ForwardingFileSystem::MkDir(int dirfd, const char* path, unsigned mode) noexcept {
  return target_.MkDir(dirfd, path, mode);
}
int ForwardingFileSystem::Rename(int from_dirfd, const char* from, int to_dirfd, const char* to,
                                 unsigned flags) noexcept {
  return target_.Rename(from_dirfd, from, to_dirfd, to, flags);
}
int ForwardingFileSystem::Link(int from_dirfd, const char* from, int to_dirfd,
                               const char* to) noexcept {
  return target_.Link(from_dirfd, from, to_dirfd, to);
}
int ForwardingFileSystem::Unlink(int dirfd, const char* path, int flags) noexcept {
  return target_.Unlink(dirfd, path, flags);
}
int ForwardingFileSystem::TryLock(int fd, std::uint64_t offset) noexcept {
  return target_.TryLock(fd, offset);
}
int ForwardingFileSystem::Unlock(int fd) noexcept { return target_.Unlock(fd); }
std::int64_t ForwardingFileSystem::FreeBytes(int fd) noexcept { return target_.FreeBytes(fd); }

}  // namespace xnatarchive
