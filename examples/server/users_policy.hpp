// users_policy.hpp - the engine's AccessPolicy: what the users file says, as it is now.
#ifndef XNATARCHIVE_SERVER_USERS_POLICY_HPP_
#define XNATARCHIVE_SERVER_USERS_POLICY_HPP_

#include <string>

#include "credentials.hpp"
#include "monitor.hpp"
#include "xnatarchive/access_policy.hpp"

namespace server {

/// The server itself may read everything, to count it.
class UsersPolicy : public xnatarchive::AccessPolicy {
 public:
  explicit UsersPolicy(const Credentials& credentials) : credentials_(credentials) {}

  xnatarchive::Status Allows(const std::string& user, xnatarchive::Permission permission,
                             const std::string& project, const xnatarchive::Cancelled&) override {
    // The server itself counts what waits, and commits what nothing more comes of (idle_timer.hpp).
    if (user == kServerUser || IsAllowed(*credentials_.users(), user, permission, project))
      return {};
    return {xnatarchive::Code::kPermission, "access.role", "no role of the user allows this"};
  }

 private:
  const Credentials& credentials_;
};

}  // namespace server

#endif  // XNATARCHIVE_SERVER_USERS_POLICY_HPP_
