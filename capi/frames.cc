#include "frames.hpp"

#include "engine.hpp"
#include "guard.hpp"

namespace xnatarchive::capi {
namespace {

thread_local Frame* innermost = nullptr;
thread_local xna_status last_host_status = 0;

constexpr xna_status kLastCode = XNA_E_INTERNAL;

}  // namespace

Frame::Frame(std::shared_ptr<const Engine> engine, Forbids forbids)
    : outer_(innermost),
      scope_(std::make_shared<Scope>()),
      engine_(std::move(engine)),
      forbids_(forbids) {
  scope_->frame = this;
  innermost = this;
}

Frame::~Frame() {
  engine_.reset();  // while this is the innermost one: see Engine::Delete
  innermost = outer_;
  {
    std::unique_lock<std::recursive_mutex> over(scope_->mutex);
    scope_->visited.wait(over, [this] { return scope_->visits == 0; });
    scope_->live = false;
    scope_->frame = nullptr;
  }
  IgnoreError(library_failure_, "told in Outcome, or not what the callback failed for");
}

void Frame::Explain(std::string_view reason, std::string_view message) {
  explained_ = true;
  reason_ = reason;
  message_ = message;
}

Status Frame::Outcome(std::string_view hook, xna_status result) {
  if (result == XNA_OK) return Status();
  const std::lock_guard<std::recursive_mutex> lock(scope_->mutex);
  last_host_status = result >= XNA_HOST_STATUS_MIN ? result : 0;
  const bool known = result > XNA_OK && result <= kLastCode;
  const Code code = known ? static_cast<Code>(result) : Code::kHandlerFailed;
  if (explained_) {
    return Status(code, reason_.empty() ? std::string(hook) + ".failed" : reason_, message_);
  }
  if (known && library_failure_.code() == code) return library_failure_;
  return Status(code, std::string(hook) + ".failed",
                "the host's " + std::string(hook) + " callback returned " + std::to_string(result));
}

Status Frame::Threw(std::string_view hook) {
  last_host_status = 0;
  return Status(Code::kHandlerFailed, std::string(hook) + ".threw",
                "the host's " + std::string(hook) + " callback threw an exception");
}

Status Frame::CheckMayCall(const Engine& engine, Access access) {
  for (const Frame* frame = innermost; frame != nullptr; frame = frame->outer_) {
    if (frame->engine_.get() != &engine) continue;
    if (frame->forbids_ == Forbids::kEverything ||
        (frame->forbids_ == Forbids::kChanges && access == Access::kChanges)) {
      return Status(Code::kInvalidArgument, "capi.reentered",
                    "a callback called its engine in a way it may not");
    }
  }
  return Status();
}

void Frame::NoteFailure(const Status& failure) {
  const std::lock_guard<std::recursive_mutex> lock(scope_->mutex);
  IgnoreError(library_failure_, "a later one takes its place");
  library_failure_ = failure;
}

Frame* Frame::Innermost() { return innermost; }

xna_status Frame::LastHostStatus() { return last_host_status; }

void Frame::SetHostStatus(xna_status status) { last_host_status = status; }

}  // namespace xnatarchive::capi

using xnatarchive::capi::Quietly;
using xnatarchive::capi::TextOr;
using xnatarchive::capi::Using;

void xna_callback_fail(xna_callback* callback, const char* reason, const char* message) {
  Quietly([&] {
    const Using found(callback);
    if (found) found->scope().frame->Explain(TextOr(reason, ""), TextOr(message, ""));
  });
}

int32_t xna_callback_cancelled(const xna_callback* callback) {
  int32_t cancelled = 0;
  Quietly([&] {
    const Using found(callback);
    cancelled = found && found->cancelled() ? 1 : 0;
  });
  return cancelled;
}

void xna_callback_print(xna_callback* callback, const char* data, size_t size) {
  Quietly([&] {
    const Using found(callback);
    if (!found || found->output() == nullptr || data == nullptr) return;
    if (size <= static_cast<size_t>(PTRDIFF_MAX)) found->output()->append(data, size);
  });
}
