#include "xnatarchive/rest_service.hpp"

#include <iterator>
#include <new>
#include <utility>

#include "base/status_macros.hpp"
#include "base/text.hpp"
#include "rest/http_status.hpp"
#include "rest/request_body.hpp"
#include "rest/response.hpp"
#include "rest/route.hpp"
#include "rest/routes.hpp"
#include "rest/user_cache.hpp"

namespace xnatarchive {
namespace {

Status CheckSizes(const RestRequest& request, const RestLimits& limits) {
  if (request.path.size() + request.query.size() > limits.target_bytes_max) {
    return Status(Code::kInvalidArgument, "rest.target-too-long", "the target is too long");
  }
  std::size_t bytes = 0;
  for (const auto& [name, value] : request.headers) bytes += name.size() + value.size();
  if (bytes <= limits.header_bytes_max) return Status();
  return Status(Code::kInvalidArgument, "rest.headers-too-large", "the headers are too large");
}

/// Fills in the parameters and does what is asked for.
Result<RestResponse> Serve(const Route& route, RestCall& call) {
  if (route.body == RouteBody::kForm) {
    XNA_RETURN_IF_ERROR(ReadForm(call.request, call.options.limits, &call.parameters));
  }
  XNA_RETURN_IF_ERROR(call.parameters.AddEncoded(call.request.query));
  XNA_RETURN_IF_ERROR(call.parameters.CheckSingles());
  if (route.body == RouteBody::kForm) {
    XNA_RETURN_IF_ERROR(call.parameters.CheckUsed(route.parameters));
  }
  return route.handler(call);
}

/// What can be said when anything more might fail, too.
RestResponse Thrown(int status, const char* reason, const char* line) noexcept {
  RestResponse response;
  response.status = status;
  try {
    response.headers = {{"Content-Type", std::string(kPlainType)}, {"X-Reason", reason}};
    response.text = line;
  } catch (...) {  // no memory even for that: the status says it
  }
  return response;
}

}  // namespace

std::vector<Route> AllRoutes() {
  std::vector<Route> routes;
  for (const auto& family :
       {ArchiveServiceRoutes, CachedFileRoutes, ExperimentRoutes, FileRoutes, ImportRoutes,
        PrearchiveRoutes, PrearchiveServiceRoutes, ProgressRoutes, ProjectRoutes, RecordRoutes,
        RefreshRoutes, ScanRoutes, SiteRoutes, VerifyRoutes}) {
    const std::vector<Route> more = family();
    routes.insert(routes.end(), more.begin(), more.end());
  }
  return routes;
}

class RestService::Impl {
 public:
  Impl(ArchiveEngine& engine, RestOptions options)
      : engine_(engine),
        options_(std::move(options)),
        user_cache_(options_.file_system != nullptr ? *options_.file_system : PosixFileSystem(),
                    options_.user_cache),
        routes_(AllRoutes()) {}

  RestResponse Handle(const RestRequest& request) const {
    std::string allowed;
    ErrorForm form = FormOfErrors(request, Parameters(options_.limits));
    Result<RestResponse> response = Answer(request, &allowed, &form);
    RestResponse answer =
        response.ok() ? std::move(response).value() : ErrorResponse(response.status(), form);
    if (!allowed.empty()) answer.headers.emplace_back("Allow", allowed);
    // What is sent may be anything that was uploaded; no browser is to guess what it is.
    answer.headers.emplace_back("X-Content-Type-Options", "nosniff");
    if (request.method == "HEAD") {
      if (!answer.stream) answer.stream_bytes = answer.text.size();
      answer.text.clear();
      answer.stream = nullptr;
    }
    return answer;
  }

 private:
  /// `form`: as the request's own parameters have it, once they are read.
  Result<RestResponse> Answer(const RestRequest& request, std::string* allowed,
                              ErrorForm* form) const {
    XNA_RETURN_IF_ERROR(CheckSizes(request, options_.limits));
    XNA_ASSIGN_OR_RETURN(const std::vector<std::string> segments, SplitPath(request.path));
    std::string_view method = request.method;
    if (method == "HEAD") method = "GET";
    XNA_ASSIGN_OR_RETURN(RouteTable::Match match, routes_.Find(method, segments, allowed));
    CallOptions call{request.user, request.origin, request.progress};
    RestCall rest{engine_,
                  user_cache_,
                  options_,
                  request,
                  std::move(call),
                  std::move(match.path),
                  Parameters(options_.limits)};
    Result<RestResponse> response = Serve(*match.route, rest);
    *form = FormOfErrors(request, rest.parameters);
    return response;
  }

  ArchiveEngine& engine_;
  const RestOptions options_;
  const UserCache user_cache_;
  const RouteTable routes_;
};

std::vector<RestRoute> RestService::Routes() {
  std::vector<RestRoute> routes;
  for (const Route& route : AllRoutes()) {
    for (const std::string& pattern : WriteOut(route.pattern)) {
      routes.push_back({std::string(route.method), "/" + pattern});
    }
  }
  return routes;
}

RestService::RestService(ArchiveEngine& engine, RestOptions options)
    : impl_(std::make_unique<Impl>(engine, std::move(options))) {}

RestService::~RestService() = default;

RestResponse RestService::Handle(const RestRequest& request) const noexcept {
  try {
    return impl_->Handle(request);
  } catch (const std::bad_alloc&) {
    return Thrown(503, "rest.no-memory", "rest.no-memory: memory ran out\n");
  } catch (...) {  // of the host's body function, or a bug of ours
    return Thrown(500, "rest.internal",
                  "rest.internal: the host's body function failed, or the library is wrong\n");
  }
}

}  // namespace xnatarchive
