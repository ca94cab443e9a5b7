// frames.hpp - the callbacks that are running on this thread, innermost first.
//
// Every callback of the host is one Frame. It is how a call that the host makes from inside a
// callback learns what it may do there, and how a failure of the library that a callback passes on
// keeps its reason.
#ifndef XNATARCHIVE_CAPI_FRAMES_HPP_
#define XNATARCHIVE_CAPI_FRAMES_HPP_

#include <memory>
#include <new>
#include <string>
#include <string_view>

#include "handles.hpp"
#include "scope.hpp"
#include "xnatarchive/cancelled.hpp"
#include "xnatarchive/status.hpp"

namespace xnatarchive::capi {

/// What a callback may not do with the engine it comes from.
enum class Forbids { kNothing, kChanges, kEverything };
/// What a call does to the engine.
enum class Access { kReads, kChanges };

/// One callback that runs; on the stack of its thread.
class Frame {
 public:
  /// `engine` may be null: then none can be called.
  Frame(std::shared_ptr<const Engine> engine, Forbids forbids);
  ~Frame();
  Frame(const Frame&) = delete;
  Frame& operator=(const Frame&) = delete;

  /// Why the callback will have failed: the last one counts.
  void Explain(std::string_view reason, std::string_view message);

  /// What a callback that returned `result` has said, of a hook such as "handler". XNA_PASSTHROUGH
  /// is not for this. Takes the scope's lock.
  Status Outcome(std::string_view hook, xna_status result);
  /// Outcome of what `function`, which calls the host's, returns. An exception is kHandlerFailed
  /// "<hook>.threw", and not told: it may hold what no message may. std::bad_alloc passes.
  template <typename Function>
  Status OutcomeOf(std::string_view hook, const Function& function) {
    xna_status result = XNA_OK;
    try {
      result = function();
    } catch (const std::bad_alloc&) {
      throw;
    } catch (...) {
      return Threw(hook);
    }
    return Outcome(hook, result);
  }

  /// kInvalidArgument "capi.reentered" when a callback on this thread forbids it.
  static Status CheckMayCall(const Engine& engine, Access access);
  /// A function of the library has failed that the callback may pass on, on whatever thread: the
  /// callback's own, or one that it gave a handle. Takes the scope's lock.
  void NoteFailure(const Status& failure);
  /// The innermost callback of this thread; null in none.
  static Frame* Innermost();
  /// What the host's own status was that the last callback on this thread failed with; 0: none.
  static xna_status LastHostStatus();
  /// 0 at the beginning of a call; of a task that has ended, what it was there.
  static void SetHostStatus(xna_status status);

  const Engine* engine() const { return engine_.get(); }
  /// Of the handles that are given to the callback.
  const std::shared_ptr<Scope>& scope() const { return scope_; }

 private:
  static Status Threw(std::string_view hook);

  Frame* const outer_;
  const std::shared_ptr<Scope> scope_;
  // Keeps the engine while its callback runs, which may free the handle.
  std::shared_ptr<const Engine> engine_;
  const Forbids forbids_;
  bool explained_ = false;
  std::string reason_;
  std::string message_;
  Status library_failure_;
};

/// What stands behind an xna_callback.
class Callback : public Scoped {
 public:
  Callback(const Frame& frame, const Cancelled* cancelled, std::string* output)
      : Scoped(frame.scope()), cancelled_(cancelled), output_(output) {}

  bool cancelled() const { return cancelled_ != nullptr && *cancelled_ && (*cancelled_)(); }
  /// Null in callbacks that print nothing.
  std::string* output() const { return output_; }

 private:
  const Cancelled* cancelled_;
  std::string* output_;
};

/// Runs one callback: `call` gets its frame and xna_callback, and returns what the host's function
/// did.
template <typename Call>
Status RunCallback(std::string_view hook, std::shared_ptr<const Engine> engine, Forbids forbids,
                   const Cancelled* cancelled, const Call& call, std::string* output = nullptr) {
  Frame frame(std::move(engine), forbids);
  const ScopedHandle<xna_callback> callback(std::make_shared<Callback>(frame, cancelled, output));
  return frame.OutcomeOf(hook, [&] { return call(frame, callback.get()); });
}

}  // namespace xnatarchive::capi

#endif  // XNATARCHIVE_CAPI_FRAMES_HPP_
