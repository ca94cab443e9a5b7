#include "prearchive/stage_writer.hpp"

#include <algorithm>
#include <memory>
#include <new>
#include <system_error>
#include <utility>

#include "base/status_macros.hpp"
#include "digest/hash_lanes.hpp"

namespace xnatarchive {

StageWriter::StageWriter(const Directory& tree, Checksum checksum, unsigned threads)
    : tree_(tree),
      checksum_(checksum),
      batch_(BuffersAtOnce(checksum)),
      threads_wanted_(threads),
      worker_(checksum) {}

StageWriter::~StageWriter() {
  {
    const std::lock_guard<std::mutex> lock(mutex_);
    stop_ = true;
    queue_.clear();
  }
  changed_.notify_all();
  for (std::thread& thread : threads_) thread.join();
  IgnoreError(failure_, "Finish has returned it, or the caller has failed for another reason");
}

Status StageWriter::WriteAll(const std::vector<Job>& jobs, HashWorker& worker) const {
  std::vector<std::string_view> buffers;
  for (const Job& job : jobs) {
    XNA_ASSIGN_OR_RETURN(File file, tree_.Create(job.path));
    XNA_RETURN_IF_ERROR(file.Write(job.bytes.data(), job.bytes.size()));
    file.StartWriteback();  // the disk writes while the next ones are received
    XNA_ASSIGN_OR_RETURN(const FileInfo info, file.Info());
    XNA_RETURN_IF_ERROR(file.Close());
    job.result->size = info.size;
    job.result->mtime_ns = info.mtime_ns;
    buffers.emplace_back(job.bytes);
  }
  const std::vector<Digests> digests = HashBuffers(buffers, worker);
  for (std::size_t i = 0; i < jobs.size(); ++i) jobs[i].result->SetDigests(digests[i]);
  return Status();
}

void StageWriter::StartThreads() {
  try {
    while (threads_wanted_ > 1 && threads_.size() < threads_wanted_) {
      threads_.emplace_back(
          [this, worker = std::make_unique<HashWorker>(checksum_)] { Run(*worker); });
    }
  } catch (const std::system_error&) {
    threads_wanted_ = 1;  // the host is out of threads: those there are, or the caller's, do it
  }
}

Status StageWriter::Write(std::string path, std::string bytes, StagedFile* result) {
  std::unique_lock<std::mutex> lock(mutex_);
  changed_.wait(
      lock, [&] { return queued_bytes_ == 0 || queued_bytes_ + bytes.size() <= kQueueBytesMax; });
  if (!failure_.ok()) return failure_;
  queued_bytes_ += bytes.size();
  ++unfinished_;
  queue_.push_back({std::move(path), std::move(bytes), result});
  if (!HasBatch()) return Status();
  if (threads_.empty()) StartThreads();
  if (threads_.empty()) {
    WriteBatch(lock, worker_);
    return failure_;
  }
  lock.unlock();
  changed_.notify_all();
  return Status();
}

Status StageWriter::Finish() {
  std::unique_lock<std::mutex> lock(mutex_);
  finishing_ = true;
  changed_.notify_all();
  while (threads_.empty() && !queue_.empty()) WriteBatch(lock, worker_);
  changed_.wait(lock, [&] { return unfinished_ == 0; });
  finishing_ = false;
  return failure_;
}

/// Files that are large fill the queue before they are many.
bool StageWriter::HasBatch() const {
  return !queue_.empty() &&
         (finishing_ || queue_.size() >= batch_ || queued_bytes_ > kQueueBytesMax / 4);
}

std::vector<StageWriter::Job> StageWriter::TakeBatch() {
  std::size_t count = std::min(batch_, queue_.size());
  if (finishing_ && !threads_.empty()) {  // each gets its share of the last ones
    count = std::min(count, (queue_.size() + threads_.size() - 1) / threads_.size());
  }
  std::vector<Job> jobs;
  for (; count > 0; --count) {
    jobs.push_back(std::move(queue_.front()));
    queue_.pop_front();
  }
  return jobs;
}

/// Works without the lock, and has it again afterwards.
void StageWriter::WriteBatch(std::unique_lock<std::mutex>& lock, HashWorker& worker) {
  std::vector<Job> jobs = TakeBatch();
  const bool failed = !failure_.ok();
  lock.unlock();
  Status status;
  if (!failed) {  // after a failure the rest of the queue is only drained
    try {
      status = WriteAll(jobs, worker);
    } catch (const std::bad_alloc&) {
      status = Status(Code::kNoMemory, "receive.no-memory", "out of memory while storing a file");
    }
  }
  const std::size_t count = jobs.size();
  std::size_t bytes = 0;
  for (const Job& job : jobs) bytes += job.bytes.size();
  jobs.clear();
  lock.lock();
  if (!status.ok() && failure_.ok()) failure_ = std::move(status);
  queued_bytes_ -= bytes;
  unfinished_ -= count;
  changed_.notify_all();
}

void StageWriter::Run(HashWorker& worker) {
  std::unique_lock<std::mutex> lock(mutex_);
  for (;;) {
    changed_.wait(lock, [&] { return stop_ || HasBatch(); });
    if (stop_) return;
    WriteBatch(lock, worker);
  }
}

}  // namespace xnatarchive
