#include "prearchive/stage_writer.hpp"

#include <new>
#include <system_error>
#include <utility>

#include "base/status_macros.hpp"

namespace xnatarchive {

StageWriter::StageWriter(const Directory& tree, Checksum checksum, unsigned threads)
    : tree_(tree), checksum_(checksum) {
  if (threads < 2) return;
  try {
    for (unsigned i = 0; i < threads; ++i) threads_.emplace_back([this] { Run(); });
  } catch (const std::system_error&) {
    // The host is out of threads: those there are, or the caller's, do the work.
  }
}

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

Status StageWriter::WriteOne(const Job& job) const {
  XNA_ASSIGN_OR_RETURN(File file, tree_.Create(job.path));
  XNA_RETURN_IF_ERROR(file.Write(job.bytes.data(), job.bytes.size()));
  XNA_ASSIGN_OR_RETURN(const FileInfo info, file.Info());
  XNA_RETURN_IF_ERROR(file.Close());
  Hasher hasher(checksum_);
  hasher.Update(job.bytes.data(), job.bytes.size());
  job.result->size = info.size;
  job.result->mtime_ns = info.mtime_ns;
  job.result->SetDigests(hasher.Finish());
  return Status();
}

Status StageWriter::Write(std::string path, std::string bytes, StagedFile* result) {
  Job job{std::move(path), std::move(bytes), result};
  if (threads_.empty()) {
    if (failure_.ok()) failure_ = WriteOne(job);
    return failure_;
  }
  std::unique_lock<std::mutex> lock(mutex_);
  changed_.wait(lock, [&] {
    return queued_bytes_ == 0 || queued_bytes_ + job.bytes.size() <= kQueueBytesMax;
  });
  if (!failure_.ok()) return failure_;
  queued_bytes_ += job.bytes.size();
  ++unfinished_;
  queue_.push_back(std::move(job));
  lock.unlock();
  changed_.notify_all();
  return Status();
}

Status StageWriter::Finish() {
  std::unique_lock<std::mutex> lock(mutex_);
  changed_.wait(lock, [&] { return unfinished_ == 0; });
  return failure_;
}

void StageWriter::Run() {
  std::unique_lock<std::mutex> lock(mutex_);
  for (;;) {
    changed_.wait(lock, [&] { return stop_ || !queue_.empty(); });
    if (stop_) return;
    Job job = std::move(queue_.front());
    queue_.pop_front();
    const bool failed = !failure_.ok();
    lock.unlock();
    Status status;
    const std::size_t size = job.bytes.size();
    if (!failed) {  // after a failure the rest of the queue is only drained
      try {
        status = WriteOne(job);
      } catch (const std::bad_alloc&) {
        status = Status(Code::kNoMemory, "receive.no-memory", "out of memory while storing a file");
      }
    }
    job = Job();
    lock.lock();
    if (!status.ok() && failure_.ok()) failure_ = std::move(status);
    queued_bytes_ -= size;
    --unfinished_;
    changed_.notify_all();
  }
}

}  // namespace xnatarchive
