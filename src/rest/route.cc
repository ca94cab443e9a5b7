#include "rest/route.hpp"

#include <algorithm>
#include <optional>
#include <utility>

#include "base/status_macros.hpp"
#include "base/text.hpp"

namespace xnatarchive {
namespace {

Status BadPath(const char* what) {
  return Status(Code::kInvalidArgument, "rest.bad-path",
                std::string("the path is refused: ") + what);
}

bool IsDangerous(std::string_view segment) {
  const bool bad_character = std::any_of(segment.begin(), segment.end(), [](char c) {
    const auto byte = static_cast<unsigned char>(c);
    return c == '/' || c == '\\' || byte < 0x20 || byte == 0x7F;
  });
  return bad_character || segment == "." || segment == ".." || !IsValidUtf8(segment);
}

bool IsValue(std::string_view segment) { return StartsWith(segment, "{"); }
bool IsRest(std::string_view segment) { return EndsWith(segment, "...}"); }

std::string_view ValueName(std::string_view segment) {
  segment.remove_prefix(1);
  segment.remove_suffix(IsRest(segment) ? 4 : 1);
  return segment;
}

bool Fits(const std::vector<std::string>& pattern, const std::vector<std::string>& segments) {
  const bool rest = IsRest(pattern.back());
  if (rest ? segments.size() < pattern.size() : segments.size() != pattern.size()) return false;
  for (std::size_t i = 0; i < pattern.size(); ++i) {
    if (IsValue(pattern[i]) || pattern[i] == segments[i]) continue;
    if (i == 0 && pattern[0] == "data" && segments[0] == "REST") continue;
    return false;
  }
  return true;
}

std::size_t WordsBeforeValue(const std::vector<std::string>& pattern) {
  return static_cast<std::size_t>(std::find_if(pattern.begin(), pattern.end(), IsValue) -
                                  pattern.begin());
}

}  // namespace

const std::string& RestCall::Path(std::string_view name) const {
  static const std::string none;
  const auto at = path.find(name);
  return at == path.end() ? none : at->second;
}

Result<std::vector<std::string>> SplitPath(std::string_view path) {
  if (!StartsWith(path, "/")) return BadPath("it does not begin with '/'");
  if (path == "/") return std::vector<std::string>{""};
  path.remove_prefix(1);
  if (EndsWith(path, "/")) path.remove_suffix(1);
  std::vector<std::string> segments;
  for (const std::string& sent : Split(path, '/')) {
    std::optional<std::string> once = DecodePercent(sent);
    if (!once || once->empty()) return BadPath("a segment is empty or not percent-encoded");
    const std::optional<std::string> twice = DecodePercent(*once);
    if (IsDangerous(*once) || (twice && IsDangerous(*twice))) {
      return BadPath("a segment holds what no name may");
    }
    segments.push_back(std::move(*once));
  }
  return segments;
}

std::vector<std::string> WriteOut(const std::string& pattern) {
  const std::size_t open = pattern.find('[');
  if (open == std::string::npos) return {pattern};
  const std::size_t close = pattern.find(']', open);
  const std::string before = pattern.substr(0, open);
  const std::string after = pattern.substr(close + 1);
  std::vector<std::string> patterns =
      WriteOut(before + pattern.substr(open + 1, close - open - 1) + after);
  for (std::string& shorter : WriteOut(before + after)) patterns.push_back(std::move(shorter));
  return patterns;
}

RouteTable::RouteTable(const std::vector<Route>& routes) {
  for (const Route& route : routes) {
    for (const std::string& pattern : WriteOut(route.pattern)) {
      routes_.push_back({route, Split(pattern, '/')});
    }
  }
  std::stable_sort(routes_.begin(), routes_.end(), [](const Compiled& a, const Compiled& b) {
    return WordsBeforeValue(a.segments) > WordsBeforeValue(b.segments);
  });
}

Result<RouteTable::Match> RouteTable::Find(std::string_view method,
                                           const std::vector<std::string>& segments,
                                           std::string* allowed) const {
  std::vector<std::string> methods;
  for (const Compiled& compiled : routes_) {
    if (!Fits(compiled.segments, segments)) continue;
    if (compiled.route.method != method) {
      methods.emplace_back(compiled.route.method);
      continue;
    }
    Match match;
    match.route = &compiled.route;
    for (std::size_t i = 0; i < compiled.segments.size(); ++i) {
      const std::string& word = compiled.segments[i];
      if (!IsValue(word)) continue;
      std::string value = segments[i];
      if (IsRest(word)) {
        for (std::size_t j = i + 1; j < segments.size(); ++j) value += "/" + segments[j];
      }
      match.path.emplace(ValueName(word), std::move(value));
    }
    return match;
  }
  if (methods.empty()) {
    return Status(Code::kNotFound, "rest.no-route", "nothing is served at this path");
  }
  std::sort(methods.begin(), methods.end());
  methods.erase(std::unique(methods.begin(), methods.end()), methods.end());
  *allowed = Join(methods, ", ");
  return Status(Code::kInvalidArgument, "rest.bad-method",
                "this path takes other methods: " + *allowed);
}

}  // namespace xnatarchive
