// handles.hpp - the handles the C interface gives out, and what stands behind each.
//
// A handle is a number, not an address: the table below knows which are good and of what type, so
// that garbage, a handle of another type and one that was freed are told apart without touching
// memory. Looking one up shares ownership, so that a handle may be freed while another thread
// uses it.
#ifndef XNATARCHIVE_CAPI_HANDLES_HPP_
#define XNATARCHIVE_CAPI_HANDLES_HPP_

#include <cstdint>
#include <memory>
#include <utility>

#include "xnatarchive.h"

namespace xnatarchive::capi {

class Error;
class Text;
class Report;
class Listing;
class Document;
class Engine;
class Task;
class Cancel;
class Callback;
class Candidate;
class TransformedFiles;
class Import;
class VisitedFile;
class DraftedSession;
class Rest;
class Response;

/// What a handle's C type stands for, and its tag.
template <typename Handle>
struct HandleTraits;

#define XNA_HANDLE(handle, object, tag)         \
  template <>                                   \
  struct HandleTraits<handle> {                 \
    using Object = object;                      \
    static constexpr std::uintptr_t kTag = tag; \
  }
XNA_HANDLE(xna_error, Error, 1);
XNA_HANDLE(xna_text, Text, 2);
XNA_HANDLE(xna_report, Report, 3);
XNA_HANDLE(xna_listing, Listing, 4);
XNA_HANDLE(xna_document, Document, 5);
XNA_HANDLE(xna_engine, Engine, 6);
XNA_HANDLE(xna_task, Task, 7);
XNA_HANDLE(xna_cancel, Cancel, 8);
XNA_HANDLE(xna_callback, Callback, 9);
XNA_HANDLE(xna_candidate, Candidate, 10);
XNA_HANDLE(xna_session_files, TransformedFiles, 11);
XNA_HANDLE(xna_import, Import, 12);
XNA_HANDLE(xna_file, VisitedFile, 13);
XNA_HANDLE(xna_session, DraftedSession, 14);
XNA_HANDLE(xna_rest, Rest, 15);
XNA_HANDLE(xna_response, Response, 16);
#undef XNA_HANDLE

/// The number of a new handle with this tag, never given out before. Throws std::bad_alloc.
std::uintptr_t AddHandle(std::uintptr_t tag, std::shared_ptr<void> object);
/// What stands behind it; null when it is none, or has another tag.
std::shared_ptr<void> FindHandle(std::uintptr_t tag, std::uintptr_t handle) noexcept;
/// The same, and it is no handle from here on.
std::shared_ptr<void> TakeHandle(std::uintptr_t tag, std::uintptr_t handle) noexcept;

template <typename Handle>
using ObjectOf = typename HandleTraits<Handle>::Object;

template <typename Handle>
Handle* Add(std::shared_ptr<ObjectOf<Handle>> object) {
  return reinterpret_cast<Handle*>(AddHandle(HandleTraits<Handle>::kTag, std::move(object)));
}

template <typename Handle>
std::shared_ptr<ObjectOf<Handle>> Find(const Handle* handle) noexcept {
  return std::static_pointer_cast<ObjectOf<Handle>>(
      FindHandle(HandleTraits<Handle>::kTag, reinterpret_cast<std::uintptr_t>(handle)));
}

template <typename Handle>
std::shared_ptr<ObjectOf<Handle>> Take(Handle* handle) noexcept {
  return std::static_pointer_cast<ObjectOf<Handle>>(
      TakeHandle(HandleTraits<Handle>::kTag, reinterpret_cast<std::uintptr_t>(handle)));
}

/// A handle that is good as long as this object, such as during a callback.
template <typename Handle>
class ScopedHandle {
 public:
  explicit ScopedHandle(std::shared_ptr<ObjectOf<Handle>> object)
      : handle_(Add<Handle>(std::move(object))) {}
  ~ScopedHandle() { Take(handle_); }
  ScopedHandle(const ScopedHandle&) = delete;
  ScopedHandle& operator=(const ScopedHandle&) = delete;

  Handle* get() const { return handle_; }

 private:
  Handle* const handle_;
};

}  // namespace xnatarchive::capi

#endif  // XNATARCHIVE_CAPI_HANDLES_HPP_
