// idle_timer.hpp - builds, and archives, what is sent file by file, when nothing of it comes any
// more.
#ifndef XNATARCHIVE_SERVER_IDLE_TIMER_HPP_
#define XNATARCHIVE_SERVER_IDLE_TIMER_HPP_

#include <condition_variable>
#include <cstdint>
#include <functional>
#include <mutex>
#include <string>
#include <thread>

#include "xnatarchive/archive_engine.hpp"

namespace server {

/// Calls ArchiveEngine::CommitIdle whenever something may be due, on a thread of its own, for as
/// long as it lives. Its end stops the call that runs, which leaves what is not done due.
class IdleTimer {
 public:
  /// The engine outlives it. `note` is told why nothing could be done; of single sessions the event
  /// sink is told.
  IdleTimer(xnatarchive::ArchiveEngine& engine, std::function<void(const std::string&)> note);
  ~IdleTimer();
  IdleTimer(const IdleTimer&) = delete;
  IdleTimer& operator=(const IdleTimer&) = delete;

 private:
  void Run();
  std::int64_t CommitOnce();
  bool Stopping();

  xnatarchive::ArchiveEngine& engine_;
  const std::function<void(const std::string&)> note_;
  std::mutex mutex_;
  std::condition_variable stopped_;
  bool stopping_ = false;  // under mutex_
  std::thread thread_;     // last: it uses the others
};

}  // namespace server

#endif  // XNATARCHIVE_SERVER_IDLE_TIMER_HPP_
