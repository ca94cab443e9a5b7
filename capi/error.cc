#include "error.hpp"

#include <memory>

#include "guard.hpp"

namespace xnatarchive::capi {
namespace {

// What is told when there is no memory to tell anything: its handle has a number no other has.
xna_error* const kNoMemoryHandle = reinterpret_cast<xna_error*>(HandleTraits<xna_error>::kTag);

const Error& NoMemoryError() {
  static const auto& error =
      *new Error(Status(Code::kNoMemory, "capi.no-memory", "memory ran out"), 0);
  return error;
}
// Made while there is memory.
const Error& made_at_load = NoMemoryError();

/// A member of an error; `otherwise` for what is none.
template <typename Get>
auto Read(const xna_error* handle, decltype(std::declval<Get>()(made_at_load)) otherwise,
          const Get& get) noexcept {
  if (handle == kNoMemoryHandle) return get(made_at_load);
  const auto error = Find(handle);
  return error == nullptr ? otherwise : get(*error);
}

}  // namespace

Error::Error(const Status& failure, std::int32_t its_host_status)
    : status(static_cast<std::int32_t>(failure.code())),
      host_status(its_host_status),
      reason(failure.reason()),
      message(failure.message()),
      path(failure.path()),
      disk_state(static_cast<std::int32_t>(failure.disk_state())),
      os_errno(failure.os_errno()) {}

xna_status StoreNoMemory(xna_error** out_error) noexcept {
  if (out_error != nullptr) *out_error = kNoMemoryHandle;
  return XNA_E_NO_MEMORY;
}

xna_status StoreInternal(xna_error** out_error) noexcept {
  try {
    return StoreError(out_error,
                      Status(Code::kInternal, "capi.internal", "an unexpected exception"));
  } catch (...) {
    return StoreNoMemory(out_error);
  }
}

xna_status StoreError(xna_error** out_error, const Status& failure) noexcept {
  try {
    const bool by_host = failure.code() == Code::kHandlerFailed;
    if (Frame* const frame = Frame::Innermost()) frame->NoteFailure(failure);
    if (out_error != nullptr) {
      *out_error =
          Add<xna_error>(std::make_shared<Error>(failure, by_host ? Frame::LastHostStatus() : 0));
    }
    return static_cast<xna_status>(failure.code());
  } catch (...) {
    return StoreNoMemory(out_error);
  }
}

Status BadHandle(std::string_view what) {
  return Status(Code::kInvalidArgument, "capi.bad-handle",
                "expected the handle of an open " + std::string(what));
}

Status NullArgument(std::string_view what) {
  return Status(Code::kInvalidArgument, "capi.null-argument", std::string(what) + " is NULL");
}

}  // namespace xnatarchive::capi

using xnatarchive::capi::Error;
using xnatarchive::capi::Read;

void xna_error_free(xna_error* error) { xnatarchive::capi::Take(error); }

xna_status xna_error_status(const xna_error* error) {
  return Read(error, XNA_E_INVALID_ARGUMENT, [](const Error& e) { return e.status; });
}

int32_t xna_error_host_status(const xna_error* error) {
  return Read(error, 0, [](const Error& e) { return e.host_status; });
}

const char* xna_error_reason(const xna_error* error) {
  return Read(error, nullptr, [](const Error& e) { return e.reason.c_str(); });
}

const char* xna_error_message(const xna_error* error) {
  return Read(error, nullptr, [](const Error& e) { return e.message.c_str(); });
}

const char* xna_error_path(const xna_error* error) {
  return Read(error, nullptr, [](const Error& e) { return e.path.c_str(); });
}

int32_t xna_error_disk_state(const xna_error* error) {
  return Read(error, -1, [](const Error& e) { return e.disk_state; });
}

int32_t xna_error_os_errno(const xna_error* error) {
  return Read(error, 0, [](const Error& e) { return e.os_errno; });
}
