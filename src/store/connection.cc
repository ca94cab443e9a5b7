#include "store/connection.hpp"

#include <new>

#include "base/status_macros.hpp"
#include "base/text.hpp"
#include "store/schema.hpp"
#include "store/sqlite.hpp"

namespace xnatarchive {
namespace {

/// "sqlite3:///abs/path" -> "/abs/path"; "sqlite3:path" -> "path".
Result<std::string> SqlitePath(const std::string& url) {
  const std::size_t colon = url.find(':');
  const std::string scheme = url.substr(0, colon);
  if (colon == std::string::npos || scheme != "sqlite3") {
    return Status(Code::kUnsupported, "store.unknown-scheme",
                  "a store is sqlite3:///path or sqlite3:path, not " +
                      (colon == std::string::npos ? "a text without a scheme" : scheme + ":"));
  }
  std::string path = url.substr(colon + 1);
  if (StartsWith(path, "//")) path.erase(0, 2);
  const bool names_host = path.size() + colon + 1 != url.size() && !StartsWith(path, "/");
  if (path.empty() || path.back() == '/' || names_host || path.find('\0') != std::string::npos) {
    return Status(Code::kInvalidArgument, "store.bad-url", "the store's URL names no file");
  }
  return path;
}

}  // namespace

Result<std::unique_ptr<Store::Connection>> Store::Connection::Open(const std::string& url,
                                                                   const StoreOptions& options) {
  XNA_ASSIGN_OR_RETURN(std::string path, SqlitePath(url));
  GiveBackSqliteReserve(path);
  std::unique_ptr<Connection> connection(new Connection());
  connection->path_ = std::move(path);
  connection->begin_ = kSqliteBegin;
  XNA_RETURN_IF_ERROR(connection->Read(
      [&](soci::session& sql) { return OpenSqlite(connection->path_, options, sql); }));
  // Looking first leaves the write lock alone in the ordinary case.
  XNA_ASSIGN_OR_RETURN(const std::size_t version,
                       connection->Read([](soci::session& sql) -> Result<std::size_t> {
                         return SchemaVersion(sql);
                       }));
  if (version != Migrations().size()) {
    XNA_RETURN_IF_ERROR(
        connection->Write([](soci::session& sql) { return Migrate(sql, Migrations()); }));
  }
  KeepSqliteReserve(connection->path_);
  return connection;
}

void Store::Connection::MakeRoom() const { GiveBackSqliteReserve(path_); }

Status Store::Connection::Transaction(const std::function<Status()>& work) {
  const std::lock_guard<FairMutex> lock(mutex_);
  if (in_transaction_) {
    Status status = broken_.ok() ? work() : broken_;
    if (!status.ok() && broken_.ok()) broken_ = status;
    return status;
  }
  XNA_RETURN_IF_ERROR(Begin());
  Status status;
  try {
    status = work();
  } catch (...) {
    IgnoreError(End(false), "the exception says what went wrong");
    throw;
  }
  Status ended = End(status.ok());
  if (!ended.ok()) return ended;
  return status;
}

Status Store::Connection::Begin() {
  XNA_RETURN_IF_ERROR(Guard([this](soci::session& sql) {
    sql << begin_;
    return Status();
  }));
  in_transaction_ = true;
  return Status();
}

Status Store::Connection::End(bool commit) {
  Status status;
  if (commit) {
    status = Guard([](soci::session& sql) {
      sql << "COMMIT";
      return Status();
    });
  }
  in_transaction_ = false;
  IgnoreError(broken_, "the operation that met it has returned it");
  broken_ = Status();
  if (commit && status.ok()) return status;
  try {
    sql_ << "ROLLBACK";
  } catch (const soci::soci_error&) {
    // Undone already, by the database itself: that is why there is nothing to roll back.
  }
  return status;
}

Status Store::Connection::FailureInFlight() const {
  try {
    throw;
  } catch (const soci::sqlite3_soci_error& error) {
    return SqliteFailure(error, path_);
  } catch (const soci::soci_error& error) {
    return Status(Code::kCorruption, "store.corrupt",
                  "the store is damaged: " + error.get_error_message());
  } catch (const std::bad_alloc&) {
    return Status(Code::kNoMemory, "store.no-memory", "memory ran out");
  } catch (const std::exception& error) {
    return Status(Code::kInternal, "store.internal", error.what());
  }
}

}  // namespace xnatarchive
