// assets.hpp - the style and the script, which are compiled in.
#ifndef XNATARCHIVE_EXAMPLES_SERVER_PAGE_ASSETS_HPP_
#define XNATARCHIVE_EXAMPLES_SERVER_PAGE_ASSETS_HPP_

#include <string>
#include <string_view>

namespace page {

/// The bytes of style.css, page.js and icon.svg.
std::string_view Style();
std::string_view Script();
std::string_view Icon();

/// Where they are served. The URLs change with the bytes, so that they may be cached for long.
const std::string& StyleUrl();
const std::string& ScriptUrl();
const std::string& IconUrl();

}  // namespace page

#endif  // XNATARCHIVE_EXAMPLES_SERVER_PAGE_ASSETS_HPP_
