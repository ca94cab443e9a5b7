// experiments.cc - archived sessions: listings, and one as JSON, XML or zip.
#include <algorithm>
#include <array>
#include <map>
#include <string>
#include <utility>
#include <vector>

#include "base/status_macros.hpp"
#include "base/text.hpp"
#include "rest/items.hpp"
#include "rest/response.hpp"
#include "rest/routes.hpp"
#include "rest/session_path.hpp"
#include "rest/session_zip.hpp"
#include "rest/tables.hpp"

namespace xnatarchive {
namespace {

/// What can be told of an experiment in a listing, by XNAT's names; the first seven are told when
/// no columns are asked for.
const std::vector<std::string> kColumns = {
    "ID",          "project", "date",       "xsiType",       "label",
    "insert_date", "URI",     "subject_ID", "subject_label", "quarantine_status"};
constexpr std::size_t kDefaultColumns = 7;

/// Adds the experiments of a project, or of one of its subjects.
Status AddExperiments(const RestCall& call, const std::string& project, Table* table) {
  const std::string project_uri = Level("projects", project);
  XNA_ASSIGN_OR_RETURN(const Table subjects, call.engine.List(project_uri, call.call));
  std::map<std::string, std::string> subject_ids;
  for (const auto& row : subjects.rows) {
    subject_ids[row[ColumnOf(subjects, "label")]] = row[ColumnOf(subjects, "ID")];
  }
  std::string uri = project_uri;
  if (!call.Path("subject").empty()) uri += Level("subjects", call.Path("subject"));
  XNA_ASSIGN_OR_RETURN(const Table listed, call.engine.List(uri + "/experiments", call.call));
  const std::array<std::size_t, 7> at = {ColumnOf(listed, "ID"),         ColumnOf(listed, "date"),
                                         ColumnOf(listed, "xsiType"),    ColumnOf(listed, "label"),
                                         ColumnOf(listed, "subject"),    ColumnOf(listed, "status"),
                                         ColumnOf(listed, "insert_date")};
  for (const auto& row : listed.rows) {
    const std::string& subject = row[at[4]];
    const auto subject_id = subject_ids.find(subject);
    table->rows.push_back({row[at[0]], project, row[at[1]], row[at[2]], row[at[3]], row[at[6]],
                           "/data" + Level("experiments", row[at[0]]),
                           subject_id != subject_ids.end() ? subject_id->second : subject, subject,
                           row[at[5]]});
  }
  return Status();
}

/// Whether every experiment is of that type, as all here are imaging sessions.
bool IsBaseType(std::string_view xsi_type) {
  return EqualsIgnoreCase(xsi_type, "xnat:experimentData") ||
         EqualsIgnoreCase(xsi_type, "xnat:subjectAssessorData") ||
         EqualsIgnoreCase(xsi_type, "xnat:imageSessionData");
}

/// Keeps the rows in which a column has the value that a parameter of its name gives.
void Filter(const Parameters& parameters, Table* table) {
  for (std::size_t i = 0; i < table->columns.size(); ++i) {
    if (!parameters.Has(table->columns[i])) continue;
    const std::string wanted = parameters.Get(table->columns[i]);
    if (table->columns[i] == "xsiType" && IsBaseType(wanted)) continue;
    table->rows.erase(std::remove_if(table->rows.begin(), table->rows.end(),
                                     [&](const auto& row) { return row[i] != wanted; }),
                      table->rows.end());
  }
}

/// The columns that were asked for, also as XML paths ("xnat:mrSessionData/label"), and the URI;
/// one that is not known has no values.
std::vector<Column> ColumnsOf(const std::vector<std::string>& wanted) {
  std::vector<Column> columns;
  for (const std::string& name : wanted) {
    const std::string_view last = std::string_view(name).substr(name.rfind('/') + 1);
    const auto known =
        std::find_if(kColumns.begin(), kColumns.end(),
                     [&](const std::string& column) { return EqualsIgnoreCase(column, last); });
    columns.push_back({name, known != kColumns.end() ? std::string_view(*known) : ""});
  }
  if (columns.empty()) {
    for (std::size_t i = 0; i < kDefaultColumns; ++i) columns.push_back({kColumns[i], kColumns[i]});
  } else if (std::find(wanted.begin(), wanted.end(), "URI") == wanted.end()) {
    columns.push_back({"URI", "URI"});
  }
  return columns;
}

/// Leaves of all projects the one that has the subject, which without a project is named by its ID.
Status FindProjectOf(const RestCall& call, const std::string& subject,
                     std::vector<std::string>* projects) {
  for (const std::string& project : *projects) {
    XNA_ASSIGN_OR_RETURN(const Table table,
                         call.engine.List(Level("projects", project), call.call));
    const std::size_t id = ColumnOf(table, "ID");
    const bool has = std::any_of(table.rows.begin(), table.rows.end(),
                                 [&](const auto& row) { return row[id] == subject; });
    if (!has) continue;
    *projects = {std::string(project)};
    return Status();
  }
  return Status(Code::kNotFound, "uri.not-found", "there is no such subject");
}

Result<RestResponse> ListExperiments(RestCall& call) {
  std::vector<std::string> projects{call.Path("project")};
  if (projects.front().empty()) {
    XNA_ASSIGN_OR_RETURN(const std::vector<Project> all, call.engine.Projects(call.call));
    projects.clear();
    for (const Project& project : all) projects.push_back(project.id);
    const std::string& subject = call.Path("subject");
    if (!subject.empty()) XNA_RETURN_IF_ERROR(FindProjectOf(call, subject, &projects));
  }
  Table table;
  table.columns = kColumns;
  for (const std::string& project : projects) {
    XNA_RETURN_IF_ERROR(AddExperiments(call, project, &table));
  }
  Filter(call.parameters, &table);
  const std::vector<std::string> wanted = call.parameters.List("columns");
  return TableResponse(call, Select(table, ColumnsOf(wanted)));
}

/// XML unless something else is asked for, as in XNAT.
Result<RestResponse> GetExperiment(RestCall& call) {
  const std::string uri = EngineUri(call);
  const std::string format = WantedFormat(call);
  if (format == "json") {
    XNA_ASSIGN_OR_RETURN(const SessionDocument document, call.engine.Document(uri, call.call));
    return TextResponse(kJsonType, ItemsText(SessionItem(document)));
  }
  if (format == "zip") {
    XNA_ASSIGN_OR_RETURN(const SessionDocument document, call.engine.Document(uri, call.call));
    return ZipResponse(call, uri, document.label);
  }
  if (!format.empty() && format != "xml") {
    return Status(Code::kInvalidArgument, "rest.bad-format", "format is json, xml or zip here");
  }
  XNA_ASSIGN_OR_RETURN(std::string xml, call.engine.DocumentXml(uri, call.call));
  return TextResponse(kXmlType, std::move(xml));
}

/// What XNAT's pages send to release a session from quarantine.
Result<RestResponse> PutExperiment(RestCall& call) {
  if (!call.parameters.Flag("activate")) {
    return Status(Code::kUnsupported, "rest.no-such-action",
                  "of an archived session nothing is changed but with activate=true");
  }
  XNA_RETURN_IF_ERROR(call.engine.Activate(EngineUri(call), call.call).status());
  return RestResponse();
}

}  // namespace

std::vector<Route> ExperimentRoutes() {
  return {
      {"GET", "data/[archive/][projects/{project}/][subjects/{subject}/]experiments",
       ListExperiments, RouteAnswer::kTable, "Lists archived sessions.",
       "columns ID project date xsiType label subject_ID subject_label quarantine_status"},
      {"GET", kArchivedSession, GetExperiment, RouteAnswer::kSession,
       "Gives one archived session: its document, or all its files."},
      {"PUT", kArchivedSession, PutExperiment, RouteAnswer::kNothing,
       "Releases an archived session from quarantine.", "activate"},
  };
}

}  // namespace xnatarchive
