#include "route_names.hpp"

#include <algorithm>
#include <cstddef>

namespace server {
namespace {

std::vector<std::string> SegmentsOf(std::string_view path) {
  std::vector<std::string> segments;
  while (!path.empty()) {
    path.remove_prefix(1);  // '/'
    const std::size_t end = std::min(path.find('/'), path.size());
    segments.emplace_back(path.substr(0, end));
    path.remove_prefix(end);
  }
  if (!segments.empty() && segments.back().empty()) segments.pop_back();
  if (!segments.empty() && segments.front() == "REST") segments.front() = "data";
  return segments;
}

bool IsValue(const std::string& segment) { return segment[0] == '{'; }

bool Fits(const std::vector<std::string>& pattern, const std::vector<std::string>& segments) {
  const bool rest = !pattern.empty() && pattern.back().find("...}") != std::string::npos;
  if (rest ? segments.size() < pattern.size() : segments.size() != pattern.size()) return false;
  for (std::size_t i = 0; i < pattern.size(); ++i) {
    if (!IsValue(pattern[i]) && pattern[i] != segments[i]) return false;
  }
  return true;
}

std::ptrdiff_t WordsFirst(const std::vector<std::string>& segments) {
  return std::find_if(segments.begin(), segments.end(), IsValue) - segments.begin();
}

}  // namespace

RouteNames::RouteNames(const std::vector<xnatarchive::RestRoute>& routes) {
  for (const auto& route : routes) {
    names_.push_back({route.method, SegmentsOf(route.path), route.path});
  }
  std::stable_sort(names_.begin(), names_.end(), [](const Name& a, const Name& b) {
    return WordsFirst(a.segments) > WordsFirst(b.segments);
  });
}

const std::string& RouteNames::Of(std::string_view method, std::string_view path) const {
  static const std::string other = "other";
  if (path.empty() || path.front() != '/') return other;
  const std::vector<std::string> segments = SegmentsOf(path);
  if (method == "HEAD") method = "GET";
  const auto at = std::find_if(names_.begin(), names_.end(), [&](const Name& name) {
    return name.method == method && Fits(name.segments, segments);
  });
  return at == names_.end() ? other : at->pattern;
}

}  // namespace server
