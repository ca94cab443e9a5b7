#include "rest/openapi.hpp"

#include <algorithm>
#include <cctype>
#include <iterator>
#include <string>
#include <string_view>
#include <utility>

#include "base/text.hpp"
#include "xnatarchive/version.hpp"

namespace xnatarchive {
namespace {

constexpr std::string_view kIntroduction =
    "XNAT's REST interface. What is below /data is below /REST too; /data/archive/projects, "
    "/data/archive/subjects and /data/archive/experiments are the same without /archive. HEAD is "
    "answered as GET, without the body. A failure has its reason, a stable word such as "
    "access.denied, in the header X-Reason. Who asks is the host's to find out; where it signs in "
    "as "
    "XNAT does, by basic authentication or the cookie JSESSIONID.";

/// One value of a request, wherever it is sent.
struct ValueRow {
  std::string_view name;
  std::string_view values;  ///< "": any text; "flag"; "list": repeated; else the words it can be.
  std::string_view meaning;
};

/// Of paths.
constexpr ValueRow kPathValues[] = {
    {"code", "", "0, 4 or 5 for prearchive_code; 0 or 1 for quarantine_code."},
    {"experiment", "", "ID of a session, or in a project its label."},
    {"file", "", "Path of a file in its resource, such as a/b.dcm with its slashes as they are."},
    {"folder", "", "Folder of a waiting session."},
    {"job", "", "ID of a job."},
    {"log", "", "Number of an entry, or last."},
    {"operations", "", "All, or of Append, Checksum, Delete, PopulateStats, comma separated."},
    {"project", "", "ID of a project; of a waiting session also Unassigned."},
    {"projects", "", "IDs of projects, comma separated."},
    {"record", "", "ID of what was replaced, as the history lists it."},
    {"resource", "", "Label of a resource."},
    {"scan", "", "ID of a scan."},
    {"subject", "", "ID of a subject, or in a project its label."},
    {"timestamp", "", "Timestamp of a waiting session, such as 20240131_120000000."},
    {"user", "", "Name of a user."},
};

/// Of queries and forms.
constexpr ValueRow kValues[] = {
    {"AA", "flag", "Archive it at once; goes before what the project says."},
    {"Custom-Processing", "flag",
     "Makes no difference: what a host does to sessions it does to all."},
    {"Direct-Archive", "flag",
     "As AA; XNAT writes into the archive at once, here it is received first. Needs a project or "
     "dest."},
    {"EXPT_LABEL", "", "As session."},
    {"ID", "", "Only the session with this ID."},
    {"Ignore-Unparsable", "flag", "Skip what is not DICOM, instead of refusing the upload."},
    {"PREARC_SESSION_FOLDER", "",
     "As folder; of an import, with project and PREARC_TIMESTAMP: the waiting session all of it "
     "goes into."},
    {"PREARC_TIMESTAMP", "", "As timestamp; see PREARC_SESSION_FOLDER."},
    {"PROJECT_ID", "", "As project."},
    {"SOURCE", "", "Who sends it; uploader means prevent_auto_commit."},
    {"SUBJECT_ID", "", "As subject."},
    {"SUBTYPE", "", "XNAT's protocol."},
    {"TIMEZONE", "", "Of the sender."},
    {"VISIT", "", "ID of the visit."},
    {"action", "", "build, commit, move, reset-status or set-status; of the history restore."},
    {"activate", "flag", "Release it from quarantine."},
    {"all", "flag", "The resources of its scans, too."},
    {"all_digests", "flag", "Every checksum there is of a file, not the fastest alone."},
    {"append", "flag", "As options=append."},
    {"async", "flag",
     "Makes no difference: one session is done before the answer, several are archived as a job."},
    {"auto-archive", "flag", "As AA."},
    {"autoArchive", "Manual AutoArchive AutoArchiveOverwrite",
     "A prearchive code, where AA is not given."},
    {"checksum", "flag", "As options=checksum."},
    {"columns", "list", "Columns of the table, also comma separated."},
    {"date", "", "Only sessions of this date."},
    {"delete", "flag", "As options=delete."},
    {"dest", "",
     "URI of where it goes: a project, subject or experiment; of an import also /archive, "
     "where other values or the data say."},
    {"destination", "", "Makes no difference, as in XNAT: dest says where."},
    {"event_reason", "", "Why, for the audit trail."},
    {"folder", "list", "With project and timestamp: the sessions that are meant, instead of src."},
    {"force", "flag", "Read files even when nothing shows that they have changed."},
    {"http-session-listener", "", "Makes no difference: the answer comes when it is done."},
    {"import-handler", "", "Name of the handler, such as DICOM-zip; absent: the one that fits."},
    {"inbody", "flag", "The body is the file, whatever its content type says."},
    {"job", "flag", "Archive it as a job, and answer at once."},
    {"label", "", "As session; of a listing: only the session with this label."},
    {"newProject", "", "ID of the project it goes to."},
    {"options", "list",
     "append, checksum, delete, populateStats, also comma separated; none: all."},
    {"overrideLock", "flag",
     "Makes no difference: a lock whose owner is gone is none, and one that is held is 423."},
    {"overwrite", "none append delete", "What is done when the session exists."},
    {"overwrite_files", "flag",
     "May not be false with overwrite=delete; else overwrite alone decides."},
    {"password", "", "Password of who signs in."},
    {"plan", "flag", "What would be done, scan by scan and file by file, instead of the findings."},
    {"populateStats", "flag", "As options=populateStats."},
    {"prearc-importer", "DICOM", "There is no other."},
    {"prearchive_code", "0 1", "1: as AA, and without overwrite it is added to one that exists."},
    {"prevent_anon", "flag", "Kept with the session, for whoever anonymizes."},
    {"prevent_auto_commit", "flag",
     "More files follow: it is not built, and archived only with AA or dest."},
    {"project", "", "ID of the project it belongs to."},
    {"quarantine", "flag", "Put it in quarantine when it is archived."},
    {"quarantine_status", "", "Only sessions with this status."},
    {"rebuild", "flag", "Write catalogs that are missing or damaged anew."},
    {"recent", "", "true for the newest ten, or how many."},
    {"redirect", "flag", "Answer 303 with the Location of the archived session."},
    {"rename", "flag", "Give files their default names."},
    {"resource", "list", "URI of what is refreshed or verified, with everything below it."},
    {"session", "", "Label of the session."},
    {"src", "list",
     "URI of a waiting session: /prearchive/projects/P/TIMESTAMP/FOLDER; of an import a file "
     "of the sender's cache, in place of one in the body: "
     "/user/cache/resources/RESOURCE/files/FILE."},
    {"status", "READY RECEIVING CONFLICT ERROR", "Of set-status: the state it is given."},
    {"subject", "", "Label of the subject."},
    {"subject_ID", "", "Only sessions of the subject with this ID."},
    {"subject_label", "", "Only sessions of the subject with this label."},
    {"tag", "list", "Only sessions with this study instance UID."},
    {"template", "details", "Date and text of each entry, too."},
    {"timestamp", "", "With project and folder: the sessions that are meant, instead of src."},
    {"transaction", "", "Makes no difference: the answer comes when it is done."},
    {"triggerPipelines", "flag", "Run the project's pipeline when it is archived; absent: yes."},
    {"username", "", "Name of who signs in."},
    {"xsiType", "", "Only sessions of this type."},
};

/// One answer that is a success.
struct AnswerRow {
  RouteAnswer answer;
  int status;
  std::string_view types;   ///< Space separated; "": no body.
  std::string_view schema;  ///< Of JSON: a component's name, or "" for any.
  std::string_view meaning;
};
constexpr std::string_view kTableTypes = "application/json text/xml text/csv";
constexpr std::string_view kAnyType = "*/*";
constexpr AnswerRow kAnswers[] = {
    {RouteAnswer::kNothing, 200, "", "", "Done."},
    {RouteAnswer::kGreeting, 200, "text/plain text/html", "", "What this is, or the host's page."},
    {RouteAnswer::kText, 200, "text/plain", "", "The value."},
    {RouteAnswer::kUriList, 200, "text/uri-list", "", "URIs of the sessions, one on each line."},
    {RouteAnswer::kJson, 200, "application/json", "", "The document."},
    {RouteAnswer::kXml, 200, "text/xml", "", "The document."},
    {RouteAnswer::kItems, 200, "application/json", "Items", "The item."},
    {RouteAnswer::kScan, 200, "application/json application/zip", "Items",
     "The item, or all files."},
    {RouteAnswer::kTable, 200, kTableTypes, "ResultSet", "The table."},
    {RouteAnswer::kArchived, 200, "text/uri-list application/json text/xml text/csv", "ResultSet",
     "URI of the archived session; of several their rows, while they are archived."},
    {RouteAnswer::kArchived, 303, "text/uri-list", "", "Archived, with the Location."},
    {RouteAnswer::kCommitted, 200, "text/plain", "", "URI of the session, which still waits."},
    {RouteAnswer::kCommitted, 301, "text/plain", "", "URI of where the session is now."},
    {RouteAnswer::kCreated, 200, "text/plain", "", "It was there already."},
    {RouteAnswer::kCreated, 201, "text/plain", "", "Made."},
    {RouteAnswer::kPlan, 200, kTableTypes, "", "The findings, or the plan."},
    {RouteAnswer::kFile, 200, kAnyType, "", "The file's bytes."},
    {RouteAnswer::kFile, 206, kAnyType, "", "The part of it that Range asks for."},
    {RouteAnswer::kFile, 304, "", "", "It is what If-None-Match says."},
    {RouteAnswer::kFiles, 200, "application/json text/xml text/csv application/zip", "ResultSet",
     "The table, or all files."},
    {RouteAnswer::kSession, 200, "text/xml application/json application/zip", "Items",
     "The document, or all files."},
    {RouteAnswer::kWaitingSession, 200, "application/json text/xml text/csv application/zip",
     "ResultSet", "The row; as text/xml the document; or all files."},
};

/// Failures; `changes`: only of what is not a GET.
struct FailureRow {
  int status;
  bool changes;
  std::string_view meaning;
};
constexpr FailureRow kFailures[] = {
    {400, false, "The request is malformed, or the upload can not be read as what it claims."},
    {401, false, "Nobody is signed in."},
    {403, false, "Who asks may not do this."},
    {404, false, "What the URI names is not there."},
    {409, true, "A conflict, or the name is taken."},
    {413, true, "The body is too large."},
    {414, false, "The target is too long."},
    {415, true, "The content type is not taken here."},
    {416, false, "The range is behind the file's end."},
    {423, true, "Somebody else works on the session."},
    {429, false, "Too many failed to sign in."},
    {431, false, "The headers are too large."},
    {499, false, "Cancelled by the host or its sender."},
    {500, false, "The disk or a strategy of the host failed, or what is archived is damaged."},
    {501, false, "Valid, and not done by this version."},
    {503, false, "Recovery is needed first, or the host is busy."},
    {507, true, "The disk is full."},
};

std::string FailureName(int status) { return "Failure" + std::to_string(status); }

Json RefTo(std::string_view kind, std::string_view name) {
  return {{"$ref", "#/components/" + std::string(kind) + "/" + std::string(name)}};
}

Json SchemaOf(const ValueRow& row) {
  if (row.values.empty()) return {{"type", "string"}};
  if (row.values == "flag") return {{"type", "boolean"}};
  if (row.values == "list") return {{"type", "array"}, {"items", {{"type", "string"}}}};
  return {{"type", "string"}, {"enum", Split(row.values, ' ')}};
}

template <std::size_t N>
const ValueRow* Find(const ValueRow (&rows)[N], std::string_view name) {
  const auto at =
      std::find_if(std::begin(rows), std::end(rows), [&](auto& row) { return row.name == name; });
  return at == std::end(rows) ? nullptr : at;
}

Json Parameter(const ValueRow& row, const char* in) {
  Json parameter = {{"name", row.name}, {"in", in}, {"description", row.meaning}};
  if (std::string_view(in) == "path") parameter["required"] = true;
  parameter["schema"] = SchemaOf(row);
  return parameter;
}

bool Has(std::string_view words, std::string_view word) {
  const std::vector<std::string> all = Split(words, ' ');
  return std::find(all.begin(), all.end(), word) != all.end();
}

/// What the query or form may have, of the route and of what it answers.
std::vector<ValueRow> ValuesOf(const Route& route) {
  std::vector<ValueRow> values;
  for (const std::string& name : Split(route.parameters, ' ')) {
    if (const ValueRow* row = Find(kValues, name)) values.push_back(*row);
  }
  for (const AnswerRow& answer : kAnswers) {
    if (answer.answer != route.answer) continue;
    if (Has(answer.types, "text/csv")) {
      values.push_back({"sortBy", "list", "Columns the rows are sorted by, also comma separated."});
      values.push_back({"sortOrder", "ASC DESC", "Which way they are sorted."});
    }
    const bool xml = Has(answer.types, "text/xml");
    const bool csv = Has(answer.types, "text/csv");
    const bool zip = Has(answer.types, "application/zip");
    std::string_view formats = zip ? "json zip" : "";
    if (xml) formats = zip ? (csv ? "json xml csv zip" : "json xml zip") : "json xml csv";
    if (!Has(answer.types, "application/json") || formats.empty()) continue;
    values.push_back(
        {"format", formats,
         "Goes before the header Accept. A failure is told as JSON with format=json."});
  }
  return values;
}

Json ContentOf(const AnswerRow& answer) {
  Json content = Json::object();
  for (const std::string& type : Split(answer.types, ' ')) {
    if (type.empty()) continue;
    content[type] = Json::object();
    if (type != "application/json") {
      content[type]["schema"] = {{"type", "string"}};
    } else if (!answer.schema.empty()) {
      content[type]["schema"] = RefTo("schemas", answer.schema);
    }
  }
  return content;
}

Json Responses(const Route& route) {
  Json responses = Json::object();
  for (const AnswerRow& answer : kAnswers) {
    if (answer.answer != route.answer) continue;
    Json& response = responses[std::to_string(answer.status)];
    response["description"] = answer.meaning;
    if (!answer.types.empty()) response["content"] = ContentOf(answer);
  }
  for (const FailureRow& failure : kFailures) {
    if (failure.changes && route.method == "GET") continue;
    if (failure.status == 416 && route.answer != RouteAnswer::kFile) continue;
    responses[std::to_string(failure.status)] = RefTo("responses", FailureName(failure.status));
  }
  return responses;
}

Json FormSchema(const std::vector<ValueRow>& values) {
  Json properties = Json::object();
  for (const ValueRow& value : values) properties[std::string(value.name)] = SchemaOf(value);
  return {{"type", "object"}, {"properties", std::move(properties)}};
}

Json BodyContent(RouteBody body, const std::vector<ValueRow>& values) {
  const Json text = {{"type", "string"}};
  const Json bytes = {{"schema", {{"type", "string"}, {"format", "binary"}}}};
  Json content = Json::object();
  switch (body) {
    case RouteBody::kNone:
      break;
    case RouteBody::kFormOrFields:
      content["application/json"]["schema"] = {{"type", "object"}, {"additionalProperties", text}};
      [[fallthrough]];
    case RouteBody::kForm:
      content["application/x-www-form-urlencoded"]["schema"] = FormSchema(values);
      break;
    case RouteBody::kUris:
      content["application/json"]["schema"] = {{"type", "array"}, {"items", text}};
      break;
    case RouteBody::kUpload:
      for (const char* type : {"application/zip", "application/x-tar", "application/dicom",
                               "application/octet-stream"}) {
        content[type] = bytes;
      }
      Json form = FormSchema(values);
      form["properties"]["file"] = bytes["schema"];
      content["multipart/form-data"]["schema"] = std::move(form);
      break;
  }
  return content;
}

/// "get_data_projects_project": unique as the method and the path are.
std::string OperationId(std::string_view method, std::string_view path) {
  std::string id = AsciiLower(method);
  bool is_new_word = true;
  for (const char c : path) {
    const bool is_part = std::isalnum(static_cast<unsigned char>(c)) != 0;
    if (is_part && is_new_word) id += '_';
    if (is_part) id += c;
    is_new_word = !is_part;
  }
  return id;
}

Json PathParameters(std::string_view path) {
  Json parameters = Json::array();
  for (const std::string& segment : Split(path, '/')) {
    if (!StartsWith(segment, "{")) continue;
    const std::string name = segment.substr(1, segment.size() - 2);
    const ValueRow* row = Find(kPathValues, name);
    parameters.push_back(Parameter(row != nullptr ? *row : ValueRow{name, "", ""}, "path"));
  }
  return parameters;
}

Json Operation(const Route& route, const std::string& path) {
  const std::vector<ValueRow> values = ValuesOf(route);
  Json parameters = PathParameters(path);
  for (const ValueRow& value : values) parameters.push_back(Parameter(value, "query"));
  Json operation = {{"operationId", OperationId(route.method, path)}, {"summary", route.summary}};
  if (!parameters.empty()) operation["parameters"] = std::move(parameters);
  Json content = BodyContent(route.body, values);
  if (!content.empty()) operation["requestBody"]["content"] = std::move(content);
  operation["responses"] = Responses(route);
  return operation;
}

Json Components() {
  const Json text = {{"type", "string"}};
  const Json row = {{"type", "object"}, {"additionalProperties", text}};
  const Json object = {{"type", "object"}};
  const auto list = [](const Json& item) { return Json{{"type", "array"}, {"items", item}}; };
  const auto record = [](const Json& properties) {
    Json required = Json::array();
    for (const auto& property : properties.items()) required.push_back(property.key());
    return Json{{"type", "object"}, {"properties", properties}, {"required", required}};
  };
  Json components;
  components["schemas"] = {
      {"ResultSet",
       record({{"ResultSet", record({{"Result", list(row)}, {"totalRecords", text}})}})},
      {"Items", record({{"items", list(record({{"children", list(object)},
                                               {"meta", object},
                                               {"data_fields", object}}))}})},
      {"Failure", record({{"code", text},
                          {"reason", text},
                          {"message", text},
                          {"path", text},
                          {"diskState", text}})},
  };
  // Of a request that was done in part: the URIs of what it was done to.
  components["schemas"]["Failure"]["properties"]["done"] = list(text);
  components["securitySchemes"] = {
      {"basic", {{"type", "http"}, {"scheme", "basic"}}},
      {"session", {{"type", "apiKey"}, {"in", "cookie"}, {"name", "JSESSIONID"}}},
  };
  for (const FailureRow& failure : kFailures) {
    Json& response = components["responses"][FailureName(failure.status)];
    response["description"] = failure.meaning;
    response["headers"]["X-Reason"]["schema"] = text;
    response["headers"]["X-Disk-State"]["schema"] = text;
    response["content"]["text/plain"]["schema"] = text;
    response["content"]["application/json"]["schema"] = RefTo("schemas", "Failure");
  }
  return components;
}

}  // namespace

Json OpenApiDocument(const std::vector<Route>& routes) {
  Json paths = Json::object();
  for (const Route& route : routes) {
    std::string pattern = route.pattern;
    const std::size_t alias = pattern.find("[archive/]");
    if (alias != std::string::npos) pattern.erase(alias, std::string_view("[archive/]").size());
    for (std::string path : WriteOut(pattern)) {
      const std::size_t rest = path.find("...}");
      if (rest != std::string::npos) path.erase(rest, 3);
      path.insert(0, "/");
      paths[path][AsciiLower(route.method)] = Operation(route, path);
    }
  }
  return {
      {"openapi", "3.0.3"},
      {"info", {{"title", "xnatarchive"}, {"version", Version()}, {"description", kIntroduction}}},
      {"paths", std::move(paths)},
      {"components", Components()},
      {"security", Json::array({{{"basic", Json::array()}}, {{"session", Json::array()}}})}};
}

}  // namespace xnatarchive
