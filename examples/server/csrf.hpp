// csrf.hpp - whether a request that changes something was meant by who is signed in, or was made by
// another site's page in his browser.
//
// Scripts (xnatpy, pyxnat, xnatctl, curl) use cookies and know of no tokens. No page can make a
// browser send a request as they do: a browser says where a request comes from, by Origin, Referer
// or Sec-Fetch-Site.
#ifndef XNATARCHIVE_SERVER_CSRF_HPP_
#define XNATARCHIVE_SERVER_CSRF_HPP_

#include <string_view>

#include "xnatarchive/rest_service.hpp"

namespace server {

/// OK for what changes nothing (GET, HEAD, OPTIONS) and for what no browser sends. kPermission
/// "csrf.cross-site" when another site, or a page that hides which, made the request;
/// "csrf.no-token" when a browser sends it in a session without that session's token in the header
/// X-CSRF-Token or the query's XNAT_CSRF.
///
/// `token`: of the session; empty: the request is not in one.
xnatarchive::Status CheckCsrf(const xnatarchive::RestRequest& request, std::string_view token);

}  // namespace server

#endif  // XNATARCHIVE_SERVER_CSRF_HPP_
