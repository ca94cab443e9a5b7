// files.cc - files of sessions, archived and waiting: their list, and their bytes.
#include <algorithm>
#include <string>
#include <utility>
#include <vector>

#include "base/status_macros.hpp"
#include "base/text.hpp"
#include "rest/file_response.hpp"
#include "rest/response.hpp"
#include "rest/routes.hpp"
#include "rest/session_path.hpp"
#include "rest/session_zip.hpp"
#include "rest/tables.hpp"

namespace xnatarchive {
namespace {

constexpr std::string_view kArchive = "/archive";

Result<RestResponse> GetFile(RestCall& call) {
  const std::string uri = EngineUri(call) + "/files/" + EncodeFilePath(call.Path("file"));
  XNA_ASSIGN_OR_RETURN(OpenedFile file, call.engine.OpenFile(uri, call.call));
  return FileResponse(call.request, std::move(file));
}

/// Adds a resource's files to XNAT's table. `uri` is the engine's, of what has the resource.
Status AddFiles(const RestCall& call, const std::string& uri, const Resource& resource,
                Table* table) {
  const std::string files_uri = uri + Level("resources", resource.label) + "/files";
  XNA_ASSIGN_OR_RETURN(const Table files, call.engine.List(files_uri, call.call));
  const std::size_t name = ColumnOf(files, "Name");
  const std::size_t size = ColumnOf(files, "Size");
  const std::size_t digest = ColumnOf(files, "digest");
  const std::size_t file_uri = ColumnOf(files, "URI");
  // The path of a file is not encoded there.
  const std::string before_path = "/resources/" + resource.label + "/files/";
  // Without "/archive", as XNAT has it: xnatpy looks for a file's row by this URI.
  const bool waits = IsWaiting(call);
  const std::string shown = "/data" + (waits ? files_uri : files_uri.substr(kArchive.size()));
  for (const auto& row : files.rows) {
    const std::string& plain = row[file_uri];
    const std::string path = plain.substr(plain.find(before_path) + before_path.size());
    table->rows.push_back({row[name], row[size], shown + "/" + EncodeFilePath(path), resource.label,
                           "", resource.format, resource.content, resource.label, row[digest]});
  }
  return Status();
}

Table NewFileTable() {
  Table table;
  table.columns = {"Name",        "Size",         "URI",    "collection", "file_tags",
                   "file_format", "file_content", "cat_ID", "digest"};
  return table;
}

Status NoSuch(const char* what) {
  return Status(Code::kNotFound, "uri.not-found", std::string("there is no such ") + what);
}

/// Some of a session's resources: those of one owner, whose URI is the engine's.
struct Owner {
  std::string uri;
  const std::vector<Resource>* resources;
};

/// Who owns the files that the path asks for: the session and its scans; or with a scan's ID this
/// scan, or these ("1,2"), or with "ALL" every scan.
Result<std::vector<Owner>> OwnersOf(const std::string& scans, bool of_resource,
                                    const SessionDocument& document, const std::string& session) {
  std::vector<Owner> owners;
  const bool all_scans = EqualsIgnoreCase(scans, "ALL") || (scans.empty() && !of_resource);
  const std::vector<std::string> wanted = Split(scans, ',');
  if (scans.empty()) owners.push_back({session, &document.resources});
  for (const Scan& scan : document.scans) {
    if (!all_scans && std::find(wanted.begin(), wanted.end(), scan.id) == wanted.end()) continue;
    owners.push_back({session + Level("scans", scan.id), &scan.resources});
  }
  if (owners.empty() && !all_scans) return NoSuch("scan");
  return owners;
}

/// What the engine calls it when it is one thing, to be had as a zip; else "".
std::string UriOfZip(const std::string& scans, const std::string& label,
                     const std::string& session) {
  const bool all_scans = EqualsIgnoreCase(scans, "ALL");
  if (scans.find(',') != std::string::npos || (all_scans && !label.empty())) return "";
  std::string uri = session;
  if (!scans.empty()) uri += all_scans ? "/scans" : Level("scans", scans);
  if (!label.empty()) uri += Level("resources", label);
  return uri;
}

Result<RestResponse> ListFiles(RestCall& call) {
  const std::string scans = call.Path("scan");
  const std::string label = call.Path("resource");
  call.path.erase("scan");
  call.path.erase("resource");
  std::string session = EngineUri(call);
  XNA_ASSIGN_OR_RETURN(const SessionDocument document, call.engine.Document(session, call.call));
  if (!IsWaiting(call)) session = std::string(kArchive) + Level("experiments", document.id);
  XNA_ASSIGN_OR_RETURN(const std::vector<Owner> owners,
                       OwnersOf(scans, !label.empty(), document, session));
  const bool zip = WantedFormat(call) == "zip";
  Table table = NewFileTable();
  bool found = label.empty();
  for (const Owner& owner : owners) {
    for (const Resource& resource : *owner.resources) {
      if (!label.empty() && resource.label != label) continue;
      found = true;
      if (!zip) XNA_RETURN_IF_ERROR(AddFiles(call, owner.uri, resource, &table));
    }
  }
  if (!found) return NoSuch("resource");
  if (!zip) return TableResponse(call, std::move(table));
  const std::string uri = UriOfZip(scans, label, session);
  if (!uri.empty()) return ZipResponse(call, uri, document.label);
  return Status(Code::kUnsupported, "rest.no-such-zip",
                "a zip is of a session, all its scans, one scan, or one resource");
}

}  // namespace

std::vector<Route> FileRoutes() {
  return OfSessions({
      {"/files", ListFiles, RouteAnswer::kFiles, "Lists or gives the files of a session."},
      {"/scans/{scan}/files", ListFiles, RouteAnswer::kFiles,
       "Lists or gives the files of a scan; of several with their IDs, comma separated, or ALL."},
      {"/resources/{resource}/files", ListFiles, RouteAnswer::kFiles,
       "Lists or gives the files of a session's resource."},
      {"/resources/{resource}/files/{file...}", GetFile, RouteAnswer::kFile,
       "Gives a file of a session's resource."},
      {"/scans/{scan}/resources/{resource}/files", ListFiles, RouteAnswer::kFiles,
       "Lists or gives the files of a scan's resource."},
      {"/scans/{scan}/resources/{resource}/files/{file...}", GetFile, RouteAnswer::kFile,
       "Gives a file of a scan's resource."},
  });
}

}  // namespace xnatarchive
