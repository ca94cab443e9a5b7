// server_fixture.hpp - users whose password is "secret", and requests in their names.
#ifndef XNATARCHIVE_TESTS_SERVER_SERVER_FIXTURE_HPP_
#define XNATARCHIVE_TESTS_SERVER_SERVER_FIXTURE_HPP_

#include <memory>
#include <string>
#include <utility>

#include "application.hpp"
#include "http_body.hpp"
#include "secret.hpp"
#include "unit/rest/rest_fixture.hpp"
#include "users_policy.hpp"

namespace server {

using xnatarchive::BodyOf;
using xnatarchive::Must;
using xnatarchive::RestRequest;
using xnatarchive::RestResponse;
using xnatarchive::Result;
using xnatarchive::Status;

/// Of "secret", at the lowest cost there is.
inline constexpr const char* kSecretHash =
    "$scrypt$ln=4,r=8,p=1$MDEyMzQ1Njc4OWFiY2RlZg==$gEeb/KeWbm5g+kBQOFr1yJbkjBxxxDOkhSmrSXFFwOg=";

/// A line of a users file.
inline std::string UserLine(const std::string& name, const std::string& roles) {
  return name + " " + kSecretHash + " " + roles + "\n";
}

/// "Basic ..." of a name and a password.
inline std::string BasicAuthorization(const std::string& name, const std::string& password) {
  return "Basic " + EncodeBase64(name + ":" + password);
}

inline RestRequest Ask(const std::string& method, const std::string& target, Headers headers = {}) {
  RestRequest request;
  request.method = method;
  request.path = target.substr(0, target.find('?'));
  if (request.path != target) request.query = target.substr(target.find('?') + 1);
  request.headers = std::move(headers);
  request.origin = "192.0.2.1";
  return request;
}

/// The whole server but for its sockets, on a root of its own.
struct ServerFixture : xnatarchive::EngineFixture {
  std::unique_ptr<Credentials> credentials;
  Sessions sessions{SessionLimits{}};
  Metrics metrics;
  std::unique_ptr<Monitor> monitor;
  std::unique_ptr<Application> application;

  explicit ServerFixture(const std::string& users, bool metrics_open = false) {
    credentials = Must(Credentials::Make(Must(ParseUsers(users)), CredentialLimits{}));
    options.access_policy = std::make_shared<UsersPolicy>(*credentials);
    Open();
    monitor = std::make_unique<Monitor>(*engine, metrics, sessions, options.root, 1);
    monitor->connections = [] { return std::size_t{1}; };
    xnatarchive::RestOptions rest;
    rest.user_cache = tree.path() + "/user-cache";
    application = std::make_unique<Application>(*engine, rest, *credentials, sessions, *monitor,
                                                SessionLimits{}, false, metrics_open);
  }

  /// As that user, by basic authentication; as nobody when `user` is empty.
  RestResponse Send(const std::string& user, const std::string& method, const std::string& target,
                    const std::string& body = "", const std::string& type = "") const {
    RestRequest request = Ask(method, target);
    if (!user.empty()) {
      request.headers.emplace_back("Authorization", BasicAuthorization(user, "secret"));
    }
    if (!type.empty()) request.headers.emplace_back("Content-Type", type);
    if (!body.empty()) request.body = BodyOf(body);
    return application->Answer(request);
  }
};

}  // namespace server

#endif  // XNATARCHIVE_TESTS_SERVER_SERVER_FIXTURE_HPP_
