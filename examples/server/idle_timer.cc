#include "idle_timer.hpp"

#include <algorithm>
#include <chrono>
#include <utility>

#include "monitor.hpp"

namespace server {
namespace {

// What is known of the time is not for long: files come, and settings change.
constexpr std::int64_t kWaitMsMin = 500;
constexpr std::int64_t kWaitMsMax = 5'000;

}  // namespace

IdleTimer::IdleTimer(xnatarchive::ArchiveEngine& engine,
                     std::function<void(const std::string&)> note)
    : engine_(engine), note_(std::move(note)), thread_([this] { Run(); }) {}

IdleTimer::~IdleTimer() {
  {
    const std::lock_guard<std::mutex> lock(mutex_);
    stopping_ = true;
  }
  stopped_.notify_all();
  thread_.join();
}

bool IdleTimer::Stopping() {
  const std::lock_guard<std::mutex> lock(mutex_);
  return stopping_;
}

std::int64_t IdleTimer::CommitOnce() {
  xnatarchive::CallOptions call;
  call.user = kServerUser;
  call.origin = "server";
  call.progress = [this](const xnatarchive::Progress&) { return !Stopping(); };
  const auto report = engine_.CommitIdle(call);
  if (!report.ok()) {
    note_("sessions of which nothing more comes are not built: " + report.status().ToString());
    return kWaitMsMax;
  }
  return report->next_ms < 0 ? kWaitMsMax : report->next_ms;
}

void IdleTimer::Run() {
  while (!Stopping()) {
    const std::int64_t wait_ms = std::clamp(CommitOnce(), kWaitMsMin, kWaitMsMax);
    std::unique_lock<std::mutex> lock(mutex_);
    stopped_.wait_for(lock, std::chrono::milliseconds(wait_ms), [this] { return stopping_; });
  }
}

}  // namespace server
