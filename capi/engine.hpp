// engine.hpp - what stands behind xna_engine, and what every call on one has in common.
#ifndef XNATARCHIVE_CAPI_ENGINE_HPP_
#define XNATARCHIVE_CAPI_ENGINE_HPP_

#include <atomic>
#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <utility>

#include "guard.hpp"
#include "handles.hpp"
#include "host_callbacks.hpp"
#include "listing.hpp"
#include "report.hpp"
#include "text.hpp"
#include "xnatarchive/archive_engine.hpp"

namespace xnatarchive::capi {

/// An engine, its log, and nothing else. Shared by its handle and by every call and task on it.
class Engine : public std::enable_shared_from_this<Engine> {
 public:
  /// One that is not open yet. The last owner closes it; from inside a callback, which may run on a
  /// thread that closing waits for, on a thread of its own.
  static std::shared_ptr<Engine> Make(SharedCallbacks<xna_log_sink> log);

  ArchiveEngine& archive() const { return *archive_; }
  void Opened(std::unique_ptr<ArchiveEngine> archive) { archive_ = std::move(archive); }

  /// A phase of Progress as text that stays.
  static const char* StaticPhase(std::string_view phase);

  void Log(std::int32_t level, const std::string& text) const;
  /// A call, or a part of one, failed.
  void LogFailure(std::string_view what, const Status& failure) const;

 private:
  explicit Engine(SharedCallbacks<xna_log_sink> log) : log_(std::move(log)) {}
  static void Delete(Engine* engine) noexcept;

  SharedCallbacks<xna_log_sink> log_;
  std::unique_ptr<ArchiveEngine> archive_;
};

/// How far a call is, in C.
xna_progress ToC(const Progress& progress);

/// What stands behind xna_cancel.
class Cancel {
 public:
  void Request() { requested_ = true; }
  bool requested() const { return requested_; }

 private:
  std::atomic<bool> requested_{false};
};

/// Who calls, and how the call reports and stops: xna_call_options, taken over.
class Call {
 public:
  explicit Call(const xna_call_options* options);

  /// Why the options are none; OK when they are.
  const Status& status() const { return status_; }
  /// For the engine, which outlives what is returned, as this object does. `watch` hears progress
  /// too, and says whether to go on.
  CallOptions For(const std::shared_ptr<const Engine>& engine,
                  const std::function<bool(const Progress&)>& watch = {}) const;

 private:
  Status Read(const xna_call_options* options);

  std::string user_;
  std::string origin_;
  SharedCallbacks<xna_progress_sink> progress_;
  std::shared_ptr<const Cancel> cancel_;
  Status status_;
};

/// Whether the log learns of a call's failure from the call, or from the event it makes.
enum class FailureLog { kByCall, kByEvent };

/// Runs `body(ArchiveEngine&, const CallOptions&, engine)`, which returns a Status, as a call of
/// the C interface. `complete`: whether the out parameters are there.
template <typename Body>
Status OnEngine(const xna_engine* handle, const xna_call_options* options, Access access,
                bool complete, FailureLog failures, const Body& body) {
  Frame::SetHostStatus(0);
  const Call call(options);
  if (!complete) return NullArgument("an out parameter");
  const std::shared_ptr<const Engine> engine = Find(handle);
  if (engine == nullptr) return BadHandle("engine");
  if (!call.status().ok()) return call.status();
  Status status = Frame::CheckMayCall(*engine, access);
  if (!status.ok()) return status;
  status = body(engine->archive(), call.For(engine), engine);
  if (!status.ok() && failures == FailureLog::kByCall) engine->LogFailure("call", status);
  return status;
}

/// The same as a function of the C interface; `body(ArchiveEngine&, const CallOptions&)`.
template <typename Body>
xna_status CallEngine(xna_engine* handle, const xna_call_options* options, Access access,
                      bool complete, xna_error** out_error, const Body& body,
                      FailureLog failures = FailureLog::kByCall) noexcept {
  return Guard(out_error, [&] {
    return OnEngine(handle, options, access, complete, failures,
                    [&](ArchiveEngine& engine, const CallOptions& call,
                        const std::shared_ptr<const Engine>&) { return body(engine, call); });
  });
}

/// Stores a report where the caller wants one; the failure when there is none.
template <typename Value>
Status Store(Result<Value> result, xna_report** out) {
  if (!result.ok()) return std::move(result).status();
  if (out != nullptr) *out = Add<xna_report>(MakeReport(std::move(result).value()));
  return Status();
}

inline Status Store(Result<Table> result, xna_listing** out) {
  if (!result.ok()) return std::move(result).status();
  *out = Add<xna_listing>(std::make_shared<Listing>(std::move(result).value()));
  return Status();
}

inline Status Store(Result<std::string> result, xna_text** out) {
  if (!result.ok()) return std::move(result).status();
  return StoreText(std::move(result).value(), out);
}

}  // namespace xnatarchive::capi

#endif  // XNATARCHIVE_CAPI_ENGINE_HPP_
