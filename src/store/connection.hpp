// connection.hpp - the session with the database behind a Store: its lock, its transaction, and the
// place where exceptions become failures.
#ifndef XNATARCHIVE_STORE_CONNECTION_HPP_
#define XNATARCHIVE_STORE_CONNECTION_HPP_

#include <soci/soci.h>

#include <functional>
#include <memory>
#include <mutex>
#include <string>
#include <utility>

#include "store/fair_mutex.hpp"
#include "store/query.hpp"
#include "store/store.hpp"

namespace xnatarchive {

class Store::Connection {
 public:
  static Result<std::unique_ptr<Connection>> Open(const std::string& url,
                                                  const StoreOptions& options);

  /// Calls `body(session)`, which returns a Status or a Result and may throw.
  template <typename Body>
  auto Read(const Body& body) -> decltype(body(std::declval<soci::session&>())) {
    const std::lock_guard<FairMutex> lock(mutex_);
    return Guard(body);
  }

  /// The same in a transaction: the one that is open, or its own. To keep the promise of
  /// Store::Transaction, `body` fails before it changes anything, or by an exception.
  template <typename Body>
  auto Write(const Body& body) -> decltype(body(std::declval<soci::session&>())) {
    const std::lock_guard<FairMutex> lock(mutex_);
    if (in_transaction_) return Guard(body);
    Status begun = Begin();
    if (!begun.ok()) return begun;
    auto result = Guard(body);
    Status ended = End(result.ok());
    if (!ended.ok()) return ended;
    return result;
  }

  Status Transaction(const std::function<Status()>& work);
  void MakeRoom() const;

 private:
  Connection() = default;
  Status Begin();
  /// Commits or rolls back. OK when that was done, or when rolling back was asked for.
  Status End(bool commit);
  /// Turns the exception being handled into a failure.
  Status FailureInFlight() const;

  template <typename Body>
  auto Guard(const Body& body) -> decltype(body(std::declval<soci::session&>())) {
    if (!broken_.ok()) return Status(broken_);
    try {
      return body(sql_);
    } catch (...) {
      Status failure = FailureInFlight();
      if (in_transaction_) broken_ = failure;
      return failure;
    }
  }

  FairMutex mutex_;
  soci::session sql_;
  std::string path_;
  std::string begin_;  ///< The statement that begins a transaction.
  bool in_transaction_ = false;
  /// Why the open transaction can not be committed. The database may already have undone it, and
  /// would take what follows for transactions of their own.
  Status broken_;
};

}  // namespace xnatarchive

#endif  // XNATARCHIVE_STORE_CONNECTION_HPP_
