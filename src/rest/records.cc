// records.cc - what was done to sessions, and what that replaced: the audit trail and the history.
#include <string>
#include <utility>
#include <vector>

#include "base/status_macros.hpp"
#include "base/time.hpp"
#include "rest/response.hpp"
#include "rest/routes.hpp"
#include "rest/session_path.hpp"
#include "rest/tables.hpp"

namespace xnatarchive {
namespace {

/// The engine's URI, or "" where the path names nothing: everything.
std::string Subject(const RestCall& call) {
  const bool named =
      IsWaiting(call) || !call.Path("project").empty() || !call.Path("experiment").empty();
  return named ? EngineUri(call) : std::string();
}

Result<RestResponse> ListAudit(RestCall& call) {
  XNA_ASSIGN_OR_RETURN(Table table, call.engine.Audit(Subject(call), call.call));
  return TableResponse(call, std::move(table));
}

Result<RestResponse> ListHistory(RestCall& call) {
  XNA_ASSIGN_OR_RETURN(const std::vector<HistoryEntry> entries,
                       call.engine.History(Subject(call), call.call));
  Table table;
  table.columns = {"id", "time", "user", "project", "label", "experiment_id", "files", "bytes"};
  for (const HistoryEntry& entry : entries) {
    table.rows.push_back({entry.id, FormatTableTime(entry.time_ms), entry.user, entry.project,
                          entry.label, entry.experiment_id, std::to_string(entry.files),
                          std::to_string(entry.bytes)});
  }
  return TableResponse(call, std::move(table));
}

/// Answers with the session whose files are back.
Result<RestResponse> PostHistory(RestCall& call) {
  if (call.parameters.Get("action") != "restore") {
    return Status(Code::kInvalidArgument, "rest.bad-value", "action is restore");
  }
  XNA_ASSIGN_OR_RETURN(const ArchiveReport report,
                       call.engine.RestoreHistory(call.Path("record"), call.call));
  return UriListResponse({report.uri});
}

Result<RestResponse> DeleteHistory(RestCall& call) {
  XNA_RETURN_IF_ERROR(call.engine.PruneHistory(call.Path("record"), call.call));
  return RestResponse();
}

}  // namespace

std::vector<Route> RecordRoutes() {
  const std::string project = "data/[archive/]projects/{project}";
  return {
      {"GET", "data/audit", ListAudit, RouteAnswer::kTable, "Lists what was done, by whom."},
      {"GET", project + "/audit", ListAudit, RouteAnswer::kTable,
       "Lists what was done in a project, by whom."},
      {"GET", std::string(kArchivedSession) + "/audit", ListAudit, RouteAnswer::kTable,
       "Lists what was done to an archived session, by whom."},
      {"GET", std::string(kWaitingSession) + "/audit", ListAudit, RouteAnswer::kTable,
       "Lists what was done to a waiting session, by whom."},
      {"GET", "data/history", ListHistory, RouteAnswer::kTable, "Lists what was replaced."},
      {"GET", project + "/history", ListHistory, RouteAnswer::kTable,
       "Lists what was replaced in a project."},
      {"GET", std::string(kArchivedSession) + "/history", ListHistory, RouteAnswer::kTable,
       "Lists what was replaced in a session."},
      {"POST", "data/history/{record}", PostHistory, RouteAnswer::kUriList,
       "Puts back what was replaced (restore).", "action", RouteBody::kForm},
      {"DELETE", "data/history/{record}", DeleteHistory, RouteAnswer::kNothing,
       "Removes for good what was replaced."},
  };
}

}  // namespace xnatarchive
