// guard.hpp - what is around the body of every function of the C interface: nothing is thrown out
// of it, and every failure becomes a status and, where the caller wants one, an xna_error.
#ifndef XNATARCHIVE_CAPI_GUARD_HPP_
#define XNATARCHIVE_CAPI_GUARD_HPP_

#include <new>
#include <string_view>
#include <utility>

#include "frames.hpp"
#include "handles.hpp"
#include "xnatarchive/status.hpp"

namespace xnatarchive::capi {

/// Stores the failure where the caller wants it, and gives its code. Works without memory.
xna_status StoreError(xna_error** out_error, const Status& failure) noexcept;
xna_status StoreNoMemory(xna_error** out_error) noexcept;
xna_status StoreInternal(xna_error** out_error) noexcept;

/// Runs `body`, which returns a Status.
template <typename Body>
xna_status Guard(xna_error** out_error, const Body& body) noexcept {
  if (out_error != nullptr) *out_error = nullptr;
  try {
    const Status status = body();
    if (status.ok()) return XNA_OK;
    return StoreError(out_error, status);
  } catch (const std::bad_alloc&) {
    return StoreNoMemory(out_error);
  } catch (...) {
    return StoreInternal(out_error);
  }
}

/// Runs `body` where there is no way to tell of a failure.
template <typename Body>
void Quietly(const Body& body) noexcept {
  try {
    body();
  } catch (...) {
    // Only memory can have run out: the caller gets what it gets for a bad handle.
  }
}

/// kInvalidArgument "capi.bad-handle".
Status BadHandle(std::string_view what);
/// kInvalidArgument "capi.null-argument".
Status NullArgument(std::string_view what);

/// Runs `body` with what the handle stands for, while nobody else can touch it. `complete`:
/// whether the out parameters are there.
template <typename Handle, typename Body>
xna_status GuardScoped(const Handle* handle, std::string_view what, xna_error** out_error,
                       bool complete, const Body& body) noexcept {
  return Guard(out_error, [&] {
    if (!complete) return NullArgument("an out parameter");
    const Using found(handle);
    if (!found) return BadHandle(what);
    Status status = body(*found);
    Frame* const frame = found->scope().frame;
    if (!status.ok() && frame != nullptr) frame->NoteFailure(status);
    return status;
  });
}

/// Sets an out parameter to NULL; false when there is none.
template <typename Handle>
bool ClearOut(Handle** out) noexcept {
  if (out != nullptr) *out = nullptr;
  return out != nullptr;
}

inline std::string_view TextOr(const char* text, std::string_view otherwise) {
  return text == nullptr ? otherwise : std::string_view(text);
}

}  // namespace xnatarchive::capi

#endif  // XNATARCHIVE_CAPI_GUARD_HPP_
