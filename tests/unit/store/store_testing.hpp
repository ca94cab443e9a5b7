// store_testing.hpp - what the store's tests share.
#ifndef XNATARCHIVE_TESTS_UNIT_STORE_STORE_TESTING_HPP_
#define XNATARCHIVE_TESTS_UNIT_STORE_STORE_TESTING_HPP_

#include <sys/wait.h>
#include <unistd.h>

#include <functional>
#include <stdexcept>
#include <string>
#include <utility>

#include "store/store.hpp"
#include "support/temp_tree.hpp"

namespace xnatarchive {

inline std::string StoreUrl(const TempTree& tree) {
  return "sqlite3://" + tree.path() + "/store.sqlite3";
}

/// Opens a store that does not wait long for others.
inline Store OpenStore(const TempTree& tree, int busy_timeout_ms = 20'000) {
  Result<Store> store = Store::Open(StoreUrl(tree), {busy_timeout_ms});
  if (!store.ok()) throw std::runtime_error(store.status().ToString());
  return std::move(store).value();
}

inline ProjectRow Project(const std::string& id) {
  ProjectRow row;
  row.id = id;
  return row;
}

/// "ok", or code and reason.
inline std::string Outcome(const Status& status) {
  return status.ok() ? "ok"
                     : std::string(CodeName(status.code())) + "/" + std::string(status.reason());
}
template <typename T>
std::string Outcome(const Result<T>& result) {
  return Outcome(result.status());
}

/// Runs `body` in a child process, which ends without running destructors, and returns its exit
/// status, or 128 and the signal that killed it.
inline int RunInChild(const std::function<int()>& body) {
  const pid_t child = fork();
  if (child == 0) {
    int status = 99;
    try {
      status = body();
    } catch (...) {
      status = 98;
    }
    _exit(status);
  }
  int status = 0;
  if (child < 0 || waitpid(child, &status, 0) != child) throw std::runtime_error("fork failed");
  return WIFSIGNALED(status) ? 128 + WTERMSIG(status) : WEXITSTATUS(status);
}

}  // namespace xnatarchive

#endif  // XNATARCHIVE_TESTS_UNIT_STORE_STORE_TESTING_HPP_
