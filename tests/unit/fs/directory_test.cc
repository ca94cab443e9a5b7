#include "fs/directory.hpp"

#include <doctest/doctest.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <functional>

#include "support/fault_file_system.hpp"
#include "support/temp_tree.hpp"

namespace xnatarchive {
namespace {

/// "code/reason" of a failure, "ok" otherwise: one line to compare.
std::string Outcome(const Status& status) {
  if (status.ok()) return "ok";
  return std::string(CodeName(status.code())) + "/" + std::string(status.reason());
}
template <typename T>
std::string Outcome(const Result<T>& result) {
  return Outcome(result.status());
}

/// Every operation that takes a path, tried on `path`.
std::vector<std::string> TryAll(TempTree& tree, const std::string& path) {
  const Directory& dir = tree.dir();
  return {Outcome(dir.OpenSubdirectory(path)),
          Outcome(dir.Stat(path)),
          Outcome(dir.Exists(path)),
          Outcome(dir.OpenRead(path)),
          Outcome(dir.Create(path)),
          Outcome(dir.ReadFile(path, 100)),
          Outcome(dir.WriteNew(path, "x")),
          Outcome(dir.WriteAtomic(path, "x")),
          Outcome(dir.MakeDirectory(path)),
          Outcome(dir.MakeDirectories(path)),
          Outcome(dir.List(path)),
          Outcome(dir.Walk(path, [](const WalkEntry&) { return Status(); })),
          Outcome(dir.Rename(path, dir, "to", RenameMode::kReplace)),
          Outcome(dir.Rename("file", dir, path, RenameMode::kReplace)),
          Outcome(dir.Link(path, dir, "to")),
          Outcome(dir.Link("file", dir, path)),
          Outcome(dir.RemoveFile(path)),
          Outcome(dir.RemoveDirectory(path)),
          Outcome(dir.RemoveTree(path)),
          Outcome(dir.SyncFile(path)),
          Outcome(dir.SyncDirectory(path))};
}

}  // namespace

TEST_SUITE("fs.directory") {
  TEST_CASE("every operation refuses every unsafe path and touches nothing") {
    TempTree tree;
    tree.Write("file", "bytes");
    tree.Write("outside/f", "bytes");
    tree.Symlink("outside", "link");
    const std::string before = tree.Dump();
    for (const std::string& path :
         {std::string(".."), std::string("../x"), std::string("a/../../x"), std::string("/tmp/x"),
          std::string("./x"), std::string("a//x"), std::string("a/"), std::string("a\0x", 3),
          std::string(256, 'x'), std::string("link/f"), std::string("link/new/deep")}) {
      CAPTURE(path);
      for (const std::string& outcome : TryAll(tree, path)) {
        CHECK(outcome == "invalid_argument/fs.unsafe-path");
      }
      CHECK(tree.Dump() == before);
    }
  }

  TEST_CASE("a path over PATH_MAX is refused, not cut") {
    TempTree tree;
    std::string path = "a";
    while (path.size() < 5000) path += "/aaaaaaaaa";
    CHECK(Outcome(tree.dir().Stat(path)) == "invalid_argument/fs.unsafe-path");
    CHECK(Outcome(tree.dir().MakeDirectories(path)) == "invalid_argument/fs.unsafe-path");
  }

  TEST_CASE(
      "names of 255 bytes, control characters and invalid UTF-8 on the disk can be worked on") {
    TempTree tree;
    const Directory& dir = tree.dir();
    for (const std::string& name : {std::string(255, 'n'), std::string("a\nb"),
                                    std::string("\xFF\xFE"), std::string("c\\d %2e")}) {
      CAPTURE(name);
      REQUIRE(dir.MakeDirectory(name).ok());
      REQUIRE(dir.WriteNew(JoinPath(name, name), "x").ok());
      CHECK(tree.Read(JoinPath(name, name)) == "x");
      REQUIRE(dir.Rename(name, dir, "moved", RenameMode::kNoReplace).ok());
      REQUIRE(dir.RemoveTree("moved").ok());
    }
    CHECK(tree.Dump() == "");
  }

  TEST_CASE("links are seen and can be removed, but never followed") {
    TempTree tree;
    tree.Write("target", "bytes");
    tree.Symlink("target", "link");
    tree.Symlink("loop", "loop");
    const Directory& dir = tree.dir();
    for (const char* name : {"link", "loop"}) {
      const Result<FileInfo> info = dir.Stat(name);
      REQUIRE(info.ok());
      CHECK(info->kind == FileKind::kSymlink);
      CHECK(Outcome(dir.OpenRead(name)) == "invalid_argument/fs.unsafe-path");
      CHECK(Outcome(dir.OpenSubdirectory(name)) == "invalid_argument/fs.unsafe-path");
      CHECK(Outcome(dir.Create(name)) == "already_exists/fs.open");
      CHECK(Outcome(dir.MakeDirectories(name)) == "already_exists/fs.mkdir");
      REQUIRE(dir.RemoveFile(name).ok());
    }
    CHECK(tree.Read("target") == "bytes");
  }

  TEST_CASE("writing atomically over a link replaces the link, not what it points to") {
    TempTree tree;
    tree.Write("target", "bytes");
    tree.Symlink("target", "link");
    REQUIRE(tree.dir().WriteAtomic("link", "new").ok());
    CHECK(tree.Read("target") == "bytes");
    CHECK(tree.Read("link") == "new");
  }

  TEST_CASE("content that fails half-way: what was there stays, and no temporary file") {
    TempTree tree;
    tree.Write("file", "old");
    const FileContent half = [](File& file) {
      REQUIRE(file.Write("ha", 2).ok());
      return Status(Code::kInternal, "test.half", "no more");
    };
    CHECK(Outcome(tree.dir().WriteAtomic("file", half)) == "internal/test.half");
    CHECK(tree.Read("file") == "old");
    CHECK(tree.dir().List("")->size() == 1);
    CHECK(Outcome(tree.dir().WriteNew("new", half)) == "internal/test.half");
    const FileContent whole = [](File& file) {
      Status first = file.Write("who", 3);
      return first.ok() ? file.Write("le", 2) : first;
    };
    REQUIRE(tree.dir().WriteAtomic("file", whole).ok());
    CHECK(tree.Read("file") == "whole");
  }

  TEST_CASE("only regular files are read: a FIFO, socket, device or directory does not hang us") {
    TempTree tree;
    REQUIRE(mkfifo((tree.path() + "/fifo").c_str(), 0600) == 0);
    tree.MakeDirectories("directory");
    const int listener = socket(AF_UNIX, SOCK_STREAM, 0);
    sockaddr_un address{};
    address.sun_family = AF_UNIX;
    std::strncpy(address.sun_path, (tree.path() + "/socket").c_str(), sizeof address.sun_path - 1);
    REQUIRE(bind(listener, reinterpret_cast<const sockaddr*>(&address), sizeof address) == 0);
    for (const char* name : {"fifo", "directory", "socket"}) {
      CAPTURE(name);
      CHECK(Outcome(tree.dir().OpenRead(name)) == "invalid_argument/fs.not-a-file");
      CHECK(Outcome(tree.dir().ReadFile(name, 10)) == "invalid_argument/fs.not-a-file");
    }
    close(listener);
  }

  TEST_CASE("what is not there is not found; a file in the way of a directory neither") {
    TempTree tree;
    tree.Write("f", "x");
    const Directory& dir = tree.dir();
    for (const char* path : {"gone", "gone/deeper", "f/below"}) {
      CAPTURE(path);
      CHECK(dir.Stat(path).status().code() == Code::kNotFound);
      CHECK(dir.OpenRead(path).status().code() == Code::kNotFound);
      CHECK(dir.List(path).status().code() == Code::kNotFound);
      CHECK(dir.RemoveFile(path).code() == Code::kNotFound);
      CHECK(dir.RemoveTree(path).ok());
      const Result<bool> exists = dir.Exists(path);
      REQUIRE(exists.ok());
      CHECK_FALSE(*exists);
    }
    CHECK(Outcome(dir.MakeDirectories("f/below")) == "already_exists/fs.mkdir");
    CHECK(Directory::Open(PosixFileSystem(), tree.path() + "/f").status().code() ==
          Code::kNotFound);
    CHECK(Outcome(Directory::Open(PosixFileSystem(), "")) == "invalid_argument/fs.unsafe-path");
  }

  TEST_CASE("files: created once, read whole or not at all, up to the limit") {
    TempTree tree;
    const Directory& dir = tree.dir();
    REQUIRE(dir.WriteNew("f", "12345").ok());
    CHECK(Outcome(dir.WriteNew("f", "other")) == "already_exists/fs.open");
    const Result<std::string> five = dir.ReadFile("f", 5);
    REQUIRE(five.ok());
    CHECK(*five == "12345");
    CHECK(Outcome(dir.ReadFile("f", 4)) == "corruption/fs.too-large");
    REQUIRE(dir.WriteNew("empty", "").ok());
    const Result<std::string> empty = dir.ReadFile("empty", 0);
    REQUIRE(empty.ok());
    CHECK(empty->empty());
    const Result<std::string> unlimited = dir.ReadFile("f", UINT64_MAX);
    REQUIRE(unlimited.ok());
    CHECK(*unlimited == "12345");
  }

  TEST_CASE("an open file reads across the end, at offsets, and carries times to the nanosecond") {
    TempTree tree;
    Result<File> created = tree.dir().Create("f");
    REQUIRE(created.ok());
    REQUIRE(created->Write("abcdef", 6).ok());
    for (const std::int64_t mtime : {std::int64_t{1710774167847123456}, std::int64_t{-1}}) {
      REQUIRE(created->SetModificationTime(mtime).ok());
      const Result<FileInfo> info = created->Info();
      REQUIRE(info.ok());
      CHECK(info->mtime_ns == mtime);
      CHECK(info->size == 6);
      CHECK(info->links == 1);
    }
    REQUIRE(created->Sync().ok());
    REQUIRE(created->Close().ok());
    CHECK_FALSE(created->is_open());
    Result<File> file = tree.dir().OpenRead("f");
    REQUIRE(file.ok());
    char buffer[10] = {};
    Result<std::size_t> n = file->ReadAt(buffer, 2, 3);
    REQUIRE(n.ok());
    CHECK(std::string(buffer, *n) == "de");
    n = file->Read(buffer, sizeof buffer);
    REQUIRE(n.ok());
    CHECK(std::string(buffer, *n) == "abcdef");
    n = file->Read(buffer, sizeof buffer);
    REQUIRE(n.ok());
    CHECK(*n == 0);
  }

  TEST_CASE("directories: made with parents, listed in byte order, removed only when empty") {
    TempTree tree;
    const Directory& dir = tree.dir();
    CHECK(Outcome(dir.MakeDirectory("a/b")) == "not_found/fs.open");
    REQUIRE(dir.MakeDirectories("a/b/c").ok());
    REQUIRE(dir.MakeDirectories("a/b/c").ok());
    REQUIRE(dir.MakeDirectories("").ok());
    CHECK(Outcome(dir.MakeDirectory("a/b")) == "already_exists/fs.mkdir");
    tree.Write("a/Z", "");
    tree.Write("a/10", "");
    tree.Symlink("Z", "a/link");
    const auto entries = dir.List("a");
    REQUIRE(entries.ok());
    std::string names;
    for (const DirectoryEntry& entry : *entries) {
      names += entry.name + ":" + std::to_string(static_cast<int>(entry.kind)) + " ";
    }
    CHECK(names == "10:0 Z:0 b:1 link:2 ");
    CHECK(Outcome(dir.RemoveDirectory("a")) == "already_exists/fs.rmdir");
    REQUIRE(dir.RemoveDirectory("a/b/c").ok());
    const Result<Directory> sub = dir.OpenSubdirectory("a");
    REQUIRE(sub.ok());
    CHECK(sub->path() == tree.path() + "/a");
    const Result<bool> exists = sub->Exists("b");
    REQUIRE(exists.ok());
    CHECK(*exists);
  }

  TEST_CASE("rename: refuses, replaces or exchanges, within and between trees") {
    TempTree a;
    TempTree b;
    a.Write("d/one", "1");
    a.Write("two", "2");
    b.Write("e/three", "3");
    const auto rename = [&](const char* from, const char* to, RenameMode mode) {
      return Outcome(a.dir().Rename(from, b.dir(), to, mode));
    };
    CHECK(rename("d/one", "e/three", RenameMode::kNoReplace) == "already_exists/fs.rename");
    CHECK(rename("d/one", "e/three", RenameMode::kExchange) == "ok");
    CHECK(a.Read("d/one") == "3");
    CHECK(b.Read("e/three") == "1");
    CHECK(rename("two", "e/three", RenameMode::kReplace) == "ok");
    CHECK(b.Read("e/three") == "2");
    CHECK(rename("d", "moved", RenameMode::kNoReplace) == "ok");
    CHECK(b.Read("moved/one") == "3");
    CHECK(a.Dump() == "");
    CHECK(rename("gone", "x", RenameMode::kNoReplace) == "not_found/fs.rename");
    CHECK(rename("gone", "no/x", RenameMode::kReplace) == "not_found/fs.open");
  }

  TEST_CASE("rename without replacing works where the file system does not know the flag") {
    class OldFileSystem : public ForwardingFileSystem {
     public:
      OldFileSystem() : ForwardingFileSystem(PosixFileSystem()) {}
      int Rename(int from_dirfd, const char* from, int to_dirfd, const char* to,
                 unsigned flags) noexcept override {
        return flags != 0 ? -EINVAL
                          : ForwardingFileSystem::Rename(from_dirfd, from, to_dirfd, to, flags);
      }
    } fs;
    TempTree tree(fs);
    tree.Write("a", "a");
    tree.Write("b", "b");
    const Directory& dir = tree.dir();
    CHECK(Outcome(dir.Rename("a", dir, "b", RenameMode::kNoReplace)) == "already_exists/fs.rename");
    CHECK(Outcome(dir.Rename("a", dir, "c", RenameMode::kNoReplace)) == "ok");
    CHECK(Outcome(dir.Rename("c", dir, "b", RenameMode::kExchange)) == "io/fs.rename");
    CHECK(tree.Read("b") == "b");
    CHECK(tree.Read("c") == "a");
  }

  TEST_CASE("link gives a file a second name and never replaces one") {
    TempTree tree;
    tree.Write("a/f", "x");
    tree.Write("g", "y");
    const Directory& dir = tree.dir();
    REQUIRE(dir.Link("a/f", dir, "a/h").ok());
    CHECK(Outcome(dir.Link("a/f", dir, "g")) == "already_exists/fs.link");
    const Result<FileInfo> info = dir.Stat("a/h");
    REQUIRE(info.ok());
    CHECK(info->links == 2);
  }

  TEST_CASE("syncing and free space reach the file system") {
    TempTree tree;
    tree.Write("d/f", "x");
    const Directory& dir = tree.dir();
    CHECK(dir.SyncFile("d/f").ok());
    CHECK(dir.SyncDirectory("d").ok());
    CHECK(dir.SyncDirectory("").ok());
    CHECK(dir.SyncFileSystem().ok());
    const Result<std::uint64_t> free = dir.FreeBytes();
    REQUIRE(free.ok());
    CHECK(*free > 0);
  }

  TEST_CASE("a failing disk is reported with its call, code and errno") {
    FaultFileSystem fs;
    TempTree tree(fs);
    const auto fail = [&](int error, const std::function<Status()>& work) {
      fs.Reset();
      fs.FailAt(1, error, FaultFileSystem::Duration::kOnce);
      return Outcome(work());
    };
    const Directory& dir = tree.dir();
    CHECK(fail(EROFS, [&] { return dir.MakeDirectory("d"); }) == "permission/fs.mkdir");
    CHECK(fail(EIO, [&] { return dir.SyncFileSystem(); }) == "io/fs.syncfs");
    CHECK(fail(EDQUOT, [&] { return dir.WriteNew("f", "x"); }) == "no_space/fs.open");
    CHECK(fail(EXDEV, [&] { return dir.Rename("f", dir, "g", RenameMode::kReplace); }) ==
          "io/fs.rename");
    CHECK(tree.Dump() == "");
  }

  TEST_CASE("moved-from trees and files close nothing twice") {
    TempTree tree;
    tree.Write("f", "x");
    Result<Directory> first = Directory::Open(PosixFileSystem(), tree.path());
    REQUIRE(first.ok());
    Directory second = std::move(*first);
    Directory third;
    third = std::move(second);
    Result<File> file = third.OpenRead("f");
    REQUIRE(file.ok());
    File other = std::move(*file);
    CHECK_FALSE(file->is_open());
    CHECK(other.is_open());
    CHECK(third.Exists("f").ok());
  }
}

}  // namespace xnatarchive
