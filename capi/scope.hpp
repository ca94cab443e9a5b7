// scope.hpp - how long what a handle refers to may be touched, and by one thread at a time.
//
// What a callback is given lives on the stack of the call it is in. A host may hand such a handle
// to another thread (Node runs callbacks of other threads on its main thread, which waits for it),
// so every use holds the scope's lock, and the callback's end waits for the use to be over.
#ifndef XNATARCHIVE_CAPI_SCOPE_HPP_
#define XNATARCHIVE_CAPI_SCOPE_HPP_

#include <condition_variable>
#include <memory>
#include <mutex>

#include "handles.hpp"

namespace xnatarchive::capi {

class Frame;

/// Shared by everything that is touched under one lock.
struct Scope {
  std::recursive_mutex mutex;
  bool live = true;
  Frame* frame = nullptr;  ///< Of the callback, while it is live.
  /// Calls that run the host's functions, with the lock let go. The scope stays live meanwhile.
  int visits = 0;
  std::condition_variable_any visited;
};

/// One such call, as long as this object.
class VisitedScope {
 public:
  /// The scope's lock is held, and it is live.
  explicit VisitedScope(Scope& scope) : scope_(scope) { ++scope_.visits; }
  ~VisitedScope() {
    const std::lock_guard<std::recursive_mutex> lock(scope_.mutex);
    --scope_.visits;
    scope_.visited.notify_all();
  }
  VisitedScope(const VisitedScope&) = delete;
  VisitedScope& operator=(const VisitedScope&) = delete;

 private:
  Scope& scope_;
};

/// What has a scope.
class Scoped {
 public:
  explicit Scoped(std::shared_ptr<Scope> scope) : scope_(std::move(scope)) {}
  Scoped(const Scoped&) = delete;
  Scoped& operator=(const Scoped&) = delete;

  Scope& scope() const { return *scope_; }
  const std::shared_ptr<Scope>& shared_scope() const { return scope_; }

 private:
  const std::shared_ptr<Scope> scope_;
};

/// A handle in use: found, and locked as long as this object. Null when it is none, or over.
template <typename Handle>
class Using {
 public:
  explicit Using(const Handle* handle) : object_(Find(handle)) {
    if (object_ == nullptr) return;
    lock_ = std::unique_lock<std::recursive_mutex>(object_->scope().mutex);
    live_ = object_->scope().live;
  }
  Using(const Using&) = delete;
  Using& operator=(const Using&) = delete;

  explicit operator bool() const { return live_; }
  const std::shared_ptr<ObjectOf<Handle>>& shared() const { return object_; }
  ObjectOf<Handle>* operator->() const { return object_.get(); }
  ObjectOf<Handle>& operator*() const { return *object_; }

 private:
  std::shared_ptr<ObjectOf<Handle>> object_;
  std::unique_lock<std::recursive_mutex> lock_;  // let go before the object that has the mutex
  bool live_ = false;
};

}  // namespace xnatarchive::capi

#endif  // XNATARCHIVE_CAPI_SCOPE_HPP_
