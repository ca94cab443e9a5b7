// route_names.hpp - what a request asked for, as it may be told: the pattern of its route, without
// the labels and names that stand in the path.
#ifndef XNATARCHIVE_SERVER_ROUTE_NAMES_HPP_
#define XNATARCHIVE_SERVER_ROUTE_NAMES_HPP_

#include <string>
#include <string_view>
#include <vector>

#include "xnatarchive/rest_service.hpp"

namespace server {

/// Threads: Of may be called from any thread.
class RouteNames {
 public:
  /// All routes, also those that are not RestService's.
  explicit RouteNames(const std::vector<xnatarchive::RestRoute>& routes);

  /// The pattern, such as "/data/projects/{project}"; "other" for what is no route.
  const std::string& Of(std::string_view method, std::string_view path) const;

 private:
  struct Name {
    std::string method;
    std::vector<std::string> segments;
    std::string pattern;
  };
  std::vector<Name> names_;
};

}  // namespace server

#endif  // XNATARCHIVE_SERVER_ROUTE_NAMES_HPP_
