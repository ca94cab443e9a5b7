#include "application.hpp"

#include <chrono>
#include <string_view>
#include <utility>

#include "csrf.hpp"
#include "page/page.hpp"

namespace server {
namespace {

using xnatarchive::Code;
using xnatarchive::RestRequest;
using xnatarchive::RestResponse;
using xnatarchive::Result;
using xnatarchive::Status;

std::int64_t NowMs() {
  const auto now = std::chrono::system_clock::now().time_since_epoch();
  return std::chrono::duration_cast<std::chrono::milliseconds>(now).count();
}

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
  const std::string token = identity.session ? identity.session->csrf : "";
  if (auto shown = page::Page(service_, request, {identity.user, token}, NowMs())) return *shown;
  if (identity.user.empty()) {
    return SignInFailure(request, Status(Code::kPermission, "sign-in.needed", "sign in first"));
  }
  return service_.Handle(request);
}

}  // namespace server
