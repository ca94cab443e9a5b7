// small_disk.hpp - a disk that a test can fill.
#ifndef XNATARCHIVE_TESTS_SUPPORT_SMALL_DISK_HPP_
#define XNATARCHIVE_TESTS_SUPPORT_SMALL_DISK_HPP_

#include <doctest/doctest.h>
#include <sched.h>
#include <sys/mount.h>

#include <cstdio>
#include <string>

#include "support/processes.hpp"

namespace xnatarchive {

inline constexpr int kNoMount = 1;  ///< No permission to mount a file system.

/// As an exit status, which has eight bits, is neither 0 nor kNoMount.
inline int Failed(int line) { return 2 + line % 250; }

/// Runs `work` in a child process whose mounts are its own, and checks that it returns 0: neither
/// kNoMount, which skips, nor the line that failed.
template <typename Work>
void WithOwnMounts(const Work& work) {
  const int result = Wait(Fork([&] {
    if (unshare(CLONE_NEWNS) != 0 && unshare(CLONE_NEWUSER | CLONE_NEWNS) != 0) return kNoMount;
    if (mount("none", "/", nullptr, MS_REC | MS_PRIVATE, nullptr) != 0) return kNoMount;
    return work();
  }));
  if (result == kNoMount) {
    MESSAGE("skipped: this process may not mount a file system");
  } else {
    CHECK(result == 0);
  }
}

/// An empty one on `directory`, with the options of tmpfs(5): "size=4m,nr_inodes=10".
inline bool MountSmallDisk(const std::string& directory, const std::string& options) {
  return mount("xa-test", directory.c_str(), "tmpfs", 0, options.c_str()) == 0;
}

/// Gives the one on `directory` another size; it keeps what it holds.
inline bool ResizeSmallDisk(const std::string& directory, const std::string& options) {
  return mount("xa-test", directory.c_str(), "tmpfs", MS_REMOUNT, options.c_str()) == 0;
}

/// Writes `file` until its disk has no byte left.
inline bool FillUp(const std::string& file) {
  std::FILE* const filler = std::fopen(file.c_str(), "wb");
  if (filler == nullptr) return false;
  std::setvbuf(filler, nullptr, _IONBF, 0);
  const std::string bytes(4096, 'x');
  while (std::fwrite(bytes.data(), 1, bytes.size(), filler) == bytes.size()) {
  }
  return std::fclose(filler) == 0;
}

}  // namespace xnatarchive

#endif  // XNATARCHIVE_TESTS_SUPPORT_SMALL_DISK_HPP_
