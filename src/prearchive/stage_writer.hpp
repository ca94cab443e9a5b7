// stage_writer.hpp - writes received files into a stage while the next ones are being read.
#ifndef XNATARCHIVE_PREARCHIVE_STAGE_WRITER_HPP_
#define XNATARCHIVE_PREARCHIVE_STAGE_WRITER_HPP_

#include <array>
#include <condition_variable>
#include <cstddef>
#include <cstdint>
#include <deque>
#include <mutex>
#include <string>
#include <string_view>
#include <thread>
#include <vector>

#include "digest/hash_worker.hpp"
#include "fs/directory.hpp"

namespace xnatarchive {

/// A digest of 32 hex digits, or none, in place: there are two for every file of an upload. Strings
/// that the writing threads made, and that stay, took seven times their size of memory.
class HexDigest {
 public:
  HexDigest() = default;
  explicit HexDigest(std::string_view digits) : known_(digits.size() == digits_.size()) {
    if (known_) digits.copy(digits_.data(), digits_.size());
  }
  std::string_view view() const {
    return known_ ? std::string_view(digits_.data(), digits_.size()) : std::string_view();
  }

 private:
  std::array<char, 32> digits_{};
  bool known_ = false;
};

/// What is known of a file once it is written.
struct StagedFile {
  std::uint64_t size = 0;
  std::int64_t mtime_ns = 0;
  HexDigest md5;
  HexDigest xxh3;

  void SetDigests(const Digests& digests) {
    md5 = HexDigest(digests.md5);
    xxh3 = HexDigest(digests.xxh3);
  }
};

/// Hashes and writes whole files, as many together as can be hashed side by side (BuffersAtOnce),
/// which is several times faster than one after the other. `threads` threads do that; with 1, or
/// for so few files that there is one batch, the caller's.
///
/// Nothing is synced: Operation::Commit makes the whole stage durable at once. One thread at a time
/// uses the object; its own threads end with it.
class StageWriter {
 public:
  /// Bytes that may wait to be written; Write blocks beyond that.
  static constexpr std::size_t kQueueBytesMax = 32u << 20;

  StageWriter(const Directory& tree, Checksum checksum, unsigned threads);
  ~StageWriter();
  StageWriter(const StageWriter&) = delete;
  StageWriter& operator=(const StageWriter&) = delete;

  /// Creates file `path` (its directory exists) with `bytes`. `*result` is filled by the time
  /// Finish returns, and must stay where it is until then. Returns the first failure so far.
  Status Write(std::string path, std::string bytes, StagedFile* result);

  /// Waits for everything written so far; returns the first failure.
  Status Finish();

 private:
  struct Job {
    std::string path;
    std::string bytes;
    StagedFile* result;
  };
  void StartThreads();
  void Run(HashWorker& worker);
  bool HasBatch() const;
  std::vector<Job> TakeBatch();
  void WriteBatch(std::unique_lock<std::mutex>& lock, HashWorker& worker);
  Status WriteAll(const std::vector<Job>& jobs, HashWorker& worker) const;

  const Directory& tree_;
  const Checksum checksum_;
  const std::size_t batch_;
  unsigned threads_wanted_;
  std::mutex mutex_;
  std::condition_variable changed_;
  std::deque<Job> queue_;
  std::size_t queued_bytes_ = 0;  // of jobs waiting or being written
  std::size_t unfinished_ = 0;
  bool stop_ = false;
  bool finishing_ = false;  // nothing more comes that a batch could wait for
  Status failure_;
  HashWorker worker_;  // the caller's
  std::vector<std::thread> threads_;
};

}  // namespace xnatarchive

#endif  // XNATARCHIVE_PREARCHIVE_STAGE_WRITER_HPP_
