#include "store/fair_mutex.hpp"

#include <doctest/doctest.h>

#include <algorithm>
#include <vector>

namespace xnatarchive {

TEST_SUITE("store.fair_mutex") {
  TEST_CASE("whoever has it may take it again, and everybody who waits has it in turn") {
    FairMutex mutex;
    int inside = 0;
    int most_inside = 0;
    int turns = 0;
    std::vector<std::thread> threads;
    for (int i = 0; i < 8; ++i) {
      threads.emplace_back([&] {
        for (int turn = 0; turn < 1000; ++turn) {
          const std::lock_guard<FairMutex> outer(mutex);
          const std::lock_guard<FairMutex> inner(mutex);
          most_inside = std::max(most_inside, ++inside);
          ++turns;
          --inside;
        }
      });
    }
    for (std::thread& thread : threads) thread.join();
    CHECK(most_inside == 1);
    CHECK(turns == 8000);
  }

  TEST_CASE("it is had in the order in which it was asked for") {
    FairMutex mutex;
    std::vector<int> order;
    std::vector<std::thread> threads;
    mutex.lock();
    for (int i = 0; i < 5; ++i) {
      threads.emplace_back([&, i] {
        const std::lock_guard<FairMutex> lock(mutex);
        order.push_back(i);
      });
      while (mutex.waiting() <= static_cast<std::size_t>(i)) std::this_thread::yield();
    }
    mutex.unlock();
    mutex.lock();  // after all who have asked before
    order.push_back(5);
    mutex.unlock();
    for (std::thread& thread : threads) thread.join();
    CHECK(order == std::vector<int>{0, 1, 2, 3, 4, 5});
  }
}

}  // namespace xnatarchive
