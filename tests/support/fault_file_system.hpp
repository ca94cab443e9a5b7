// fault_file_system.hpp - a disk that fails when told to.
//
// Run an operation once to learn how many changing calls it makes, then once for each of them with
// that call failing: whatever happens in between, the disk must hold the old state or the new one.
#ifndef XNATARCHIVE_TESTS_SUPPORT_FAULT_FILE_SYSTEM_HPP_
#define XNATARCHIVE_TESTS_SUPPORT_FAULT_FILE_SYSTEM_HPP_

#include <cerrno>
#include <cstdint>
#include <mutex>
#include <set>
#include <string>

#include "xnatarchive/file_system.hpp"

namespace xnatarchive {

/// Counts the calls that change the disk (Open with O_CREAT, Write, CopyFileRange, Truncate,
/// SetTimes, FSync, SyncFs, MkDir, Rename, Link, Unlink, Close of a file opened for writing) and
/// fails those it is told to. Calls are numbered from 1, over all threads.
class FaultFileSystem : public ForwardingFileSystem {
 public:
  /// What every changing call returns after a kill; no Linux file call gives it.
  static constexpr int kKilledErrno = EOWNERDEAD;

  enum class Duration { kOnce, kPersistent };

  explicit FaultFileSystem(FileSystem& target = PosixFileSystem()) : ForwardingFileSystem(target) {}

  /// Changing call number `n` (and with kPersistent all after it) fails with `error`, a positive
  /// errno, doing nothing. A failing Close does close.
  void FailAt(std::uint64_t n, int error, Duration duration);
  /// The process "dies" before changing call `n`: from there on nothing reaches the disk and
  /// every such call fails with kKilledErrno. With `half_write`, a Write or CopyFileRange that is
  /// call `n` first writes half of its bytes.
  void KillAt(std::uint64_t n, bool half_write = false);
  /// No faults, counting from 1 again.
  void Reset();

  std::uint64_t calls() const;     ///< Changing calls so far, failed ones included.
  bool triggered() const;          ///< Whether any call has been made to fail.
  std::string fault_call() const;  ///< The first that was, such as "rename"; else empty.

  int Open(int dirfd, const char* path, int flags, unsigned mode) noexcept override;
  int Close(int fd) noexcept override;
  std::int64_t Write(int fd, const void* buffer, std::size_t size) noexcept override;
  std::int64_t CopyFileRange(int from, int to, std::size_t size) noexcept override;
  int Truncate(int fd, std::uint64_t size) noexcept override;
  int SetTimes(int fd, std::int64_t mtime_ns) noexcept override;
  int FSync(int fd) noexcept override;
  int SyncFs(int fd) noexcept override;
  int MkDir(int dirfd, const char* path, unsigned mode) noexcept override;
  int Rename(int from_dirfd, const char* from, int to_dirfd, const char* to,
             unsigned flags) noexcept override;
  int Link(int from_dirfd, const char* from, int to_dirfd, const char* to) noexcept override;
  int Unlink(int dirfd, const char* path, int flags) noexcept override;

 private:
  /// Counts one changing call. 0: do it; else the negative errno to fail with. `halve` is set when
  /// half of the bytes are to be written before failing.
  int Count(const char* call, bool* halve = nullptr) noexcept;

  mutable std::mutex mutex_;
  std::uint64_t calls_ = 0;
  std::uint64_t fault_at_ = 0;  // 0: never
  int error_ = 0;
  bool persistent_ = false;
  bool half_write_ = false;
  const char* fault_call_ = "";
  std::set<int> written_;  // descriptors opened for writing
};

/// A way in which a disk stops at a changing call.
struct FaultMode {
  const char* name;
  int error;  ///< 0: the process dies.
  FaultFileSystem::Duration duration;
  bool halves = false;  ///< Dying, it leaves half of every write; else of every other one.

  void Arm(std::uint64_t n, FaultFileSystem* disk) const {
    if (error == 0) {
      disk->KillAt(n, halves || n % 2 == 0);
    } else {
      disk->FailAt(n, error, duration);
    }
  }
};
/// Which calls fail in turn: every one, or with a sanitizer, which looks at our code and takes five
/// times as long, every fifth.
#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
inline constexpr std::uint64_t kFaultStep = 5;
#else
inline constexpr std::uint64_t kFaultStep = 1;
#endif

inline constexpr FaultMode kFaultModes[] = {
    {"kill", 0, FaultFileSystem::Duration::kPersistent},
    {"ENOSPC", ENOSPC, FaultFileSystem::Duration::kPersistent},
    {"EIO once", EIO, FaultFileSystem::Duration::kOnce}};

}  // namespace xnatarchive

#endif  // XNATARCHIVE_TESTS_SUPPORT_FAULT_FILE_SYSTEM_HPP_
