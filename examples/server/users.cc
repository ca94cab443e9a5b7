#include "users.hpp"

#include <algorithm>
#include <optional>
#include <sstream>
#include <utility>
#include <vector>

namespace server {
namespace {

using xnatarchive::Code;
using xnatarchive::Permission;
using xnatarchive::Result;
using xnatarchive::Status;

constexpr std::string_view kUnassigned = "Unassigned";

bool IsUserName(std::string_view name) {
  return !name.empty() && name.size() <= 64 &&
         name.find_first_not_of(
             "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789"
             "._@-") == std::string_view::npos;
}

std::optional<Permission> LevelOf(std::string_view name) {
  if (name == "read") return Permission::kRead;
  if (name == "edit") return Permission::kEdit;
  if (name == "delete") return Permission::kDelete;
  if (name == "admin") return Permission::kAdmin;
  return std::nullopt;
}

/// What is wrong with the line; empty when nothing is.
std::string AddUser(const std::vector<std::string>& words, Users* users, bool* twice) {
  if (!IsUserName(words[0])) return "the name has other characters than letters, digits and ._@-";
  if (words.size() < 2) return "there is no password hash";
  const std::optional<PasswordHash> hash = PasswordHash::Parse(words[1]);
  if (!hash) return "the password hash can not be read";
  User user{*hash, {}};
  for (std::size_t i = 2; i < words.size(); ++i) {
    const std::size_t colon = words[i].rfind(':');
    if (colon == std::string::npos || colon == 0) return "a role is not PROJECT:LEVEL";
    const std::optional<Permission> level = LevelOf(std::string_view(words[i]).substr(colon + 1));
    if (!level) return "a role's level is not read, edit, delete or admin";
    Permission& held = user.roles.emplace(words[i].substr(0, colon), *level).first->second;
    held = std::max(held, *level);
  }
  *twice = !users->emplace(words[0], std::move(user)).second;
  return *twice ? "the name is there already" : "";
}

bool Holds(const User& user, std::string_view project, Permission permission) {
  const auto role = user.roles.find(project);
  return role != user.roles.end() && role->second >= permission;
}

}  // namespace

Result<Users> ParseUsers(std::string_view text) {
  Users users;
  std::istringstream lines{std::string(text)};
  std::string line;
  for (int number = 1; std::getline(lines, line); ++number) {
    std::istringstream rest(line.substr(0, line.find('#')));
    std::vector<std::string> words;
    for (std::string word; rest >> word;) words.push_back(word);
    if (words.empty()) continue;
    bool twice = false;
    const std::string wrong = AddUser(words, &users, &twice);
    if (wrong.empty()) continue;
    return Status(Code::kInvalidArgument, twice ? "users.twice" : "users.malformed",
                  "line " + std::to_string(number) + ": " + wrong);
  }
  if (users.empty()) {
    return Status(Code::kInvalidArgument, "users.empty", "the users file names nobody");
  }
  return users;
}

bool IsAllowed(const Users& users, std::string_view user, Permission permission,
               std::string_view project) {
  const auto found = users.find(user);
  if (found == users.end()) return false;
  if (Holds(found->second, "*", Permission::kAdmin)) return true;
  if (project.empty()) {
    return permission != Permission::kAdmin && Holds(found->second, kUnassigned, permission);
  }
  return Holds(found->second, project, permission) || Holds(found->second, "*", permission);
}

}  // namespace server
