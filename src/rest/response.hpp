// response.hpp - the few shapes that answers have.
#ifndef XNATARCHIVE_REST_RESPONSE_HPP_
#define XNATARCHIVE_REST_RESPONSE_HPP_

#include <string>
#include <string_view>
#include <vector>

#include "xnatarchive/rest_service.hpp"

namespace xnatarchive {

inline constexpr std::string_view kJsonType = "application/json;charset=UTF-8";
inline constexpr std::string_view kPlainType = "text/plain;charset=UTF-8";
inline constexpr std::string_view kXmlType = "text/xml;charset=UTF-8";
inline constexpr std::string_view kCsvType = "text/csv;charset=UTF-8";

inline RestResponse TextResponse(std::string_view type, std::string text) {
  RestResponse response;
  response.headers.emplace_back("Content-Type", type);
  response.text = std::move(text);
  return response;
}

/// text/uri-list: one URI on each line, ended by CRLF.
inline RestResponse UriListResponse(const std::vector<std::string>& uris) {
  std::string text;
  for (const std::string& uri : uris) text += uri + "\r\n";
  return TextResponse("text/uri-list", std::move(text));
}

}  // namespace xnatarchive

#endif  // XNATARCHIVE_REST_RESPONSE_HPP_
