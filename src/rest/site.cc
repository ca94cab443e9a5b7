// site.cc - what clients ask for before they do anything: who they are, which XNAT this is, what
// its data look like.
#include <string>
#include <utility>

#include "base/status_macros.hpp"
#include "rest/data_model.hpp"
#include "rest/json.hpp"
#include "rest/openapi.hpp"
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

Result<RestResponse> GetOpenApi(RestCall&) {
  static const std::string text = [] {
    std::vector<Route> routes = AllRoutes();
    for (Route& route : SignInRoutes()) routes.push_back(std::move(route));
    return JsonText(OpenApiDocument(routes));
  }();
  return TextResponse(kJsonType, text);
}

/// None: there are no stored searches.
Result<RestResponse> ListSearchElements(RestCall& call) {
  Table table;
  table.columns = {"ELEMENT_NAME", "SINGULAR", "PLURAL", "SECURE", "COUNT"};
  return TableResponse(call, std::move(table));
}

}  // namespace

std::vector<Route> SignInRoutes() {
  constexpr RouteAnswer kText = RouteAnswer::kText;
  return {
      {"PUT", "data/services/auth", nullptr, kText, "Signs in, and gives the session's ID.",
       "username password", RouteBody::kForm},
      {"POST", "data/services/auth", nullptr, kText, "Signs in, and gives the session's ID.",
       "username password", RouteBody::kForm},
      {"GET", "data/JSESSION", nullptr, kText, "Gives the ID of the session, or of a new one."},
      {"POST", "data/JSESSION", nullptr, kText, "Gives the ID of the session, or of a new one."},
      {"DELETE", "data/JSESSION", nullptr, RouteAnswer::kNothing, "Signs out."},
  };
}

std::vector<Route> SiteRoutes() {
  return {
      {"GET", "", GetRoot, RouteAnswer::kGreeting, "Says what this is."},
      {"GET", "data/auth", GetAuth, RouteAnswer::kText, "Says who asks."},
      {"GET", "data/search/elements", ListSearchElements, RouteAnswer::kTable,
       "Lists what stored searches are about; there are none."},
      {"GET", "xapi/openapi.json", GetOpenApi, RouteAnswer::kJson, "Gives this description."},
      {"GET", "xapi/siteConfig/buildInfo", GetBuildInfo, RouteAnswer::kJson,
       "Says which XNAT's interface this is, and which version of xnatarchive."},
      {"GET", "xapi/siteConfig/buildInfo/version", GetVersion, RouteAnswer::kText,
       "Says which XNAT's interface this is."},
      {"GET", "xapi/users/username", GetUserName, RouteAnswer::kText, "Says who asks."},
      {"GET", "xapi/users/{user}", GetUser, RouteAnswer::kJson, "Says what is known of who asks."},
      {"GET", "xapi/schemas", ListSchemas, RouteAnswer::kJson, "Lists the XML schemas."},
      {"GET", "xapi/schemas/xnat", GetSchema, RouteAnswer::kXml,
       "Gives the XML schema of sessions, scans and resources."},
  };
}

}  // namespace xnatarchive
