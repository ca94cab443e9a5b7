// sign_in.hpp - who makes a request, and the routes by which XNAT's clients sign in and out.
//
//   PUT, POST  /data/services/auth     form of username and password: a session
//   POST, GET  /data/JSESSION          the session one has, or with basic authentication a new one
//   DELETE     /data/JSESSION[/ID]     ends it
//
// The body is the session's ID, and so is the cookie JSESSIONID.
#ifndef XNATARCHIVE_SERVER_SIGN_IN_HPP_
#define XNATARCHIVE_SERVER_SIGN_IN_HPP_

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "credentials.hpp"
#include "sessions.hpp"
#include "xnatarchive/rest_service.hpp"

namespace server {

/// Who asks.
struct Identity {
  std::string user;                          ///< Empty: nobody.
  std::optional<Sessions::Session> session;  ///< That the request's cookie names.
};

/// Threads: any function may be called from any thread.
class SignIn {
 public:
  /// `secure`: cookies are for TLS only. `credentials` and `sessions` outlive it.
  SignIn(Credentials& credentials, Sessions& sessions, SessionLimits limits, bool secure)
      : credentials_(credentials), sessions_(sessions), limits_(limits), secure_(secure) {}

  /// Who asks, by basic authentication or else by cookie; nobody when there is neither, or the
  /// session has ended. Failures of Credentials::Check.
  xnatarchive::Result<Identity> Identify(const xnatarchive::RestRequest& request) const;

  static bool IsRoute(std::string_view path);
  static std::vector<xnatarchive::RestRoute> Routes();
  /// Answers what IsRoute.
  xnatarchive::RestResponse Answer(const xnatarchive::RestRequest& request,
                                   const Identity& identity) const;

  /// Tells clients that count down when their session ends.
  void AddExpiration(const Identity& identity, xnatarchive::RestResponse* response) const;

 private:
  xnatarchive::RestResponse Begin(const std::string& user, const Identity& former) const;
  xnatarchive::RestResponse SignInByForm(const xnatarchive::RestRequest& request,
                                         const Identity& identity) const;
  std::string Cookie(const std::string& name, const std::string& value, bool hidden) const;

  Credentials& credentials_;
  Sessions& sessions_;
  const SessionLimits limits_;
  const bool secure_;
};

/// 401, or 429 for "sign-in.too-many". Asks for basic authentication unless a page's script made
/// the request, for which the browser would put up a window of its own.
xnatarchive::RestResponse SignInFailure(const xnatarchive::RestRequest& request,
                                        const xnatarchive::Status& why);

}  // namespace server

#endif  // XNATARCHIVE_SERVER_SIGN_IN_HPP_
