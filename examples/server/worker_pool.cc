#include "worker_pool.hpp"

#include <utility>

namespace server {

WorkerPool::WorkerPool(std::size_t workers, std::size_t waiting_max) : waiting_max_(waiting_max) {
  for (std::size_t i = 0; i < workers; ++i) threads_.emplace_back([this] { Work(); });
}

bool WorkerPool::Add(const Task& task) {
  {
    const std::lock_guard<std::mutex> lock(mutex_);
    if (tasks_.size() >= waiting_max_) return false;
    tasks_.push_back(task);
    waiting_ = tasks_.size();
  }
  changed_.notify_one();
  return true;
}

void WorkerPool::Finish() {
  {
    const std::lock_guard<std::mutex> lock(mutex_);
    finishing_ = true;
  }
  changed_.notify_all();
  for (std::thread& thread : threads_) thread.join();
  threads_.clear();
}

void WorkerPool::Work() {
  std::unique_lock<std::mutex> lock(mutex_);
  while (true) {
    changed_.wait(lock, [this] { return finishing_ || !tasks_.empty(); });
    if (tasks_.empty()) return;
    const Task task = std::move(tasks_.front());
    tasks_.pop_front();
    waiting_ = tasks_.size();
    lock.unlock();
    task();
    lock.lock();
  }
}

}  // namespace server
