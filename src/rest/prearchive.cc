// prearchive.cc - listings of the prearchive, and what is done with one of its sessions.
#include <algorithm>
#include <map>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "base/status_macros.hpp"
#include "base/text.hpp"
#include "rest/prearchive_rows.hpp"
#include "rest/request_body.hpp"
#include "rest/response.hpp"
#include "rest/routes.hpp"
#include "rest/session_parameters.hpp"
#include "rest/session_path.hpp"
#include "rest/session_zip.hpp"
#include "rest/tables.hpp"
#include "xnatarchive/auto_archive.hpp"

namespace xnatarchive {
namespace {

/// What an action takes.
constexpr std::string_view kTaken =
    "action AA auto-archive overwrite overwrite_files quarantine triggerPipelines newProject "
    "status";

Result<RestResponse> ListSessions(RestCall& call) {
  std::vector<std::string> projects;
  if (!call.Path("projects").empty()) projects = Split(call.Path("projects"), ',');
  std::vector<PrearchiveSession> rows;
  if (projects.empty()) {
    XNA_ASSIGN_OR_RETURN(rows, call.engine.PrearchiveSessions("", call.call));
  }
  for (const std::string& project : projects) {
    if (project.empty()) continue;
    XNA_ASSIGN_OR_RETURN(auto more, call.engine.PrearchiveSessions(project, call.call));
    if (rows.empty()) std::swap(rows, more);  // mostly there is one project
    std::move(more.begin(), more.end(), std::back_inserter(rows));
  }
  const std::vector<std::string> uids = call.parameters.List("tag");
  const auto other_uid = [&](const PrearchiveSession& row) {
    return !uids.empty() && std::find(uids.begin(), uids.end(), row.study_uid) == uids.end();
  };
  rows.erase(std::remove_if(rows.begin(), rows.end(), other_uid), rows.end());
  return TableResponse(call, PrearchiveTable(rows));
}

/// The newest: recent=true for ten, or their number.
Result<RestResponse> ListRecent(RestCall& call) {
  constexpr std::int64_t kRecent = 10;
  const std::string recent = call.parameters.Get("recent");
  const std::optional<std::int64_t> count =
      EqualsIgnoreCase(recent, "true") ? kRecent : ParseInt(recent);
  if (!count || *count <= 0) {
    return Status(Code::kInvalidArgument, "rest.bad-value", "recent is true or a number above 0");
  }
  XNA_ASSIGN_OR_RETURN(auto rows, call.engine.PrearchiveSessions("", call.call));
  if (rows.size() > static_cast<std::uint64_t>(*count))
    rows.resize(static_cast<std::size_t>(*count));
  return TableResponse(call, PrearchiveTable(rows));
}

/// XNAT's rescan: the index follows the trees.
Result<RestResponse> Rescan(RestCall& call) {
  XNA_ASSIGN_OR_RETURN(const ReindexReport report, call.engine.Reindex(call.call));
  (void)report;
  return ListSessions(call);
}

std::string PathOf(const RestCall& call) {
  return PrearchivePath(call.Path("project"), call.Path("timestamp"), call.Path("folder"));
}

Result<RestResponse> GetSession(RestCall& call) {
  const std::string path = PathOf(call);
  if (WantedFormat(call) == "xml") {
    XNA_ASSIGN_OR_RETURN(std::string xml, call.engine.DocumentXml(path, call.call));
    return TextResponse(kXmlType, std::move(xml));
  }
  XNA_ASSIGN_OR_RETURN(const auto rows, FindRows(call, {path}));
  if (WantedFormat(call) == "zip") {
    return ZipResponse(call, path, rows.front().folder);
  }
  return TableResponse(call, PrearchiveTable(rows));
}

Result<RestResponse> DeleteSession(RestCall& call) {
  XNA_RETURN_IF_ERROR(call.engine.DeletePrearchiveSession(PathOf(call), call.call));
  return RestResponse();
}

/// The URI as XNAT's actions answer it, without an end of line.
RestResponse UriResponse(int status, const std::string& uri) {
  RestResponse response = TextResponse(kPlainType, uri);
  response.status = status;
  return response;
}

/// How a commit archives the session; nullopt when it stays. What the request says goes before what
/// archives it unasked.
Result<std::optional<ArchiveRequest>> ArchivedOnCommit(const RestCall& call,
                                                       const PrearchiveSession& row) {
  PrearchiveCode code = PrearchiveCode::kManual;
  if (!row.project.empty()) {
    XNA_ASSIGN_OR_RETURN(const std::string setting,
                         call.engine.Setting("prearchive_code", row.project, call.call));
    code = ParsePrearchiveCode(setting).value_or(code);
  }
  bool archives = IsAutoArchived(row, code);
  for (const std::string_view name : {"auto-archive", "AA"}) {
    if (call.parameters.Has(name)) archives = call.parameters.Flag(name);
  }
  ArchiveRequest request = AutoArchiveRequest(row, code);
  XNA_RETURN_IF_ERROR(ReadPolicy(call.parameters, &request));
  return archives ? std::optional<ArchiveRequest>(std::move(request)) : std::nullopt;
}

/// Adds a commit's JSON body to the parameters; of all the XML paths and their values, to be set in
/// the session's document.
Status ReadFields(RestCall& call, std::map<std::string, std::string>* fields) {
  for (const auto& [name, value] : call.parameters.entries()) {
    if (IsFieldPath(name)) (*fields)[name] = value;
  }
  XNA_ASSIGN_OR_RETURN(const Json json, ReadJson(call.request, call.options.limits));
  if (json.is_null()) return Status();
  if (!json.is_object()) {
    return Status(Code::kInvalidArgument, "rest.bad-json", "expected an object of values");
  }
  for (const auto& [name, value] : json.items()) {
    const std::string text = value.is_string() ? value.get<std::string>() : JsonText(value);
    if (name.find('/') == std::string::npos) {
      XNA_RETURN_IF_ERROR(call.parameters.Add(name, text));
    } else if (value.is_string()) {
      (*fields)[name] = text;
    } else {
      return Status(Code::kInvalidArgument, "rest.bad-json", "expected values that are strings");
    }
  }
  XNA_RETURN_IF_ERROR(call.parameters.CheckSingles());
  return call.parameters.CheckUsed(kTaken);
}

/// 200 with the session's own URI when it stays in the prearchive; 301, without a Location, and the
/// archive URI when it was archived. Clients tell the two apart by the status.
Result<RestResponse> Commit(RestCall& call) {
  const std::string path = PathOf(call);
  XNA_ASSIGN_OR_RETURN(const auto rows, FindRows(call, {path}));
  std::map<std::string, std::string> fields;
  XNA_RETURN_IF_ERROR(ReadFields(call, &fields));
  XNA_ASSIGN_OR_RETURN(auto request, ArchivedOnCommit(call, rows.front()));
  if (!request) {
    XNA_RETURN_IF_ERROR(call.engine.Build(path, fields, call.call));
    return UriResponse(200, "/data" + path);
  }
  request->wait_ms = call.options.wait_ms;
  request->fields.assign(fields.begin(), fields.end());
  XNA_ASSIGN_OR_RETURN(const ArchiveReport report, call.engine.Archive(*request, call.call));
  return UriResponse(301, report.uri);
}

/// 301, without a Location, and the URI in the new project.
Result<RestResponse> Move(RestCall& call) {
  const std::string project = call.parameters.Get("newProject");
  if (project.empty()) {
    return Status(Code::kInvalidArgument, "rest.no-project", "newProject names no project");
  }
  XNA_ASSIGN_OR_RETURN(const std::string uri,
                       call.engine.MovePrearchiveSession(PathOf(call), project, call.call));
  return UriResponse(301, uri);
}

Result<RestResponse> SetState(RestCall& call, const std::string& action) {
  std::optional<PrearchiveState> wanted;
  if (action == "set-status") {
    wanted = ParsePrearchiveState(call.parameters.Get("status"));
    if (!wanted) {
      return Status(Code::kInvalidArgument, "prearchive.bad-state",
                    "status is READY, RECEIVING, CONFLICT or ERROR");
    }
  }
  XNA_RETURN_IF_ERROR(call.engine.SetPrearchiveState(PathOf(call), wanted, call.call).status());
  return UriResponse(200, "/data" + PathOf(call));
}

/// A body that is no form is a commit's JSON.
Result<RestResponse> PostAction(RestCall& call) {
  const BodyKind kind = KindOfBody(call.request);
  const bool is_form = kind == BodyKind::kForm || kind == BodyKind::kMultipart;
  if (is_form || (call.parameters.Get("action").empty() && kind != BodyKind::kJson)) {
    XNA_RETURN_IF_ERROR(ReadForm(call.request, call.options.limits, &call.parameters));
    XNA_RETURN_IF_ERROR(call.parameters.CheckSingles());
  }
  XNA_RETURN_IF_ERROR(call.parameters.CheckUsed(kTaken));
  const std::string action = call.parameters.Get("action");
  if (action == "build" || action == "rebuild") {
    XNA_RETURN_IF_ERROR(call.engine.Build(PathOf(call), call.call));
    return UriResponse(200, "/data" + PathOf(call));
  }
  if (action == "commit") return Commit(call);
  if (action == "move") return Move(call);
  if (action == "reset-status" || action == "set-status") return SetState(call, action);
  return Status(Code::kInvalidArgument, "rest.bad-value",
                "action is build, commit, move, reset-status or set-status");
}

Result<RestResponse> ListLogs(RestCall& call) {
  XNA_ASSIGN_OR_RETURN(const std::vector<std::string> lines,
                       call.engine.PrearchiveLog(PathOf(call), call.call));
  Table table;
  const bool details = call.parameters.Get("template") == "details";
  table.columns = {"id"};
  if (details) table.columns = {"id", "date", "entry"};
  constexpr std::size_t kDate = 19;  // MM/dd/yyyy HH:mm:ss, then ':' and the text
  for (std::size_t i = 0; i < lines.size(); ++i) {
    const std::string id = std::to_string(i + 1);
    const std::string& line = lines[i];
    if (!details) {
      table.rows.push_back({id});
    } else {
      table.rows.push_back(
          {id, line.substr(0, kDate), line.size() > kDate ? line.substr(kDate + 1) : ""});
    }
  }
  return TableResponse(call, std::move(table));
}

Result<RestResponse> GetLog(RestCall& call) {
  XNA_ASSIGN_OR_RETURN(const std::vector<std::string> lines,
                       call.engine.PrearchiveLog(PathOf(call), call.call));
  const std::int64_t count = static_cast<std::int64_t>(lines.size());
  const std::int64_t number =
      call.Path("log") == "last" ? count : ParseInt(call.Path("log")).value_or(0);
  if (number < 1 || number > count) {
    return Status(Code::kNotFound, "rest.no-log", "there is no such log entry");
  }
  return TextResponse(kPlainType, lines[static_cast<std::size_t>(number - 1)]);
}

}  // namespace

std::vector<Route> PrearchiveRoutes() {
  const std::string session = kWaitingSession;
  return {
      {"GET", "data/prearchive", ListSessions, RouteAnswer::kTable, "Lists all waiting sessions.",
       "tag"},
      {"GET", "data/prearchive/projects", ListSessions, RouteAnswer::kTable,
       "Lists all waiting sessions.", "tag"},
      {"GET", "data/prearchive/projects/{projects}", ListSessions, RouteAnswer::kTable,
       "Lists the waiting sessions of one project, or of several, comma separated.", "tag"},
      {"PUT", "data/prearchive", Rescan, RouteAnswer::kTable,
       "Makes the index follow what is on disk, and lists all waiting sessions.", "tag"},
      {"GET", "data/prearchive/experiments", ListRecent, RouteAnswer::kTable,
       "Lists the newest waiting sessions.", "recent"},
      {"GET", session, GetSession, RouteAnswer::kWaitingSession,
       "Gives one waiting session: its row, its document, or as a zip its files."},
      {"POST", session, PostAction, RouteAnswer::kCommitted,
       "Builds a waiting session, builds or archives it as its project has it (commit), moves it "
       "to another project (move), or sets its state (reset-status, set-status).",
       kTaken, RouteBody::kFormOrFields},
      {"DELETE", session, DeleteSession, RouteAnswer::kNothing, "Deletes a waiting session."},
      {"GET", session + "/logs", ListLogs, RouteAnswer::kTable,
       "Lists what happened to a waiting session.", "template"},
      {"GET", session + "/logs/{log}", GetLog, RouteAnswer::kText,
       "Gives one entry of a waiting session's log, by number or as last."},
  };
}

}  // namespace xnatarchive
