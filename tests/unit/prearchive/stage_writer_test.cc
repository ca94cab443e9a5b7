#include "prearchive/stage_writer.hpp"

#include <doctest/doctest.h>
#include <fcntl.h>

#include <mutex>
#include <set>
#include <thread>
#include <vector>

#include "digest/hash_lanes.hpp"
#include "support/temp_tree.hpp"

namespace xnatarchive {
namespace {

std::string BytesOf(std::size_t i, std::size_t size) {
  std::string bytes(size, static_cast<char>('a' + i % 26));
  bytes += std::to_string(i);
  return bytes;
}

void CheckFile(TempTree& tree, const std::string& path, const std::string& bytes, Checksum checksum,
               const StagedFile& staged) {
  CAPTURE(path);
  const Digests digests = Hasher(checksum).Hash(bytes.data(), bytes.size());
  CHECK(tree.Read(path) == bytes);
  CHECK(staged.size == bytes.size());
  CHECK(staged.mtime_ns == tree.dir().Stat(path)->mtime_ns);
  CHECK(staged.md5.view() == digests.md5);
  CHECK(staged.xxh3.view() == digests.xxh3);
}

/// Notes which threads make files.
class ThreadWatcher : public ForwardingFileSystem {
 public:
  ThreadWatcher() : ForwardingFileSystem(PosixFileSystem()) {}
  int Open(int dirfd, const char* path, int flags, unsigned mode) noexcept override {
    if ((flags & O_CREAT) != 0) {
      const std::lock_guard<std::mutex> lock(mutex);
      threads.insert(std::this_thread::get_id());
    }
    return ForwardingFileSystem::Open(dirfd, path, flags, mode);
  }
  std::mutex mutex;
  std::set<std::thread::id> threads;
};

}  // namespace

TEST_SUITE("prearchive.stage_writer") {
  TEST_CASE("what was written is on disk with its digests after Finish, and one can go on then") {
    for (const Checksum checksum : {Checksum::kMd5AndXxh3, Checksum::kXxh3, Checksum::kNone}) {
      for (const unsigned threads : {1u, 2u, 4u}) {
        for (const std::size_t count : {0, 1, 15, 16, 17, 100}) {
          CAPTURE(threads);
          CAPTURE(count);
          TempTree tree;
          std::vector<StagedFile> staged(2 * count);
          StageWriter writer(tree.dir(), checksum, threads);
          for (const std::size_t begin : {std::size_t{0}, count}) {
            for (std::size_t i = begin; i < begin + count; ++i) {
              REQUIRE(writer.Write("f" + std::to_string(i), BytesOf(i, i * 37), &staged[i]).ok());
            }
            REQUIRE(writer.Finish().ok());
            for (std::size_t i = 0; i < begin + count; ++i) {
              CheckFile(tree, "f" + std::to_string(i), BytesOf(i, i * 37), checksum, staged[i]);
            }
          }
        }
      }
    }
  }

  TEST_CASE("files that are large need not be many to be written meanwhile, nor fit all at once") {
    TempTree tree;
    const std::size_t size = StageWriter::kQueueBytesMax / 3;
    std::vector<StagedFile> staged(7);
    StageWriter writer(tree.dir(), Checksum::kMd5AndXxh3, 2);
    for (std::size_t i = 0; i < staged.size(); ++i) {
      REQUIRE(writer.Write("f" + std::to_string(i), BytesOf(i, size), &staged[i]).ok());
    }
    REQUIRE(writer.Finish().ok());
    for (std::size_t i = 0; i < staged.size(); ++i) {
      CheckFile(tree, "f" + std::to_string(i), BytesOf(i, size), Checksum::kMd5AndXxh3, staged[i]);
    }
  }

  TEST_CASE("one batch is the caller's own work; for more there are threads") {
    ThreadWatcher fs;
    TempTree tree(fs);
    const std::set<std::thread::id> caller = {std::this_thread::get_id()};
    const auto write = [&](std::size_t count, unsigned threads, const std::string& names) {
      fs.threads.clear();
      std::vector<StagedFile> staged(count);
      StageWriter writer(tree.dir(), Checksum::kMd5AndXxh3, threads);
      for (std::size_t i = 0; i < count; ++i) {
        REQUIRE(writer.Write(names + std::to_string(i), "x", &staged[i]).ok());
      }
      REQUIRE(writer.Finish().ok());
    };
    const std::size_t batch = BuffersAtOnce(Checksum::kMd5AndXxh3);
    write(batch - 1, 4, "few");
    CHECK(fs.threads == (batch > 1 ? caller : std::set<std::thread::id>()));
    write(8 * batch, 1, "alone");
    CHECK(fs.threads == caller);
    write(8 * batch, 2, "many");
    CHECK(fs.threads.count(std::this_thread::get_id()) == 0);
    CHECK_FALSE(fs.threads.empty());
  }

  TEST_CASE("the first failure is returned by Finish and by every Write after it") {
    for (const unsigned threads : {1u, 3u}) {
      CAPTURE(threads);
      TempTree tree;
      std::vector<StagedFile> staged(200);
      StageWriter writer(tree.dir(), Checksum::kMd5AndXxh3, threads);
      Status failed;
      for (std::size_t i = 0; i < staged.size() && failed.ok(); ++i) {
        failed = writer.Write(i == 20 ? "missing/f" : "f" + std::to_string(i), "x", &staged[i]);
      }
      CHECK(writer.Finish().code() == Code::kNotFound);
      CHECK(writer.Write("late", "x", &staged[0]).code() == Code::kNotFound);
      CHECK(writer.Finish().code() == Code::kNotFound);
      CHECK_FALSE(tree.Exists("late"));
      IgnoreError(failed, "when it is noticed is a matter of time");
    }
  }

  TEST_CASE("what is given up is written or not, and harms nothing") {
    for (const unsigned threads : {1u, 2u}) {
      TempTree tree;
      std::vector<StagedFile> staged(100);
      StageWriter writer(tree.dir(), Checksum::kMd5AndXxh3, threads);
      for (std::size_t i = 0; i < staged.size(); ++i) {
        REQUIRE(writer.Write("f" + std::to_string(i), BytesOf(i, 10'000), &staged[i]).ok());
      }
    }
  }
}

}  // namespace xnatarchive
