// items.hpp - XNAT's "items" JSON: one element of a document, with its values and its children.
#ifndef XNATARCHIVE_REST_ITEMS_HPP_
#define XNATARCHIVE_REST_ITEMS_HPP_

#include <string_view>

#include "rest/json.hpp"
#include "xnatarchive/session_document.hpp"

namespace xnatarchive {

/// {"children":[],"meta":{"xsi:type":TYPE,"isHistory":false},"data_fields":{}}
Json MakeItem(std::string_view xsi_type);

/// A session with its scans, and the resources of both. Values stand in "data_fields" under their
/// paths ("scanner/model"), as text; elements that repeat are items of "children".
Json SessionItem(const SessionDocument& document);
/// A scan of `session_id` with its resources.
Json ScanItem(const Scan& scan, std::string_view session_id);

/// {"items":[ITEM]} as text.
std::string ItemsText(Json item);

}  // namespace xnatarchive

#endif  // XNATARCHIVE_REST_ITEMS_HPP_
