// c_strategies.hpp - a host whose strategies are C functions: each does the work a good one does,
// through the C interface, and then what the test says.
#ifndef XNATARCHIVE_TESTS_CONFORMANCE_C_STRATEGIES_HPP_
#define XNATARCHIVE_TESTS_CONFORMANCE_C_STRATEGIES_HPP_

#include <functional>
#include <memory>

#include "xnatarchive/archive_engine.hpp"

namespace xnatarchive {

/// What a C callback does at its end; a failure becomes the status it returns.
using CBehaviour = std::function<Status(const Cancelled&)>;

struct CBehaviours {
  CBehaviour allows;
  CBehaviour transform;  ///< After every file was rewritten to what it is.
  CBehaviour validate;
  CBehaviour launch;
  CBehaviour notify;
  CBehaviour describe;  ///< After every file was kept, in one session "X1".
  int released = 0;     ///< Structs whose release was called; there are six.
};

/// Sets the strategies of `options`, and makes a handler "test". `behaviours` outlives both.
std::unique_ptr<ImportHandler> UseCStrategies(CBehaviours* behaviours, EngineOptions* options);

}  // namespace xnatarchive

#endif  // XNATARCHIVE_TESTS_CONFORMANCE_C_STRATEGIES_HPP_
