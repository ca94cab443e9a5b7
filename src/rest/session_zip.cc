#include "rest/session_zip.hpp"

#include <utility>

#include "base/status_macros.hpp"
#include "rest/session_path.hpp"

namespace xnatarchive {

std::string QuotedName(std::string_view name) {
  std::string quoted;
  for (const char c : name) {
    const bool printable = c >= 0x20 && c < 0x7F && c != '"' && c != '\\';
    quoted += printable ? c : '_';
  }
  return quoted;
}

Result<RestResponse> SessionZip(const RestCall& call) {
  ExportRequest request;
  request.uri = EngineUri(call);
  XNA_ASSIGN_OR_RETURN(const SessionDocument document,
                       call.engine.Document(request.uri, call.call));
  RestResponse response;
  response.headers = {
      {"Content-Type", "application/zip"},
      {"Content-Disposition", "attachment; filename=\"" + QuotedName(document.label) + ".zip\""}};
  response.stream = [&engine = call.engine, request, user = call.call.user,
                     origin = call.call.origin](const OutputStream& output) mutable {
    request.output = output;
    return engine.Export(request, {user, origin, nullptr}).status();
  };
  return response;
}

}  // namespace xnatarchive
