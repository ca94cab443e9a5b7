#include "engine/job_workers.hpp"

#include <chrono>
#include <new>
#include <system_error>
#include <utility>

#include "base/status_macros.hpp"
#include "engine/hooks.hpp"

namespace xnatarchive {
namespace {

constexpr std::chrono::milliseconds kLookAgain{500};

}  // namespace

Result<std::unique_ptr<JobWorkers>> JobWorkers::Start(ArchiveEngine::Core& core, unsigned count) {
  std::unique_ptr<JobWorkers> workers(new JobWorkers(core));
  try {
    for (unsigned i = 0; i < count; ++i) {
      workers->threads_.emplace_back([&workers = *workers] { workers.Work(); });
    }
  } catch (const std::system_error&) {
    if (workers->threads_.empty()) {
      return Status(Code::kIo, "engine.no-threads", "no thread could be started to work jobs off");
    }
  }
  return workers;
}

JobWorkers::~JobWorkers() { StopAndWait(); }

void JobWorkers::Stop() {
  {
    const std::lock_guard<std::mutex> lock(mutex_);
    stop_ = true;
  }
  wake_.notify_all();
}

void JobWorkers::StopAndWait() {
  Stop();
  const std::lock_guard<std::mutex> lock(ending_);
  for (std::thread& thread : threads_) thread.join();
  threads_.clear();
}

void JobWorkers::Wake() {
  {
    const std::lock_guard<std::mutex> lock(mutex_);
    ++wakes_;
  }
  wake_.notify_all();
}

void JobWorkers::Work() {
  CallOptions call;
  call.progress = [this](const Progress&) { return !stop_; };
  std::unique_lock<std::mutex> lock(mutex_);
  while (!stop_) {
    const std::uint64_t seen = wakes_;
    lock.unlock();
    const bool worked = RunOne(call);
    lock.lock();
    if (worked) continue;
    wake_.wait_for(lock, kLookAgain, [&] { return stop_ || wakes_ != seen; });
  }
}

/// Whether there may be more. What fails here fails because of the store or the disk, and is tried
/// again later: the items that it was about have their own outcomes.
bool JobWorkers::RunOne(const CallOptions& call) {
  try {
    const Result<bool> worked = core_.RunOneJobItem(call);
    return worked.ok() && *worked;
  } catch (const std::bad_alloc&) {
    return false;  // The lock is gone, so that the item is queued again.
  }
}

}  // namespace xnatarchive
