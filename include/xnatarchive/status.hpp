// status.hpp - how every function of this library reports failure.
//
// Functions return `Status` or `Result<T>`; the library does not throw (std::bad_alloc may pass
// through). A failure says what the caller can do about it (`code`), which rule it broke (`reason`,
// a stable slug that tests and bindings match), which file it concerns, and - the question that
// matters most when the only copy of a scan is at stake - what state the disk is in (`disk_state`).
#ifndef XNATARCHIVE_STATUS_HPP_
#define XNATARCHIVE_STATUS_HPP_

#include <cassert>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

namespace xnatarchive {

/// What the caller can do about a failure. Values are part of the C ABI and never change.
enum class Code : std::int32_t {
  kOk = 0,
  kInvalidArgument = 1,    ///< The request is malformed or contradicts itself; do not retry.
  kNotFound = 2,           ///< Nothing is there under that name.
  kAlreadyExists = 3,      ///< The name is taken and replacing it was not asked for.
  kConflict = 4,           ///< The archive holds something that the request would contradict.
  kLocked = 5,             ///< Another thread or process is working on it; retry later.
  kCorruption = 6,         ///< Input cannot be read as what it claims to be.
  kIo = 7,                 ///< The operating system refused a read or write.
  kNoSpace = 8,            ///< The disk or a quota is full.
  kPermission = 9,         ///< The operating system or the access policy says no.
  kUnsupported = 10,       ///< Valid, but this build or version cannot do it.
  kCancelled = 11,         ///< The caller's progress callback or token asked to stop.
  kHandlerFailed = 12,     ///< A host's strategy (handler, launcher, ...) failed or misbehaved.
  kRecoveryRequired = 13,  ///< An earlier operation is unfinished and could not be finished now.
  kNoMemory = 14,          ///< Memory ran out.
  kInternal = 15,          ///< A bug in this library; please report it.
};

/// What a failed call left on disk. Values are part of the C ABI and never change.
enum class DiskState : std::int32_t {
  kUnchanged = 0,        ///< Nothing visible was changed.
  kRolledBack = 1,       ///< Something was changed and has been put back.
  kCommitted = 2,        ///< The work is done and durable; only cleaning up afterwards failed.
  kRecoveryPending = 3,  ///< Durable plan, unfinished: `ArchiveEngine::Recover` will finish it.
};

/// Returns the code's name in lower_snake_case, such as "already_exists". Never empty.
std::string_view CodeName(Code code) noexcept;

/// Returns "unchanged", "rolled_back", "committed" or "recovery_pending".
std::string_view DiskStateName(DiskState state) noexcept;

/// The outcome of a call: OK, or a failure with everything known about it.
///
/// OK is a null pointer and costs nothing. In the `dev` build of the library a failure that is
/// destroyed before anyone looked at it (`ok()` or `code()`) aborts the process; write
/// `IgnoreError(status, "why")` where dropping one is right.
///
/// Threads: a value type; different objects are independent.
class [[nodiscard]] Status {
 public:
  Status() noexcept = default;

  /// Makes a failure. `code` must not be kOk. `reason` is a stable slug such as
  /// "catalog.bad-xml"; `message` one line without a final period and without patient data.
  Status(Code code, std::string_view reason, std::string message);

  /// @{ Whoever has the copy, or what was moved, is to look at it instead.
  Status(const Status& other);
  Status& operator=(const Status& other);
  Status(Status&& other) noexcept : state_(std::exchange(other.state_, nullptr)) {}
  Status& operator=(Status&& other) noexcept {
    std::swap(state_, other.state_);
    return *this;
  }
  /// @}
  ~Status() {
    if (state_ != nullptr) Drop();
  }

  /// Whether there is no failure. Asking is what counts as looking at it.
  bool ok() const noexcept {
    if (state_ != nullptr) MarkRead();
    return state_ == nullptr;
  }

  Code code() const noexcept;                 ///< kOk when ok().
  std::string_view reason() const noexcept;   ///< Stable slug; empty when ok().
  std::string_view message() const noexcept;  ///< One line for people; empty when ok().
  std::string_view path() const noexcept;  ///< File concerned, relative to its root; may be empty.
  int os_errno() const noexcept;           ///< errno of the failing call, or 0.
  DiskState disk_state() const noexcept;   ///< kUnchanged when ok().

  /// Sets the file concerned unless one is set already (the innermost caller knows best).
  Status&& WithPath(std::string_view path) &&;
  /// Sets os_errno().
  Status&& WithErrno(int os_errno) &&;
  /// Worsens the disk state; a milder value than the present one is ignored.
  Status&& WithDiskState(DiskState state) &&;
  /// Puts "context: " before the message.
  Status&& WithContext(std::string_view context) &&;

  /// "code/reason: message (path)"; "ok" when ok().
  std::string ToString() const;

 private:
  struct State;
  void Drop() noexcept;
  void MarkRead() const noexcept;
  State* state_ = nullptr;
};

/// Drops a failure on purpose. `why` is for the reader of the code.
inline void IgnoreError(const Status& status, const char* why) {
  (void)why;
  (void)status.ok();
}

/// A value, or the failure that prevented it.
template <typename T>
class [[nodiscard]] Result {
 public:
  /// @{ Holds the value, or the failure, which must be one.
  Result(T value) : value_(std::move(value)) {}  // NOLINT: implicit, so `return value;` works
  Result(Status status) : status_(std::move(status)) {  // NOLINT: implicit
    assert(!status_.ok() && "a Result without a value needs a failure");
  }
  /// @}

  /// @{ How it went: ok() when there is a value, else the failure.
  bool ok() const noexcept { return status_.ok(); }
  const Status& status() const& noexcept { return status_; }
  Status&& status() && noexcept { return std::move(status_); }
  /// @}

  /// @{ The value. Requires ok().
  T& value() & {
    assert(value_.has_value());
    return *value_;
  }
  const T& value() const& {
    assert(value_.has_value());
    return *value_;
  }
  T&& value() && {
    assert(value_.has_value());
    return std::move(*value_);
  }
  T& operator*() & { return value(); }
  const T& operator*() const& { return value(); }
  T&& operator*() && { return std::move(*this).value(); }
  T* operator->() { return &value(); }
  const T* operator->() const { return &value(); }
  /// @}

 private:
  Status status_;
  std::optional<T> value_;
};

}  // namespace xnatarchive

#endif  // XNATARCHIVE_STATUS_HPP_
