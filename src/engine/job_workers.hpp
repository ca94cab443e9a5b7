// job_workers.hpp - the threads of an engine whose host wants it to work jobs off by itself.
#ifndef XNATARCHIVE_ENGINE_JOB_WORKERS_HPP_
#define XNATARCHIVE_ENGINE_JOB_WORKERS_HPP_

#include <atomic>
#include <condition_variable>
#include <cstdint>
#include <memory>
#include <mutex>
#include <thread>
#include <vector>

#include "engine/core.hpp"

namespace xnatarchive {

/// Threads that take one item after the other, until they are stopped. `core` outlives it.
class JobWorkers {
 public:
  /// kIo "engine.no-threads" when the host has not one thread left; some are enough.
  static Result<std::unique_ptr<JobWorkers>> Start(ArchiveEngine::Core& core, unsigned count);
  /// Stops them, and waits.
  ~JobWorkers();
  JobWorkers(const JobWorkers&) = delete;
  JobWorkers& operator=(const JobWorkers&) = delete;

  /// Tells them to stop: items they are at are put back into the queue, or end first when they are
  /// past the point where they can be cancelled.
  void Stop();
  /// Stops them, and returns when they have ended. Not on a thread of theirs.
  void StopAndWait();

  /// There is work. What other processes submit is found within half a second without this.
  void Wake();

 private:
  explicit JobWorkers(ArchiveEngine::Core& core) : core_(core) {}
  void Work();
  bool RunOne(const CallOptions& call);

  ArchiveEngine::Core& core_;
  std::atomic<bool> stop_{false};
  std::mutex mutex_;
  std::condition_variable wake_;
  std::uint64_t wakes_ = 0;  // under mutex_
  std::mutex ending_;  // by one at a time
  std::vector<std::thread> threads_;
};

}  // namespace xnatarchive

#endif  // XNATARCHIVE_ENGINE_JOB_WORKERS_HPP_
