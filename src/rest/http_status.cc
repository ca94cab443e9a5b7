#include "rest/http_status.hpp"

#include <string>
#include <string_view>
#include <utility>

#include "rest/json.hpp"
#include "rest/response.hpp"

namespace xnatarchive {
namespace {

struct ReasonStatus {
  std::string_view reason;
  int status;
};

/// Reasons that say more than their code does.
constexpr ReasonStatus kReasons[] = {
    {"access.denied", 403},          {"rest.bad-method", 405},     {"rest.body-too-large", 413},
    {"rest.target-too-long", 414},   {"rest.bad-media-type", 415}, {"rest.bad-range", 416},
    {"rest.headers-too-large", 431}, {"rest.not-acceptable", 406},
};

int StatusOfCode(Code code) {
  switch (code) {
    case Code::kOk:
      return 200;
    case Code::kInvalidArgument:
      return 400;
    case Code::kNotFound:
      return 404;
    case Code::kAlreadyExists:
    case Code::kConflict:
      return 409;
    case Code::kLocked:
      return 423;
    case Code::kNoSpace:
      return 507;
    case Code::kUnsupported:
      return 501;
    case Code::kCancelled:
      return 499;
    case Code::kRecoveryRequired:
    case Code::kNoMemory:
      return 503;
    case Code::kCorruption:  // of what is archived; of an upload, the route makes it a 400
    case Code::kIo:
    case Code::kPermission:  // of the operating system; the policy's has its reason
    case Code::kHandlerFailed:
    case Code::kInternal:
      break;
  }
  return 500;
}

std::string JsonBody(const Status& failure) {
  return JsonText({{"code", CodeName(failure.code())},
                   {"reason", failure.reason()},
                   {"message", failure.message()},
                   {"path", failure.path()},
                   {"diskState", DiskStateName(failure.disk_state())}}) +
         "\n";
}

std::string TextBody(const Status& failure) {
  std::string text = std::string(failure.reason()) + ": " + std::string(failure.message());
  if (!failure.path().empty()) text += " (" + std::string(failure.path()) + ")";
  return text + "\n";
}

}  // namespace

int HttpStatus(const Status& failure) {
  for (const ReasonStatus& row : kReasons) {
    if (failure.reason() == row.reason) return row.status;
  }
  return StatusOfCode(failure.code());
}

RestResponse ErrorResponse(const Status& failure, ErrorForm form) {
  RestResponse response = form == ErrorForm::kJson ? TextResponse(kJsonType, JsonBody(failure))
                                                   : TextResponse(kPlainType, TextBody(failure));
  response.status = HttpStatus(failure);
  response.headers.emplace_back("X-Reason", failure.reason());
  if (failure.disk_state() != DiskState::kUnchanged) {
    response.headers.emplace_back("X-Disk-State", DiskStateName(failure.disk_state()));
  }
  return response;
}

}  // namespace xnatarchive
