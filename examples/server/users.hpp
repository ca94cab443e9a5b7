// users.hpp - who may sign in and what they may do: the users file, read.
//
// One user a line: a name, a password hash as `xnatarchive-server passwd` makes it, and roles.
//
//   # name   hash                                roles
//   alice    $scrypt$ln=15,r=8,p=3$...$...        BRAINDEV:edit Other:read
//   bob      $scrypt$ln=15,r=8,p=3$...$...        *:admin
//
// A role is PROJECT:LEVEL. Levels are read, edit, delete and admin; each includes those before it.
// The project "*" is every project; only *:admin is also the site and the Unassigned sessions,
// which else need a role for "Unassigned". Empty lines and what follows '#' do not count.
#ifndef XNATARCHIVE_SERVER_USERS_HPP_
#define XNATARCHIVE_SERVER_USERS_HPP_

#include <functional>
#include <map>
#include <string>
#include <string_view>

#include "secret.hpp"
#include "xnatarchive/access_policy.hpp"
#include "xnatarchive/status.hpp"

namespace server {

/// One line of the users file.
struct User {
  PasswordHash password;
  /// The highest permission by project; "*" and "Unassigned" as above.
  std::map<std::string, xnatarchive::Permission, std::less<>> roles;
};

using Users = std::map<std::string, User, std::less<>>;

/// Reads a users file's text. kInvalidArgument "users.malformed" with the line's number, for a name
/// outside [A-Za-z0-9._@-]{1,64}, a hash that PasswordHash does not take, and a role that is none;
/// "users.twice" for a name that is there already; "users.empty" for a text without users.
xnatarchive::Result<Users> ParseUsers(std::string_view text);

/// Whether `user` may do this to `project`, as AccessPolicy::Allows has it: empty is the Unassigned
/// sessions, and with kAdmin the site. Nobody may do anything who is not in `users`.
bool IsAllowed(const Users& users, std::string_view user, xnatarchive::Permission permission,
               std::string_view project);

}  // namespace server

#endif  // XNATARCHIVE_SERVER_USERS_HPP_
