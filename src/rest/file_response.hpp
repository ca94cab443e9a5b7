// file_response.hpp - a file as an answer: whole, a part of it, or that it is known already.
#ifndef XNATARCHIVE_REST_FILE_RESPONSE_HPP_
#define XNATARCHIVE_REST_FILE_RESPONSE_HPP_

#include "xnatarchive/opened_file.hpp"
#include "xnatarchive/rest_service.hpp"

namespace xnatarchive {

/// The file's bytes, as the request's Range, If-Range and If-None-Match ask for them.
/// kInvalidArgument "rest.bad-range" for a range behind its end.
Result<RestResponse> FileResponse(const RestRequest& request, OpenedFile file);

}  // namespace xnatarchive

#endif  // XNATARCHIVE_REST_FILE_RESPONSE_HPP_
