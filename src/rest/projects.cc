// projects.cc - projects, their subjects, and the two settings that XNAT has routes for.
#include <algorithm>
#include <string>
#include <utility>
#include <vector>

#include "base/status_macros.hpp"
#include "base/text.hpp"
#include "rest/items.hpp"
#include "rest/response.hpp"
#include "rest/routes.hpp"
#include "rest/session_path.hpp"
#include "rest/tables.hpp"

namespace xnatarchive {
namespace {

Result<RestResponse> ListProjects(RestCall& call) {
  XNA_ASSIGN_OR_RETURN(const std::vector<Project> projects, call.engine.Projects(call.call));
  Table table;
  table.columns = {"ID",           "secondary_ID", "name", "description",
                   "pi_firstname", "pi_lastname",  "URI"};
  for (const Project& project : projects) {
    table.rows.push_back(
        {project.id, project.id, project.id, "", "", "", "/data" + Level("projects", project.id)});
  }
  return TableResponse(call, std::move(table));
}

/// The ID of the project that the path names by ID or alias.
Result<std::string> ProjectId(const RestCall& call) {
  const std::string& name = call.Path("project");
  // Asks for permission before it says whether there is one.
  XNA_RETURN_IF_ERROR(call.engine.Setting("prearchive_code", name, call.call).status());
  XNA_ASSIGN_OR_RETURN(const std::vector<Project> projects, call.engine.Projects(call.call));
  for (const Project& project : projects) {
    if (project.id == name) return name;
  }
  for (const Project& project : projects) {
    XNA_ASSIGN_OR_RETURN(const std::string aliases,
                         call.engine.Setting("aliases", project.id, call.call));
    for (const std::string& alias : Split(aliases, ',')) {
      if (EqualsIgnoreCase(Trim(alias), name)) return project.id;
    }
  }
  return Status(Code::kNotFound, "project.not-found", "there is no such project");
}

/// json is all that clients ask for of these.
Result<RestResponse> ItemResponse(const RestCall& call, Json item) {
  const std::string format = WantedFormat(call);
  if (!format.empty() && format != "json") {
    return Status(Code::kInvalidArgument, "rest.bad-format", "format is json here");
  }
  return TextResponse(kJsonType, ItemsText(std::move(item)));
}

Result<RestResponse> GetProject(RestCall& call) {
  XNA_ASSIGN_OR_RETURN(const std::string id, ProjectId(call));
  Json item = MakeItem("xnat:projectData");
  item["data_fields"] = {{"ID", id}, {"secondary_ID", id}, {"name", id}};
  return ItemResponse(call, std::move(item));
}

/// Fine when it is there already, as in XNAT.
Result<RestResponse> PutProject(RestCall& call) {
  Project project;
  project.id = call.Path("project");
  const Status added = call.engine.AddProject(project, call.call);
  if (!added.ok() && added.code() != Code::kAlreadyExists) return added;
  RestResponse response = TextResponse(kPlainType, project.id);
  response.status = added.ok() ? 201 : 200;
  return response;
}

Result<RestResponse> GetCode(RestCall& call, const char* setting) {
  XNA_ASSIGN_OR_RETURN(std::string code,
                       call.engine.Setting(setting, call.Path("project"), call.call));
  return TextResponse(kPlainType, std::move(code));
}

Result<RestResponse> PutCode(RestCall& call, const char* setting) {
  std::string code = call.Path("code");
  if (EqualsIgnoreCase(code, "true")) code = "1";
  if (EqualsIgnoreCase(code, "false")) code = "0";
  XNA_RETURN_IF_ERROR(call.engine.SetSetting(setting, code, call.Path("project"), call.call));
  return RestResponse();
}

Result<RestResponse> GetPrearchiveCode(RestCall& call) { return GetCode(call, "prearchive_code"); }
Result<RestResponse> PutPrearchiveCode(RestCall& call) { return PutCode(call, "prearchive_code"); }
Result<RestResponse> GetQuarantineCode(RestCall& call) { return GetCode(call, "quarantine_code"); }
Result<RestResponse> PutQuarantineCode(RestCall& call) { return PutCode(call, "quarantine_code"); }

/// The subjects of a project, or of all that may be read.
Result<Table> Subjects(const RestCall& call) {
  std::vector<std::string> ids{call.Path("project")};
  if (ids.front().empty()) {
    XNA_ASSIGN_OR_RETURN(const std::vector<Project> projects, call.engine.Projects(call.call));
    ids.clear();
    for (const Project& project : projects) ids.push_back(project.id);
  }
  Table table;
  table.columns = {"ID", "project", "label", "insert_date", "insert_user", "URI"};
  for (const std::string& id : ids) {
    const std::string uri = Level("projects", id);
    XNA_ASSIGN_OR_RETURN(const Table subjects, call.engine.List(uri, call.call));
    const std::size_t label = ColumnOf(subjects, "label");
    const std::size_t subject = ColumnOf(subjects, "ID");
    const std::size_t date = ColumnOf(subjects, "insert_date");
    for (const auto& row : subjects.rows) {
      table.rows.push_back(
          {row[subject], id, row[label], row[date], "", "/data" + Level("subjects", row[subject])});
    }
  }
  return table;
}

Result<RestResponse> ListSubjects(RestCall& call) {
  XNA_ASSIGN_OR_RETURN(Table table, Subjects(call));
  return TableResponse(call, std::move(table));
}

/// By ID, or in a project by label, too.
Result<RestResponse> GetSubject(RestCall& call) {
  XNA_ASSIGN_OR_RETURN(const Table table, Subjects(call));
  const std::string& name = call.Path("subject");
  const bool in_project = !call.Path("project").empty();
  for (const auto& row : table.rows) {
    if (row[0] != name && !(in_project && EqualsIgnoreCase(row[2], name))) continue;
    Json item = MakeItem("xnat:subjectData");
    item["data_fields"] = {{"ID", row[0]}, {"project", row[1]}, {"label", row[2]}};
    return ItemResponse(call, std::move(item));
  }
  return Status(Code::kNotFound, "uri.not-found", "there is no such subject");
}

/// Fine when it is there already. An XML path of anything but the label has no place in the
/// archive, nor has another label, and is refused rather than lost; other short names and a body
/// are not looked at.
Result<RestResponse> PutSubject(RestCall& call) {
  const std::string& label = call.Path("subject");
  for (const auto& [name, value] : call.parameters.entries()) {
    if (name.find('/') == std::string::npos && name != "label") continue;
    if (value == label && (name == "label" || EqualsIgnoreCase(name, "xnat:subjectData/label"))) {
      continue;
    }
    return Status(Code::kUnsupported, "rest.no-subject-fields",
                  "of a subject nothing but the label is kept");
  }
  XNA_ASSIGN_OR_RETURN(const AddedSubject subject,
                       call.engine.AddSubject(call.Path("project"), label, call.call));
  RestResponse response = TextResponse(kPlainType, subject.id);
  response.status = subject.added ? 201 : 200;
  return response;
}

}  // namespace

std::vector<Route> ProjectRoutes() {
  const std::string project = "data/[archive/]projects/{project}";
  return {
      {"GET", "data/[archive/]projects", ListProjects, RouteAnswer::kTable, "Lists projects."},
      {"GET", project, GetProject, RouteAnswer::kItems, "Gives one project."},
      {"PUT", project, PutProject, RouteAnswer::kCreated,
       "Makes a project, unless it is there already."},
      {"GET", project + "/prearchive_code", GetPrearchiveCode, RouteAnswer::kText,
       "Says what becomes of what a project receives: 0 waits, 4 is archived, 5 with overwriting."},
      {"PUT", project + "/prearchive_code/{code}", PutPrearchiveCode, RouteAnswer::kNothing,
       "Sets what becomes of what a project receives."},
      {"GET", project + "/quarantine_code", GetQuarantineCode, RouteAnswer::kText,
       "Says whether what a project archives is put in quarantine."},
      {"PUT", project + "/quarantine_code/{code}", PutQuarantineCode, RouteAnswer::kNothing,
       "Sets whether what a project archives is put in quarantine."},
      {"GET", "data/[archive/][projects/{project}/]subjects", ListSubjects, RouteAnswer::kTable,
       "Lists subjects."},
      {"GET", "data/[archive/][projects/{project}/]subjects/{subject}", GetSubject,
       RouteAnswer::kItems, "Gives one subject."},
      {"PUT", project + "/subjects/{subject}", PutSubject, RouteAnswer::kCreated,
       "Makes a subject, unless it is there already."},
  };
}

}  // namespace xnatarchive
