// host_callbacks.hpp - a struct of the host's functions, owned: released once, when nobody will
// call any of them again.
#ifndef XNATARCHIVE_CAPI_HOST_CALLBACKS_HPP_
#define XNATARCHIVE_CAPI_HOST_CALLBACKS_HPP_

#include <memory>
#include <string_view>

#include "guard.hpp"
#include "structs.hpp"

namespace xnatarchive::capi {

/// Owns a copy of the struct.
template <typename Struct>
class HostCallbacks {
 public:
  explicit HostCallbacks(const Struct& callbacks) : callbacks_(callbacks) {}
  ~HostCallbacks() {
    if (callbacks_.release == nullptr) return;
    Quietly([&] { callbacks_.release(callbacks_.ctx); });
  }
  HostCallbacks(const HostCallbacks&) = delete;
  HostCallbacks& operator=(const HostCallbacks&) = delete;

  const Struct* operator->() const { return &callbacks_; }

 private:
  const Struct callbacks_;
};

template <typename Struct>
using SharedCallbacks = std::shared_ptr<const HostCallbacks<Struct>>;

/// Takes the host's callbacks over; null for NULL. `required` is the member that may not be NULL.
/// kInvalidArgument "capi.no-callback" when it is, and the failures of ReadStruct.
template <typename Struct, typename Function>
Status TakeOver(const Struct* from, Function Struct::*required, std::string_view what,
                SharedCallbacks<Struct>* to) {
  if (from == nullptr) return Status();
  Struct callbacks;
  Status status = ReadStruct(from, 0, &callbacks);
  if (!status.ok()) return status;
  try {
    *to = std::make_shared<HostCallbacks<Struct>>(callbacks);
  } catch (...) {
    const HostCallbacks<Struct> released(callbacks);
    throw;
  }
  if (callbacks.*required != nullptr) return status;
  return Status(Code::kInvalidArgument, "capi.no-callback",
                "a function the " + std::string(what) + " needs is NULL");
}

}  // namespace xnatarchive::capi

#endif  // XNATARCHIVE_CAPI_HOST_CALLBACKS_HPP_
