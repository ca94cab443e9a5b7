#include "assets.hpp"

#include <functional>

namespace page {
namespace {

std::string UrlOf(const char* path, std::string_view bytes) {
  return std::string(path) + "?v=" + std::to_string(std::hash<std::string_view>()(bytes));
}

}  // namespace

const std::string& StyleUrl() {
  static const std::string url = UrlOf("/page/style.css", Style());
  return url;
}

const std::string& ScriptUrl() {
  static const std::string url = UrlOf("/page/page.js", Script());
  return url;
}

const std::string& IconUrl() {
  static const std::string url = UrlOf("/page/icon.svg", Icon());
  return url;
}

}  // namespace page
