// services_import.cc - POST services/import: an upload, received while it comes in.
#include <array>
#include <cstring>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "base/status_macros.hpp"
#include "base/text.hpp"
#include "rest/multipart.hpp"
#include "rest/request_body.hpp"
#include "rest/response.hpp"
#include "rest/routes.hpp"

namespace xnatarchive {
namespace {

Status NoFile() {
  return Status(Code::kInvalidArgument, "rest.no-file",
                "Unable to identify upload format: the request has no file");
}

/// The stream again, of which one byte was read to see that it is not empty.
Result<InputStream> NotEmpty(InputStream input) {
  char first = 0;
  XNA_ASSIGN_OR_RETURN(const std::size_t count, input(&first, 1));
  if (count == 0) return NoFile();
  return InputStream([input = std::move(input), first, given = false](
                         void* buffer, std::size_t size) mutable -> Result<std::size_t> {
    if (given) return input(buffer, size);
    given = true;
    std::memcpy(buffer, &first, 1);
    return std::size_t{1};
  });
}

/// The file part a multipart body has come to. What follows it is read before the file ends, so
/// that a body that breaks off, or goes on with something that is not taken, ends the import.
InputStream FilePart(const std::shared_ptr<Multipart>& body) {
  return [body](void* buffer, std::size_t size) -> Result<std::size_t> {
    XNA_ASSIGN_OR_RETURN(const std::size_t count, body->Read(buffer, size));
    if (count > 0) return count;
    XNA_ASSIGN_OR_RETURN(const std::optional<Part> next, body->Next());
    if (next && next->is_file) {
      return Status(Code::kInvalidArgument, "rest.several-files",
                    "Importer is limited to one uploaded resource at a time.");
    }
    if (next) {
      return Status(Code::kInvalidArgument, "rest.field-after-file",
                    "fields are taken before the file only, as it is received while it comes in");
    }
    XNA_RETURN_IF_ERROR(body->ReadToEnd());
    return std::size_t{0};
  };
}

/// The file of a multipart body, whose fields before it become parameters.
Result<InputStream> MultipartFile(RestCall& call) {
  const RestLimits& limits = call.options.limits;
  const std::string boundary =
      HeaderParameter(FindHeader(call.request, "Content-Type"), "boundary").value_or("");
  auto body = std::make_shared<Multipart>(call.request.body, boundary, limits);
  std::size_t left = limits.form_bytes_max;
  while (true) {
    XNA_ASSIGN_OR_RETURN(std::optional<Part> part, body->Next());
    if (!part) return NoFile();
    if (part->is_file) return NotEmpty(FilePart(body));
    XNA_ASSIGN_OR_RETURN(std::string value, body->ReadAll(left));
    left -= value.size();
    XNA_RETURN_IF_ERROR(call.parameters.Add(std::move(part->name), std::move(value)));
  }
}

/// The uploaded file. Other bodies than multipart are the file itself; a form is one only with
/// inbody=true, which is what curl's --data-binary needs.
Result<InputStream> UploadOf(RestCall& call) {
  if (!call.parameters.Get("src").empty()) {
    return Status(Code::kUnsupported, "rest.no-user-cache",
                  "files of the user cache can not be imported; send the file itself");
  }
  if (!call.request.body) return NoFile();
  const BodyKind kind = KindOfBody(call.request);
  const bool is_file = call.parameters.Flag("inbody");
  if (kind == BodyKind::kMultipart && !is_file) return MultipartFile(call);
  if (kind == BodyKind::kForm && !is_file) return NoFile();
  return NotEmpty(call.request.body);
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
  XNA_ASSIGN_OR_RETURN(InputStream upload, UploadOf(call));
  XNA_RETURN_IF_ERROR(call.parameters.CheckSingles());
  XNA_ASSIGN_OR_RETURN(ImportRequest request, RequestOf(call));
  request.input = std::move(upload);
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
           "Receives a zip, a tar or one DICOM file.",
           "import-handler dest project subject session overwrite quarantine triggerPipelines "
           "rename Ignore-Unparsable AA auto-archive autoArchive prevent_auto_commit SOURCE VISIT "
           "SUBTYPE "
           "TIMEZONE prevent_anon action inbody",
           RouteBody::kUpload}};
}

}  // namespace xnatarchive
