#include "rest/session_path.hpp"

#include "base/text.hpp"
#include "rest/prearchive_rows.hpp"

namespace xnatarchive {

std::vector<Route> OfSessions(const std::vector<BelowSession>& parts) {
  std::vector<Route> routes;
  for (const BelowSession& part : parts) {
    for (const std::string session : {kArchivedSession, kWaitingSession}) {
      routes.push_back({"GET", session + part.pattern, part.handler, part.answer, part.summary,
                        part.parameters});
    }
  }
  return routes;
}

bool IsWaiting(const RestCall& call) { return !call.Path("folder").empty(); }

std::string Level(std::string_view name, std::string_view value) {
  return "/" + std::string(name) + "/" + EncodePercent(value, "/?# ");
}

std::string EncodeFilePath(std::string_view path) { return EncodePercent(path, "?# "); }

std::string EngineUri(const RestCall& call) {
  std::string uri = "/archive";
  const auto add = [&](std::string_view level, std::string_view name) {
    if (!call.Path(name).empty()) uri += Level(level, call.Path(name));
  };
  if (IsWaiting(call)) {
    uri = PrearchivePath(call.Path("project"), call.Path("timestamp"), call.Path("folder"));
  } else {
    add("projects", "project");
    add("subjects", "subject");
    add("experiments", "experiment");
  }
  add("scans", "scan");
  add("resources", "resource");
  return uri;
}

}  // namespace xnatarchive
