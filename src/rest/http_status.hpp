// http_status.hpp - what a failure is in HTTP.
#ifndef XNATARCHIVE_REST_HTTP_STATUS_HPP_
#define XNATARCHIVE_REST_HTTP_STATUS_HPP_

#include <string>
#include <vector>

#include "rest/route.hpp"

namespace xnatarchive {

enum class ErrorForm { kText, kJson };

/// The HTTP status of a failure, by its reason where that says more than its code.
int HttpStatus(const Status& failure);

/// JSON when format=json says so, in the query or in a form's fields, or, when nobody names a
/// format, the first type of Accept.
ErrorForm FormOfErrors(const RestRequest& request, const Parameters& parameters);

/// The answer that tells of a failure, as RestService promises.
RestResponse ErrorResponse(const Status& failure, ErrorForm form);

/// The answer to a request that failed when a part of it was done for good: X-Disk-State says
/// "partial", unless the failure has left something to recover, and JSON has the URIs of what was
/// done. `failure` says it in its message.
RestResponse PartialResponse(const RestCall& call, const Status& failure,
                             const std::vector<std::string>& done);

}  // namespace xnatarchive

#endif  // XNATARCHIVE_REST_HTTP_STATUS_HPP_
