// application.hpp - every request's way: who asks, whether he meant it, and who answers.
#ifndef XNATARCHIVE_SERVER_APPLICATION_HPP_
#define XNATARCHIVE_SERVER_APPLICATION_HPP_

#include "credentials.hpp"
#include "sessions.hpp"
#include "sign_in.hpp"
#include "xnatarchive/rest_service.hpp"

namespace server {

/// Threads: Answer may be called from any thread.
class Application {
 public:
  /// What is given outlives it. `secure`: requests come by TLS.
  Application(xnatarchive::ArchiveEngine& engine, Credentials& credentials, Sessions& sessions,
              SessionLimits session_limits, bool secure);

  /// Answers one request and sets its `user`.
  xnatarchive::RestResponse Answer(xnatarchive::RestRequest& request) const;

 private:
  xnatarchive::RestResponse AnswerFor(const Identity& identity,
                                      const xnatarchive::RestRequest& request) const;

  const xnatarchive::RestService service_;
  const SignIn sign_in_;
};

}  // namespace server

#endif  // XNATARCHIVE_SERVER_APPLICATION_HPP_
