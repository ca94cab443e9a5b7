#include "application.hpp"

#include <chrono>
#include <string>
#include <utility>

#include "clock.hpp"
#include "csrf.hpp"
#include "failure.hpp"
#include "page/page.hpp"
#include "security_headers.hpp"

namespace server {
namespace {

using xnatarchive::Code;
using xnatarchive::Permission;
using xnatarchive::RestRequest;
using xnatarchive::RestResponse;
using xnatarchive::RestRoute;
using xnatarchive::Result;
using xnatarchive::Status;

}  // namespace

Application::Application(xnatarchive::ArchiveEngine& engine, xnatarchive::RestOptions rest,
                         Credentials& credentials, Sessions& sessions, const Monitor& monitor,
                         SessionLimits session_limits, bool secure, bool metrics_open)
    : service_(engine, std::move(rest)),
      sign_in_(credentials, sessions, session_limits, secure),
      credentials_(credentials),
      monitor_(monitor),
      metrics_open_(metrics_open) {}

std::vector<RestRoute> Application::Routes() {
  std::vector<RestRoute> routes = xnatarchive::RestService::Routes();
  for (RestRoute route : SignIn::Routes()) routes.push_back(std::move(route));
  routes.push_back({"GET", "/healthz"});
  routes.push_back({"GET", "/metrics"});
  routes.push_back({"GET", "/page/{page...}"});
  return routes;
}

RestResponse Application::Answer(RestRequest& request) const {
  RestResponse response;
  const Result<Identity> identity = sign_in_.Identify(request);
  if (!identity.ok()) {
    response = SignInFailure(request, identity.status());
  } else {
    request.user = identity->user;
    request.progress = [this](const xnatarchive::Progress&) { return !cancelled_; };
    const Status meant = CheckCsrf(request, identity->session ? identity->session->csrf : "");
    response = meant.ok() ? AnswerFor(*identity, request) : Failure(403, meant);
    if (!SignIn::IsRoute(request.path)) sign_in_.AddExpiration(*identity, &response);
  }
  AddSecurityHeaders(request.path, &response);
  return response;
}

RestResponse Application::AnswerFor(const Identity& identity, const RestRequest& request) const {
  if (SignIn::IsRoute(request.path)) return sign_in_.Answer(request, identity);
  if (request.path == "/healthz") return monitor_.Health();
  if (request.path == "/metrics" && MayMeasure(identity)) return monitor_.Measure();
  const std::string token = identity.session ? identity.session->csrf : "";
  if (auto shown = page::Page(service_, request, {identity.user, token}, NowMs())) return *shown;
  if (identity.user.empty()) {
    return SignInFailure(request, Status(Code::kPermission, "sign-in.needed", "sign in first"));
  }
  if (request.path == "/metrics") {
    return Failure(403, Status(Code::kPermission, "access.denied", "metrics are for admins"));
  }
  return service_.Handle(request);
}

bool Application::MayMeasure(const Identity& identity) const {
  return metrics_open_ || IsAllowed(*credentials_.users(), identity.user, Permission::kAdmin, "");
}

}  // namespace server
