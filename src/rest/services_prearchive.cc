// services_prearchive.cc - POST services/prearchive/{delete,rebuild,move}: the same for several
// sessions.
#include <string>
#include <utility>
#include <vector>

#include "base/status_macros.hpp"
#include "rest/prearchive_rows.hpp"
#include "rest/routes.hpp"
#include "rest/tables.hpp"

namespace xnatarchive {
namespace {

/// The sessions that `src` names; all have to be there before anything is done to one.
Result<std::vector<PrearchiveSession>> Sessions(const RestCall& call) {
  const std::vector<std::string> sources = call.parameters.Given("src");
  if (sources.empty()) {
    return Status(Code::kInvalidArgument, "rest.no-source", "src names no session");
  }
  return FindRows(call, sources);
}

/// Does it to each, whatever becomes of the others, and fails as the first that failed.
template <typename Action>
Status ForEach(const std::vector<PrearchiveSession>& rows, const Action& action) {
  Status first;
  for (const PrearchiveSession& row : rows) {
    const std::string path = PrearchivePath(row.project, row.timestamp, row.folder);
    Status done = action(path);
    if (!done.ok() && first.ok()) first = std::move(done).WithContext(path);
  }
  return first;
}

/// The table of the rows as they were.
Result<RestResponse> PostDelete(RestCall& call) {
  XNA_ASSIGN_OR_RETURN(const auto rows, Sessions(call));
  XNA_ASSIGN_OR_RETURN(RestResponse response, TableResponse(call, PrearchiveTable(rows)));
  XNA_RETURN_IF_ERROR(ForEach(rows, [&](const std::string& path) {
    return call.engine.DeletePrearchiveSession(path, call.call);
  }));
  return response;
}

/// The table of the rows as they are now.
Result<RestResponse> PostRebuild(RestCall& call) {
  XNA_ASSIGN_OR_RETURN(const auto rows, Sessions(call));
  XNA_RETURN_IF_ERROR(
      ForEach(rows, [&](const std::string& path) { return call.engine.Build(path, call.call); }));
  std::vector<std::string> paths;
  for (const PrearchiveSession& row : rows) {
    paths.push_back(PrearchivePath(row.project, row.timestamp, row.folder));
  }
  XNA_ASSIGN_OR_RETURN(const auto built, FindRows(call, paths));
  return TableResponse(call, PrearchiveTable(built));
}

/// The table of the rows as they are now. Each is moved at once or not at all, so that there is
/// nothing to wait for: XNAT's "async" makes no difference.
Result<RestResponse> PostMove(RestCall& call) {
  const std::string project = call.parameters.Get("newProject");
  if (project.empty()) {
    return Status(Code::kInvalidArgument, "rest.no-project", "newProject names no project");
  }
  XNA_ASSIGN_OR_RETURN(const auto rows, Sessions(call));
  std::vector<std::string> uris;
  XNA_RETURN_IF_ERROR(ForEach(rows, [&](const std::string& path) -> Status {
    XNA_ASSIGN_OR_RETURN(std::string uri,
                         call.engine.MovePrearchiveSession(path, project, call.call));
    uris.push_back(std::move(uri));
    return Status();
  }));
  XNA_ASSIGN_OR_RETURN(const auto moved, FindRows(call, uris));
  return TableResponse(call, PrearchiveTable(moved));
}

}  // namespace

std::vector<Route> PrearchiveServiceRoutes() {
  return {
      {"POST", "data/services/prearchive/delete", PostDelete, RouteAnswer::kTable,
       "Deletes waiting sessions.", "src", RouteBody::kForm},
      {"POST", "data/services/prearchive/rebuild", PostRebuild, RouteAnswer::kTable,
       "Builds waiting sessions again from their files.", "src", RouteBody::kForm},
      {"POST", "data/services/prearchive/move", PostMove, RouteAnswer::kTable,
       "Moves waiting sessions to another project.", "src newProject async", RouteBody::kForm},
  };
}

}  // namespace xnatarchive
