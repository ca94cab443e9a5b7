// parallel.hpp - run independent work on a few threads that live only for the call.
#ifndef XNATARCHIVE_BASE_PARALLEL_HPP_
#define XNATARCHIVE_BASE_PARALLEL_HPP_

#include <cstddef>
#include <functional>

#include "xnatarchive/status.hpp"

namespace xnatarchive {

/// Calls `work(i)` once for each i in [0, count), on the calling thread and `threads - 1` others,
/// which are joined before it returns. After the first failure no new index is started; that
/// failure is returned. An exception of `work` (std::bad_alloc) is passed to the caller.
Status ParallelFor(std::size_t count, unsigned threads,
                   const std::function<Status(std::size_t)>& work);

}  // namespace xnatarchive

#endif  // XNATARCHIVE_BASE_PARALLEL_HPP_
