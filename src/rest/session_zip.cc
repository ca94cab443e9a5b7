#include "rest/session_zip.hpp"

namespace xnatarchive {

std::string QuotedName(std::string_view name) {
  std::string quoted;
  for (const char c : name) {
    const bool printable = c >= 0x20 && c < 0x7F && c != '"' && c != '\\';
    quoted += printable ? c : '_';
  }
  return quoted;
}

RestResponse ZipResponse(const RestCall& call, const std::string& uri, const std::string& name) {
  RestResponse response;
  response.headers = {
      {"Content-Type", "application/zip"},
      {"Content-Disposition", "attachment; filename=\"" + QuotedName(name) + ".zip\""}};
  response.stream = [&engine = call.engine, uri, user = call.call.user,
                     origin = call.call.origin](const OutputStream& output) {
    ExportRequest request;
    request.uri = uri;
    request.output = output;
    return engine.Export(request, {user, origin, nullptr}).status();
  };
  return response;
}

}  // namespace xnatarchive
