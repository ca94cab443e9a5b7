#include "credentials.hpp"

#include <algorithm>
#include <iterator>
#include <utility>

#include "secret.hpp"

namespace server {
namespace {

using xnatarchive::Code;
using xnatarchive::Result;
using xnatarchive::Status;

constexpr std::size_t kKeyBytes = 32;
constexpr std::size_t kPasswordMax = 1024;

template <typename Map, typename Time>
void RemovePast(Map* times, Time now) {
  for (auto at = times->begin(); at != times->end();) {
    at = at->second <= now ? times->erase(at) : std::next(at);
  }
}

}  // namespace

Credentials::Credentials(Users users, const CredentialLimits& limits, std::string key)
    : limits_(limits),
      key_(std::move(key)),
      users_(std::make_shared<const Users>(std::move(users))) {}

Result<std::unique_ptr<Credentials>> Credentials::Make(Users users,
                                                       const CredentialLimits& limits) {
  Result<std::string> key = RandomToken(kKeyBytes);
  if (!key.ok()) return key.status();
  return std::unique_ptr<Credentials>(
      new Credentials(std::move(users), limits, std::move(key).value()));
}

std::shared_ptr<const Users> Credentials::users() const {
  const std::lock_guard<std::mutex> lock(mutex_);
  return users_;
}

void Credentials::Replace(Users users) {
  const std::lock_guard<std::mutex> lock(mutex_);
  users_ = std::make_shared<const Users>(std::move(users));
  ++generation_;
  remembered_.clear();
}

bool Credentials::IsRemembered(const std::string& hash, Time now) {
  const std::lock_guard<std::mutex> lock(mutex_);
  const auto at = remembered_.find(hash);
  return at != remembered_.end() && now < at->second;
}

void Credentials::Remember(const std::string& hash, Time now, std::uint64_t generation) {
  const std::lock_guard<std::mutex> lock(mutex_);
  if (generation != generation_) return;  // The users were replaced meanwhile.
  if (remembered_.size() >= limits_.remembered_max) RemovePast(&remembered_, now);
  if (remembered_.size() >= limits_.remembered_max) remembered_.clear();
  remembered_[hash] = now + limits_.remembered;
}

bool Credentials::MayTry(const std::string& address, Time now) {
  const std::lock_guard<std::mutex> lock(mutex_);
  const auto debt = debts_.find(address);
  return debt == debts_.end() ||
         debt->second - now <= (limits_.failures_max - 1) * limits_.failure_time;
}

void Credentials::Failed(const std::string& address, Time now) {
  const std::lock_guard<std::mutex> lock(mutex_);
  if (debts_.size() >= limits_.addresses_max) RemovePast(&debts_, now);
  if (debts_.size() >= limits_.addresses_max) debts_.erase(debts_.begin());
  Time& debt = debts_.emplace(address, now).first->second;
  debt = std::max(debt, now) + limits_.failure_time;
}

bool Credentials::EnterHashing() {
  std::unique_lock<std::mutex> lock(mutex_);
  if (waiting_ >= limits_.waiting_max) return false;
  ++waiting_;
  hashed_.wait(lock, [this] { return hashing_ < limits_.at_once_max; });
  --waiting_;
  ++hashing_;
  return true;
}

void Credentials::LeaveHashing() {
  {
    const std::lock_guard<std::mutex> lock(mutex_);
    --hashing_;
  }
  hashed_.notify_one();
}

Status Credentials::Check(const std::string& user, const std::string& password,
                          const std::string& address, Time now) {
  const std::string hash = KeyedHash(key_, std::to_string(user.size()) + ":" + user + password);
  if (IsRemembered(hash, now)) return Status();
  if (!MayTry(address, now) || !EnterHashing()) {
    return Status(Code::kLocked, "sign-in.too-many",
                  "too many attempts to sign in; try again in a while");
  }
  std::shared_ptr<const Users> users;
  std::uint64_t generation = 0;
  {
    const std::lock_guard<std::mutex> lock(mutex_);
    users = users_;
    generation = generation_;
  }
  const auto found = users->find(user);
  // For a name that is nobody's the work is done as well, with somebody's hash.
  const bool known = found != users->end() && password.size() <= kPasswordMax;
  const PasswordHash& compared = (known ? found : users->begin())->second.password;
  const bool matches = compared.Matches(password.substr(0, kPasswordMax)) && known;
  LeaveHashing();
  if (matches) {
    Remember(hash, now, generation);
    return Status();
  }
  Failed(address, now);
  return Status(Code::kPermission, "sign-in.failed", "the user name or the password is wrong");
}

}  // namespace server
