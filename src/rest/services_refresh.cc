// services_refresh.cc - POST services/refresh/catalog, and the same as PUT under xapi.
#include <algorithm>
#include <array>
#include <string>
#include <utility>
#include <vector>

#include "base/status_macros.hpp"
#include "base/text.hpp"
#include "rest/http_status.hpp"
#include "rest/request_body.hpp"
#include "rest/response.hpp"
#include "rest/routes.hpp"

namespace xnatarchive {
namespace {

/// One thing a refresh does: its name in services/refresh/catalog, and under xapi.
struct RefreshWord {
  std::string_view option;
  std::string_view operation;
  bool RefreshOptions::*member;
};
constexpr std::array<RefreshWord, 4> kWords = {{
    {"append", "Append", &RefreshOptions::append},
    {"checksum", "Checksum", &RefreshOptions::checksum},
    {"delete", "Delete", &RefreshOptions::remove},
    {"populateStats", "PopulateStats", &RefreshOptions::populate_stats},
}};

/// Any value but "false" and "0" switches on, an empty one too.
bool IsOn(std::string_view value) {
  const std::string lower = AsciiLower(value);
  return lower != "false" && lower != "0";
}

/// Unknown words are passed over, as XNAT does; with no known one nothing is asked for, which means
/// everything.
std::optional<RefreshOptions> OptionsOf(const Parameters& parameters) {
  RefreshOptions options;
  bool any = false;
  const std::vector<std::string> words = parameters.List("options");
  for (const RefreshWord& word : kWords) {
    const std::vector<std::string> switches = parameters.All(word.option);
    options.*word.member = std::find(words.begin(), words.end(), word.option) != words.end() ||
                           std::any_of(switches.begin(), switches.end(), IsOn);
    any = any || options.*word.member;
  }
  if (!any) return std::nullopt;
  return options;
}

/// OK, with an empty body, or the first failure; what can be refreshed is, whichever fails.
Result<RestResponse> Refresh(RestCall& call, RefreshRequest request) {
  RestResponse response;
  if (request.resources.empty()) return response;
  request.wait_ms = call.options.wait_ms;
  XNA_ASSIGN_OR_RETURN(const RefreshReport report, call.engine.Refresh(request, call.call));
  std::vector<std::string> done;
  for (const CatalogOutcome& outcome : report.catalogs) {
    if (outcome.outcome == RefreshOutcome::kUpdated) done.push_back(outcome.uri);
  }
  for (const CatalogOutcome& outcome : report.catalogs) {
    if (outcome.status.ok()) continue;
    Status failure = Status(outcome.status).WithPath(outcome.catalog);
    if (done.empty()) return std::move(failure).WithContext(outcome.uri);
    const std::string context = "refreshed " + Join(done, ", ") + ", not " + outcome.uri;
    return PartialResponse(call, std::move(failure).WithContext(context), done);
  }
  return response;
}

Result<RestResponse> PostRefresh(RestCall& call) {
  RefreshRequest request;
  request.resources = call.parameters.Given("resource");
  request.options = OptionsOf(call.parameters);
  request.force = call.parameters.Flag("force");
  request.rebuild = call.parameters.Flag("rebuild");
  return Refresh(call, std::move(request));
}

Result<std::optional<RefreshOptions>> OptionsOfPath(const std::string& operations) {
  if (operations.empty()) return std::optional<RefreshOptions>();
  RefreshOptions options;
  for (const std::string& operation : Split(operations, ',')) {
    const auto at = std::find_if(kWords.begin(), kWords.end(), [&](const RefreshWord& word) {
      return word.operation == operation;
    });
    if (operation == "All") {
      options = {true, true, true, true};
    } else if (at != kWords.end()) {
      options.*at->member = true;
    } else {
      return Status(Code::kInvalidArgument, "refresh.bad-option",
                    "expected All, Append, Checksum, Delete or PopulateStats, comma separated");
    }
  }
  return std::optional<RefreshOptions>(options);
}

Result<RestResponse> PutRefresh(RestCall& call) {
  RefreshRequest request;
  XNA_ASSIGN_OR_RETURN(request.options, OptionsOfPath(call.Path("operations")));
  XNA_ASSIGN_OR_RETURN(const Json json, ReadJson(call.request, call.options.limits));
  const bool strings =
      json.is_array() &&
      std::all_of(json.begin(), json.end(), [](const Json& uri) { return uri.is_string(); });
  if (!strings) {
    return Status(Code::kInvalidArgument, "rest.bad-json", "expected an array of URIs");
  }
  for (const Json& uri : json) request.resources.push_back(uri.get<std::string>());
  return Refresh(call, std::move(request));
}

}  // namespace

std::vector<Route> RefreshRoutes() {
  return {
      {"POST", "data/services/refresh/catalog", PostRefresh, RouteAnswer::kNothing,
       "Makes catalogs follow the files that are there.",
       "resource options append checksum delete populateStats force rebuild", RouteBody::kForm},
      {"PUT", "xapi/archive/catalogs/refresh", PutRefresh, RouteAnswer::kNothing,
       "Makes catalogs follow the files that are there, with all operations.", "",
       RouteBody::kUris},
      {"PUT", "xapi/archive/catalogs/refresh/{operations}", PutRefresh, RouteAnswer::kNothing,
       "Makes catalogs follow the files that are there, with these operations.", "",
       RouteBody::kUris},
  };
}

}  // namespace xnatarchive
