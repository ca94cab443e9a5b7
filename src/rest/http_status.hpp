// http_status.hpp - what a failure is in HTTP.
#ifndef XNATARCHIVE_REST_HTTP_STATUS_HPP_
#define XNATARCHIVE_REST_HTTP_STATUS_HPP_

#include "xnatarchive/rest_service.hpp"

namespace xnatarchive {

enum class ErrorForm { kText, kJson };

/// The HTTP status of a failure, by its reason where that says more than its code.
int HttpStatus(const Status& failure);

/// The answer that tells of a failure, as RestService promises.
RestResponse ErrorResponse(const Status& failure, ErrorForm form);

}  // namespace xnatarchive

#endif  // XNATARCHIVE_REST_HTTP_STATUS_HPP_
