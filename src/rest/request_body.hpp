// request_body.hpp - bodies that are small: forms and JSON.
#ifndef XNATARCHIVE_REST_REQUEST_BODY_HPP_
#define XNATARCHIVE_REST_REQUEST_BODY_HPP_

#include <cstddef>
#include <string>
#include <string_view>

#include "rest/json.hpp"
#include "rest/parameters.hpp"
#include "xnatarchive/rest_service.hpp"

namespace xnatarchive {

/// What a body is, by its Content-Type.
enum class BodyKind { kUntyped, kForm, kMultipart, kJson, kOther };
BodyKind KindOfBody(const RestRequest& request);

/// The value of the first header of that name; empty when there is none.
std::string_view FindHeader(const RestRequest& request, std::string_view name);

/// All of a body. kInvalidArgument "rest.body-too-large" above `size_max`; the input's failures.
Result<std::string> ReadBody(const RestRequest& request, std::size_t size_max);

/// Adds a form's fields, of a body that is one, or has no type, or is multipart; an empty body of
/// any type has none. kInvalidArgument "rest.bad-media-type" for any other body,
/// "rest.file-in-form" for a file in it; the failures of ReadBody, Multipart and Parameters.
Status ReadForm(const RestRequest& request, const RestLimits& limits, Parameters* parameters);

/// A JSON body; null when there is no body. kInvalidArgument "rest.bad-json",
/// "rest.bad-media-type".
Result<Json> ReadJson(const RestRequest& request, const RestLimits& limits);

}  // namespace xnatarchive

#endif  // XNATARCHIVE_REST_REQUEST_BODY_HPP_
