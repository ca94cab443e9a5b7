// sqlite.hpp - what is different about SQLite. Another database brings the same three functions.
#ifndef XNATARCHIVE_STORE_SQLITE_HPP_
#define XNATARCHIVE_STORE_SQLITE_HPP_

#include <soci/soci.h>
#include <soci/sqlite3/soci-sqlite3.h>

#include <string>

#include "store/store.hpp"
#include "xnatarchive/status.hpp"

namespace xnatarchive {

/// Begins a transaction that will write. IMMEDIATE: waits for the write lock here, where waiting is
/// possible; a transaction that begins as a reader fails at its first write when another wrote.
inline constexpr char kSqliteBegin[] = "BEGIN IMMEDIATE";

/// Connects to the database file, in WAL mode, with commits that survive a power cut. Throws SOCI's
/// exceptions; kUnsupported "store.no-wal" on a file system that can not share memory.
Status OpenSqlite(const std::string& path, const StoreOptions& options, soci::session& sql);

/// Space beside the database, in a file of its own ("-reserve" behind its name): opening SQLite and
/// removing something take some 100 kB, which a disk that is full does not have (I7). What a quota
/// leaves is not known, and not looked at.
///
/// Keep makes the file where it is not whole and there is plenty of room; failing to is no failure.
/// GiveBack removes it when the disk has less than 1 MiB left.
void KeepSqliteReserve(const std::string& path);
void GiveBackSqliteReserve(const std::string& path);

/// Turns what SQLite threw into the failures of store.hpp. SOCI's full text holds the bound values,
/// which are patient data: only the message of SQLite itself is passed on.
Status SqliteFailure(const soci::sqlite3_soci_error& error, const std::string& path);

}  // namespace xnatarchive

#endif  // XNATARCHIVE_STORE_SQLITE_HPP_
