#include "rest/http_status.hpp"

#include <string>
#include <string_view>
#include <utility>

#include "base/text.hpp"
#include "rest/json.hpp"
#include "rest/response.hpp"
#include "rest/tables.hpp"

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

Json JsonBody(const Status& failure, std::string_view disk_state) {
  return {{"code", CodeName(failure.code())},
          {"reason", failure.reason()},
          {"message", failure.message()},
          {"path", failure.path()},
          {"diskState", disk_state}};
}

std::string TextBody(const Status& failure) {
  std::string text = std::string(failure.reason()) + ": " + std::string(failure.message());
  if (!failure.path().empty()) text += " (" + std::string(failure.path()) + ")";
  return text + "\n";
}

/// The answer but for its body.
RestResponse Told(const Status& failure, std::string_view disk_state, RestResponse response) {
  IgnoreError(failure, "whoever asked is told");
  response.status = HttpStatus(failure);
  response.headers.emplace_back("X-Reason", failure.reason());
  if (disk_state != DiskStateName(DiskState::kUnchanged)) {
    response.headers.emplace_back("X-Disk-State", disk_state);
  }
  return response;
}

}  // namespace

ErrorForm FormOfErrors(const RestRequest& request, const Parameters& parameters) {
  std::string format = parameters.Get("format");
  for (const std::string& pair : Split(request.query, '&')) {  // it may be what is wrong
    if (format.empty() && StartsWith(pair, "format=")) format = pair.substr(pair.find('=') + 1);
  }
  if (format.empty()) format = AcceptedFormat(request);
  return EqualsIgnoreCase(format, "json") ? ErrorForm::kJson : ErrorForm::kText;
}

int HttpStatus(const Status& failure) {
  for (const ReasonStatus& row : kReasons) {
    if (failure.reason() == row.reason) return row.status;
  }
  return StatusOfCode(failure.code());
}

RestResponse ErrorResponse(const Status& failure, ErrorForm form) {
  const std::string_view state = DiskStateName(failure.disk_state());
  return Told(failure, state,
              form == ErrorForm::kJson
                  ? TextResponse(kJsonType, JsonText(JsonBody(failure, state)) + "\n")
                  : TextResponse(kPlainType, TextBody(failure)));
}

RestResponse PartialResponse(const RestCall& call, const Status& failure,
                             const std::vector<std::string>& done) {
  const bool unfinished = failure.disk_state() == DiskState::kRecoveryPending;
  const std::string_view state =
      unfinished ? DiskStateName(DiskState::kRecoveryPending) : std::string_view("partial");
  if (FormOfErrors(call.request, call.parameters) == ErrorForm::kText) {
    return Told(failure, state, TextResponse(kPlainType, TextBody(failure)));
  }
  Json body = JsonBody(failure, state);
  body["done"] = done;
  return Told(failure, state, TextResponse(kJsonType, JsonText(body) + "\n"));
}

}  // namespace xnatarchive
