// security_headers.hpp - what browsers are told about every answer.
#ifndef XNATARCHIVE_SERVER_SECURITY_HEADERS_HPP_
#define XNATARCHIVE_SERVER_SECURITY_HEADERS_HPP_

#include <string_view>

#include "xnatarchive/rest_service.hpp"

namespace server {

/// Pages ("/", below "/page") may load what this server has, and nobody may frame them. Of anything
/// else nothing may run: it may be a file that somebody uploaded. Nothing is kept in caches, but
/// what has an ETag, by the browser alone. Headers that are there already stay as they are.
void AddSecurityHeaders(std::string_view path, xnatarchive::RestResponse* response);

}  // namespace server

#endif  // XNATARCHIVE_SERVER_SECURITY_HEADERS_HPP_
