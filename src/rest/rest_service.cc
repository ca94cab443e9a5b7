#include "xnatarchive/rest_service.hpp"

#include <iterator>
#include <new>
#include <utility>

#include "base/status_macros.hpp"
#include "base/text.hpp"
#include "rest/http_status.hpp"
#include "rest/request_body.hpp"
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

/// Whether an error is to be told as JSON. The query may be what is wrong.
ErrorForm FormOfErrors(const RestRequest& request) {
  for (const std::string& pair : Split(request.query, '&')) {
    if (pair == "format=json") return ErrorForm::kJson;
  }
  return ErrorForm::kText;
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
    Result<RestResponse> response = Answer(request, &allowed);
    RestResponse answer = response.ok() ? std::move(response).value()
                                        : ErrorResponse(response.status(), FormOfErrors(request));
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
  Result<RestResponse> Answer(const RestRequest& request, std::string* allowed) const {
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
    if (match.route->body == RouteBody::kForm) {
      XNA_RETURN_IF_ERROR(ReadForm(request, options_.limits, &rest.parameters));
    }
    XNA_RETURN_IF_ERROR(rest.parameters.AddEncoded(request.query));
    XNA_RETURN_IF_ERROR(rest.parameters.CheckSingles());
    return match.route->handler(rest);
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
    RestResponse response;
    response.status = 503;
    return response;
  } catch (...) {  // of the host's body function, or a bug of ours
    RestResponse response;
    response.status = 500;
    return response;
  }
}

}  // namespace xnatarchive
