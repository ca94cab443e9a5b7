// services_import.cc - POST services/import: an upload, received while it comes in, or one that is
// in the sender's cache.
#include <array>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "base/status_macros.hpp"
#include "base/text.hpp"
#include "rest/http_status.hpp"
#include "rest/multipart.hpp"
#include "rest/prearchive_rows.hpp"
#include "rest/request_body.hpp"
#include "rest/response.hpp"
#include "rest/routes.hpp"
#include "rest/session_parameters.hpp"
#include "rest/upload.hpp"
#include "rest/user_cache.hpp"

namespace xnatarchive {
namespace {

/// The handler of one DICOM object of a session that others bring more of.
constexpr std::string_view kOneObject = "gradual-DICOM";

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

/// What services/import takes.
constexpr std::string_view kTaken =
    "import-handler dest project PROJECT_ID subject SUBJECT_ID session EXPT_LABEL label overwrite "
    "overwrite_files quarantine triggerPipelines rename Ignore-Unparsable AA auto-archive "
    "autoArchive prevent_auto_commit SOURCE VISIT SUBTYPE TIMEZONE prevent_anon action inbody src "
    "prearchive_code prearc-importer Direct-Archive PREARC_TIMESTAMP PREARC_SESSION_FOLDER "
    "http-session-listener transaction Custom-Processing destination";

/// What is said with "true" or "1".
constexpr std::array<const char*, 5> kFlags = {"quarantine", "rename", "Ignore-Unparsable",
                                               "prevent_anon", "prevent_auto_commit"};

/// The handler the request names, or the media type of one DICOM object means. XNAT's name of what
/// takes any upload is none here: the engine finds out itself what one is.
std::string HandlerOf(const RestCall& call) {
  const std::string name = call.parameters.Get("import-handler");
  if (!name.empty()) return name == "SI" ? std::string() : name;
  const std::string type = HeaderValue(FindHeader(call.request, "Content-Type"));
  const bool one_object = type == "application/dicom" || type == "application/x-mirc" ||
                          type == "application/x-mirc-dicom";
  return one_object ? std::string(kOneObject) : std::string();
}

/// Where to: `dest`, or a waiting session by its parts.
Result<std::string> DestOf(const Parameters& parameters) {
  std::string dest = parameters.Get("dest");
  const std::string timestamp = parameters.Get("PREARC_TIMESTAMP");
  const std::string folder = parameters.Get("PREARC_SESSION_FOLDER");
  if (timestamp.empty() && folder.empty()) return dest;
  const std::string project = parameters.Get({"project", "PROJECT_ID"});
  if (!dest.empty() || project.empty() || timestamp.empty() || folder.empty()) {
    return Status(Code::kInvalidArgument, "rest.bad-target",
                  "a waiting session is named by project, PREARC_TIMESTAMP and "
                  "PREARC_SESSION_FOLDER together, or by dest");
  }
  return PrearchivePath(project, timestamp, folder);
}

/// Refuses words that would be passed over, and have the upload treated otherwise than it says.
Status CheckValues(const Parameters& parameters) {
  XNA_RETURN_IF_ERROR(OverwriteOf(parameters).status());
  const std::string code = parameters.Get("prearchive_code");
  if (!code.empty() && code != "0" && code != "1") {
    return Status(Code::kInvalidArgument, "rest.bad-value", "expected prearchive_code=0 or 1");
  }
  const std::string importer = parameters.Get("prearc-importer");
  if (importer.empty() || importer == "DICOM") return Status();
  return Status(Code::kUnsupported, "rest.no-such-importer", "prearc-importer is DICOM here");
}

Result<ImportRequest> RequestOf(const RestCall& call) {
  const Parameters& parameters = call.parameters;
  XNA_RETURN_IF_ERROR(CheckValues(parameters));
  ImportRequest request;
  request.handler = HandlerOf(call);
  for (const auto& [name, value] : parameters.entries()) {
    if (!value.empty()) request.parameters[name] = value;
  }
  XNA_RETURN_IF_ERROR(ReadNames(parameters, &request.parameters));
  XNA_ASSIGN_OR_RETURN(request.dest, DestOf(parameters));
  for (const char* name : kFlags) {
    const auto at = request.parameters.find(name);
    if (at != request.parameters.end() && parameters.Flag(name)) at->second = "true";
  }
  // The second is xnatpy's spelling.
  const std::string pipelines = parameters.Get({"triggerPipelines", "tiggerPipelines"});
  if (!pipelines.empty()) {
    request.parameters["triggerPipelines"] = pipelines == "0" ? "false" : pipelines;
  }
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
  const auto says = [&](const char* name, std::string_view yes) {
    const auto at = request.parameters.find(name);
    return at != request.parameters.end() && EqualsIgnoreCase(at->second, yes);
  };
  return !request.dest.empty() || says("AA", "true") || says("prearchive_code", "1");
}

/// Builds what waits, so that clients see it READY: XNAT does so when nothing has come in for some
/// minutes. Not when one file was sent of many, or the sender says that it is not done.
///
/// Only a commit fails when that fails. Anybody else's upload is received all the same, and why it
/// could not be built the session's log says, or somebody else sends files of it.
Status BuildReceived(const RestCall& call, const std::string& handler,
                     const std::vector<std::string>& uris) {
  const Parameters& parameters = call.parameters;
  const bool commits = parameters.Get("action") == "commit";
  const bool goes_on = handler == kOneObject || parameters.Flag("prevent_auto_commit") ||
                       Trim(parameters.Get("SOURCE")) == "uploader";
  if (goes_on && !commits) return Status();
  for (const std::string& uri : uris) {
    if (!StartsWith(uri, "/data/prearchive/")) continue;
    Status built = call.engine.Build(uri, call.call);
    if (commits && !built.ok()) return std::move(built).WithContext("not built: " + uri);
    IgnoreError(built, "see above");
  }
  return Status();
}

/// The answer when what was received could not be archived, or built: it is there all the same.
RestResponse Received(const RestCall& call, const std::vector<std::string>& uris,
                      const Status& failure) {
  return PartialResponse(call, Status(failure).WithContext("received as " + Join(uris, ", ")),
                         uris);
}

Result<RestResponse> PostImport(RestCall& call) {
  XNA_ASSIGN_OR_RETURN(InputStream input, InputOf(call));
  XNA_RETURN_IF_ERROR(call.parameters.CheckSingles());
  XNA_RETURN_IF_ERROR(call.parameters.CheckUsed(kTaken));
  XNA_ASSIGN_OR_RETURN(ImportRequest request, RequestOf(call));
  request.input = std::move(input);
  const Result<ImportReport> imported = call.engine.Import(request, call.call);
  if (!imported.ok()) return OfSender(imported.status());
  if (!imported->not_archived.empty() && WantsArchive(request)) {
    const auto& [uri, why] = imported->not_archived.front();
    return Received(call, imported->uris, Status(why).WithContext("not archived: " + uri));
  }
  const Status built = BuildReceived(call, request.handler, imported->uris);
  if (!built.ok()) return Received(call, imported->uris, built);
  return UriListResponse(imported->uris);
}

}  // namespace

std::vector<Route> ImportRoutes() {
  return {{"POST", "data/services/import", PostImport, RouteAnswer::kUriList,
           "Receives a zip, a tar or one DICOM file, sent with it or before.", kTaken,
           RouteBody::kUpload}};
}

}  // namespace xnatarchive
