// Why a lock file is never deleted: a counter that several processes raise under a lock.
#include <doctest/doctest.h>
#include <fcntl.h>
#include <sched.h>
#include <unistd.h>

#include <functional>
#include <stdexcept>
#include <string>
#include <vector>

#include "fs/file_lock.hpp"
#include "support/processes.hpp"
#include "support/temp_tree.hpp"

namespace xnatarchive {
namespace {

constexpr int kProcesses = 4;
constexpr int kRaises = 1000;  // each

/// Reads the counter and writes one more, as anybody would who is alone with it.
void Raise(const std::string& path) {
  const int fd = open(path.c_str(), O_RDWR | O_CLOEXEC);
  long value = 0;
  if (pread(fd, &value, sizeof value, 0) != sizeof value) throw std::runtime_error("read");
  sched_yield();  // others have their chance
  ++value;
  if (pwrite(fd, &value, sizeof value, 0) != sizeof value) throw std::runtime_error("write");
  close(fd);
}

/// How many of the raises are lost when each is done under `locked`.
long LostUpdates(const TempTree& tree,
                 const std::function<void(const std::function<void()>& body)>& locked) {
  const std::string path = tree.path() + "/counter";
  const int fd = open(path.c_str(), O_RDWR | O_CREAT | O_TRUNC | O_CLOEXEC, 0644);
  long value = 0;
  REQUIRE(pwrite(fd, &value, sizeof value, 0) == sizeof value);
  std::vector<pid_t> children;
  for (int i = 0; i < kProcesses; ++i) {
    children.push_back(Fork([&] {
      for (int raise = 0; raise < kRaises; ++raise) locked([&] { Raise(path); });
      return 0;
    }));
  }
  for (const pid_t child : children) REQUIRE(Wait(child) == 0);
  REQUIRE(pread(fd, &value, sizeof value, 0) == sizeof value);
  close(fd);
  return kProcesses * kRaises - value;
}

void UnderFileLock(const TempTree& tree, const std::function<void()>& body) {
  const Result<Directory> directory = Directory::Open(PosixFileSystem(), tree.path());
  if (!directory.ok()) throw std::runtime_error(directory.status().ToString());
  for (;;) {
    const Result<FileLock> lock = FileLock::TryAcquire(*directory, "locks", "key");
    if (lock.ok()) return body();
    if (lock.status().code() != Code::kLocked) throw std::runtime_error(lock.status().ToString());
    sched_yield();
  }
}

/// A lock that tidies up after itself: who waits for the deleted file and who makes a new one both
/// hold "the" lock.
void UnderDeletedLockFile(const TempTree& tree, const std::function<void()>& body) {
  const std::string path = tree.path() + "/lock";
  const int fd = open(path.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0644);
  struct flock whole = {};
  whole.l_type = F_WRLCK;
  if (fcntl(fd, F_OFD_SETLKW, &whole) != 0) throw std::runtime_error("lock");
  body();
  close(fd);
  unlink(path.c_str());
}

}  // namespace

TEST_SUITE("crash.lock_race") {
  TEST_CASE("under the library's lock no update is lost; under one whose file is deleted, many") {
    TempTree tree;
    const long kept = LostUpdates(tree, [&](const auto& body) { UnderFileLock(tree, body); });
    const long deleted =
        LostUpdates(tree, [&](const auto& body) { UnderDeletedLockFile(tree, body); });
    MESSAGE("lock: " << kProcesses * kRaises << " updates, " << kept
                     << " lost; with a deleted lock file " << deleted << " lost");
    CHECK(kept == 0);
    CHECK(deleted > kProcesses * kRaises / 100);
  }
}

}  // namespace xnatarchive
