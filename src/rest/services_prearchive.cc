// services_prearchive.cc - POST services/prearchive/{delete,rebuild,move}: the same for several
// sessions.
#include <algorithm>
#include <string>
#include <utility>
#include <vector>

#include "base/status_macros.hpp"
#include "base/text.hpp"
#include "rest/http_status.hpp"
#include "rest/prearchive_rows.hpp"
#include "rest/routes.hpp"
#include "rest/tables.hpp"

namespace xnatarchive {
namespace {

std::string PathOf(const PrearchiveSession& row) {
  return PrearchivePath(row.project, row.timestamp, row.folder);
}

/// The sessions that `src` names, each once. All are there, may be treated so and are in nobody's
/// hands, and the answer can have the form it is wanted in: what refuses one of them, or the
/// request, does so before anything is done.
Result<std::vector<PrearchiveSession>> Sessions(const RestCall& call, Permission permission) {
  const std::vector<std::string> sources = call.parameters.Given("src");
  if (sources.empty()) {
    return Status(Code::kInvalidArgument, "rest.no-source", "src names no session");
  }
  XNA_ASSIGN_OR_RETURN(const std::vector<PrearchiveSession> named, FindRows(call, sources));
  std::vector<PrearchiveSession> rows;
  for (const PrearchiveSession& row : named) {
    const bool again = std::any_of(rows.begin(), rows.end(), [&](const PrearchiveSession& other) {
      return other.key == row.key;
    });
    if (again) continue;
    const Status free = call.engine.CheckPrearchiveSession(PathOf(row), permission, call.call);
    if (!free.ok()) return Status(free).WithContext(PathOf(row));
    rows.push_back(row);
  }
  XNA_RETURN_IF_ERROR(TableResponse(call, PrearchiveTable(rows)).status());
  return rows;
}

/// What was done to several sessions, and what became of the first that failed.
struct Outcome {
  std::vector<std::string> done;  ///< As they were named before.
  std::vector<std::string> now;   ///< The same sessions, as they are named now.
  std::string failed;             ///< The first that failed, and why.
  Status first;
};

/// Does it to each, whatever becomes of the others. `action` returns what the session is named now.
template <typename Action>
Outcome ForEach(const std::vector<PrearchiveSession>& rows, const Action& action) {
  Outcome outcome;
  for (const PrearchiveSession& row : rows) {
    const std::string path = PathOf(row);
    Result<std::string> now = action(path);
    if (now.ok()) {
      outcome.done.push_back(path);
      outcome.now.push_back(std::move(now).value());
    } else if (outcome.first.ok()) {
      outcome.failed = path;
      outcome.first = std::move(now).status();
    }
  }
  return outcome;
}

/// The table of what `rows` are now, or the failure, which names the sessions that have none.
Result<RestResponse> Answer(const RestCall& call, const Outcome& outcome,
                            const Result<std::vector<PrearchiveSession>>& rows) {
  const bool all = outcome.first.ok();
  if (all && rows.ok()) return TableResponse(call, PrearchiveTable(*rows));
  if (outcome.done.empty()) return Status(outcome.first).WithContext(outcome.failed);
  Status failure(all ? rows.status() : outcome.first);
  return PartialResponse(call,
                         std::move(failure).WithContext("done to " + Join(outcome.done, ", ") +
                                                        (all ? "" : ", not to " + outcome.failed)),
                         outcome.done);
}

/// The table of the rows as they were.
Result<RestResponse> PostDelete(RestCall& call) {
  XNA_ASSIGN_OR_RETURN(const auto rows, Sessions(call, Permission::kDelete));
  const Outcome outcome = ForEach(rows, [&](const std::string& path) -> Result<std::string> {
    XNA_RETURN_IF_ERROR(call.engine.DeletePrearchiveSession(path, call.call));
    return path;
  });
  return Answer(call, outcome, rows);
}

/// The table of the rows as they are now.
Result<RestResponse> PostRebuild(RestCall& call) {
  XNA_ASSIGN_OR_RETURN(const auto rows, Sessions(call, Permission::kEdit));
  const Outcome outcome = ForEach(rows, [&](const std::string& path) -> Result<std::string> {
    XNA_RETURN_IF_ERROR(call.engine.Build(path, call.call));
    return path;
  });
  return Answer(call, outcome, FindRows(call, outcome.now));
}

/// The table of the rows as they are now.
Result<RestResponse> PostMove(RestCall& call) {
  const std::string project = call.parameters.Get("newProject");
  if (project.empty()) {
    return Status(Code::kInvalidArgument, "rest.no-project", "newProject names no project");
  }
  XNA_ASSIGN_OR_RETURN(const auto rows, Sessions(call, Permission::kDelete));
  const Outcome outcome = ForEach(rows, [&](const std::string& path) {
    return call.engine.MovePrearchiveSession(path, project, call.call);
  });
  return Answer(call, outcome, FindRows(call, outcome.now));
}

}  // namespace

// Each is done to at once or not at all, so that there is nothing to wait for: XNAT's "async" makes
// no difference. Nor does its "overrideLock", the cure for locks whose owner is gone: here those
// are none, and one that is held is told of by 423.
std::vector<Route> PrearchiveServiceRoutes() {
  return {
      {"POST", "data/services/prearchive/delete", PostDelete, RouteAnswer::kTable,
       "Deletes waiting sessions.", "src async", RouteBody::kForm},
      {"POST", "data/services/prearchive/rebuild", PostRebuild, RouteAnswer::kTable,
       "Builds waiting sessions again from their files.", "src async overrideLock",
       RouteBody::kForm},
      {"POST", "data/services/prearchive/move", PostMove, RouteAnswer::kTable,
       "Moves waiting sessions to another project.", "src newProject async", RouteBody::kForm},
  };
}

}  // namespace xnatarchive
