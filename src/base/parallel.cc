#include "base/parallel.hpp"

#include <algorithm>
#include <atomic>
#include <exception>
#include <mutex>
#include <system_error>
#include <thread>
#include <vector>

namespace xnatarchive {

Status ParallelFor(std::size_t count, unsigned threads,
                   const std::function<Status(std::size_t)>& work) {
  std::atomic<std::size_t> next{0};
  std::atomic<bool> stop{false};
  std::mutex mutex;
  Status first_failure;
  std::exception_ptr exception;

  const auto run = [&] {
    try {
      while (!stop) {
        const std::size_t i = next++;
        if (i >= count) return;
        Status status = work(i);
        if (status.ok()) continue;
        const std::lock_guard<std::mutex> lock(mutex);
        if (!stop.exchange(true)) first_failure = std::move(status);
        return;
      }
    } catch (...) {
      const std::lock_guard<std::mutex> lock(mutex);
      stop = true;
      if (!exception) exception = std::current_exception();
    }
  };

  std::vector<std::thread> others;
  const std::size_t wanted = std::min<std::size_t>(std::max(1u, threads), count);
  try {
    for (std::size_t i = 1; i < wanted; ++i) others.emplace_back(run);
  } catch (const std::system_error&) {
    // The host is out of threads: the work is done by those there are.
  }
  run();
  for (std::thread& thread : others) thread.join();
  if (exception) std::rethrow_exception(exception);
  return first_failure;
}

}  // namespace xnatarchive
