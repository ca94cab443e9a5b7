// credentials.hpp - whether a name and a password belong together, asked many times a second by
// clients that send them with each request, and by those who guess.
#ifndef XNATARCHIVE_SERVER_CREDENTIALS_HPP_
#define XNATARCHIVE_SERVER_CREDENTIALS_HPP_

#include <chrono>
#include <condition_variable>
#include <cstddef>
#include <cstdint>
#include <map>
#include <memory>
#include <mutex>
#include <string>

#include "users.hpp"
#include "xnatarchive/status.hpp"

namespace server {

struct CredentialLimits {
  std::chrono::seconds remembered{5 * 60};  ///< What was right is not hashed again for so long.
  std::size_t remembered_max = 4096;
  unsigned at_once_max = 2;    ///< Passwords that are hashed at one time: each takes 32 MiB.
  unsigned waiting_max = 32;   ///< That wait for this.
  unsigned failures_max = 10;  ///< Of one address; after that one more each `failure_time`.
  std::chrono::seconds failure_time{10};
  std::size_t addresses_max = 10000;
};

/// Threads: any function may be called from any thread.
class Credentials {
 public:
  using Time = std::chrono::steady_clock::time_point;

  /// Fails as RandomToken.
  static xnatarchive::Result<std::unique_ptr<Credentials>> Make(Users users,
                                                                const CredentialLimits& limits);

  /// The users of now; what was returned stays as it is.
  std::shared_ptr<const Users> users() const;
  /// Takes other users; nothing of the former is remembered.
  void Replace(Users users);

  /// OK when the password is the user's. kPermission "sign-in.failed" when it is not, or there is
  /// no such user, after the same time; kLocked "sign-in.too-many" when `address` has failed too
  /// often lately, or too many sign in at once: nothing was looked at. Blocks while it hashes.
  xnatarchive::Status Check(const std::string& user, const std::string& password,
                            const std::string& address, Time now);

 private:
  Credentials(Users users, const CredentialLimits& limits, std::string key);
  bool IsRemembered(const std::string& hash, Time now);
  void Remember(const std::string& hash, Time now, std::uint64_t generation);
  bool MayTry(const std::string& address, Time now);
  void Failed(const std::string& address, Time now);
  bool EnterHashing();
  void LeaveHashing();

  const CredentialLimits limits_;
  const std::string key_;  ///< Of the hashes that are remembered; lives as long as the process.
  mutable std::mutex mutex_;
  std::condition_variable hashed_;
  std::shared_ptr<const Users> users_;
  std::uint64_t generation_ = 0;            ///< Of users_.
  std::map<std::string, Time> remembered_;  ///< Keyed hash of name and password; until when.
  /// By address: when the failures of it would be made up for. At failures_max times failure_time
  /// from now it may not try.
  std::map<std::string, Time> debts_;
  unsigned hashing_ = 0;
  unsigned waiting_ = 0;
};

}  // namespace server

#endif  // XNATARCHIVE_SERVER_CREDENTIALS_HPP_
