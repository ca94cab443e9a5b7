// cached_files.cc - the user cache: what a user uploads now and imports later.
#include <string>
#include <utility>
#include <vector>

#include "base/status_macros.hpp"
#include "rest/file_response.hpp"
#include "rest/routes.hpp"
#include "rest/session_path.hpp"
#include "rest/tables.hpp"
#include "rest/upload.hpp"
#include "rest/user_cache.hpp"

namespace xnatarchive {
namespace {

constexpr std::string_view kCacheUri = "/data/user/cache";

/// Where in the cache of who asks the path is.
Result<std::string> PlaceOf(const RestCall& call) {
  return CachePath(call.request.user, call.Path("resource"), call.Path("file"));
}

Result<RestResponse> ListResources(RestCall& call) {
  XNA_ASSIGN_OR_RETURN(const std::string user, PlaceOf(call));
  XNA_ASSIGN_OR_RETURN(const auto names, call.user_cache.Resources(user));
  Table table;
  table.columns = {"Resource", "URI"};
  for (const std::string& name : names) {
    table.rows.push_back({name, std::string(kCacheUri) + Level("resources", name)});
  }
  return TableResponse(call, std::move(table));
}

Result<RestResponse> ListFiles(RestCall& call) {
  XNA_ASSIGN_OR_RETURN(const std::string resource, PlaceOf(call));
  XNA_ASSIGN_OR_RETURN(const auto files, call.user_cache.Files(resource));
  const std::string uri =
      std::string(kCacheUri) + Level("resources", call.Path("resource")) + "/files/";
  Table table;
  table.columns = {"Name", "Size", "URI"};
  for (const UserCache::File& file : files) {
    table.rows.push_back({file.path, std::to_string(file.size), uri + EncodeFilePath(file.path)});
  }
  return TableResponse(call, std::move(table));
}

Result<RestResponse> GetFile(RestCall& call) {
  XNA_ASSIGN_OR_RETURN(const std::string path, PlaceOf(call));
  XNA_ASSIGN_OR_RETURN(OpenedFile file, call.user_cache.OpenFile(path));
  return FileResponse(call.request, std::move(file));
}

Result<RestResponse> Store(RestCall& call, const Upload& upload) {
  XNA_ASSIGN_OR_RETURN(const std::string path, PlaceOf(call));
  XNA_RETURN_IF_ERROR(
      call.user_cache.Write(path, upload.input, call.options.limits.cached_file_bytes_max));
  return RestResponse();
}

Result<RestResponse> PutFile(RestCall& call) {
  XNA_RETURN_IF_ERROR(PlaceOf(call).status());  // before the body is looked at
  XNA_ASSIGN_OR_RETURN(const Upload upload, UploadOf(call));
  if (!upload.input) return NoFile();
  return Store(call, upload);
}

/// Makes the resource; when there is a file, stores it under the name that its sender gives it.
Result<RestResponse> PutResource(RestCall& call) {
  XNA_ASSIGN_OR_RETURN(const std::string resource, PlaceOf(call));
  XNA_ASSIGN_OR_RETURN(Upload upload, UploadOf(call));
  if (!upload.input) {
    XNA_RETURN_IF_ERROR(call.user_cache.MakeResource(resource));
    return RestResponse();
  }
  // What no path could name nobody could ask for.
  const auto names = SplitPath("/" + EncodeFilePath(upload.name));
  if (upload.name.empty() || !names.ok() || names->size() != 1) {
    return Status(Code::kInvalidArgument, "rest.no-file-name",
                  "the file has no name to be stored under: put it at .../files/NAME");
  }
  call.path["file"] = upload.name;
  return Store(call, upload);
}

Result<RestResponse> DeleteResource(RestCall& call) {
  XNA_ASSIGN_OR_RETURN(const std::string resource, PlaceOf(call));
  XNA_RETURN_IF_ERROR(call.user_cache.RemoveResource(resource));
  return RestResponse();
}

Result<RestResponse> DeleteFile(RestCall& call) {
  XNA_ASSIGN_OR_RETURN(const std::string path, PlaceOf(call));
  XNA_RETURN_IF_ERROR(call.user_cache.RemoveFile(path));
  return RestResponse();
}

}  // namespace

std::vector<Route> CachedFileRoutes() {
  const std::string resources = "data/user/cache/resources";
  const std::string resource = resources + "/{resource}";
  const std::string file = resource + "/files/{file...}";
  std::vector<Route> routes = {
      {"GET", resources, ListResources, RouteAnswer::kTable,
       "Lists the resources of one's own user cache."},
      {"GET", resource + "[/files]", ListFiles, RouteAnswer::kTable,
       "Lists the files of a resource of the user cache."},
      {"GET", file, GetFile, RouteAnswer::kFile, "Gives a file of the user cache."},
      {"DELETE", file, DeleteFile, RouteAnswer::kNothing, "Deletes a file of the user cache."},
      {"DELETE", resource, DeleteResource, RouteAnswer::kNothing,
       "Deletes a resource of the user cache, with its files."},
  };
  for (const char* method : {"PUT", "POST"}) {
    routes.push_back({method, resource + "[/files]", PutResource, RouteAnswer::kNothing,
                      "Makes a resource of the user cache; multipart: stores its file in it.", "",
                      RouteBody::kUpload});
    routes.push_back({method, file, PutFile, RouteAnswer::kNothing,
                      "Stores a file in the user cache for seven days, instead of one of its name.",
                      "inbody", RouteBody::kUpload});
  }
  return routes;
}

}  // namespace xnatarchive
