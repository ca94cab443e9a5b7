#include "digest/hash_worker.hpp"

#include <algorithm>
#include <utility>

#include "base/status_macros.hpp"

namespace xnatarchive {
namespace {

constexpr std::size_t kFilesAtOnceMax = 16;
constexpr std::size_t kOpenMax = 256;

Status FileChanged(const File& file) {
  return Status(Code::kConflict, "digest.file-changed", "the file changed while it was read")
      .WithPath(file.path());
}

}  // namespace

std::size_t FilesAtOnce(std::size_t files, unsigned threads) {
  const std::size_t workers = std::max(1u, threads);
  const std::size_t share = std::min(files / (4 * workers), kOpenMax / (2 * workers));
  return std::clamp<std::size_t>(share, 1, kFilesAtOnceMax);
}

Status HashWorkers::Run(const std::function<Status(HashWorker&)>& work) {
  std::unique_ptr<HashWorker> worker;
  {
    const std::lock_guard<std::mutex> lock(mutex_);
    if (!idle_.empty()) {
      worker = std::move(idle_.back());
      idle_.pop_back();
    }
  }
  if (worker == nullptr) worker = std::make_unique<HashWorker>(checksum_);
  Status status = work(*worker);
  worker->hasher.Reset();  // a failure may have left a stream half fed
  const std::lock_guard<std::mutex> lock(mutex_);
  idle_.push_back(std::move(worker));
  return status;
}

Status HashProgress::Add(std::uint64_t bytes) {
  if (!progress_) return Status();
  const std::lock_guard<std::mutex> lock(mutex_);
  bytes_done_ += bytes;
  if (progress_(bytes_done_)) return Status();
  return Status(Code::kCancelled, "digest.cancelled", "the caller asked to stop");
}

void HashProgress::Report(const std::function<void()>& report) {
  const std::lock_guard<std::mutex> lock(mutex_);
  report();
}

Status CheckUnchanged(const File& file, const FileInfo& before) {
  XNA_ASSIGN_OR_RETURN(const FileInfo after, file.Info());
  const bool same = after.size == before.size && after.mtime_ns == before.mtime_ns &&
                    after.ctime_ns == before.ctime_ns && after.inode == before.inode;
  return same ? Status() : FileChanged(file);
}

Status ReadPiece(File& file, char* buffer, std::size_t size) {
  XNA_ASSIGN_OR_RETURN(const std::size_t n, file.Read(buffer, size));
  return n < size ? FileChanged(file) : Status();
}

Result<Digests> HashOpenFile(File& file, const FileInfo& before, HashWorker& worker,
                             HashProgress& progress,
                             const std::function<Status(const char*, std::size_t)>& sink) {
  char* const buffer = worker.buffer.get();
  const bool whole = before.size <= HashWorker::kBufferBytes;
  Digests digests;
  std::uint64_t left = before.size;
  do {
    const auto n =
        static_cast<std::size_t>(std::min<std::uint64_t>(left, HashWorker::kBufferBytes));
    XNA_RETURN_IF_ERROR(ReadPiece(file, buffer, n));
    if (whole) {
      digests = worker.hasher.Hash(buffer, n);
    } else {
      worker.hasher.Update(buffer, n);
    }
    if (sink) XNA_RETURN_IF_ERROR(sink(buffer, n));
    XNA_RETURN_IF_ERROR(progress.Add(n));
    left -= n;
  } while (left > 0);
  if (!whole) digests = worker.hasher.Finish();
  // Not reading on to the end of the file saves a call for each: a file that grew shows here.
  XNA_RETURN_IF_ERROR(CheckUnchanged(file, before));
  return digests;
}

}  // namespace xnatarchive
