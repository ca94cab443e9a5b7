#include "fs/file_lock.hpp"

#include <doctest/doctest.h>
#include <sys/wait.h>
#include <unistd.h>

#include <atomic>
#include <csignal>
#include <optional>
#include <thread>
#include <vector>

#include "support/temp_tree.hpp"

namespace xnatarchive {
namespace {

constexpr char kLockFile[] = ".xa/locks/sessions";

/// Whether a process of its own can take the lock. A child only makes the attempt and exits.
bool OtherProcessCanLock(TempTree& tree, const char* key) {
  const pid_t child = fork();
  if (child == 0) {
    const Result<Directory> dir = Directory::Open(PosixFileSystem(), tree.path());
    _exit(dir.ok() && FileLock::TryAcquire(*dir, kLockFile, key).ok() ? 0 : 1);
  }
  int status = 0;
  REQUIRE(waitpid(child, &status, 0) == child);
  return WIFEXITED(status) && WEXITSTATUS(status) == 0;
}

}  // namespace

TEST_SUITE("fs.file_lock") {
  TEST_CASE("a held lock is refused to everybody, this thread included, until it is dropped") {
    TempTree tree;
    std::optional<Result<FileLock>> lock(FileLock::TryAcquire(tree.dir(), kLockFile, "P/S"));
    REQUIRE(lock->ok());
    const Result<FileLock> again = FileLock::TryAcquire(tree.dir(), kLockFile, "P/S");
    CHECK(again.status().code() == Code::kLocked);
    CHECK(again.status().reason() == "lock.held");
    bool other_thread = true;
    std::thread([&] {
      other_thread = FileLock::TryAcquire(tree.dir(), kLockFile, "P/S").ok();
    }).join();
    CHECK_FALSE(other_thread);
    CHECK_FALSE(OtherProcessCanLock(tree, "P/S"));
    CHECK(OtherProcessCanLock(tree, "P/T"));
    CHECK(FileLock::TryAcquire(tree.dir(), kLockFile, "P/T").ok());
    lock.reset();
    CHECK(OtherProcessCanLock(tree, "P/S"));
    CHECK(FileLock::TryAcquire(tree.dir(), kLockFile, "P/S").ok());
  }

  TEST_CASE("one open file holds several locks, each as strong as one of its own") {
    TempTree tree;
    {
      Result<FileLock> lock = FileLock::TryAcquire(tree.dir(), kLockFile, "P/S");
      REQUIRE(lock.ok());
      CHECK(lock->Add("P/T").ok());
      CHECK(lock->Add("P/T").ok());
      CHECK(lock->Add("P/S").ok());
      CHECK_FALSE(OtherProcessCanLock(tree, "P/S"));
      CHECK_FALSE(OtherProcessCanLock(tree, "P/T"));
      CHECK(OtherProcessCanLock(tree, "P/U"));
      CHECK(FileLock::TryAcquire(tree.dir(), kLockFile, "P/T").status().reason() == "lock.held");
      const Result<FileLock> other = FileLock::TryAcquire(tree.dir(), kLockFile, "P/U");
      REQUIRE(other.ok());
      const Status refused = lock->Add("P/U");
      CHECK(refused.code() == Code::kLocked);
      CHECK(refused.reason() == "lock.held");
      CHECK_FALSE(OtherProcessCanLock(tree, "P/T"));
    }
    CHECK(OtherProcessCanLock(tree, "P/S"));
    CHECK(OtherProcessCanLock(tree, "P/T"));
  }

  TEST_CASE("closing another descriptor of the lock file does not drop the lock") {
    TempTree tree;
    const Result<FileLock> lock = FileLock::TryAcquire(tree.dir(), kLockFile, "P/S");
    REQUIRE(lock.ok());
    REQUIRE(tree.dir().ReadFile(kLockFile, 10).ok());
    REQUIRE(FileLock::TryAcquire(tree.dir(), kLockFile, "other").ok());
    CHECK_FALSE(OtherProcessCanLock(tree, "P/S"));
  }

  TEST_CASE("a moved lock is held by its new owner only") {
    TempTree tree;
    Result<FileLock> lock = FileLock::TryAcquire(tree.dir(), kLockFile, "P/S");
    REQUIRE(lock.ok());
    {
      const FileLock owner = std::move(*lock);
      CHECK_FALSE(OtherProcessCanLock(tree, "P/S"));
    }
    CHECK(OtherProcessCanLock(tree, "P/S"));
  }

  TEST_CASE("a child that was forked while a lock was held does not keep it") {
    TempTree tree;
    int end[2];
    REQUIRE(pipe(end) == 0);
    pid_t child = -1;
    {
      const Result<FileLock> lock = FileLock::TryAcquire(tree.dir(), kLockFile, "P/S");
      REQUIRE(lock.ok());
      child = fork();
      if (child == 0) {
        char byte;
        close(end[1]);
        _exit(read(end[0], &byte, 1) == 0 ? 0 : 1);  // until the parent is done
      }
      CHECK_FALSE(OtherProcessCanLock(tree, "P/S"));
    }
    CHECK(OtherProcessCanLock(tree, "P/S"));
    close(end[1]);
    close(end[0]);
    REQUIRE(waitpid(child, nullptr, 0) == child);
  }

  TEST_CASE("the lock of a killed process is free at once, and the lock file stays") {
    TempTree tree;
    int ready[2];
    REQUIRE(pipe(ready) == 0);
    const pid_t owner = fork();
    if (owner == 0) {
      const Result<Directory> dir = Directory::Open(PosixFileSystem(), tree.path());
      if (!dir.ok()) _exit(1);
      const Result<FileLock> lock = FileLock::TryAcquire(*dir, kLockFile, "P/S");
      if (!lock.ok() || write(ready[1], "x", 1) != 1) _exit(1);
      for (;;) pause();
    }
    char byte;
    REQUIRE(read(ready[0], &byte, 1) == 1);
    CHECK(FileLock::TryAcquire(tree.dir(), kLockFile, "P/S").status().code() == Code::kLocked);
    kill(owner, SIGKILL);
    REQUIRE(waitpid(owner, nullptr, 0) == owner);
    CHECK(FileLock::TryAcquire(tree.dir(), kLockFile, "P/S").ok());
    CHECK(tree.Exists(kLockFile));
    close(ready[0]);
    close(ready[1]);
  }

  TEST_CASE("threads that count under the lock lose no update") {
    TempTree tree;
    constexpr int kRounds = 500;
    std::atomic<int> count{0};
    std::atomic<int> inside{0};
    std::atomic<bool> overlap{false};
    const auto work = [&] {
      for (int done = 0; done < kRounds;) {
        const Result<FileLock> lock = FileLock::TryAcquire(tree.dir(), kLockFile, "P/S");
        if (!lock.ok()) {
          std::this_thread::yield();
          continue;
        }
        if (++inside != 1) overlap = true;
        const int read = count;  // read, wait, write: what loses updates without the lock
        std::this_thread::yield();
        count = read + 1;
        --inside;
        ++done;
      }
    };
    std::vector<std::thread> threads;
    for (int i = 0; i < 3; ++i) threads.emplace_back(work);
    for (std::thread& thread : threads) thread.join();
    CHECK(count == 3 * kRounds);
    CHECK_FALSE(overlap);
  }

  TEST_CASE("a lock file that is a link, or outside the tree, is refused") {
    TempTree tree;
    tree.Symlink("elsewhere", "link");
    for (const char* path : {"link", "../locks", "/tmp/locks", ""}) {
      CHECK(FileLock::TryAcquire(tree.dir(), path, "k").status().code() == Code::kInvalidArgument);
    }
    CHECK_FALSE(tree.Exists("elsewhere"));
  }
}

}  // namespace xnatarchive
