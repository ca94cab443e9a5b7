// byte_stream.hpp - bytes that a host has or wants in some other way than as a file: an upload that
// is still coming in, a buffer, a response that is sent while it is made.
#ifndef XNATARCHIVE_BYTE_STREAM_HPP_
#define XNATARCHIVE_BYTE_STREAM_HPP_

#include <cstddef>
#include <functional>
#include <string_view>

#include "xnatarchive/status.hpp"

namespace xnatarchive {

/// Gives the next bytes: at least one and at most `size` (never 0) into `buffer`, and how many; 0
/// at the end. Waits for them. Called on the thread of the call it was given to, not after its end,
/// and not after it has failed or said that it is at its end.
///
/// A failure ends that call with its code, which is also how a host gives up an input; an exception
/// is kHandlerFailed "input.threw", a count above `size` kHandlerFailed "input.bad-count".
using InputStream = std::function<Result<std::size_t>(void* buffer, std::size_t size)>;

/// Takes all of the next bytes, which are valid during the call only. Called as InputStream is. A
/// failure ends the call it was given to with its code; an exception is kHandlerFailed
/// "output.threw".
using OutputStream = std::function<Status(std::string_view bytes)>;

}  // namespace xnatarchive

#endif  // XNATARCHIVE_BYTE_STREAM_HPP_
