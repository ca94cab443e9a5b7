#include "sign_in.hpp"

#include <chrono>
#include <utility>

#include "clock.hpp"
#include "failure.hpp"
#include "http_body.hpp"
#include "query.hpp"
#include "secret.hpp"

namespace server {
namespace {

using xnatarchive::Code;
using xnatarchive::RestRequest;
using xnatarchive::RestResponse;
using xnatarchive::Result;
using xnatarchive::Status;

constexpr std::size_t kFormMax = 16u << 10;
constexpr std::string_view kBasic = "Basic ";

Sessions::Time Now() { return std::chrono::steady_clock::now(); }

/// "JSESSION/ID" of "/data/JSESSION/ID" and "/REST/JSESSION/ID"; "" of anything else.
std::string_view BelowData(std::string_view path) {
  for (const std::string_view prefix : {"/data/", "/REST/"}) {
    if (path.substr(0, prefix.size()) == prefix) return path.substr(prefix.size());
  }
  return "";
}

RestResponse Text(std::string text) {
  RestResponse response;
  response.headers = {{"Content-Type", "text/plain;charset=UTF-8"}, {"Cache-Control", "no-store"}};
  response.text = std::move(text);
  return response;
}

Result<std::string> ReadForm(const RestRequest& request) {
  std::string form;
  while (request.body) {
    char buffer[4096];
    const Result<std::size_t> got = request.body(buffer, sizeof buffer);
    if (!got.ok()) return got.status();
    if (*got == 0) break;
    form.append(buffer, *got);
    if (form.size() > kFormMax) {
      return Status(Code::kInvalidArgument, "rest.body-too-large", "the form is too large");
    }
  }
  return form;
}

Status NotSignedIn() { return {Code::kPermission, "sign-in.needed", "nobody is signed in"}; }

bool IsOfScript(const RestRequest& request) {
  const std::string mode = HeaderOf(request.headers, "Sec-Fetch-Mode");
  return (!mode.empty() && mode != "navigate") ||
         !HeaderOf(request.headers, "X-Requested-With").empty();
}

}  // namespace

RestResponse SignInFailure(const RestRequest& request, const Status& why) {
  if (why.code() == Code::kLocked) {
    RestResponse response = Failure(429, why);
    response.headers.emplace_back("Retry-After", "10");
    return response;
  }
  if (why.code() != Code::kPermission) return Failure(500, why);
  RestResponse response = Failure(401, why);
  if (!IsOfScript(request)) {
    response.headers.emplace_back("WWW-Authenticate", "Basic realm=\"xnatarchive\"");
  }
  return response;
}

Result<Identity> SignIn::Identify(const RestRequest& request) const {
  Identity identity;
  const std::string cookie = CookieOf(HeaderOf(request.headers, "Cookie"), "JSESSIONID");
  if (!cookie.empty()) identity.session = sessions_.Use(cookie, Now());
  if (identity.session) identity.user = identity.session->user;
  const std::string sent = HeaderOf(request.headers, "Authorization");
  if (sent.compare(0, kBasic.size(), kBasic) != 0) return identity;
  const auto pair = DecodeBase64(std::string_view(sent).substr(kBasic.size()));
  const std::size_t colon = pair ? pair->find(':') : std::string::npos;
  if (colon == std::string::npos) {
    return Status(Code::kPermission, "sign-in.failed", "the Authorization header is malformed");
  }
  const std::string user = pair->substr(0, colon);
  Status checked = credentials_.Check(user, pair->substr(colon + 1), request.origin, Now());
  if (!checked.ok()) return checked;
  if (user != identity.user) identity = {user, std::nullopt};
  return identity;
}

bool SignIn::IsRoute(std::string_view path) {
  const std::string_view below = BelowData(path);
  return below == "services/auth" || below.substr(0, below.find('/')) == "JSESSION";
}

std::vector<xnatarchive::RestRoute> SignIn::Routes() {
  return {{"PUT", "/data/services/auth"},  {"POST", "/data/services/auth"},
          {"GET", "/data/JSESSION"},       {"POST", "/data/JSESSION"},
          {"DELETE", "/data/JSESSION"},    {"GET", "/data/JSESSION/{id}"},
          {"POST", "/data/JSESSION/{id}"}, {"DELETE", "/data/JSESSION/{id}"}};
}

RestResponse SignIn::Answer(const RestRequest& request, const Identity& identity) const {
  if (BelowData(request.path) == "services/auth") return SignInByForm(request, identity);
  if (identity.user.empty()) return SignInFailure(request, NotSignedIn());
  if (request.method == "DELETE") {
    if (identity.session) sessions_.End(identity.session->id);
    RestResponse response = Text("");
    response.headers.emplace_back("Set-Cookie", Cookie("JSESSIONID", "", true) + "; Max-Age=0");
    return response;
  }
  if (identity.session) return Text(identity.session->id);
  return Begin(identity.user, identity);
}

RestResponse SignIn::SignInByForm(const RestRequest& request, const Identity& identity) const {
  if (request.method != "PUT" && request.method != "POST") {
    return Failure(405, Status(Code::kInvalidArgument, "rest.bad-method", "PUT or POST it"));
  }
  const Result<std::string> form = ReadForm(request);
  if (!form.ok())
    return Failure(form.status().code() == Code::kCancelled ? 499 : 413, form.status());
  const std::string user = ParameterOf(*form, "username");
  const Status checked =
      credentials_.Check(user, ParameterOf(*form, "password"), request.origin, Now());
  if (!checked.ok()) return SignInFailure(request, checked);
  return Begin(user, identity);
}

/// With a new ID always: one that somebody else may have given this browser is worth nothing.
RestResponse SignIn::Begin(const std::string& user, const Identity& former) const {
  const Result<Sessions::Session> session = sessions_.Begin(user, Now());
  if (!session.ok()) return Failure(500, session.status());
  if (former.session) sessions_.End(former.session->id);
  RestResponse response = Text(session->id);
  response.headers.emplace_back("Set-Cookie", Cookie("JSESSIONID", session->id, true));
  AddExpiration({user, *session}, &response);
  return response;
}

std::string SignIn::Cookie(const std::string& name, const std::string& value, bool hidden) const {
  return name + "=" + value + "; Path=/; SameSite=Lax" + (hidden ? "; HttpOnly" : "") +
         (secure_ ? "; Secure" : "");
}

void SignIn::AddExpiration(const Identity& identity, RestResponse* response) const {
  if (!identity.session) return;
  const auto interval = std::chrono::duration_cast<std::chrono::milliseconds>(limits_.idle);
  response->headers.emplace_back("Set-Cookie", Cookie("SESSION_EXPIRATION_TIME",
                                                      "\"" + std::to_string(NowMs()) + "," +
                                                          std::to_string(interval.count()) + "\"",
                                                      false));
}

}  // namespace server
