// worker_pool.hpp - a fixed number of threads and a bounded number of tasks that wait for one.
#ifndef XNATARCHIVE_SERVER_WORKER_POOL_HPP_
#define XNATARCHIVE_SERVER_WORKER_POOL_HPP_

#include <atomic>
#include <condition_variable>
#include <cstddef>
#include <deque>
#include <functional>
#include <mutex>
#include <thread>
#include <vector>

namespace server {

/// Threads: Add and waiting may be called from any; Finish once.
class WorkerPool {
 public:
  using Task = std::function<void()>;

  WorkerPool(std::size_t workers, std::size_t waiting_max);
  ~WorkerPool() { Finish(); }
  WorkerPool(const WorkerPool&) = delete;
  WorkerPool& operator=(const WorkerPool&) = delete;

  /// False when so many wait already that `task` is not taken.
  bool Add(const Task& task);
  /// Waits until every task that was taken is done; the threads end.
  void Finish();
  std::size_t waiting() const { return waiting_; }

 private:
  void Work();

  const std::size_t waiting_max_;
  std::mutex mutex_;
  std::condition_variable changed_;
  std::deque<Task> tasks_;
  std::atomic<std::size_t> waiting_{0};  ///< tasks_.size(), to be read without the mutex.
  bool finishing_ = false;
  std::vector<std::thread> threads_;
};

}  // namespace server

#endif  // XNATARCHIVE_SERVER_WORKER_POOL_HPP_
