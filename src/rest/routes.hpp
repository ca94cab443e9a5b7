// routes.hpp - the routes of each family of resources; each is a file of its own.
#ifndef XNATARCHIVE_REST_ROUTES_HPP_
#define XNATARCHIVE_REST_ROUTES_HPP_

#include <vector>

#include "rest/route.hpp"

namespace xnatarchive {

std::vector<Route> ArchiveServiceRoutes();  ///< services/archive, services/validate-archive
std::vector<Route> RefreshRoutes();         ///< services/refresh/catalog, xapi/archive/catalogs

/// All of them.
std::vector<Route> AllRoutes();

}  // namespace xnatarchive

#endif  // XNATARCHIVE_REST_ROUTES_HPP_
