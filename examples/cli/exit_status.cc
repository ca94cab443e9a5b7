#include "exit_status.hpp"

using xnatarchive::Code;

ExitStatus ExitStatusFor(Code code) noexcept {
  switch (code) {
    case Code::kOk:
      return kExitDone;
    case Code::kInvalidArgument:
      return kExitInvalidInput;
    case Code::kNotFound:
      return kExitNotFound;
    case Code::kAlreadyExists:
      return kExitConflict;
    case Code::kConflict:
      return kExitConflict;
    case Code::kLocked:
      return kExitLocked;
    case Code::kCorruption:
      return kExitInvalidInput;
    case Code::kPermission:
      return kExitNotPermitted;
    case Code::kIo:
    case Code::kNoSpace:
    case Code::kUnsupported:
    case Code::kCancelled:
    case Code::kHandlerFailed:
    case Code::kRecoveryRequired:
    case Code::kNoMemory:
    case Code::kInternal:
      return kExitFailed;
  }
  return kExitFailed;
}
