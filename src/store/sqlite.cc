#include "store/sqlite.hpp"

#include <chrono>
#include <thread>
#include <utility>

#include "base/status_macros.hpp"
#include "base/text.hpp"
#include "base/time.hpp"
#include "fs/ballast.hpp"
#include "fs/directory.hpp"

namespace xnatarchive {
namespace {

// SQLite's primary result codes (sqlite3.h), part of its file and API contract.
enum : int {
  kSqliteError = 1,
  kSqlitePermission = 3,
  kSqliteBusy = 5,
  kSqliteLocked = 6,
  kSqliteNoMemory = 7,
  kSqliteReadOnly = 8,
  kSqliteIoError = 10,
  kSqliteCorrupt = 11,
  kSqliteFull = 13,
  kSqliteCanNotOpen = 14,
  kSqliteConstraint = 19,
  kSqliteNotADatabase = 26,
};

constexpr std::uint64_t kFreeBytesMin = 1 << 20;
/// What opening takes, and a small operation: shared memory, its log, its plan and ballast.
constexpr std::size_t kReserveBytes = 512u << 10;
constexpr std::uint64_t kPlentyOfBytes = 8u << 20;

std::string DirectoryOf(const std::string& path) {
  const std::string_view parent = ParentPath(path);
  if (!parent.empty()) return std::string(parent);
  return StartsWith(path, "/") ? "/" : ".";
}

Result<Directory> OpenParent(const std::string& path) {
  return Directory::Open(PosixFileSystem(), DirectoryOf(path));
}

std::string ReserveName(const std::string& path) {
  return std::string(BaseName(path)) + "-reserve";
}

/// SQLite says only that it can not open a file; looks for the reason.
Status ExplainCanNotOpen(const std::string& path) {
  const Result<Directory> parent = OpenParent(path);
  if (!parent.ok()) return parent.status();
  const Result<File> file = parent->OpenRead(BaseName(path));
  if (!file.ok() && file.status().code() != Code::kNotFound) return file.status();
  // It may be one of those that SQLite makes beside it, on a disk that has no room for more files.
  const std::string probe = std::string(BaseName(path)) + "-probe";
  const Status made = parent->WriteNew(probe, "");
  if (made.ok()) IgnoreError(parent->RemoveFile(probe), "an empty file does no harm");
  if (made.code() == Code::kNoSpace) {
    return Status(Code::kNoSpace, "store.full", "no space is left for the store");
  }
  return Status(Code::kPermission, "store.read-only", "the store can not be opened for writing");
}

/// SQLite reports a full disk as an I/O error where it does not write itself (shared memory).
bool IsDiskFull(const std::string& path) {
  const Result<Directory> parent = OpenParent(path);
  if (!parent.ok()) return false;
  const Result<std::uint64_t> free_bytes = parent->FreeBytes();
  return free_bytes.ok() && *free_bytes < kFreeBytesMin;
}

/// "sqlite3_statement_backend::loadOne: disk I/O error" -> "disk I/O error".
std::string WithoutSociPrefix(const std::string& message) {
  const std::size_t colon = message.find(": ");
  return StartsWith(message, "sqlite3_") && colon != std::string::npos ? message.substr(colon + 2)
                                                                       : message;
}

/// Two processes that create one database meet here, and SQLite does not wait for the lock it needs
/// to change the mode.
Status EnableWal(const StoreOptions& options, soci::session& sql) {
  const std::int64_t deadline = NowMs() + options.busy_timeout_ms;
  for (;;) {
    try {
      std::string mode;
      sql << "PRAGMA journal_mode = WAL", soci::into(mode);
      if (mode == "wal") return Status();
      return Status(Code::kUnsupported, "store.no-wal",
                    "the file system does not support a shared SQLite database");
    } catch (const soci::sqlite3_soci_error& error) {
      if ((error.result() & 0xFF) != kSqliteBusy || NowMs() >= deadline) throw;
    }
    std::this_thread::sleep_for(std::chrono::milliseconds(5));
  }
}

}  // namespace

Status OpenSqlite(const std::string& path, const StoreOptions& options, soci::session& sql) {
  // SOCI reads key=value pairs; quoting is the only way to keep a path with '=' or spaces whole.
  if (path.find('"') != std::string::npos) {
    return Status(Code::kInvalidArgument, "store.bad-url", "the path holds a quotation mark");
  }
  // "./" keeps SQLite from seeing ":memory:" or a "file:" URI in a relative path.
  const std::string file = StartsWith(path, "/") ? path : "./" + path;
  sql.open(soci::sqlite3, "db=\"" + file + "\"");
  sql << "PRAGMA busy_timeout = " + std::to_string(options.busy_timeout_ms);
  XNA_RETURN_IF_ERROR(EnableWal(options, sql));
  sql << "PRAGMA synchronous = FULL";
  sql << "PRAGMA foreign_keys = ON";
  return Status();
}

void KeepSqliteReserve(const std::string& path) {
  const Result<Directory> parent = OpenParent(path);
  if (!parent.ok()) return;
  const std::string name = ReserveName(path);
  const Result<std::optional<FileInfo>> info = parent->Find(name);
  const Result<std::uint64_t> free_bytes = parent->FreeBytes();
  if (!info.ok() || !free_bytes.ok() || *free_bytes < kPlentyOfBytes) return;
  constexpr const char* kNoMatter = "there is less room in reserve then, or another made it";
  if (*info) {
    if ((*info)->kind != FileKind::kRegular || (*info)->size >= kReserveBytes) return;
    IgnoreError(parent->RemoveFile(name), kNoMatter);  // whoever wrote it died
  }
  const Status written = parent->WriteNew(name, BallastBytes(kReserveBytes));
  if (written.ok() || written.code() == Code::kAlreadyExists) return;
  IgnoreError(parent->RemoveFile(name), kNoMatter);
}

void GiveBackSqliteReserve(const std::string& path) {
  if (!IsDiskFull(path)) return;
  const Result<Directory> parent = OpenParent(path);
  if (parent.ok()) IgnoreError(parent->RemoveFile(ReserveName(path)), "there may be none");
}

Status SqliteFailure(const soci::sqlite3_soci_error& error, const std::string& path) {
  const std::string text = WithoutSociPrefix(error.get_error_message());
  const auto failure = [&](Code code, std::string_view reason, std::string message) {
    return Status(code, reason, std::move(message)).WithPath(BaseName(path));
  };
  switch (error.result() & 0xFF) {
    case kSqliteBusy:
    case kSqliteLocked:
      return failure(Code::kLocked, "store.busy", "another process holds the store");
    case kSqliteError:  // the statements are fixed: what they name is not there
    case kSqliteCorrupt:
    case kSqliteNotADatabase:
      return failure(Code::kCorruption, "store.corrupt", "the store is damaged: " + text);
    case kSqliteFull:
      return failure(Code::kNoSpace, "store.full", "no space is left for the store");
    case kSqlitePermission:
    case kSqliteReadOnly:
      return failure(Code::kPermission, "store.read-only", "the store can not be written");
    case kSqliteCanNotOpen:
      return ExplainCanNotOpen(path).WithContext("store").WithPath(BaseName(path));
    case kSqliteNoMemory:
      return failure(Code::kNoMemory, "store.no-memory", "memory ran out");
    case kSqliteConstraint:
      if (text.find("FOREIGN KEY") != std::string::npos) {
        return failure(Code::kNotFound, "store.no-project", "the project is not known");
      }
      return failure(Code::kAlreadyExists, "store.exists", "a row with this key exists");
    default:
      break;
  }
  if (IsDiskFull(path)) return failure(Code::kNoSpace, "store.full", "no space is left");
  return failure(Code::kIo, "store.io", "the store failed: " + text);
}

}  // namespace xnatarchive
