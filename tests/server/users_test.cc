// The users file, its passwords, and what roles allow.
#include "users.hpp"

#include <doctest/doctest.h>

#include <string>

#include "secret.hpp"
#include "server_fixture.hpp"

namespace server {
namespace {

using xnatarchive::Permission;

std::string Shown(const std::string& text) {
  const Result<Users> users = ParseUsers(text);
  if (!users.ok()) {
    return std::string(users.status().reason()) + ": " + std::string(users.status().message());
  }
  std::string shown;
  for (const auto& [name, user] : *users) {
    shown += name;
    for (const auto& [project, level] : user.roles) {
      shown += " " + project + "=" + std::to_string(static_cast<int>(level));
    }
    shown += "\n";
  }
  return shown;
}

}  // namespace

TEST_SUITE("server.users") {
  TEST_CASE("a users file is read with its comments, its empty lines and any order of roles") {
    CHECK(Shown("# who\n\n" + UserLine("bob", "*:admin # all of it") + "\t" +
                UserLine("ann", "A:read A:edit B:read A:read")) == "ann A=1 B=0\nbob *=3\n");
    CHECK(Shown("ann " + std::string(kSecretHash)) == "ann\n");
    CHECK(Shown(UserLine("a.b-c_d@example.org", "with:colon:delete")) ==
          "a.b-c_d@example.org with:colon=2\n");
  }

  TEST_CASE("a users file that is wrong anywhere is refused as a whole, with the line") {
    const std::string good = UserLine("ann", "A:read");
    CHECK(Shown("") == "users.empty: the users file names nobody");
    CHECK(Shown("# nobody\n") == "users.empty: the users file names nobody");
    CHECK(Shown(good + "bob\n") == "users.malformed: line 2: there is no password hash");
    CHECK(Shown(good + "bob secret\n") ==
          "users.malformed: line 2: the password hash can not be read");
    CHECK(Shown(good + UserLine("b:b", "")) ==
          "users.malformed: line 2: the name has other characters than letters, digits and ._@-");
    CHECK(Shown(good + UserLine("bob", "A")) ==
          "users.malformed: line 2: a role is not PROJECT:LEVEL");
    CHECK(Shown(good + UserLine("bob", ":read")) ==
          "users.malformed: line 2: a role is not PROJECT:LEVEL");
    CHECK(Shown(good + UserLine("bob", "A:write")) ==
          "users.malformed: line 2: a role's level is not read, edit, delete or admin");
    CHECK(Shown(good + good) == "users.twice: line 2: the name is there already");
  }

  TEST_CASE("a role allows its level and those below, in its project alone") {
    const Users users =
        Must(ParseUsers(UserLine("reader", "A:read") + UserLine("editor", "A:edit") +
                        UserLine("deleter", "A:delete") + UserLine("owner", "A:admin") +
                        UserLine("all", "*:delete Unassigned:read") + UserLine("admin", "*:admin") +
                        UserLine("none", "")));
    // Of each user, the permissions from read to admin for: A, B, Unassigned or the site.
    const struct {
      const char* user;
      const char* a;
      const char* b;
      const char* none;
    } rows[] = {{"reader", "y---", "----", "----"},  {"editor", "yy--", "----", "----"},
                {"deleter", "yyy-", "----", "----"}, {"owner", "yyyy", "----", "----"},
                {"all", "yyy-", "yyy-", "y---"},     {"admin", "yyyy", "yyyy", "yyyy"},
                {"none", "----", "----", "----"},    {"stranger", "----", "----", "----"},
                {"", "----", "----", "----"}};
    for (const auto& row : rows) {
      CAPTURE(row.user);
      const auto allowed = [&](const char* project) {
        std::string text;
        for (int i = 0; i < 4; ++i) {
          text += IsAllowed(users, row.user, static_cast<Permission>(i), project) ? 'y' : '-';
        }
        return text;
      };
      CHECK(allowed("A") == row.a);
      CHECK(allowed("B") == row.b);
      CHECK(allowed("") == row.none);
    }
  }
}

TEST_SUITE("server.secret") {
  TEST_CASE("a password matches the hash of it, read again from its text, and no other") {
    const PasswordHash hash = Must(PasswordHash::Of("correct horse"));
    const std::string text = hash.Text();
    CHECK(text.substr(0, 22) == "$scrypt$ln=15,r=8,p=3$");
    const auto read = PasswordHash::Parse(text);
    REQUIRE(read.has_value());
    CHECK(read->Text() == text);
    CHECK(read->Matches("correct horse"));
    CHECK_FALSE(read->Matches("correct hors"));
    CHECK_FALSE(read->Matches(""));
    CHECK(Must(PasswordHash::Of("correct horse")).Text() != text);
  }

  TEST_CASE("a hash that another program made with scrypt is understood") {
    const auto hash = PasswordHash::Parse(kSecretHash);
    REQUIRE(hash.has_value());
    CHECK(hash->Matches("secret"));
    CHECK_FALSE(hash->Matches("Secret"));
  }

  TEST_CASE("hashes that are malformed, or would cost too much, are none") {
    const std::string rest =
        "$MDEyMzQ1Njc4OWFiY2RlZg==$gEeb/KeWbm5g+kBQOFr1yJbkjBxxxDOkhSmrSXFFwOg=";
    CHECK(PasswordHash::Parse("$scrypt$ln=4,r=8,p=1" + rest).has_value());
    for (const std::string& text :
         {std::string(), std::string("secret"), "$scrypt$ln=3,r=8,p=1" + rest,
          "$scrypt$ln=21,r=8,p=1" + rest, "$scrypt$ln=20,r=8,p=1" + rest,
          "$scrypt$ln=4,r=0,p=1" + rest, "$scrypt$ln=4,r=33,p=1" + rest,
          "$scrypt$ln=4,r=8,p=17" + rest, "$scrypt$ln=4,r=8" + rest, "$bcrypt$ln=4,r=8,p=1" + rest,
          "$scrypt$ln=4,r=8,p=1" + rest.substr(0, rest.size() - 4),
          "$scrypt$ln=4,r=8,p=1$" + rest.substr(rest.rfind('$')),
          "$scrypt$ln=4,r=8,p=1" + rest + "AAAA"}) {
      CAPTURE(text);
      CHECK_FALSE(PasswordHash::Parse(text).has_value());
    }
  }

  TEST_CASE("base64 is read when it is whole") {
    CHECK(DecodeBase64("YTpi") == "a:b");
    CHECK(DecodeBase64("YTo=") == "a:");
    CHECK(DecodeBase64("YQ==") == "a");
    CHECK(DecodeBase64("") == "");
    for (const char* text : {"YTp", "YT!i", "YTpi\n", "=", "===="}) {
      CAPTURE(text);
      CHECK(DecodeBase64(text).value_or("none") == "none");
    }
  }

  TEST_CASE("tokens are never the same") {
    const std::string token = Must(RandomToken(32));
    CHECK(token.size() == 64);
    CHECK(token != Must(RandomToken(32)));
  }
}

}  // namespace server
