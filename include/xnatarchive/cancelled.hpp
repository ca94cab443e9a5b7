// cancelled.hpp - how a host's strategy learns that nobody waits for its answer any longer.
#ifndef XNATARCHIVE_CANCELLED_HPP_
#define XNATARCHIVE_CANCELLED_HPP_

#include <functional>

namespace xnatarchive {

/// True once the caller of the engine asked to stop: CallOptions::progress returned false. Never,
/// when the caller gave no `progress`.
///
/// A strategy that may take long asks it again and again, as often as it likes, and then returns
/// soon, whatever it returns: the engine ends the call with kCancelled, or, where the change is
/// made already, goes on without an answer. Asking calls `progress` at most ten times a second. On
/// the thread the strategy was called on only, and not after it has returned.
using Cancelled = std::function<bool()>;

}  // namespace xnatarchive

#endif  // XNATARCHIVE_CANCELLED_HPP_
