#include "application.hpp"

#include <string_view>
#include <utility>

#include "csrf.hpp"

namespace server {
namespace {

using xnatarchive::Code;
using xnatarchive::RestRequest;
using xnatarchive::RestResponse;
using xnatarchive::Result;
using xnatarchive::Status;

/// What clients ask for before they sign in.
bool IsOpen(const RestRequest& request) { return request.path == "/"; }

}  // namespace

Application::Application(xnatarchive::ArchiveEngine& engine, Credentials& credentials,
                         Sessions& sessions, SessionLimits session_limits, bool secure)
    : service_(engine, {}), sign_in_(credentials, sessions, session_limits, secure) {}

RestResponse Application::Answer(RestRequest& request) const {
  const Result<Identity> identity = sign_in_.Identify(request);
  if (!identity.ok()) return SignInFailure(request, identity.status());
  request.user = identity->user;
  const std::string token = identity->session ? identity->session->csrf : "";
  const Status meant = CheckCsrf(request, token);
  if (!meant.ok()) return Failure(403, meant);
  RestResponse response = AnswerFor(*identity, request);
  if (!SignIn::IsRoute(request.path)) sign_in_.AddExpiration(*identity, &response);
  return response;
}

RestResponse Application::AnswerFor(const Identity& identity, const RestRequest& request) const {
  if (SignIn::IsRoute(request.path)) return sign_in_.Answer(request, identity);
  if (identity.user.empty() && !IsOpen(request)) {
    return SignInFailure(request, Status(Code::kPermission, "sign-in.needed", "sign in first"));
  }
  return service_.Handle(request);
}

}  // namespace server
