// Signing in and out, as clients do it, and what other sites' pages can not do.
#include "sign_in.hpp"

#include <doctest/doctest.h>

#include <regex>
#include <string>
#include <vector>

#include "csrf.hpp"
#include "query.hpp"
#include "server_fixture.hpp"

namespace server {
namespace {

struct SignInFixture : ServerFixture {
  SignInFixture() : ServerFixture(UserLine("ann", "*:admin") + UserLine("bob", "")) {}

  RestResponse Form(const std::string& method, const std::string& form,
                    Headers headers = {}) const {
    RestRequest request = Ask(method, "/data/services/auth", std::move(headers));
    request.body = BodyOf(form);
    return application->Answer(request);
  }
  RestResponse With(const std::string& session, const std::string& method,
                    const std::string& target, Headers headers = {}) const {
    headers.emplace_back("cookie", "other=1; JSESSIONID=" + session);
    RestRequest request = Ask(method, target, std::move(headers));
    return application->Answer(request);
  }
  std::string SignIn() const { return Form("PUT", "username=ann&password=secret").text; }
};

/// Status, and the reason of a failure or the text.
std::string Brief(const RestResponse& response) {
  const std::string reason = HeaderOf(response.headers, "X-Reason");
  return std::to_string(response.status) + " " + (reason.empty() ? response.text : reason);
}

/// One request to a host "a.example:8080" in a session whose token is "token", and what becomes of
/// it.
struct CsrfCase {
  const char* what;
  const char* method;
  Headers headers;
  const char* query;
  const char* answer;
};

void Check(const std::vector<CsrfCase>& cases) {
  for (const CsrfCase& row : cases) {
    CAPTURE(row.what);
    RestRequest request = Ask(row.method, "/data/services/archive", row.headers);
    request.headers.emplace_back("Host", "a.example:8080");
    request.query = row.query;
    const Status status = CheckCsrf(request, "token");
    CHECK((status.ok() ? "ok" : std::string(status.reason())) == row.answer);
  }
}

}  // namespace

TEST_SUITE("server.sign_in") {
  TEST_CASE("a form of name and password begins a session, whose cookie signs in") {
    const SignInFixture fixture;
    const RestResponse response = fixture.Form("PUT", "username=ann&password=secret");
    CHECK(response.status == 200);
    CHECK(std::regex_match(response.text, std::regex("[0-9a-f]{64}")));
    CHECK(HeaderOf(response.headers, "Set-Cookie") ==
          "JSESSIONID=" + response.text + "; Path=/; SameSite=Lax; HttpOnly");
    CHECK(Brief(fixture.With(response.text, "GET", "/data/auth")) == "200 User 'ann' is logged in");
    CHECK(Brief(fixture.With(response.text, "GET", "/data/JSESSION")) == "200 " + response.text);
  }

  TEST_CASE("a session is not made longer by asking for another one") {
    SignInFixture fixture;
    const RestResponse first = fixture.Form("POST", "username=ann&password=secret");
    for (const char* method : {"POST", "GET", "HEAD"}) {
      CAPTURE(method);
      CHECK(Brief(fixture.With(first.text, method, "/data/JSESSION")) == "200 " + first.text);
    }
  }

  TEST_CASE("clients are told when their session ends") {
    const SignInFixture fixture;
    const RestResponse response = fixture.With(fixture.SignIn(), "GET", "/data/auth");
    std::string expires;
    for (const auto& [name, value] : response.headers) {
      if (name == "Set-Cookie") expires = value;
    }
    CHECK(std::regex_match(
        expires, std::regex("SESSION_EXPIRATION_TIME=\"[0-9]{13},900000\"; Path=/; SameSite=Lax")));
  }

  TEST_CASE("basic authentication signs in for one request, and at JSESSION for a session") {
    const SignInFixture fixture;
    CHECK(Brief(fixture.Send("ann", "GET", "/data/auth")) == "200 User 'ann' is logged in");
    CHECK(fixture.Send("ann", "GET", "/data/auth").headers ==
          fixture.Send("bob", "GET", "/data/auth").headers);
    const std::string id = fixture.Send("bob", "POST", "/data/JSESSION").text;
    CHECK(Brief(fixture.With(id, "GET", "/REST/auth")) == "200 User 'bob' is logged in");
    CHECK(fixture.Send("bob", "GET", "/data/JSESSION").text != id);
  }

  TEST_CASE("nobody may do anything but see the first page, sign in, and ask for the health") {
    const SignInFixture fixture;
    CHECK(fixture.Send("", "GET", "/").status == 200);
    CHECK(Brief(fixture.Send("", "GET", "/healthz")) == "200 ok\n");
    for (const char* target : {"/data/auth", "/data/JSESSION", "/data/projects", "/data/nothing",
                               "/metrics", "/xapi/schemas", "//", "/data/../"}) {
      CAPTURE(target);
      const RestResponse response = fixture.Send("", "GET", target);
      CHECK(Brief(response) == "401 sign-in.needed");
      CHECK(HeaderOf(response.headers, "WWW-Authenticate") == "Basic realm=\"xnatarchive\"");
    }
  }

  TEST_CASE("a wrong password, or one that can not be read, is a failure, not nobody") {
    const SignInFixture fixture;
    CHECK(Brief(fixture.Form("POST", "username=ann&password=wrong")) == "401 sign-in.failed");
    CHECK(Brief(fixture.Form("POST", "")) == "401 sign-in.failed");
    CHECK(Brief(fixture.Form("GET", "")) == "405 rest.bad-method");
    CHECK(Brief(fixture.Form("POST", std::string(20000, 'a'))) == "413 rest.body-too-large");
    for (const char* sent : {"Basic", "Basic !!!!", "Basic YW5u"}) {
      CAPTURE(sent);
      RestRequest request = Ask("GET", "/", {{"Authorization", sent}});
      const RestResponse response = fixture.application->Answer(request);
      CHECK(response.status == (std::string(sent) == "Basic" ? 200 : 401));
    }
    RestRequest request = Ask("GET", "/", {{"Authorization", BasicAuthorization("ann", "no")}});
    CHECK(Brief(fixture.application->Answer(request)) == "401 sign-in.failed");
  }

  TEST_CASE("a page's script that is not signed in opens no window of the browser") {
    const SignInFixture fixture;
    for (const auto& header :
         Headers{{"Sec-Fetch-Mode", "cors"}, {"X-Requested-With", "XMLHttpRequest"}}) {
      RestRequest request = Ask("GET", "/data/projects", {header});
      const RestResponse response = fixture.application->Answer(request);
      CHECK(Brief(response) == "401 sign-in.needed");
      CHECK(HeaderOf(response.headers, "WWW-Authenticate").empty());
    }
  }

  TEST_CASE("signing out ends the session and its cookie") {
    const SignInFixture fixture;
    const std::string id = fixture.SignIn();
    const RestResponse response = fixture.With(id, "DELETE", "/data/JSESSION/" + id);
    CHECK(Brief(response) == "200 ");
    CHECK(HeaderOf(response.headers, "Set-Cookie") ==
          "JSESSIONID=; Path=/; SameSite=Lax; HttpOnly; Max-Age=0");
    CHECK(Brief(fixture.With(id, "GET", "/data/auth")) == "401 sign-in.needed");
  }

  TEST_CASE("an ID that somebody else chose is never a session's, and one from before ends") {
    const SignInFixture fixture;
    const std::string planted(64, '0');
    const RestResponse response =
        fixture.Form("PUT", "username=ann&password=secret", {{"Cookie", "JSESSIONID=" + planted}});
    CHECK(response.text != planted);
    CHECK(Brief(fixture.With(planted, "GET", "/data/auth")) == "401 sign-in.needed");
    const std::string second = fixture
                                   .Form("PUT", "username=bob&password=secret",
                                         {{"Cookie", "JSESSIONID=" + response.text}})
                                   .text;
    CHECK(Brief(fixture.With(response.text, "GET", "/data/auth")) == "401 sign-in.needed");
    CHECK(Brief(fixture.With(second, "GET", "/data/auth")) == "200 User 'bob' is logged in");
  }

  TEST_CASE("basic authentication goes before a session of somebody else") {
    const SignInFixture fixture;
    const RestResponse response =
        fixture.With(fixture.SignIn(), "GET", "/data/auth",
                     {{"Authorization", BasicAuthorization("bob", "secret")}});
    CHECK(Brief(response) == "200 User 'bob' is logged in");
  }
}

TEST_SUITE("server.csrf") {
  TEST_CASE("scripts and own pages are answered; own pages need the token of their session") {
    Check({
        {"a script", "POST", {}, "", "ok"},
        {"own page, token in header",
         "POST",
         {{"Origin", "http://a.example:8080"}, {"X-CSRF-Token", "token"}},
         "",
         "ok"},
        {"own page, token in query",
         "DELETE",
         {{"Origin", "http://a.example:8080"}},
         "a=1&XNAT_CSRF=token",
         "ok"},
        {"own page without token",
         "PUT",
         {{"Origin", "http://a.example:8080"}},
         "",
         "csrf.no-token"},
        {"own page with another token",
         "PUT",
         {{"Origin", "http://a.example:8080"}, {"X-CSRF-Token", "other"}},
         "",
         "csrf.no-token"},
        {"own page, by referer",
         "POST",
         {{"Referer", "http://a.example:8080/page?x=/"}},
         "",
         "csrf.no-token"},
        {"own page, by fetch metadata",
         "POST",
         {{"Sec-Fetch-Site", "same-origin"}, {"X-CSRF-Token", "token"}},
         "",
         "ok"},
        {"link on another site", "GET", {{"Referer", "http://evil.example/"}}, "", "ok"},
        {"image on another site", "HEAD", {{"Sec-Fetch-Site", "cross-site"}}, "", "ok"},
    });
  }

  TEST_CASE("what another site's page sends is refused, whatever it knows") {
    Check({
        {"other site with the token",
         "POST",
         {{"Origin", "http://evil.example"}, {"X-CSRF-Token", "token"}},
         "",
         "csrf.cross-site"},
        {"other port",
         "POST",
         {{"Origin", "http://a.example:8081"}},
         "XNAT_CSRF=token",
         "csrf.cross-site"},
        {"longer host",
         "POST",
         {{"Origin", "http://a.example:8080.evil.example"}},
         "XNAT_CSRF=token",
         "csrf.cross-site"},
        {"hidden origin", "POST", {{"Origin", "null"}}, "XNAT_CSRF=token", "csrf.cross-site"},
        {"other site by referer",
         "POST",
         {{"Referer", "http://evil.example/a.example:8080"}},
         "XNAT_CSRF=token",
         "csrf.cross-site"},
        {"cross-site fetch",
         "POST",
         {{"Sec-Fetch-Site", "cross-site"}},
         "XNAT_CSRF=token",
         "csrf.cross-site"},
        {"sibling site",
         "POST",
         {{"Sec-Fetch-Site", "same-site"}},
         "XNAT_CSRF=token",
         "csrf.cross-site"},
    });
  }

  TEST_CASE("without a session an own page needs no token, and another site's is refused") {
    RestRequest request = Ask("POST", "/", {{"Host", "a"}, {"Origin", "https://a"}});
    CHECK(CheckCsrf(request, "").ok());
    request.headers.back().second = "https://b";
    const Status refused = CheckCsrf(request, "");
    CHECK_FALSE(refused.ok());
    CHECK(refused.reason() == "csrf.cross-site");
  }

  TEST_CASE("a session's own token is what its requests need") {
    const SignInFixture fixture;
    const std::string id = fixture.SignIn();
    const Headers page = {{"Host", "a"}, {"Origin", "http://a"}};
    CHECK(Brief(fixture.With(id, "PUT", "/data/projects/P", page)) == "403 csrf.no-token");
    const auto session = const_cast<Sessions&>(fixture.sessions).Use(id, Clock::now());
    CHECK(fixture.With(id, "PUT", "/data/projects/P?XNAT_CSRF=" + session.value().csrf, page)
              .status == 201);
  }
}

TEST_SUITE("server.query") {
  TEST_CASE("values of forms, queries and cookies are found and decoded") {
    CHECK(ParameterOf("a=1&bb=x+y%20z%2F&b=2", "bb") == "x y z/");
    CHECK(ParameterOf("a=1&bb=2", "b") == "");
    CHECK(ParameterOf("a=%zz%4", "a") == "%zz%4");
    CHECK(ParameterOf("a=%41", "a") == "A");
    CHECK(ParameterOf("", "a") == "");
    CHECK(ParameterOf("a", "a") == "");
    CHECK(CookieOf("a=1; JSESSIONID=\"x\"; c=2", "JSESSIONID") == "x");
    CHECK(CookieOf("XJSESSIONID=1;JSESSIONID=2", "JSESSIONID") == "2");
  }
}

}  // namespace server
