#include <doctest/doctest.h>

#include <cerrno>

#include "base/text.hpp"
#include "fs/directory.hpp"
#include "support/fault_file_system.hpp"
#include "support/temp_tree.hpp"

namespace xnatarchive {
namespace {

const std::string kOld(3000, 'o');
const std::string kNew(5000, 'n');

enum class Before { kAbsent, kPresent };

/// Writes d/f under the fault that `arm` sets at call `n`; false when no call `n` was made.
template <typename Arm>
bool WriteUnderFault(Before before, std::uint64_t n, const Arm& arm, bool may_leave_temporary) {
  CAPTURE(n);
  FaultFileSystem fs;
  TempTree tree(fs);
  tree.MakeDirectories("d");
  if (before == Before::kPresent) tree.Write("d/f", kOld);
  const std::string old_dump = tree.Dump();
  arm(fs);
  const Status status = tree.dir().WriteAtomic("d/f", kNew);
  CHECK(status.ok() == !fs.triggered());
  CAPTURE(fs.fault_call());

  const auto entries = tree.dir().List("d");
  REQUIRE(entries.ok());
  for (const DirectoryEntry& entry : *entries) {
    if (entry.name == "f") continue;
    CHECK(may_leave_temporary);
    CHECK(StartsWith(entry.name, ".xa-"));
    tree.Remove("d/" + entry.name);
  }
  // Only the sync of the directory comes after the rename.
  const bool renamed = status.ok() || (fs.calls() >= 6 && n == 6);
  if (renamed) {
    CHECK(tree.Read("d/f") == kNew);
  } else {
    CHECK(tree.Dump() == old_dump);
  }
  return fs.triggered();
}

}  // namespace

TEST_SUITE("fs.write_atomic") {
  TEST_CASE("a new file appears whole, an old one is replaced whole, nothing else is left") {
    TempTree tree;
    REQUIRE(tree.dir().WriteAtomic("f", kOld).ok());
    REQUIRE(tree.dir().WriteAtomic("f", kNew).ok());
    REQUIRE(tree.dir().WriteAtomic("empty", "").ok());
    CHECK(tree.Read("f") == kNew);
    CHECK(tree.Read("empty") == "");
    const auto entries = tree.dir().List("");
    REQUIRE(entries.ok());
    CHECK(entries->size() == 2);
    CHECK(tree.dir().WriteAtomic("gone/f", kNew).code() == Code::kNotFound);
  }

  TEST_CASE("a failure at any call, once or for good, leaves the old or the new content") {
    using Duration = FaultFileSystem::Duration;
    for (const Before before : {Before::kAbsent, Before::kPresent}) {
      for (const Duration duration : {Duration::kOnce, Duration::kPersistent}) {
        std::uint64_t n = 1;
        for (;; ++n) {
          const auto arm = [&](FaultFileSystem& fs) { fs.FailAt(n, ENOSPC, duration); };
          if (!WriteUnderFault(before, n, arm, duration == Duration::kPersistent)) break;
        }
        CHECK(n == 7);  // create, write, fsync, close, rename, fsync of the directory
      }
    }
  }

  TEST_CASE("a kill at any call, also in the middle of the write, leaves the old or the new") {
    for (const Before before : {Before::kAbsent, Before::kPresent}) {
      for (const bool half_write : {false, true}) {
        std::uint64_t n = 1;
        for (;; ++n) {
          const auto arm = [&](FaultFileSystem& fs) { fs.KillAt(n, half_write); };
          if (!WriteUnderFault(before, n, arm, true)) break;
        }
        CHECK(n == 7);
      }
    }
  }

  TEST_CASE("a failure says what the disk said") {
    FaultFileSystem fs;
    TempTree tree(fs);
    fs.FailAt(2, ENOSPC, FaultFileSystem::Duration::kOnce);
    const Status status = tree.dir().WriteAtomic("f", kNew);
    CHECK_FALSE(status.ok());
    CHECK(status.code() == Code::kNoSpace);
    CHECK(status.reason() == "fs.write");
    CHECK(status.path() == "f");
    CHECK(status.os_errno() == ENOSPC);
  }
}

}  // namespace xnatarchive
