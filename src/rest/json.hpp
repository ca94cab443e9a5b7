// json.hpp - the one JSON type of this layer, and how it becomes text.
#ifndef XNATARCHIVE_REST_JSON_HPP_
#define XNATARCHIVE_REST_JSON_HPP_

#include <nlohmann/json.hpp>
#include <string>

namespace xnatarchive {

/// Keeps the order in which members were added, as XNAT's documents have one.
using Json = nlohmann::ordered_json;

/// The text; bytes that are not UTF-8 become U+FFFD.
inline std::string JsonText(const Json& json) {
  return json.dump(-1, ' ', false, Json::error_handler_t::replace);
}

}  // namespace xnatarchive

#endif  // XNATARCHIVE_REST_JSON_HPP_
