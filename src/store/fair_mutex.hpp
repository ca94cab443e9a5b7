// fair_mutex.hpp - a recursive mutex that is had in the order in which it was asked for.
//
// Every request of a host goes through the one connection to the database. With
// std::recursive_mutex whoever runs takes it again before those who wait have woken up: of 64
// requests at once some wait several times as long as the others.
#ifndef XNATARCHIVE_STORE_FAIR_MUTEX_HPP_
#define XNATARCHIVE_STORE_FAIR_MUTEX_HPP_

#include <condition_variable>
#include <cstddef>
#include <deque>
#include <mutex>
#include <thread>

namespace xnatarchive {

/// For std::lock_guard. A thread that has it may lock it again; it gives it up by as many unlocks.
class FairMutex {
 public:
  void lock() {
    std::unique_lock<std::mutex> gate(gate_);
    const std::thread::id self = std::this_thread::get_id();
    if (depth_ > 0 && owner_ == self) {
      ++depth_;
      return;
    }
    if (depth_ > 0) {
      Waiter waiter;
      waiters_.push_back(&waiter);
      waiter.turn_came.wait(gate, [&] { return waiter.has_turn; });
    }
    owner_ = self;
    depth_ = 1;
  }

  void unlock() {
    const std::lock_guard<std::mutex> gate(gate_);
    if (depth_ > 1) {
      --depth_;
      return;
    }
    owner_ = std::thread::id();
    if (waiters_.empty()) {
      depth_ = 0;
      return;
    }
    // It stays locked, for the first of those who wait, who can not return while the gate is ours.
    waiters_.front()->has_turn = true;
    waiters_.front()->turn_came.notify_one();
    waiters_.pop_front();
  }

  /// How many threads wait for it.
  std::size_t waiting() const {
    const std::lock_guard<std::mutex> gate(gate_);
    return waiters_.size();
  }

 private:
  struct Waiter {
    std::condition_variable turn_came;
    bool has_turn = false;
  };

  mutable std::mutex gate_;  ///< Guards the rest; held for moments only.
  std::thread::id owner_;
  unsigned depth_ = 0;
  std::deque<Waiter*> waiters_;
};

}  // namespace xnatarchive

#endif  // XNATARCHIVE_STORE_FAIR_MUTEX_HPP_
