#include "sessions.hpp"

#include <iterator>
#include <utility>

#include "secret.hpp"

namespace server {

using xnatarchive::Result;

namespace {

constexpr std::size_t kTokenBytes = 32;

}  // namespace

bool Sessions::HasEnded(const Entry& entry, Time now) const {
  return now - entry.used > limits_.idle || now - entry.begun > limits_.total;
}

/// Removes what has ended, and what is idle longest while there are too many.
void Sessions::MakeRoom(const std::string& user, Time now) {
  std::size_t of_user = 0;
  auto oldest = entries_.end();
  auto oldest_of_user = entries_.end();
  for (auto at = entries_.begin(); at != entries_.end();) {
    if (HasEnded(at->second, now)) {
      at = entries_.erase(at);
      continue;
    }
    if (oldest == entries_.end() || at->second.used < oldest->second.used) oldest = at;
    if (at->second.session.user == user) {
      ++of_user;
      const bool first = oldest_of_user == entries_.end();
      if (first || at->second.used < oldest_of_user->second.used) oldest_of_user = at;
    }
    ++at;
  }
  if (of_user >= limits_.per_user_max) {
    entries_.erase(oldest_of_user);
  } else if (entries_.size() >= limits_.count_max) {
    entries_.erase(oldest);
  }
}

Result<Sessions::Session> Sessions::Begin(const std::string& user, Time now) {
  Result<std::string> id = RandomToken(kTokenBytes);
  if (!id.ok()) return id.status();
  Result<std::string> csrf = RandomToken(kTokenBytes);
  if (!csrf.ok()) return csrf.status();
  Session session{std::move(id).value(), user, std::move(csrf).value()};
  const std::lock_guard<std::mutex> lock(mutex_);
  MakeRoom(user, now);
  entries_.emplace(session.id, Entry{session, now, now});
  return session;
}

std::optional<Sessions::Session> Sessions::Use(std::string_view id, Time now) {
  const std::lock_guard<std::mutex> lock(mutex_);
  const auto at = entries_.find(id);
  if (at == entries_.end()) return std::nullopt;
  if (HasEnded(at->second, now)) {
    entries_.erase(at);
    return std::nullopt;
  }
  at->second.used = now;
  return at->second.session;
}

void Sessions::End(std::string_view id) {
  const std::lock_guard<std::mutex> lock(mutex_);
  const auto at = entries_.find(id);
  if (at != entries_.end()) entries_.erase(at);
}

void Sessions::Keep(const std::function<bool(const std::string& user)>& keep) {
  const std::lock_guard<std::mutex> lock(mutex_);
  for (auto at = entries_.begin(); at != entries_.end();) {
    at = keep(at->second.session.user) ? std::next(at) : entries_.erase(at);
  }
}

std::size_t Sessions::Count(Time now) {
  const std::lock_guard<std::mutex> lock(mutex_);
  std::size_t count = 0;
  for (const auto& [id, entry] : entries_) count += HasEnded(entry, now) ? 0 : 1;
  return count;
}

}  // namespace server
