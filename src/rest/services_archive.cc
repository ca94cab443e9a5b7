// services_archive.cc - POST services/archive and services/validate-archive.
#include <string>
#include <utility>
#include <vector>

#include "base/status_macros.hpp"
#include "base/text.hpp"
#include "rest/json.hpp"
#include "rest/prearchive_rows.hpp"
#include "rest/response.hpp"
#include "rest/routes.hpp"
#include "rest/session_parameters.hpp"
#include "rest/tables.hpp"

namespace xnatarchive {
namespace {

Result<ArchiveRequest> RequestOf(const RestCall& call) {
  const Parameters& parameters = call.parameters;
  ArchiveRequest request;
  request.dest = parameters.Get("dest");
  XNA_RETURN_IF_ERROR(ReadPolicy(parameters, &request));
  XNA_RETURN_IF_ERROR(ReadNames(parameters, &request.parameters));
  std::string reason = parameters.Get("event_reason");
  if (!reason.empty()) request.parameters["event_reason"] = std::move(reason);
  request.wait_ms = call.options.wait_ms;
  // As in XNAT a label in an XML path goes before these two, and after "session".
  if (parameters.Get("session").empty()) {
    auto label = request.parameters.extract("session");
    if (!label.empty()) {
      label.key() = parameters.Get("EXPT_LABEL").empty() ? "label" : "EXPT_LABEL";
      request.parameters.insert(std::move(label));
    }
  }
  for (const auto& entry : parameters.entries()) {
    if (IsFieldPath(entry.first)) request.fields.push_back(entry);
  }
  return request;
}

/// `src` goes before XNAT's other way to name a session, which then has to name the same one.
Status CheckNamedOnce(const Parameters& parameters, const std::vector<std::string>& sources) {
  const std::string timestamp = parameters.Get("PREARC_TIMESTAMP");
  const std::string folder = parameters.Get("PREARC_SESSION_FOLDER");
  if (timestamp.empty() && folder.empty()) return Status();
  if (sources.size() == 1 && EndsWith(sources.front(), "/" + timestamp + "/" + folder)) {
    return Status();
  }
  return Status(Code::kInvalidArgument, "rest.contradiction",
                "src names another session than PREARC_TIMESTAMP and PREARC_SESSION_FOLDER");
}

/// The sessions a request is about: `src`, or project, timestamp and folders. The latter's project
/// is that of the prearchive, not a destination.
Result<std::vector<std::string>> SourcesOf(RestCall& call, ArchiveRequest* request) {
  std::vector<std::string> sources = call.parameters.Given("src");
  if (!sources.empty()) {
    XNA_RETURN_IF_ERROR(CheckNamedOnce(call.parameters, sources));
    return sources;
  }
  const std::string timestamp = call.parameters.Get({"PREARC_TIMESTAMP", "timestamp"});
  std::vector<std::string> folders = call.parameters.Given("PREARC_SESSION_FOLDER");
  if (folders.empty()) folders = call.parameters.Given("folder");
  const std::string project = call.parameters.Get({"project", "PROJECT_ID"});
  if (timestamp.empty() || project.empty()) folders.clear();
  for (const std::string& folder : folders) {
    sources.push_back(PrearchivePath(project, timestamp, folder));
  }
  if (sources.empty()) {
    return Status(
        Code::kNotFound, "rest.no-source",
        "Unknown prearchive session: src names none, nor do project, timestamp and folder");
  }
  request->parameters.erase("project");
  return sources;
}

/// Several sessions, or with job=true one, are a job; the answer is the table of their rows, as
/// they are when it is submitted.
Result<RestResponse> ArchiveLater(RestCall& call, const ArchiveRequest& request,
                                  const std::vector<std::string>& sources) {
  XNA_ASSIGN_OR_RETURN(std::vector<PrearchiveSession> rows, FindRows(call, sources));
  std::vector<ArchiveRequest> requests;
  for (const std::string& src : sources) {
    requests.push_back(request);
    requests.back().src = src;
  }
  for (PrearchiveSession& row : rows) {
    if (IsToldAsQueued(row, row.last_modified_ms)) row.state = PrearchiveState::kQueuedArchiving;
  }
  XNA_ASSIGN_OR_RETURN(RestResponse response, TableResponse(call, PrearchiveTable(rows)));
  XNA_ASSIGN_OR_RETURN(const std::string job, call.engine.Submit(requests, call.call));
  response.headers.emplace_back("X-Job", job);
  return response;
}

Result<RestResponse> PostArchive(RestCall& call) {
  XNA_ASSIGN_OR_RETURN(ArchiveRequest request, RequestOf(call));
  XNA_ASSIGN_OR_RETURN(const std::vector<std::string> sources, SourcesOf(call, &request));
  if (sources.size() > 1 || call.parameters.Flag("job"))
    return ArchiveLater(call, request, sources);
  request.src = sources.front();
  XNA_ASSIGN_OR_RETURN(const ArchiveReport report, call.engine.Archive(request, call.call));
  RestResponse response = UriListResponse({report.uri});
  if (call.parameters.Flag("redirect")) {
    response.status = 303;
    response.headers.emplace_back("Location", call.options.site_url + report.uri);
  }
  return response;
}

Json PlanJson(const ValidationReport& report) {
  Json findings = Json::array();
  for (const Finding& finding : report.findings) {
    findings.push_back({{"code", finding.code},
                        {"type", FindingTypeName(finding.type)},
                        {"reason", finding.reason},
                        {"message", finding.message}});
  }
  Json scans = Json::array();
  for (const PlannedScan& scan : report.scan_plan) {
    scans.push_back(
        {{"id", scan.id}, {"target", scan.target_id}, {"fate", ScanFateName(scan.fate)}});
  }
  Json resources = Json::array();
  for (const PlannedResource& resource : report.resources) {
    Json files = Json::array();
    for (const PlannedFile& file : resource.files) {
      files.push_back({{"path", file.path},
                       {"action", FileActionName(file.action)},
                       {"size", file.size},
                       {"replaces", file.replaces}});
    }
    resources.push_back({{"scan", resource.scan_id},
                         {"label", resource.label},
                         {"whole", resource.whole},
                         {"fileCount", resource.file_count},
                         {"bytes", resource.bytes},
                         {"files", std::move(files)}});
  }
  const FileCounts& counts = report.counts;
  return {{"blocked", report.blocked},
          {"uri", report.uri},
          {"merges", report.merges},
          {"scanCount", report.scans},
          {"fileCount", report.files},
          {"bytes", report.bytes},
          {"added", counts.added},
          {"identical", counts.identical},
          {"replaced", counts.replaced},
          {"conflicting", counts.conflicting},
          {"bytesAdded", counts.bytes_added},
          {"bytesReplaced", counts.bytes_replaced},
          {"findings", std::move(findings)},
          {"scans", std::move(scans)},
          {"resources", std::move(resources)}};
}

/// The table of findings; with plan=true, which XNAT does not have, the findings and what would be
/// done instead.
Result<RestResponse> PostValidate(RestCall& call) {
  XNA_ASSIGN_OR_RETURN(ArchiveRequest request, RequestOf(call));
  XNA_ASSIGN_OR_RETURN(const std::vector<std::string> sources, SourcesOf(call, &request));
  if (sources.size() > 1) {
    return Status(Code::kInvalidArgument, "rest.several-sources",
                  "Cannot validate multiple sessions in one request.");
  }
  request.src = sources.front();
  XNA_ASSIGN_OR_RETURN(const ValidationReport report, call.engine.Validate(request, call.call));
  if (call.parameters.Flag("plan")) return TextResponse(kJsonType, JsonText(PlanJson(report)));
  Table table;
  table.columns = {"code", "type", "message"};
  for (const Finding& finding : report.findings) {
    table.rows.push_back(
        {std::to_string(finding.code), FindingTypeName(finding.type), finding.message});
  }
  return TableResponse(call, std::move(table));
}

}  // namespace

std::vector<Route> ArchiveServiceRoutes() {
  return {
      {"POST", "data/services/archive", PostArchive, RouteAnswer::kArchived,
       "Archives a waiting session; several, or one with job=true, as a job, whose ID is X-Job.",
       "src dest overwrite overwrite_files quarantine triggerPipelines project PROJECT_ID subject "
       "SUBJECT_ID session EXPT_LABEL label event_reason redirect timestamp folder "
       "PREARC_TIMESTAMP PREARC_SESSION_FOLDER job async http-session-listener",
       RouteBody::kForm},
      {"POST", "data/services/validate-archive", PostValidate, RouteAnswer::kPlan,
       "Says what archiving a session would find, and with plan=true what it would do.",
       "src dest overwrite overwrite_files project PROJECT_ID subject SUBJECT_ID session "
       "EXPT_LABEL label timestamp folder PREARC_TIMESTAMP PREARC_SESSION_FOLDER plan",
       RouteBody::kForm},
  };
}

}  // namespace xnatarchive
