#include "xnatarchive/status.hpp"

#include <cstdio>
#include <cstdlib>

namespace xnatarchive {

struct Status::State {
  Code code;
  DiskState disk_state = DiskState::kUnchanged;
  int os_errno = 0;
  mutable bool read = false;
  std::string reason;
  std::string message;
  std::string path;
};

std::string_view CodeName(Code code) noexcept {
  switch (code) {
    case Code::kOk:
      return "ok";
    case Code::kInvalidArgument:
      return "invalid_argument";
    case Code::kNotFound:
      return "not_found";
    case Code::kAlreadyExists:
      return "already_exists";
    case Code::kConflict:
      return "conflict";
    case Code::kLocked:
      return "locked";
    case Code::kCorruption:
      return "corruption";
    case Code::kIo:
      return "io";
    case Code::kNoSpace:
      return "no_space";
    case Code::kPermission:
      return "permission";
    case Code::kUnsupported:
      return "unsupported";
    case Code::kCancelled:
      return "cancelled";
    case Code::kHandlerFailed:
      return "handler_failed";
    case Code::kRecoveryRequired:
      return "recovery_required";
    case Code::kNoMemory:
      return "no_memory";
    case Code::kInternal:
      return "internal";
  }
  return "unknown";
}

std::string_view DiskStateName(DiskState state) noexcept {
  switch (state) {
    case DiskState::kUnchanged:
      return "unchanged";
    case DiskState::kRolledBack:
      return "rolled_back";
    case DiskState::kCommitted:
      return "committed";
    case DiskState::kRecoveryPending:
      return "recovery_pending";
  }
  return "unknown";
}

Status::Status(Code code, std::string_view reason, std::string message)
    : state_(new State{
          code, DiskState::kUnchanged, 0, false, std::string(reason), std::move(message), {}}) {
  assert(code != Code::kOk);
}

Status::Status(const Status& other)
    : state_(other.state_ == nullptr ? nullptr : new State(*other.state_)) {
  if (other.state_ != nullptr) {
    other.state_->read = true;  // the copy carries the duty to be read
    state_->read = false;
  }
}

Status& Status::operator=(const Status& other) {
  if (this != &other) *this = Status(other);
  return *this;
}

void Status::Drop() noexcept {
#ifdef XNATARCHIVE_CHECK_STATUS
  if (!state_->read) {
    std::fprintf(stderr, "xnatarchive: a failure was never looked at: %s\n", ToString().c_str());
    std::abort();
  }
#endif
  delete state_;
  state_ = nullptr;
}

void Status::MarkRead() const noexcept { state_->read = true; }

Code Status::code() const noexcept { return ok() ? Code::kOk : state_->code; }
std::string_view Status::reason() const noexcept {
  return state_ == nullptr ? std::string_view() : state_->reason;
}
std::string_view Status::message() const noexcept {
  return state_ == nullptr ? std::string_view() : state_->message;
}
std::string_view Status::path() const noexcept {
  return state_ == nullptr ? std::string_view() : state_->path;
}
int Status::os_errno() const noexcept { return state_ == nullptr ? 0 : state_->os_errno; }
DiskState Status::disk_state() const noexcept {
  return state_ == nullptr ? DiskState::kUnchanged : state_->disk_state;
}

Status&& Status::WithPath(std::string_view path) && {
  if (state_ != nullptr && state_->path.empty()) state_->path = path;
  return std::move(*this);
}

Status&& Status::WithErrno(int os_errno) && {
  if (state_ != nullptr) state_->os_errno = os_errno;
  return std::move(*this);
}

Status&& Status::WithDiskState(DiskState state) && {
  if (state_ != nullptr && state > state_->disk_state) state_->disk_state = state;
  return std::move(*this);
}

Status&& Status::WithContext(std::string_view context) && {
  if (state_ != nullptr) state_->message = std::string(context) + ": " + state_->message;
  return std::move(*this);
}

std::string Status::ToString() const {
  if (state_ == nullptr) return "ok";
  std::string text =
      std::string(CodeName(state_->code)) + "/" + state_->reason + ": " + state_->message;
  if (!state_->path.empty()) text += " (" + state_->path + ")";
  return text;
}

}  // namespace xnatarchive
