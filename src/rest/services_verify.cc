// services_verify.cc - POST services/verify: archived files read again and held against their
// catalogs. XNAT has nothing of the kind; the request is that of services/refresh/catalog.
#include <string>
#include <utility>
#include <vector>

#include "base/status_macros.hpp"
#include "rest/json.hpp"
#include "rest/response.hpp"
#include "rest/routes.hpp"

namespace xnatarchive {
namespace {

Json ReportJson(const VerifyReport& report) {
  Json problems = Json::array();
  for (const VerifyProblem& problem : report.problems) {
    problems.push_back({{"kind", VerifyProblemName(problem.kind)},
                        {"uri", problem.uri},
                        {"path", problem.path},
                        {"message", problem.message}});
  }
  return {{"sessions", report.sessions},
          {"catalogs", report.catalogs},
          {"files", report.files},
          {"bytes", report.bytes},
          {"filesRead", report.files_read},
          {"bytesRead", report.bytes_read},
          {"filesWithoutDigest", report.files_without_digest},
          {"problems", std::move(problems)},
          {"busy", report.busy}};
}

/// 200 whatever was found: the answer says what is wrong.
Result<RestResponse> PostVerify(RestCall& call) {
  VerifyRequest request;
  request.uris = call.parameters.Given("resource");
  request.all_digests = call.parameters.Flag("all_digests");
  if (request.uris.empty()) {
    return Status(Code::kInvalidArgument, "verify.no-resource", "resource names nothing");
  }
  XNA_ASSIGN_OR_RETURN(const VerifyReport report, call.engine.Verify(request, call.call));
  return TextResponse(kJsonType, JsonText(ReportJson(report)));
}

}  // namespace

std::vector<Route> VerifyRoutes() {
  return {{"POST", "data/services/verify", PostVerify, RouteAnswer::kJson,
           "Reads archived files again and holds them against their catalogs.",
           "resource all_digests", RouteBody::kForm}};
}

}  // namespace xnatarchive
