#include "digest/hash_files.hpp"

#include <doctest/doctest.h>
#include <fcntl.h>
#include <sys/stat.h>

#include <atomic>
#include <cerrno>
#include <map>

#include "digest/hash_lanes.hpp"
#include "digest/md5_lanes.hpp"
#include "support/temp_tree.hpp"

namespace xnatarchive {
namespace {

const std::function<bool(std::uint64_t)> kNoProgress;
void IgnoreFile(std::size_t, const HashedFile&) {}

/// Does something to the file on the disk after the n-th read of it.
class MeddlingFileSystem : public ForwardingFileSystem {
 public:
  MeddlingFileSystem() : ForwardingFileSystem(PosixFileSystem()) {}
  std::int64_t Read(int fd, void* buffer, std::size_t size) noexcept override {
    const std::int64_t n =
        ForwardingFileSystem::Read(fd, buffer, short_reads ? (size + 2) / 3 : size);
    if (meddle && ++reads == at_read) meddle();
    return n;
  }
  std::function<void()> meddle;
  std::atomic<int> reads{0};
  int at_read = 1;
  bool short_reads = false;
};

/// Counts what is open at once, and the hints to read ahead.
class OpenCounter : public ForwardingFileSystem {
 public:
  OpenCounter() : ForwardingFileSystem(PosixFileSystem()) {}
  int Open(int dirfd, const char* path, int flags, unsigned mode) noexcept override {
    const int fd = ForwardingFileSystem::Open(dirfd, path, flags, mode);
    if (fd < 0) return fd;
    const int now = ++open;
    for (int seen = most; now > seen && !most.compare_exchange_weak(seen, now);) {
    }
    return fd;
  }
  int Close(int fd) noexcept override {
    --open;
    return ForwardingFileSystem::Close(fd);
  }
  int StartRead(int fd, std::uint64_t size) noexcept override {
    ++hints;
    return ForwardingFileSystem::StartRead(fd, size);
  }
  std::atomic<int> open{0};
  std::atomic<int> most{0};
  std::atomic<int> hints{0};
};

}  // namespace

TEST_SUITE("digest.hash_files") {
  TEST_CASE("16 files and more are read ahead, and no more are open than a process may have") {
    OpenCounter fs;
    TempTree tree(fs);
    std::vector<std::string> paths;
    for (int i = 0; i < 2000; ++i) {
      paths.push_back("d" + std::to_string(i % 2) + "/" + std::to_string(i));
      tree.Write(paths.back(), "x");
    }
    for (const unsigned threads : {1u, 2u, 200u}) {
      CAPTURE(threads);
      fs.hints = fs.most = 0;
      const int before = fs.open;
      REQUIRE(HashFiles(tree.dir(), paths, Checksum::kXxh3, threads, kNoProgress, IgnoreFile).ok());
      CHECK(fs.open == before);
      CHECK(fs.hints == 2000);
      if (threads <= 2) CHECK(fs.most - before >= 16);
      CHECK(fs.most - before <= 256 + 2 * static_cast<int>(threads));
    }
  }

  TEST_CASE("every file is reported once, with its own digests and info, for any thread count") {
    TempTree tree;
    std::vector<std::string> paths;
    for (int i = 0; i < 100; ++i) {
      paths.push_back("SCANS/" + std::to_string(i % 7) + "/DICOM/" + std::to_string(i) + ".dcm");
      tree.Write(paths.back(), std::string(static_cast<std::size_t>(i * 100), 'x'));
    }
    paths.push_back("top");
    tree.Write("top", std::string((3 << 20) + 1, 'y'));
    for (const unsigned threads : {0u, 1u, 2u, 7u}) {
      std::map<std::size_t, HashedFile> files;
      std::uint64_t bytes = 0;
      const Status status = HashFiles(
          tree.dir(), paths, Checksum::kMd5AndXxh3, threads,
          [&](std::uint64_t done) {
            CHECK(done >= bytes);
            bytes = done;
            return true;
          },
          [&](std::size_t index, const HashedFile& file) {
            CHECK(files.emplace(index, file).second);
          });
      REQUIRE(status.ok());
      REQUIRE(files.size() == paths.size());
      std::uint64_t total = 0;
      Hasher hasher(Checksum::kMd5AndXxh3);
      for (const auto& [index, file] : files) {
        const std::string content = tree.Read(paths[index]);
        CHECK(file.digests == hasher.Hash(content.data(), content.size()));
        const Result<FileInfo> info = tree.dir().Stat(paths[index]);
        REQUIRE(info.ok());
        CHECK(file.info.size == content.size());
        CHECK(file.info.inode == info->inode);
        CHECK(file.info.mtime_ns == info->mtime_ns);
        total += content.size();
      }
      CHECK(bytes == total);
    }
  }

  TEST_CASE("files of any size are hashed at once as each by itself, for every setting") {
    MeddlingFileSystem fs;
    TempTree tree(fs);
    std::vector<std::string> paths;
    std::vector<std::string> contents;
    for (const std::size_t piece : {std::size_t{64}, std::size_t{32} << 10, std::size_t{4} << 20}) {
      for (const std::size_t size : {piece - 9, piece - 1, piece, piece + 1, 2 * piece + 56}) {
        contents.push_back(std::string(size, static_cast<char>('a' + paths.size())));
        paths.push_back("d/" + std::to_string(paths.size()));
      }
    }
    for (const std::size_t size : {0, 1, 0, 300'000, 70'000, 5}) {
      contents.push_back(std::string(size, static_cast<char>('A' + paths.size())));
      paths.push_back("d/" + std::to_string(paths.size()));
    }
    for (std::size_t i = 0; i < paths.size(); ++i) tree.Write(paths[i], contents[i]);
    for (const Checksum checksum : {Checksum::kMd5AndXxh3, Checksum::kMd5, Checksum::kXxh3}) {
      for (const bool short_reads : {false, true}) {
        fs.short_reads = short_reads;
        std::vector<Digests> found(paths.size());
        REQUIRE(HashFiles(tree.dir(), paths, checksum, 1, kNoProgress,
                          [&](std::size_t i, const HashedFile& file) { found[i] = file.digests; })
                    .ok());
        Hasher hasher(checksum);
        for (std::size_t i = 0; i < paths.size(); ++i) {
          CAPTURE(contents[i].size());
          CHECK(found[i] == hasher.Hash(contents[i].data(), contents[i].size()));
        }
      }
    }
  }

  TEST_CASE("buffers of any size are hashed at once as each by itself, for every setting") {
    std::string bytes(70'000, '\0');
    for (std::size_t i = 0; i < bytes.size(); ++i) bytes[i] = static_cast<char>(i * i >> 3);
    for (const Checksum checksum :
         {Checksum::kMd5AndXxh3, Checksum::kMd5, Checksum::kXxh3, Checksum::kNone}) {
      HashWorker worker(checksum);
      Hasher hasher(checksum);
      const bool has_md5 = checksum == Checksum::kMd5AndXxh3 || checksum == Checksum::kMd5;
      CHECK(BuffersAtOnce(checksum) ==
            (has_md5 && BestMd5Lanes() != nullptr ? BestMd5Lanes()->lanes : 1));
      for (const std::size_t count : {0, 1, 2, 15, 16, 17, 150}) {
        std::vector<std::string_view> buffers;
        for (std::size_t i = 0; i < count; ++i) {
          const std::size_t size = i % 7 == 6 ? bytes.size() - i : i;
          buffers.push_back(std::string_view(bytes).substr(bytes.size() - size));
        }
        const std::vector<Digests> digests = HashBuffers(buffers, worker);
        REQUIRE(digests.size() == count);
        for (std::size_t i = 0; i < count; ++i) {
          CHECK(digests[i] == hasher.Hash(buffers[i].data(), buffers[i].size()));
        }
      }
    }
  }

  TEST_CASE("without a checksum only the info is found and nothing is read") {
    MeddlingFileSystem fs;
    fs.meddle = [] {};
    TempTree tree(fs);
    tree.Write("a/f", "12345");
    HashedFile file;
    const Status status = HashFiles(tree.dir(), {"a/f"}, Checksum::kNone, 2, kNoProgress,
                                    [&](std::size_t, const HashedFile& found) { file = found; });
    REQUIRE(status.ok());
    CHECK(file.info.size == 5);
    CHECK(file.digests == Digests());
    CHECK(fs.reads == 0);
  }

  TEST_CASE("no paths are no work") {
    TempTree tree;
    CHECK(HashFiles(tree.dir(), {}, Checksum::kMd5, 2, kNoProgress, IgnoreFile).ok());
  }

  TEST_CASE("short reads change nothing") {
    MeddlingFileSystem fs;
    fs.short_reads = true;
    TempTree tree(fs);
    const std::string content(100000, 'z');
    tree.Write("f", content);
    Digests digests;
    const Status status =
        HashFiles(tree.dir(), {"f"}, Checksum::kMd5AndXxh3, 1, kNoProgress,
                  [&](std::size_t, const HashedFile& file) { digests = file.digests; });
    REQUIRE(status.ok());
    CHECK(digests == Hasher(Checksum::kMd5AndXxh3).Hash(content.data(), content.size()));
  }

  TEST_CASE("a file that grows, shrinks, is rewritten or touched while it is read is a conflict") {
    for (const std::size_t size : {std::size_t{1000}, std::size_t{3} << 20}) {
      for (int kind = 0; kind < 4; ++kind) {
        CAPTURE(size);
        CAPTURE(kind);
        MeddlingFileSystem fs;
        TempTree tree(fs);
        tree.Write("d/f", std::string(size, 'x'));
        const std::string path = tree.path() + "/d/f";
        fs.meddle = [&] {
          FileSystem& posix = PosixFileSystem();
          const int fd = posix.Open(tree.dir().fd(), "d/f", O_WRONLY, 0);
          if (kind == 0) posix.Truncate(fd, size + 1);
          if (kind == 1) posix.Truncate(fd, size / 4);
          if (kind == 2) posix.Write(fd, "y", 1);
          if (kind == 3) posix.SetTimes(fd, 12345);
          posix.Close(fd);
        };
        int done = 0;
        const Status status = HashFiles(tree.dir(), {"d/f"}, Checksum::kXxh3, 1, kNoProgress,
                                        [&](std::size_t, const HashedFile&) { ++done; });
        CHECK(status.code() == Code::kConflict);
        CHECK(status.reason() == "digest.file-changed");
        CHECK(status.path() == "d/f");
        CHECK(done == 0);
        tree.Write("d/f", std::string(size, 'x'));
        fs.reads = 0;
        std::vector<std::string> paths;
        for (int i = 0; i < 64; ++i) paths.push_back(i == 9 ? "d/f" : "d/" + std::to_string(i));
        for (const std::string& other : paths) {
          if (other != "d/f") tree.Write(other, std::string(40'000, 'z'));
        }
        const Status one_of_many =
            HashFiles(tree.dir(), paths, Checksum::kMd5AndXxh3, 1, kNoProgress,
                      [&](std::size_t i, const HashedFile&) { done += paths[i] == "d/f"; });
        CHECK(one_of_many.reason() == "digest.file-changed");
        CHECK(one_of_many.path() == "d/f");
        CHECK(done == 0);
      }
    }
  }

  TEST_CASE("a progress callback that says false cancels, also within a large file") {
    TempTree tree;
    tree.Write("large", std::string(std::size_t{8} << 20, 'x'));
    std::uint64_t seen = 0;
    const Status status = HashFiles(
        tree.dir(), {"large"}, Checksum::kXxh3, 2,
        [&](std::uint64_t done) {
          seen = done;
          return done < (2u << 20);
        },
        IgnoreFile);
    CHECK(status.code() == Code::kCancelled);
    CHECK(status.reason() == "digest.cancelled");
    CHECK(seen == 2u << 20);
    int done = 0;
    const Status none = HashFiles(
        tree.dir(), {"large"}, Checksum::kNone, 1, [](std::uint64_t) { return false; },
        [&](std::size_t, const HashedFile&) { ++done; });
    CHECK(none.code() == Code::kCancelled);
    CHECK(done == 0);
  }

  TEST_CASE("what is missing, unsafe or no file fails with its own code, naming it") {
    TempTree tree;
    tree.Write("d/f", "x");
    tree.Symlink("f", "d/link");
    tree.Symlink("d", "link");
    REQUIRE(mkfifo((tree.path() + "/d/fifo").c_str(), 0600) == 0);
    const auto outcome = [&](const std::string& path) {
      const Status status =
          HashFiles(tree.dir(), {"d/f", path}, Checksum::kMd5, 2, kNoProgress, IgnoreFile);
      CHECK(path.find(status.path()) == 0);  // or a directory on the way to it
      CHECK_FALSE(status.path().empty());
      return std::string(CodeName(status.code())) + "/" + std::string(status.reason());
    };
    CHECK(outcome("d/gone") == "not_found/fs.open");
    CHECK(outcome("d/link") == "invalid_argument/fs.unsafe-path");
    CHECK(outcome("link/f") == "invalid_argument/fs.unsafe-path");
    CHECK(outcome("d/../d/f") == "invalid_argument/fs.unsafe-path");
    CHECK(outcome("/etc/passwd") == "invalid_argument/fs.unsafe-path");
    CHECK(outcome("d/fifo") == "invalid_argument/fs.not-a-file");
    CHECK(outcome("d") == "invalid_argument/fs.not-a-file");
  }

  TEST_CASE("a read error is passed up") {
    class BrokenFileSystem : public ForwardingFileSystem {
     public:
      BrokenFileSystem() : ForwardingFileSystem(PosixFileSystem()) {}
      std::int64_t Read(int, void*, std::size_t) noexcept override { return -EIO; }
    } fs;
    TempTree tree(fs);
    tree.Write("f", "x");
    const Status status = HashFiles(tree.dir(), {"f"}, Checksum::kMd5, 1, kNoProgress, IgnoreFile);
    CHECK(status.code() == Code::kIo);
    CHECK(status.reason() == "fs.read");
    CHECK(status.os_errno() == EIO);
  }
}

}  // namespace xnatarchive
