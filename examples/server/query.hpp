// query.hpp - values of a query, a form or a cookie header, for what the server answers itself.
#ifndef XNATARCHIVE_SERVER_QUERY_HPP_
#define XNATARCHIVE_SERVER_QUERY_HPP_

#include <string>
#include <string_view>

namespace server {

/// Replaces %XX, and '+' by a space when `plus`. What is no escape stays as it is.
std::string DecodePercent(std::string_view text, bool plus);

/// The decoded value of `name` in "a=1&b=2"; "" when it is not there.
std::string ParameterOf(std::string_view text, std::string_view name);

/// The value of a cookie in a Cookie header "a=1; b=2"; "" when it is not there.
std::string CookieOf(std::string_view header, std::string_view name);

}  // namespace server

#endif  // XNATARCHIVE_SERVER_QUERY_HPP_
