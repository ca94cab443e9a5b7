#include "base/parallel.hpp"

#include <doctest/doctest.h>

#include <atomic>
#include <new>
#include <vector>

namespace xnatarchive {

TEST_SUITE("base.parallel") {
  TEST_CASE("every index is worked on once, whatever the number of threads") {
    for (const unsigned threads : {0u, 1u, 2u, 7u}) {
      std::vector<std::atomic<int>> seen(1000);
      const Status status = ParallelFor(seen.size(), threads, [&](std::size_t i) {
        ++seen[i];
        return Status();
      });
      REQUIRE(status.ok());
      for (const auto& count : seen) REQUIRE(count == 1);
    }
  }

  TEST_CASE("a failure stops the work and is returned; an exception reaches the caller") {
    std::atomic<int> done{0};
    const Status status = ParallelFor(100000, 2, [&](std::size_t i) {
      ++done;
      return i == 10 ? Status(Code::kIo, "test.fail", "no") : Status();
    });
    CHECK_FALSE(status.ok());
    CHECK(status.reason() == "test.fail");
    CHECK(done < 100000);
    const auto throwing = [](std::size_t) -> Status { throw std::bad_alloc(); };
    CHECK_THROWS_AS((void)ParallelFor(4, 2, throwing).ok(), std::bad_alloc);
  }
}

}  // namespace xnatarchive
