#include <doctest/doctest.h>
#include <sys/stat.h>

#include <cerrno>
#include <thread>

#include "fs/directory.hpp"
#include "support/fault_file_system.hpp"
#include "support/temp_tree.hpp"

namespace xnatarchive {
namespace {

std::string WalkedPaths(const Directory& dir, const char* path) {
  std::string paths;
  const Status status = dir.Walk(path, [&](const WalkEntry& entry) {
    paths += entry.path + " ";
    return Status();
  });
  CHECK(status.ok());
  return paths;
}

std::string Nested(std::size_t depth) {
  std::string path = "d";
  for (std::size_t i = 1; i < depth; ++i) path += "/d";
  return path;
}

}  // namespace

TEST_SUITE("fs.walk") {
  TEST_CASE("parents come before children and names in byte order; links are not followed") {
    TempTree tree;
    tree.Write("s/b/2", "x");
    tree.Write("s/b/10", "xyz");
    tree.Write("s/B", "");
    tree.Write("s/b.txt", "");
    tree.Write("outside/f", "");
    tree.MakeDirectories("s/empty");
    tree.Symlink("../outside", "s/a-link");
    CHECK(WalkedPaths(tree.dir(), "s") == "B a-link b b/10 b/2 b.txt empty ");
    CHECK(WalkedPaths(tree.dir(), "s/b") == "10 2 ");
    CHECK(WalkedPaths(tree.dir(), "") ==
          "outside outside/f s s/B s/a-link s/b s/b/10 s/b/2 s/b.txt s/empty ");
  }

  TEST_CASE("each entry carries what stat says") {
    TempTree tree;
    tree.Write("d/f", "12345");
    const Status status = tree.dir().Walk("", [&](const WalkEntry& entry) {
      const Result<FileInfo> info = tree.dir().Stat(entry.path);
      REQUIRE(info.ok());
      CHECK(entry.info.kind == info->kind);
      CHECK(entry.info.size == info->size);
      CHECK(entry.info.inode == info->inode);
      CHECK(entry.info.mtime_ns == info->mtime_ns);
      return Status();
    });
    CHECK(status.ok());
  }

  TEST_CASE("a failing visit ends the walk and is what the walk returns") {
    TempTree tree;
    for (const char* name : {"a", "b", "c"}) tree.Write(name, "");
    int visits = 0;
    const Status status = tree.dir().Walk("", [&](const WalkEntry&) {
      return ++visits == 2 ? Status(Code::kCancelled, "test.stop", "enough") : Status();
    });
    CHECK_FALSE(status.ok());
    CHECK(status.reason() == "test.stop");
    CHECK(visits == 2);
  }

  TEST_CASE("a tree may be 64 directories deep, and no more") {
    TempTree tree;
    tree.MakeDirectories(Nested(63));
    CHECK(WalkedPaths(tree.dir(), "").size() == 63 * 64);
    tree.MakeDirectories(Nested(64));
    const Status status = tree.dir().Walk("", [](const WalkEntry&) { return Status(); });
    CHECK_FALSE(status.ok());
    CHECK(status.reason() == "fs.too-deep");
  }

  TEST_CASE("the root of a walk must be a directory") {
    TempTree tree;
    tree.Write("f", "");
    const auto visit = [](const WalkEntry&) { return Status(); };
    CHECK(tree.dir().Walk("f", visit).code() == Code::kNotFound);
    CHECK(tree.dir().Walk("gone", visit).code() == Code::kNotFound);
  }
}

TEST_SUITE("fs.remove_tree") {
  TEST_CASE("a tree goes whole, what its links point to stays, and so do the neighbours") {
    TempTree tree;
    tree.Write("keep/f", "kept");
    tree.Write("t/a/b/f", "x");
    tree.Write("t/g", "x");
    tree.MakeDirectories("t/empty");
    tree.Symlink("../keep", "t/link");
    tree.Symlink("../../keep/f", "t/a/link");
    tree.Symlink("gone", "t/dangling");
    REQUIRE(mkfifo((tree.path() + "/t/fifo").c_str(), 0600) == 0);
    REQUIRE(tree.dir().RemoveTree("t").ok());
    CHECK(tree.Dump() == "keep/\nkeep/f 4 " + tree.Dump("keep").substr(4));
    tree.Symlink("keep", "link");
    REQUIRE(tree.dir().RemoveTree("link").ok());
    REQUIRE(tree.dir().RemoveTree("keep/f").ok());
    REQUIRE(tree.dir().RemoveTree("keep").ok());
    REQUIRE(tree.dir().RemoveTree("keep").ok());
    CHECK(tree.Dump() == "");
  }

  TEST_CASE("the root itself is never removed") {
    TempTree tree;
    tree.Write("f", "x");
    const Status status = tree.dir().RemoveTree("");
    CHECK(status.code() == Code::kInvalidArgument);
    CHECK(tree.Exists("f"));
  }

  TEST_CASE("what is too deep for a walk can still be removed") {
    TempTree tree;
    tree.MakeDirectories(Nested(200));
    REQUIRE(tree.dir().RemoveTree("d").ok());
    CHECK(tree.Dump() == "");
  }

  TEST_CASE("after a failure at any call the removal can be repeated to the end") {
    FaultFileSystem fs;
    for (std::uint64_t n = 1;; ++n) {
      CAPTURE(n);
      TempTree tree(fs);
      tree.Write("t/a/f", "x");
      tree.Write("t/g", "x");
      fs.Reset();
      fs.FailAt(n, EIO, FaultFileSystem::Duration::kOnce);
      const Status first = tree.dir().RemoveTree("t");
      CHECK(first.ok() != fs.triggered());
      if (!fs.triggered()) {
        CHECK(n == 6);  // the tree fails as a file first, then two files and two directories
        break;
      }
      CHECK(first.code() == Code::kIo);
      REQUIRE(tree.dir().RemoveTree("t").ok());
      CHECK(tree.Dump() == "");
    }
  }

  TEST_CASE("two removals of one tree at once both succeed") {
    TempTree tree;
    for (int i = 0; i < 300; ++i) {
      tree.Write("t/" + std::to_string(i % 10) + "/" + std::to_string(i), "");
    }
    bool other = false;
    std::thread thread([&] { other = tree.dir().RemoveTree("t").ok(); });
    const bool mine = tree.dir().RemoveTree("t").ok();
    thread.join();
    CHECK(mine);
    CHECK(other);
    CHECK(tree.Dump() == "");
  }
}

}  // namespace xnatarchive
