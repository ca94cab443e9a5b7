// routes.hpp - the routes of each family of resources; each is a file of its own.
#ifndef XNATARCHIVE_REST_ROUTES_HPP_
#define XNATARCHIVE_REST_ROUTES_HPP_

#include <vector>

#include "rest/route.hpp"

namespace xnatarchive {

std::vector<Route> ArchiveServiceRoutes();     ///< services/archive, services/validate-archive
std::vector<Route> CachedFileRoutes();         ///< user/cache
std::vector<Route> ExperimentRoutes();         ///< archived sessions, one and many
std::vector<Route> FileRoutes();               ///< files of sessions, archived and waiting
std::vector<Route> ImportRoutes();             ///< services/import
std::vector<Route> PrearchiveRoutes();         ///< prearchive: sessions that wait
std::vector<Route> PrearchiveServiceRoutes();  ///< services/prearchive
std::vector<Route> ProgressRoutes();           ///< status, xapi/event_tracking: jobs
std::vector<Route> ProjectRoutes();            ///< projects and subjects
std::vector<Route> RecordRoutes();             ///< audit trail and history
std::vector<Route> RefreshRoutes();            ///< services/refresh/catalog, xapi/archive/catalogs
std::vector<Route> ScanRoutes();    ///< scans and resources of sessions, archived and waiting
std::vector<Route> SiteRoutes();    ///< /, auth, version, users, schemas, search elements
std::vector<Route> VerifyRoutes();  ///< services/verify

/// All of them.
std::vector<Route> AllRoutes();

/// How XNAT's clients sign in and out. The host answers these: they have no handlers, and are here
/// for the description alone.
std::vector<Route> SignInRoutes();

}  // namespace xnatarchive

#endif  // XNATARCHIVE_REST_ROUTES_HPP_
