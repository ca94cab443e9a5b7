#include "fs/open_beneath.hpp"

#include <doctest/doctest.h>
#include <fcntl.h>
#include <unistd.h>

#include <atomic>
#include <cerrno>
#include <string>
#include <thread>

#include "support/temp_tree.hpp"

namespace xnatarchive {
namespace {

using Opener = int (*)(int, const char*, int, unsigned) noexcept;

/// Opens, closes, and returns 0 or the negative errno.
int Try(Opener open, int fd, const char* path, int flags) {
  const int opened = open(fd, path, flags, 0644);
  if (opened < 0) return opened;
  close(opened);
  return 0;
}

void CheckRules(Opener open) {
  TempTree tree;
  tree.Write("root/d/f", "bytes");
  tree.Write("outside/secret", "secret");
  tree.Symlink("../outside", "root/dirlink");
  tree.Symlink("../outside/secret", "root/filelink");
  tree.Symlink("f", "root/d/inside");
  tree.Symlink("loop", "root/loop");
  tree.Symlink("nowhere", "root/dangling");
  const Result<Directory> root = tree.dir().OpenSubdirectory("root");
  REQUIRE(root.ok());
  const auto result = [&](const char* path, int flags) {
    return Try(open, root->fd(), path, flags);
  };
  CHECK(result("d/f", O_RDONLY) == 0);
  CHECK(result("d", O_RDONLY | O_DIRECTORY) == 0);
  CHECK(result(".", O_RDONLY | O_DIRECTORY) == 0);
  CHECK(result("d/new", O_WRONLY | O_CREAT | O_EXCL) == 0);
  CHECK(result("d/new", O_WRONLY | O_CREAT | O_EXCL) == -EEXIST);
  CHECK(result("", O_RDONLY) == -ENOENT);
  CHECK(result("gone", O_RDONLY) == -ENOENT);
  CHECK(result("gone/f", O_RDONLY) == -ENOENT);
  CHECK(result("d/f/g", O_RDONLY) == -ENOTDIR);
  CHECK(result("d/f", O_RDONLY | O_DIRECTORY) == -ENOTDIR);
  CHECK(result("/etc/passwd", O_RDONLY) == -EXDEV);
  CHECK(result("..", O_RDONLY | O_DIRECTORY) == -EXDEV);
  CHECK(result("d/../../outside/secret", O_RDONLY) == -EXDEV);
  CHECK(result("dirlink", O_RDONLY | O_DIRECTORY) == -ELOOP);
  CHECK(result("dirlink/secret", O_RDONLY) == -ELOOP);
  CHECK(result("dirlink/new", O_WRONLY | O_CREAT) == -ELOOP);
  CHECK(result("filelink", O_RDONLY) == -ELOOP);
  CHECK(result("filelink", O_WRONLY | O_CREAT) == -ELOOP);
  CHECK(result("filelink", O_WRONLY | O_CREAT | O_EXCL) == -EEXIST);
  CHECK(result("d/inside", O_RDONLY) == -ELOOP);
  CHECK(result("loop", O_RDONLY) == -ELOOP);
  CHECK(result("loop/f", O_RDONLY) == -ELOOP);
  CHECK(result("dangling", O_RDONLY) == -ELOOP);
  CHECK(result("dangling", O_WRONLY | O_CREAT) == -ELOOP);
  CHECK(result((std::string(256, 'x') + "/f").c_str(), O_RDONLY) == -ENAMETOOLONG);
  CHECK(tree.Dump("outside").find("new") == std::string::npos);
}

/// Opens "d/f" many times while another thread swaps "d" with a link that leads out.
void CheckSwap(Opener open) {
  TempTree tree;
  tree.Write("root/d/f", "in");
  tree.Write("outside/f", "out");
  tree.Symlink("../outside", "root/link");
  const Result<Directory> root = tree.dir().OpenSubdirectory("root");
  REQUIRE(root.ok());
  std::atomic<bool> stop{false};
  std::thread attacker([&] {
    while (!stop) {
      IgnoreError(root->Rename("d", *root, "link", RenameMode::kExchange), "swapping for ever");
    }
  });
  int opened = 0;
  int escaped = 0;
  // A slow machine may see the link for all of 5,000 tries: more, until one was seen to succeed.
  for (int i = 0; i < 5000 || (opened == 0 && i < 5'000'000); ++i) {
    const int fd = open(root->fd(), "d/f", O_RDONLY, 0);
    if (fd < 0) continue;
    char bytes[4];
    ++opened;
    if (read(fd, bytes, sizeof bytes) != 2) ++escaped;
    close(fd);
  }
  stop = true;
  attacker.join();
  CHECK(escaped == 0);
  CHECK(opened > 0);
}

}  // namespace

TEST_SUITE("fs.open_beneath") {
  TEST_CASE("the kernel's resolver: no link, no absolute path, no way out") {
    CheckRules(OpenBeneath);
  }
  TEST_CASE("the chain for older kernels keeps the same rules, errno for errno") {
    CheckRules(OpenBeneathByChain);
  }
  TEST_CASE("a directory swapped for a link meanwhile never lets an open out of the tree") {
    CheckSwap(OpenBeneath);
    CheckSwap(OpenBeneathByChain);
  }
  TEST_CASE("the chain leaves no descriptor open, whether it succeeds or fails") {
    TempTree tree;
    tree.Write("a/b/c/f", "x");
    const int before = dup(tree.dir().fd());
    close(before);
    for (const char* path : {"a/b/c/f", "a/b/c/gone", "a/b/gone/f", "a/b/../b", "a/b/c/f/g"}) {
      Try(OpenBeneathByChain, tree.dir().fd(), path, O_RDONLY);
    }
    const int after = dup(tree.dir().fd());
    close(after);
    CHECK(after == before);
  }
}

}  // namespace xnatarchive
