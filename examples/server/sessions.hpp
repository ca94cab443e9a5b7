// sessions.hpp - who has signed in and goes on with a cookie.
#ifndef XNATARCHIVE_SERVER_SESSIONS_HPP_
#define XNATARCHIVE_SERVER_SESSIONS_HPP_

#include <chrono>
#include <cstddef>
#include <functional>
#include <map>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>

#include "xnatarchive/status.hpp"

namespace server {

struct SessionLimits {
  std::chrono::seconds idle{15 * 60};
  std::chrono::seconds total{8 * 60 * 60};
  std::size_t count_max = 10000;   ///< The one that is idle longest makes room for another.
  std::size_t per_user_max = 200;  ///< The same, among one user's: clients that never sign out.
};

/// Signed-in sessions, in memory: a restart signs everybody out.
///
/// Threads: any function may be called from any thread. Times are the caller's clock.
class Sessions {
 public:
  using Time = std::chrono::steady_clock::time_point;
  struct Session {
    std::string id;  ///< The cookie's value: 32 random bytes in hex.
    std::string user;
    std::string csrf;  ///< What a page of this session must send to change anything.
  };

  explicit Sessions(const SessionLimits& limits) : limits_(limits) {}

  /// Begins one, with an ID nobody has known before. Fails as RandomToken.
  xnatarchive::Result<Session> Begin(const std::string& user, Time now);
  /// The session of that ID, which is used now; nullopt when there is none, or it has ended.
  std::optional<Session> Use(std::string_view id, Time now);
  void End(std::string_view id);
  /// Ends those of users for whom `keep` is false.
  void Keep(const std::function<bool(const std::string& user)>& keep);
  std::size_t Count(Time now);

 private:
  struct Entry {
    Session session;
    Time begun;
    Time used;
  };
  bool HasEnded(const Entry& entry, Time now) const;
  void MakeRoom(const std::string& user, Time now);

  const SessionLimits limits_;
  std::mutex mutex_;
  std::map<std::string, Entry, std::less<>> entries_;
};

}  // namespace server

#endif  // XNATARCHIVE_SERVER_SESSIONS_HPP_
