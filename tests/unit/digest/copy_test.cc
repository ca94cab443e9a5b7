#include "digest/copy.hpp"

#include <doctest/doctest.h>
#include <fcntl.h>

#include <cerrno>
#include <set>

#include "support/fault_file_system.hpp"
#include "support/temp_tree.hpp"

namespace xnatarchive {
namespace {

std::string Outcome(const Status& status) {
  if (status.ok()) return "ok";
  return std::string(CodeName(status.code())) + "/" + std::string(status.reason());
}

std::string Content(std::size_t size) {
  std::string content(size, '\0');
  for (std::size_t i = 0; i < size; ++i) content[i] = static_cast<char>(i * 7 + i / 251);
  return content;
}

}  // namespace

TEST_SUITE("digest.copy_file") {
  TEST_CASE("the copy has the bytes, the time and the digests of its source, for every setting") {
    for (const Checksum checksum :
         {Checksum::kMd5AndXxh3, Checksum::kMd5, Checksum::kXxh3, Checksum::kNone}) {
      for (const std::size_t size :
           {std::size_t{0}, std::size_t{5}, std::size_t{1} << 20, (std::size_t{3} << 20) + 17}) {
        CAPTURE(size);
        TempTree from;
        TempTree to;
        const std::string content = Content(size);
        from.Write("a/f", content);
        to.MakeDirectories("b");
        const Result<HashedFile> copied = CopyFile(from.dir(), "a/f", to.dir(), "b/g", checksum);
        REQUIRE(copied.ok());
        CHECK(to.Read("b/g") == content);
        CHECK(copied->digests == Hasher(checksum).Hash(content.data(), content.size()));
        const Result<FileInfo> source = from.dir().Stat("a/f");
        const Result<FileInfo> target = to.dir().Stat("b/g");
        REQUIRE(source.ok());
        REQUIRE(target.ok());
        CHECK(target->mtime_ns == source->mtime_ns);
        CHECK(copied->info.inode == target->inode);
        CHECK(copied->info.size == size);
        CHECK(copied->info.mtime_ns == target->mtime_ns);
        CHECK(copied->info.ctime_ns == target->ctime_ns);
      }
    }
  }

  TEST_CASE("where the kernel cannot copy, bytes are read and written instead") {
    for (const int error : {EXDEV, EINVAL, ENOSYS, EOPNOTSUPP, EPERM}) {
      FaultFileSystem fs;
      TempTree tree(fs);
      tree.Write("f", "12345");
      fs.FailAt(2, error, FaultFileSystem::Duration::kOnce);  // 1 creates the new file
      const Result<HashedFile> copied = CopyFile(tree.dir(), "f", tree.dir(), "g", Checksum::kNone);
      REQUIRE(copied.ok());
      CHECK(fs.fault_call() == "copy_file_range");
      CHECK(tree.Read("g") == "12345");
      CHECK(copied->digests == Digests());
    }
  }

  TEST_CASE("a name that is taken is never overwritten") {
    TempTree tree;
    tree.Write("f", "new");
    tree.Write("g", "old");
    tree.Symlink("h", "link");
    const auto copy = [&](const char* from, const char* to) {
      return Outcome(CopyFile(tree.dir(), from, tree.dir(), to, Checksum::kMd5).status());
    };
    CHECK(copy("f", "g") == "already_exists/fs.open");
    CHECK(copy("f", "link") == "already_exists/fs.open");
    CHECK(copy("link", "x") == "invalid_argument/fs.unsafe-path");
    CHECK(copy("f", "../x") == "invalid_argument/fs.unsafe-path");
    CHECK(copy("gone", "x") == "not_found/fs.open");
    CHECK(copy("f", "gone/x") == "not_found/fs.open");
    CHECK(tree.Read("g") == "old");
    CHECK_FALSE(tree.Exists("h"));
    CHECK_FALSE(tree.Exists("x"));
  }

  TEST_CASE("a failure at any call leaves no copy, and says what failed") {
    for (const Checksum checksum : {Checksum::kMd5AndXxh3, Checksum::kNone}) {
      for (std::uint64_t n = 1;; ++n) {
        CAPTURE(n);
        FaultFileSystem fs;
        TempTree tree(fs);
        tree.Write("f", Content(3 << 20));
        fs.FailAt(n, ENOSPC, FaultFileSystem::Duration::kOnce);
        const Result<HashedFile> copied = CopyFile(tree.dir(), "f", tree.dir(), "g", checksum);
        CHECK(copied.ok() != fs.triggered());
        CHECK(tree.Exists("g") == copied.ok());
        if (copied.ok()) {
          CHECK(n >= 5);  // create, write, utimens, close
          break;
        }
        CHECK(copied.status().code() == Code::kNoSpace);
      }
    }
  }

  TEST_CASE("a source that changes while it is copied is a conflict and leaves no copy") {
    class MeddlingFileSystem : public ForwardingFileSystem {
     public:
      MeddlingFileSystem() : ForwardingFileSystem(PosixFileSystem()) {}
      std::int64_t Read(int fd, void* buffer, std::size_t size) noexcept override {
        const std::int64_t n = ForwardingFileSystem::Read(fd, buffer, size);
        Meddle();
        return n;
      }
      std::int64_t CopyFileRange(int from, int to, std::size_t size) noexcept override {
        const std::int64_t n = ForwardingFileSystem::CopyFileRange(from, to, size);
        Meddle();
        return n;
      }
      void Meddle() noexcept {
        const int fd = Open(dirfd, "f", O_WRONLY | O_APPEND, 0);
        Write(fd, "more", 4);
        Close(fd);
      }
      int dirfd = -1;
    } fs;
    TempTree tree(fs);
    fs.dirfd = tree.dir().fd();
    for (const Checksum checksum : {Checksum::kMd5, Checksum::kNone}) {
      tree.Write("f", "12345");
      const Result<HashedFile> copied = CopyFile(tree.dir(), "f", tree.dir(), "g", checksum);
      CHECK(Outcome(copied.status()) == "conflict/digest.file-changed");
      CHECK_FALSE(tree.Exists("g"));
    }
  }
}

TEST_SUITE("digest.copy_files") {
  TEST_CASE("many files are copied by several threads, each reported once") {
    TempTree from;
    TempTree to;
    to.MakeDirectories("out");
    std::vector<std::pair<std::string, std::string>> paths;
    std::uint64_t total = 0;
    for (std::size_t i = 0; i < 50; ++i) {
      paths.emplace_back("in/" + std::to_string(i), "out/" + std::to_string(i) + ".dcm");
      from.Write(paths.back().first, Content(i * 1000));
      total += i * 1000;
    }
    for (const Checksum checksum : {Checksum::kMd5AndXxh3, Checksum::kXxh3, Checksum::kNone}) {
      to.Remove("out");
      to.MakeDirectories("out");
      std::set<std::size_t> seen;
      std::uint64_t bytes = 0;
      const Status status = CopyFiles(
          from.dir(), to.dir(), paths, checksum, 4,
          [&](std::uint64_t done) {
            bytes = done;
            return true;
          },
          [&](std::size_t index, const HashedFile& file) {
            CHECK(seen.insert(index).second);
            const std::string content = Content(index * 1000);
            CHECK(file.digests == Hasher(checksum).Hash(content.data(), content.size()));
          });
      REQUIRE(status.ok());
      CHECK(seen.size() == paths.size());
      CHECK(bytes == total);
      for (const auto& [source, target] : paths) CHECK(to.Read(target) == from.Read(source));
    }
  }

  TEST_CASE("many files: a failure at any call leaves whole copies, all of them reported") {
    for (std::uint64_t n = 1;; ++n) {
      CAPTURE(n);
      FaultFileSystem fs;
      TempTree tree(fs);
      std::vector<std::pair<std::string, std::string>> paths;
      for (std::size_t i = 0; i < 16; ++i) {
        paths.emplace_back("in" + std::to_string(i), "out" + std::to_string(i));
        tree.Write(paths.back().first, Content(i * 5000));
      }
      fs.FailAt(n, ENOSPC, FaultFileSystem::Duration::kOnce);
      std::set<std::size_t> seen;
      const Status status =
          CopyFiles(tree.dir(), tree.dir(), paths, Checksum::kMd5AndXxh3, 1, {},
                    [&](std::size_t index, const HashedFile&) { seen.insert(index); });
      CHECK(status.ok() != fs.triggered());
      for (std::size_t i = 0; i < paths.size(); ++i) {
        CHECK(tree.Exists(paths[i].second) == (seen.count(i) > 0));
        if (seen.count(i) > 0) CHECK(tree.Read(paths[i].second) == Content(i * 5000));
      }
      if (status.ok()) {
        CHECK(seen.size() == paths.size());
        break;
      }
      CHECK(status.code() == Code::kNoSpace);
    }
  }

  TEST_CASE("the first failure ends the work; a cancelled copy leaves no half file") {
    TempTree tree;
    tree.Write("f", Content(4 << 20));
    const std::function<bool(std::uint64_t)> no_progress;
    const auto ignore = [](std::size_t, const HashedFile&) {};
    const Status missing = CopyFiles(tree.dir(), tree.dir(), {{"gone", "g"}, {"f", "h"}},
                                     Checksum::kMd5, 1, no_progress, ignore);
    CHECK(Outcome(missing) == "not_found/fs.open");
    CHECK_FALSE(tree.Exists("h"));
    const Status cancelled = CopyFiles(
        tree.dir(), tree.dir(), {{"f", "g"}}, Checksum::kXxh3, 1,
        [](std::uint64_t) { return false; }, ignore);
    CHECK(Outcome(cancelled) == "cancelled/digest.cancelled");
    CHECK_FALSE(tree.Exists("g"));
  }
}

}  // namespace xnatarchive
