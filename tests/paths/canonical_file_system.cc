#include "paths/canonical_file_system.hpp"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <climits>
#include <cstdio>
#include <cstdlib>

namespace xnatarchive {
namespace {

/// Empty when it does not exist.
std::string Canonical(const std::string& path) {
  char resolved[PATH_MAX];
  return realpath(path.c_str(), resolved) == nullptr ? std::string() : std::string(resolved);
}

int ErrnoOr(int result) { return result < 0 ? -errno : result; }

}  // namespace

std::string CanonicalFileSystem::Check(int dirfd, const char* path, int* result) {
  const Opened from = Find(dirfd);
  const std::string full = *path == '\0' ? from.path : from.path + "/" + path;
  const std::string directory = Canonical(full.substr(0, full.rfind('/')));
  const bool inside = (directory + "/").compare(0, from.root.size() + 1, from.root + "/") == 0 ||
                      Canonical(full) == from.root;
  *result = directory.empty() ? -ENOENT : inside ? 0 : -EXDEV;
  between_();
  return full;
}

CanonicalFileSystem::Opened CanonicalFileSystem::Find(int fd) {
  const std::lock_guard<std::mutex> lock(mutex_);
  return opened_[fd];
}

int CanonicalFileSystem::Remember(int fd, const std::string& path, const std::string& root) {
  if (fd < 0) return fd;
  const std::lock_guard<std::mutex> lock(mutex_);
  opened_[fd] = {path, root};
  return fd;
}

int CanonicalFileSystem::OpenRoot(const char* path) noexcept {
  const std::string root = Canonical(path);
  return Remember(ForwardingFileSystem::OpenRoot(path), root, root);
}

int CanonicalFileSystem::Open(int dirfd, const char* path, int flags, unsigned mode) noexcept {
  int result = 0;
  const std::string full = Check(dirfd, path, &result);
  if (result < 0) return result;
  const int fd = ErrnoOr(open(full.c_str(), flags | O_CLOEXEC | O_NOFOLLOW, mode));
  return Remember(fd, full, Find(dirfd).root);
}

int CanonicalFileSystem::Close(int fd) noexcept {
  {
    const std::lock_guard<std::mutex> lock(mutex_);
    opened_.erase(fd);
  }
  return ForwardingFileSystem::Close(fd);
}

int CanonicalFileSystem::Stat(int fd, const char* path, FileInfo* info) noexcept {
  if (*path == '\0') return ForwardingFileSystem::Stat(fd, path, info);
  int result = 0;
  const std::string full = Check(fd, path, &result);
  return result < 0 ? result : ForwardingFileSystem::Stat(AT_FDCWD, full.c_str(), info);
}

int CanonicalFileSystem::MkDir(int dirfd, const char* path, unsigned mode) noexcept {
  int result = 0;
  const std::string full = Check(dirfd, path, &result);
  return result < 0 ? result : ErrnoOr(mkdir(full.c_str(), mode));
}

int CanonicalFileSystem::Rename(int from_dirfd, const char* from, int to_dirfd, const char* to,
                                unsigned flags) noexcept {
  int result = 0;
  const std::string source = Check(from_dirfd, from, &result);
  if (result < 0) return result;
  const std::string target = Check(to_dirfd, to, &result);
  if (result < 0) return result;
  return ErrnoOr(renameat2(AT_FDCWD, source.c_str(), AT_FDCWD, target.c_str(), flags));
}

int CanonicalFileSystem::Link(int from_dirfd, const char* from, int to_dirfd,
                              const char* to) noexcept {
  int result = 0;
  const std::string source = Check(from_dirfd, from, &result);
  if (result < 0) return result;
  const std::string target = Check(to_dirfd, to, &result);
  return result < 0 ? result : ErrnoOr(link(source.c_str(), target.c_str()));
}

int CanonicalFileSystem::Unlink(int dirfd, const char* path, int flags) noexcept {
  int result = 0;
  const std::string full = Check(dirfd, path, &result);
  return result < 0 ? result : ErrnoOr(unlinkat(AT_FDCWD, full.c_str(), flags));
}

}  // namespace xnatarchive
