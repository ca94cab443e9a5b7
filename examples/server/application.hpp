// application.hpp - every request's way: who asks, whether he meant it, and who answers.
#ifndef XNATARCHIVE_SERVER_APPLICATION_HPP_
#define XNATARCHIVE_SERVER_APPLICATION_HPP_

#include <atomic>
#include <vector>

#include "credentials.hpp"
#include "monitor.hpp"
#include "sessions.hpp"
#include "sign_in.hpp"
#include "xnatarchive/rest_service.hpp"

namespace server {

/// Threads: Answer and Cancel may be called from any thread.
class Application {
 public:
  /// What is given outlives it. `secure`: requests come by TLS. `metrics_open`: /metrics is for
  /// everybody, else for admins of the site.
  Application(xnatarchive::ArchiveEngine& engine, xnatarchive::RestOptions rest,
              Credentials& credentials, Sessions& sessions, const Monitor& monitor,
              SessionLimits session_limits, bool secure, bool metrics_open);

  /// Answers one request and sets its `user`.
  xnatarchive::RestResponse Answer(xnatarchive::RestRequest& request) const;
  /// Ends what is being received, archived and so on from here on, where it can still be cancelled.
  void Cancel() { cancelled_ = true; }

  /// All that is answered.
  static std::vector<xnatarchive::RestRoute> Routes();

 private:
  xnatarchive::RestResponse AnswerFor(const Identity& identity,
                                      const xnatarchive::RestRequest& request) const;
  bool MayMeasure(const Identity& identity) const;

  const xnatarchive::RestService service_;
  const SignIn sign_in_;
  const Credentials& credentials_;
  const Monitor& monitor_;
  const bool metrics_open_;
  std::atomic<bool> cancelled_{false};
};

}  // namespace server

#endif  // XNATARCHIVE_SERVER_APPLICATION_HPP_
