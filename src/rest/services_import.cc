// services_import.cc - POST services/import: an upload, received while it comes in, or one that is
// in the sender's cache.
#include <array>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "base/status_macros.hpp"
#include "base/text.hpp"
#include "rest/response.hpp"
#include "rest/routes.hpp"
#include "rest/upload.hpp"
#include "rest/user_cache.hpp"

namespace xnatarchive {
namespace {

/// The file of the user cache that a src names.
Result<InputStream> CachedInput(const RestCall& call, std::string_view src) {
  if (StartsWith(src, "/data/") || StartsWith(src, "/REST/")) src.remove_prefix(5);
  Result<std::vector<std::string>> segments = SplitPath(src);
  const bool fits = segments.ok() && segments->size() > 5 && (*segments)[0] == "user" &&
                    (*segments)[1] == "cache" && (*segments)[2] == "resources" &&
                    (*segments)[4] == "files";
  if (!fits) {
    return Status(Code::kInvalidArgument, "rest.bad-src",
                  "expected the src of an upload: /user/cache/resources/RESOURCE/files/FILE");
  }
  const std::vector<std::string> below(segments->begin() + 5, segments->end());
  XNA_ASSIGN_OR_RETURN(const std::string path,
                       CachePath(call.request.user, (*segments)[3], Join(below, "/")));
  XNA_ASSIGN_OR_RETURN(OpenedFile file, call.user_cache.OpenFile(path));
  return InputStream([file = std::move(file), at = std::uint64_t{0}](
                         void* buffer, std::size_t size) mutable -> Result<std::size_t> {
    XNA_ASSIGN_OR_RETURN(const std::size_t count, file.read(at, buffer, size));
    at += count;
    return count;
  });
}

/// What is imported: the request's file, or one its sender has uploaded before.
Result<InputStream> InputOf(RestCall& call) {
  XNA_ASSIGN_OR_RETURN(Upload upload, UploadOf(call));
  const std::vector<std::string> sources = call.parameters.Given("src");
  if (sources.size() + (upload.input ? 1 : 0) > 1) return SeveralFiles();
  if (!sources.empty()) return CachedInput(call, sources.front());
  if (!upload.input) return NoFile();
  return std::move(upload.input);
}

/// XNAT's names of what the engine has one name for.
struct Alias {
  const char* name;
  std::initializer_list<std::string_view> names;
};
const std::array<Alias, 3> kAliases = {{
    {"project", {"project", "PROJECT_ID"}},
    {"subject", {"subject", "SUBJECT_ID"}},
    {"session", {"session", "EXPT_LABEL", "label"}},
}};

/// XNAT's name of what takes any upload; the engine finds out itself what one is.
std::string HandlerOf(const Parameters& parameters) {
  const std::string name = parameters.Get("import-handler");
  return name == "SI" ? std::string() : name;
}

Result<ImportRequest> RequestOf(const RestCall& call) {
  const Parameters& parameters = call.parameters;
  ImportRequest request;
  request.handler = HandlerOf(parameters);
  request.dest = parameters.Get("dest");
  for (const auto& [name, value] : parameters.entries()) {
    if (!value.empty()) request.parameters[name] = value;
  }
  for (const Alias& alias : kAliases) {
    std::string value = parameters.Get(alias.names);
    if (!value.empty()) request.parameters[alias.name] = std::move(value);
  }
  if (parameters.Get("prearchive_code") == "1") request.parameters["AA"] = "true";
  if (!parameters.Get("Direct-Archive").empty() && parameters.Flag("Direct-Archive")) {
    if (request.dest.empty() && request.parameters.count("project") == 0) {
      return Status(Code::kInvalidArgument, "rest.no-project",
                    "Direct-Archive needs a project, or a dest");
    }
    request.parameters["AA"] = "true";
  }
  if (parameters.Get("action") == "commit" && !parameters.Has("Ignore-Unparsable")) {
    request.parameters["Ignore-Unparsable"] = "true";
  }
  return request;
}

/// An upload that can not be read is the sender's mistake, not damage of ours.
Status OfSender(const Status& failure) {
  if (failure.code() != Code::kCorruption) return failure;
  return Status(Code::kInvalidArgument, failure.reason(), std::string(failure.message()))
      .WithPath(failure.path())
      .WithDiskState(failure.disk_state());
}

/// Whether it was this request that wanted its sessions archived, and not the project.
bool WantsArchive(const ImportRequest& request) {
  for (const std::string_view begin : {"/prearchive", "/data/prearchive", "/REST/prearchive"}) {
    if (StartsWith(request.dest, begin)) return false;
  }
  const auto at_once = request.parameters.find("AA");
  return !request.dest.empty() ||
         (at_once != request.parameters.end() && EqualsIgnoreCase(at_once->second, "true"));
}

/// Builds what waits, so that clients see it READY: XNAT does so when nothing has come in for some
/// minutes. Not when one file was sent of many, or the sender says that it is not done.
///
/// Only a commit fails when that fails. Anybody else's upload is received all the same, and why it
/// could not be built the session's log says, or somebody else sends files of it.
Status BuildReceived(const RestCall& call, const std::vector<std::string>& uris) {
  const Parameters& parameters = call.parameters;
  const bool commits = parameters.Get("action") == "commit";
  const bool goes_on = parameters.Get("import-handler") == "gradual-DICOM" ||
                       parameters.Flag("prevent_auto_commit") ||
                       Trim(parameters.Get("SOURCE")) == "uploader";
  if (goes_on && !commits) return Status();
  for (const std::string& uri : uris) {
    if (!StartsWith(uri, "/data/prearchive/")) continue;
    Status built = call.engine.Build(uri, call.call);
    if (commits && !built.ok()) return std::move(built).WithContext("received as " + uri);
    IgnoreError(built, "see above");
  }
  return Status();
}

Result<RestResponse> PostImport(RestCall& call) {
  XNA_ASSIGN_OR_RETURN(InputStream input, InputOf(call));
  XNA_RETURN_IF_ERROR(call.parameters.CheckSingles());
  XNA_ASSIGN_OR_RETURN(ImportRequest request, RequestOf(call));
  request.input = std::move(input);
  const Result<ImportReport> imported = call.engine.Import(request, call.call);
  if (!imported.ok()) return OfSender(imported.status());
  if (!imported->not_archived.empty() && WantsArchive(request)) {
    const auto& [uri, why] = imported->not_archived.front();
    return Status(why).WithContext("received as " + uri);
  }
  XNA_RETURN_IF_ERROR(BuildReceived(call, imported->uris));
  return UriListResponse(imported->uris);
}

}  // namespace

std::vector<Route> ImportRoutes() {
  return {{"POST", "data/services/import", PostImport, RouteAnswer::kUriList,
           "Receives a zip, a tar or one DICOM file, sent with it or before.",
           "import-handler dest project subject session overwrite quarantine triggerPipelines "
           "rename Ignore-Unparsable AA auto-archive autoArchive prevent_auto_commit SOURCE VISIT "
           "SUBTYPE "
           "TIMEZONE prevent_anon action inbody src http-session-listener "
           "prearchive_code Direct-Archive",
           RouteBody::kUpload}};
}

}  // namespace xnatarchive
