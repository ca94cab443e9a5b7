// openapi.hpp - the description of what is served, made from the table of routes.
#ifndef XNATARCHIVE_REST_OPENAPI_HPP_
#define XNATARCHIVE_REST_OPENAPI_HPP_

#include <vector>

#include "rest/json.hpp"
#include "rest/route.hpp"

namespace xnatarchive {

/// The OpenAPI 3.0 document of these routes. Every form of a path is described but those that are
/// another way to write one ("/REST", "/data/archive"), which the introduction names.
Json OpenApiDocument(const std::vector<Route>& routes);

}  // namespace xnatarchive

#endif  // XNATARCHIVE_REST_OPENAPI_HPP_
