// session_path.hpp - the session that a request's path names, archived or waiting.
#ifndef XNATARCHIVE_REST_SESSION_PATH_HPP_
#define XNATARCHIVE_REST_SESSION_PATH_HPP_

#include <string>
#include <string_view>
#include <vector>

#include "rest/route.hpp"

namespace xnatarchive {

/// Patterns of what names a session in the archive and in the prearchive.
inline constexpr const char* kArchivedSession =
    "data/[archive/][projects/{project}/][subjects/{subject}/]experiments/{experiment}";
inline constexpr const char* kWaitingSession =
    "data/prearchive/projects/{project}/{timestamp}/{folder}";

/// Something below a session that can be read.
struct BelowSession {
  const char* pattern;
  RestHandler handler;
  RouteAnswer answer;
  std::string_view summary;
  std::string_view parameters = "";
};
/// GET routes for each of these, of archived and of waiting sessions.
std::vector<Route> OfSessions(const std::vector<BelowSession>& parts);

bool IsWaiting(const RestCall& call);

/// The engine's URI of what the path names: its session, or as far as it goes the scan and the
/// resource in it, or the subject or project.
std::string EngineUri(const RestCall& call);

/// "/NAME/VALUE", with the value percent-encoded.
std::string Level(std::string_view name, std::string_view value);
/// Percent-encodes a path, its '/' kept.
std::string EncodeFilePath(std::string_view path);

}  // namespace xnatarchive

#endif  // XNATARCHIVE_REST_SESSION_PATH_HPP_
