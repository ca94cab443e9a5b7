// Sessions and passwords over time, on a clock that the test moves.
#include "sessions.hpp"

#include <doctest/doctest.h>

#include <string>

#include "credentials.hpp"
#include "server_fixture.hpp"

namespace server {
namespace {

using std::chrono::minutes;
using std::chrono::seconds;

const Sessions::Time kStart = Sessions::Time() + std::chrono::hours(1000);

}  // namespace

TEST_SUITE("server.sessions") {
  TEST_CASE("a session goes on while it is used, and ends when it is idle") {
    Sessions sessions{SessionLimits{}};
    const Sessions::Session session = Must(sessions.Begin("ann", kStart));
    CHECK(session.id.size() == 64);
    CHECK(session.csrf != session.id);
    CHECK(sessions.Use(session.id, kStart + minutes(14)).value().user == "ann");
    CHECK(sessions.Use(session.id, kStart + minutes(28)).has_value());
    CHECK(sessions.Count(kStart + minutes(43)) == 1);
    CHECK(sessions.Count(kStart + minutes(44)) == 0);
    CHECK_FALSE(sessions.Use(session.id, kStart + minutes(44)).has_value());
    CHECK_FALSE(sessions.Use(session.id, kStart + minutes(29)).has_value());
  }

  TEST_CASE("a session that is used all the time ends all the same") {
    Sessions sessions{SessionLimits{}};
    const std::string id = Must(sessions.Begin("ann", kStart)).id;
    for (int minute = 10; minute <= 480; minute += 10) {
      CHECK(sessions.Use(id, kStart + minutes(minute)).has_value());
    }
    CHECK_FALSE(sessions.Use(id, kStart + minutes(481)).has_value());
  }

  TEST_CASE("sessions are bounded, for one user and for all; the one idle longest makes room") {
    SessionLimits limits;
    limits.per_user_max = 2;
    limits.count_max = 3;
    Sessions sessions{limits};
    const std::string first = Must(sessions.Begin("ann", kStart)).id;
    const std::string second = Must(sessions.Begin("ann", kStart + seconds(1))).id;
    CHECK(sessions.Use(first, kStart + seconds(2)).has_value());
    const std::string third = Must(sessions.Begin("ann", kStart + seconds(3))).id;
    CHECK_FALSE(sessions.Use(second, kStart + seconds(4)).has_value());
    const std::string bob = Must(sessions.Begin("bob", kStart + seconds(5))).id;
    Must(sessions.Begin("cid", kStart + seconds(6)));
    CHECK(sessions.Count(kStart + seconds(6)) == 3);
    CHECK_FALSE(sessions.Use(first, kStart + seconds(7)).has_value());
    CHECK(sessions.Use(third, kStart + seconds(7)).has_value());
    CHECK(sessions.Use(bob, kStart + seconds(7)).has_value());
  }

  TEST_CASE("a session ends when it is told to, or its user is no longer one") {
    Sessions sessions{SessionLimits{}};
    const std::string ann = Must(sessions.Begin("ann", kStart)).id;
    const std::string bob = Must(sessions.Begin("bob", kStart)).id;
    sessions.End(ann);
    sessions.End("unknown");
    CHECK_FALSE(sessions.Use(ann, kStart).has_value());
    CHECK(sessions.Use(bob, kStart).has_value());
    sessions.Keep([](const std::string& user) { return user != "bob"; });
    CHECK_FALSE(sessions.Use(bob, kStart).has_value());
  }
}

TEST_SUITE("server.credentials") {
  TEST_CASE("a password is right or wrong, and nobody learns which names there are") {
    const auto credentials =
        Must(Credentials::Make(Must(ParseUsers(UserLine("ann", "A:read"))), {}));
    const auto reason = [&](const char* user, const std::string& password) {
      const Status status = credentials->Check(user, password, "192.0.2.1", kStart);
      return status.ok() ? "ok"
                         : std::string(status.reason()) + ": " + std::string(status.message());
    };
    const std::string failed = "sign-in.failed: the user name or the password is wrong";
    CHECK(reason("ann", "secret") == "ok");
    CHECK(reason("ann", "Secret") == failed);
    CHECK(reason("ann", "") == failed);
    CHECK(reason("bob", "secret") == failed);
    CHECK(reason("", "") == failed);
    CHECK(reason("ann", std::string(100000, 'x')) == failed);
  }

  TEST_CASE("who guesses is slowed down, by address; who is known already is not") {
    CredentialLimits limits;
    limits.failures_max = 3;
    limits.failure_time = seconds(10);
    const auto credentials = Must(
        Credentials::Make(Must(ParseUsers(UserLine("ann", "") + UserLine("bob", ""))), limits));
    const auto reason = [&](const char* user, const char* password, const char* address,
                            int second) {
      const Status status = credentials->Check(user, password, address, kStart + seconds(second));
      return status.ok() ? "ok" : std::string(status.reason());
    };
    CHECK(reason("bob", "secret", "192.0.2.1", 0) == "ok");
    for (int i = 0; i < 3; ++i) CHECK(reason("ann", "guess", "192.0.2.1", 0) == "sign-in.failed");
    CHECK(reason("ann", "guess", "192.0.2.1", 0) == "sign-in.too-many");
    CHECK(reason("ann", "secret", "192.0.2.1", 0) == "sign-in.too-many");
    CHECK(reason("bob", "secret", "192.0.2.1", 0) == "ok");
    CHECK(reason("ann", "guess", "192.0.2.2", 0) == "sign-in.failed");
    CHECK(reason("ann", "guess", "192.0.2.1", 9) == "sign-in.too-many");
    CHECK(reason("ann", "guess", "192.0.2.1", 10) == "sign-in.failed");
    CHECK(reason("ann", "guess", "192.0.2.1", 11) == "sign-in.too-many");
    CHECK(reason("ann", "secret", "192.0.2.1", 60) == "ok");
  }

  TEST_CASE("what was right is forgotten when the users change") {
    const auto credentials =
        Must(Credentials::Make(Must(ParseUsers(UserLine("ann", "") + UserLine("bob", ""))), {}));
    Must(credentials->Check("ann", "secret", "192.0.2.1", kStart));
    credentials->Replace(Must(ParseUsers(UserLine("bob", ""))));
    const Status gone = credentials->Check("ann", "secret", "192.0.2.1", kStart);
    CHECK(gone.reason() == "sign-in.failed");
    CHECK_FALSE(gone.ok());
    Must(credentials->Check("bob", "secret", "192.0.2.1", kStart));
  }
}

}  // namespace server
