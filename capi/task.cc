// What stands behind xna_task: one call on a thread of its own.
#include <chrono>
#include <condition_variable>
#include <mutex>
#include <system_error>
#include <thread>

#include "requests.hpp"

namespace xnatarchive::capi {

/// Fully thread-safe.
class Task {
 public:
  void RequestCancel() { cancel_.Request(); }

  /// On the task's thread: hears progress, and says whether to go on.
  bool Watch(const Progress& progress) {
    const std::lock_guard<std::mutex> lock(mutex_);
    progress_ = progress;
    progress_.phase = Engine::StaticPhase(progress.phase);
    return !cancel_.requested();
  }
  void Begin() {
    const std::lock_guard<std::mutex> lock(mutex_);
    thread_ = std::this_thread::get_id();
  }
  void End(Status status, std::shared_ptr<Report> report, std::int32_t host_status) {
    const std::lock_guard<std::mutex> lock(mutex_);
    IgnoreError(status, "told by every Result");
    status_ = std::move(status);
    report_ = std::move(report);
    host_status_ = host_status;
    ended_ = true;
    changed_.notify_all();
  }

  bool Wait(std::int64_t timeout_ms) const;
  xna_status Result(xna_report** out_report, xna_error** out_error) const;
  /// Fills what the caller's struct has room for.
  Status CopyProgress(xna_progress* to) const;

 private:
  Cancel cancel_;
  mutable std::mutex mutex_;
  mutable std::condition_variable changed_;
  bool ended_ = false;
  std::thread::id thread_;
  Progress progress_;
  Status status_;
  std::shared_ptr<Report> report_;
  std::int32_t host_status_ = 0;
};

bool Task::Wait(std::int64_t timeout_ms) const {
  constexpr std::int64_t kLongestMs = std::int64_t{1} << 40;  // decades
  std::unique_lock<std::mutex> lock(mutex_);
  if (!ended_ && thread_ == std::this_thread::get_id()) return false;
  if (timeout_ms < 0 || timeout_ms > kLongestMs) timeout_ms = kLongestMs;
  return changed_.wait_for(lock, std::chrono::milliseconds(timeout_ms), [&] { return ended_; });
}

xna_status Task::Result(xna_report** out_report, xna_error** out_error) const {
  return Guard(out_error, [&] {
    const std::lock_guard<std::mutex> lock(mutex_);
    if (!ended_) return Status(Code::kLocked, "task.running", "the task has not ended");
    Frame::SetHostStatus(host_status_);
    if (!status_.ok()) return status_;
    if (out_report != nullptr) *out_report = Add<xna_report>(report_);
    return Status();
  });
}

Status Task::CopyProgress(xna_progress* to) const {
  xna_progress read;
  Status status = ReadStruct(to, 0, &read);
  if (!status.ok()) return status;
  const std::lock_guard<std::mutex> lock(mutex_);
  const xna_progress now = ToC(progress_);
  InitStruct(to, to->struct_size, &now, sizeof now);
  return status;
}

namespace {

/// What a task runs: a call whose request and options it owns.
template <typename Input, typename Run>
class Work {
 public:
  template <typename Given>
  Work(const Given* given, const xna_call_options* options, FailureLog failures, const Run& run)
      : input_(given), call_(options), failures_(failures), run_(run) {}

  const Status& status() const { return input_.status.ok() ? call_.status() : input_.status; }

  /// The outcome, and the report of a good one.
  Status operator()(const std::shared_ptr<const Engine>& engine, Task& task,
                    std::shared_ptr<Report>* report) const {
    const CallOptions options =
        call_.For(engine, [&task](const Progress& progress) { return task.Watch(progress); });
    auto result = run_(engine->archive(), input_.For(engine), options);
    if (!result.ok()) {
      if (failures_ == FailureLog::kByCall) engine->LogFailure("task", result.status());
      return std::move(result).status();
    }
    *report = MakeReport(std::move(result).value());
    return Status();
  }

 private:
  const Input input_;
  const Call call_;
  const FailureLog failures_;
  const Run run_;
};

/// The thread of a task. Callbacks are released, and the engine let go, before the task has ended.
template <typename Work>
void RunTask(std::shared_ptr<Work> work, std::shared_ptr<const Engine> engine, Task& task) {
  Status status;
  std::shared_ptr<Report> report;
  task.Begin();
  Frame::SetHostStatus(0);
  try {
    status = (*work)(engine, task, &report);
  } catch (const std::bad_alloc&) {
    status = Status(Code::kNoMemory, "capi.no-memory", "memory ran out");
  } catch (...) {
    status = Status(Code::kInternal, "capi.internal", "an unexpected exception");
  }
  const std::int32_t host_status = Frame::LastHostStatus();
  work.reset();
  engine.reset();
  task.End(std::move(status), std::move(report), host_status);
}

template <typename Input, typename Given, typename Run>
xna_status Start(xna_engine* handle, const Given* given, const xna_call_options* options,
                 Access access, FailureLog failures, xna_task** out_task, xna_error** out_error,
                 const Run& run) noexcept {
  const bool complete = ClearOut(out_task);
  return Guard(out_error, [&] {
    auto work = std::make_shared<Work<Input, Run>>(given, options, failures, run);
    if (!complete) return NullArgument("out_task");
    std::shared_ptr<const Engine> engine = Find(handle);
    if (engine == nullptr) return BadHandle("engine");
    if (!work->status().ok()) return work->status();
    Status status = Frame::CheckMayCall(*engine, access);
    if (!status.ok()) return status;
    const auto task = std::make_shared<Task>();
    xna_task* const task_handle = Add<xna_task>(task);
    try {
      std::thread([work = std::move(work), engine = std::move(engine), task]() mutable {
        RunTask(std::move(work), std::move(engine), *task);
      }).detach();
    } catch (const std::system_error&) {
      Take(task_handle);
      return Status(Code::kNoMemory, "task.no-thread", "the system gives no thread");
    }
    *out_task = task_handle;
    return Status();
  });
}

/// A method of the engine, to be called with its request.
template <typename Method>
auto Calls(Method method) {
  return [method](ArchiveEngine& engine, const auto& request, const CallOptions& options) {
    return (engine.*method)(request, options);
  };
}

}  // namespace
}  // namespace xnatarchive::capi

using namespace xnatarchive;
using namespace xnatarchive::capi;

xna_status xna_engine_start_import(xna_engine* engine, const xna_import_request* request,
                                   const xna_call_options* call, xna_task** out_task,
                                   xna_error** out_error) {
  return Start<ImportInput>(engine, request, call, Access::kChanges, FailureLog::kByEvent, out_task,
                            out_error, Calls(&ArchiveEngine::Import));
}

xna_status xna_engine_start_archive(xna_engine* engine, const xna_archive_request* request,
                                    const xna_call_options* call, xna_task** out_task,
                                    xna_error** out_error) {
  return Start<ArchiveInput>(engine, request, call, Access::kChanges, FailureLog::kByEvent,
                             out_task, out_error, Calls(&ArchiveEngine::Archive));
}

xna_status xna_engine_start_validate(xna_engine* engine, const xna_archive_request* request,
                                     const xna_call_options* call, xna_task** out_task,
                                     xna_error** out_error) {
  return Start<ArchiveInput>(engine, request, call, Access::kReads, FailureLog::kByCall, out_task,
                             out_error, Calls(&ArchiveEngine::Validate));
}

xna_status xna_engine_start_refresh(xna_engine* engine, const xna_refresh_request* request,
                                    const xna_call_options* call, xna_task** out_task,
                                    xna_error** out_error) {
  return Start<RefreshInput>(engine, request, call, Access::kChanges, FailureLog::kByCall, out_task,
                             out_error, Calls(&ArchiveEngine::Refresh));
}

xna_status xna_engine_start_verify(xna_engine* engine, const xna_verify_request* request,
                                   const xna_call_options* call, xna_task** out_task,
                                   xna_error** out_error) {
  return Start<VerifyInput>(engine, request, call, Access::kReads, FailureLog::kByCall, out_task,
                            out_error, Calls(&ArchiveEngine::Verify));
}

xna_status xna_engine_start_export(xna_engine* engine, const xna_export_request* request,
                                   const xna_call_options* call, xna_task** out_task,
                                   xna_error** out_error) {
  return Start<ExportInput>(engine, request, call, Access::kReads, FailureLog::kByCall, out_task,
                            out_error, Calls(&ArchiveEngine::Export));
}

int32_t xna_task_wait(const xna_task* task, int64_t timeout_ms) {
  int32_t ended = -1;
  Quietly([&] {
    if (const auto found = Find(task)) ended = found->Wait(timeout_ms) ? 1 : 0;
  });
  return ended;
}

xna_status xna_task_progress(const xna_task* task, xna_progress* out_progress,
                             xna_error** out_error) {
  return Guard(out_error, [&] {
    const auto found = Find(task);
    if (found == nullptr) return BadHandle("task");
    if (out_progress == nullptr) return NullArgument("out_progress");
    return found->CopyProgress(out_progress);
  });
}

void xna_task_cancel(xna_task* task) {
  if (const auto found = Find(task)) found->RequestCancel();
}

xna_status xna_task_result(const xna_task* task, xna_report** out_report, xna_error** out_error) {
  ClearOut(out_report);
  const auto found = Find(task);
  if (found != nullptr) return found->Result(out_report, out_error);
  return Guard(out_error, [] { return BadHandle("task"); });
}

void xna_task_free(xna_task* task) {
  if (const auto found = Take(task)) found->RequestCancel();
}
