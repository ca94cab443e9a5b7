// site.cc - what clients ask for before they do anything: who they are, which XNAT this is, what
// its data look like.
#include <string>
#include <utility>

#include "base/status_macros.hpp"
#include "rest/data_model.hpp"
#include "rest/json.hpp"
#include "rest/response.hpp"
#include "rest/routes.hpp"
#include "rest/tables.hpp"
#include "xnatarchive/version.hpp"

namespace xnatarchive {
namespace {

/// The XNAT whose interface this is; clients choose by it what they send.
constexpr const char* kXnatVersion = "1.8.10";

std::string UserOf(const RestCall& call) {
  return call.request.user.empty() ? "guest" : call.request.user;
}

RestResponse JsonResponse(const Json& json) { return TextResponse(kJsonType, JsonText(json)); }

Result<RestResponse> GetRoot(RestCall&) {
  return TextResponse(kPlainType, "xnatarchive " + std::string(Version()) + "\n");
}

Result<RestResponse> GetAuth(RestCall& call) {
  return TextResponse(kPlainType, "User '" + UserOf(call) + "' is logged in");
}

Result<RestResponse> GetBuildInfo(RestCall&) {
  return JsonResponse({{"version", kXnatVersion}, {"xnatarchive", Version()}});
}

Result<RestResponse> GetVersion(RestCall&) { return TextResponse(kPlainType, kXnatVersion); }

Result<RestResponse> GetUserName(RestCall& call) { return TextResponse(kPlainType, UserOf(call)); }

/// Users are the host's: of others than who asks nothing is known here.
Result<RestResponse> GetUser(RestCall& call) {
  if (call.Path("user") != UserOf(call)) {
    return Status(Code::kNotFound, "rest.no-user", "there is no such user, or not for you");
  }
  return JsonResponse({{"username", UserOf(call)}, {"enabled", true}});
}

Result<RestResponse> ListSchemas(RestCall&) { return JsonResponse(Json::array({"xnat"})); }

Result<RestResponse> GetSchema(RestCall&) { return TextResponse(kXmlType, DataModelXsd()); }

/// None: there are no stored searches.
Result<RestResponse> ListSearchElements(RestCall& call) {
  Table table;
  table.columns = {"ELEMENT_NAME", "SINGULAR", "PLURAL", "SECURE", "COUNT"};
  return TableResponse(call, std::move(table));
}

}  // namespace

std::vector<Route> SiteRoutes() {
  return {
      {"GET", "", GetRoot},
      {"GET", "data/auth", GetAuth},
      {"GET", "data/search/elements", ListSearchElements},
      {"GET", "xapi/siteConfig/buildInfo", GetBuildInfo},
      {"GET", "xapi/siteConfig/buildInfo/version", GetVersion},
      {"GET", "xapi/users/username", GetUserName},
      {"GET", "xapi/users/{user}", GetUser},
      {"GET", "xapi/schemas", ListSchemas},
      {"GET", "xapi/schemas/xnat", GetSchema},
  };
}

}  // namespace xnatarchive
