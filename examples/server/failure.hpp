// failure.hpp - the answer that is a failure, as RestService has it.
#ifndef XNATARCHIVE_SERVER_FAILURE_HPP_
#define XNATARCHIVE_SERVER_FAILURE_HPP_

#include <string>

#include "xnatarchive/rest_service.hpp"

namespace server {

/// "REASON: MESSAGE" as one line of text, and X-Reason.
inline xnatarchive::RestResponse Failure(int status, const xnatarchive::Status& why) {
  xnatarchive::IgnoreError(why, "whoever asked is told");
  xnatarchive::RestResponse response;
  response.status = status;
  response.headers = {{"Content-Type", "text/plain;charset=UTF-8"},
                      {"Cache-Control", "no-store"},
                      {"X-Reason", std::string(why.reason())}};
  response.text = std::string(why.reason()) + ": " + std::string(why.message()) + "\n";
  return response;
}

}  // namespace server

#endif  // XNATARCHIVE_SERVER_FAILURE_HPP_
