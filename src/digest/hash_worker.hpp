// hash_worker.hpp - what one thread needs to hash files: reused, as making it costs more than a
// small file does.
#ifndef XNATARCHIVE_DIGEST_HASH_WORKER_HPP_
#define XNATARCHIVE_DIGEST_HASH_WORKER_HPP_

#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <mutex>
#include <vector>

#include "digest/digest.hpp"
#include "digest/hash_files.hpp"
#include "fs/directory.hpp"

namespace xnatarchive {

class LaneHasher;

/// A buffer and the hasher that eats from it; once it is needed, the same for several files.
struct HashWorker {
  /// Fits a processor's own cache, so that the bytes are hashed where the read left them: a third
  /// less processor time than with 1 MiB.
  static constexpr std::size_t kBufferBytes = std::size_t{256} << 10;

  explicit HashWorker(Checksum wanted);
  ~HashWorker();

  const Checksum checksum;
  Hasher hasher;
  std::unique_ptr<char[]> buffer;
  std::unique_ptr<LaneHasher> lanes;
};

/// How many files a thread works on at once, of `files` in all: few enough to keep all threads busy
/// to the end, and to have no more open than a process may (often 1,024), with as many read ahead.
std::size_t FilesAtOnce(std::size_t files, unsigned threads);

/// The workers of one call; as many as were ever busy at once.
class HashWorkers {
 public:
  explicit HashWorkers(Checksum checksum) : checksum_(checksum) {}

  /// Runs `work` with a worker that nobody else uses meanwhile. Thread-safe.
  Status Run(const std::function<Status(HashWorker&)>& work);

 private:
  const Checksum checksum_;
  std::mutex mutex_;
  std::vector<std::unique_ptr<HashWorker>> idle_;
};

/// Adds up the bytes of all threads for the caller's progress callback. Thread-safe.
class HashProgress {
 public:
  explicit HashProgress(const std::function<bool(std::uint64_t)>& progress) : progress_(progress) {}

  /// kCancelled "digest.cancelled" when the callback asks to stop.
  Status Add(std::uint64_t bytes);
  /// Runs `report` while nobody else reports.
  void Report(const std::function<void()>& report);

 private:
  const std::function<bool(std::uint64_t)>& progress_;
  std::mutex mutex_;
  std::uint64_t bytes_done_ = 0;
};

/// Reads `size` bytes. kConflict "digest.file-changed" when the file has fewer.
Status ReadPiece(File& file, char* buffer, std::size_t size);

/// Reads `file`, which was `before` when opened, to its end, giving every piece to `sink` (if any)
/// after hashing it; then looks whether the file is still what it was. kConflict
/// "digest.file-changed" when not.
Result<Digests> HashOpenFile(File& file, const FileInfo& before, HashWorker& worker,
                             HashProgress& progress,
                             const std::function<Status(const char*, std::size_t)>& sink);

/// kConflict "digest.file-changed" unless `file` is still what it was when opened.
Status CheckUnchanged(const File& file, const FileInfo& before);

}  // namespace xnatarchive

#endif  // XNATARCHIVE_DIGEST_HASH_WORKER_HPP_
