// store_prearchive.cc - Store: the prearchive's rows.
#include <algorithm>
#include <utility>

#include "base/time.hpp"
#include "store/connection.hpp"
#include "store/next_number.hpp"

namespace xnatarchive {
namespace {

// In the database the project of an Unassigned session is 'Unassigned', so that the unique key
// covers it; in a PrearchiveSession it is empty.
std::string StoredProject(const std::string& project) {
  return project.empty() ? std::string(kUnassigned) : project;
}

std::vector<PrearchiveSession> SelectSessions(std::vector<PrearchiveSession> sessions) {
  for (PrearchiveSession& session : sessions) {
    if (session.project == kUnassigned) session.project.clear();
  }
  return sessions;
}

const std::string& SelectQuery() {
  static const std::string query =
      "SELECT " + ColumnList<PrearchiveSession>() + " FROM prearchive ";
  return query;
}

std::optional<PrearchiveSession> FindSession(soci::session& sql, const PrearchiveId& id) {
  const std::string project = StoredProject(id.project);
  auto sessions = SelectSessions(Select<PrearchiveSession>(
      sql, SelectQuery() + "WHERE project = :p AND timestamp = :t AND folder_name = :f", project,
      id.timestamp, id.folder));
  if (sessions.empty()) return std::nullopt;
  return std::move(sessions.front());
}

Status NotFound() {
  return Status(Code::kNotFound, "prearchive.not-found", "the prearchive holds no such session");
}

Status BadTransition(PrearchiveState from, PrearchiveState to) {
  return Status(Code::kConflict, "prearchive.bad-transition",
                "a session that is " + std::string(PrearchiveStateName(from)) + " can not become " +
                    std::string(PrearchiveStateName(to)));
}

bool IsResting(PrearchiveState state) {
  return state == PrearchiveState::kReady || state == PrearchiveState::kReceiving ||
         state == PrearchiveState::kError || state == PrearchiveState::kConflict;
}

Status UnexpectedState(PrearchiveState found, const std::vector<PrearchiveState>& expected) {
  std::string names;
  for (const PrearchiveState state : expected) {
    names += (names.empty() ? "" : " or ") + std::string(PrearchiveStateName(state));
  }
  std::string message =
      "the session is " + std::string(PrearchiveStateName(found)) + ", expected " + names;
  if (IsResting(found)) {
    return Status(Code::kConflict, "prearchive.unexpected-state", std::move(message));
  }
  return Status(Code::kLocked, "prearchive.locked", std::move(message));
}

/// A session that failed waits for a person, one that receives again for its next build.
bool EndsPending(PrearchiveState state) {
  return IsResting(state) && state != PrearchiveState::kReady;
}

/// Writes every column of the row that has the session's key and version; raises the version. False
/// when there is no such row.
bool WriteRow(soci::session& sql, PrearchiveSession& session) {
  static const std::string query = "UPDATE prearchive SET " + AssignmentList<PrearchiveSession>() +
                                   " WHERE row_key = :key AND row_version = :old_version";
  PrearchiveSession row = session;
  row.project = StoredProject(session.project);
  row.archive_pending = session.archive_pending && !EndsPending(session.state);
  ++row.version;
  if (Execute(sql, query, row, session.key, session.version) == 0) return false;
  session.version = row.version;
  session.archive_pending = row.archive_pending;
  return true;
}

}  // namespace

Status Store::InsertPrearchive(PrearchiveSession& session) {
  return connection_->Write([&](soci::session& sql) {
    static const std::string query = "INSERT INTO prearchive (" + ColumnList<PrearchiveSession>() +
                                     ") VALUES (" + ColumnList<PrearchiveSession>(":") + ")";
    if (FindSession(sql, session.Id()).has_value()) {
      return Status(Code::kAlreadyExists, "prearchive.exists",
                    "the prearchive holds a session with this project, timestamp and folder");
    }
    PrearchiveSession row = session;
    row.project = StoredProject(session.project);
    row.key = NextNumber(sql, "prearchive");
    row.version = 1;
    Execute(sql, query, row);
    session.key = row.key;
    session.version = row.version;
    return Status();
  });
}

Result<std::optional<PrearchiveSession>> Store::FindPrearchive(const PrearchiveId& id) {
  return connection_->Read([&](soci::session& sql) -> Result<std::optional<PrearchiveSession>> {
    return FindSession(sql, id);
  });
}

Result<std::vector<PrearchiveSession>> Store::FindPrearchiveByStudy(const std::string& project,
                                                                    const std::string& study_uid,
                                                                    const std::string& label) {
  return connection_->Read([&](soci::session& sql) -> Result<std::vector<PrearchiveSession>> {
    const std::string stored = StoredProject(project);
    auto sessions = SelectSessions(Select<PrearchiveSession>(
        sql, SelectQuery() + "WHERE project = :p AND tag = :tag ORDER BY uploaded, row_key", stored,
        study_uid));
    if (!label.empty()) {
      sessions.erase(
          std::remove_if(sessions.begin(), sessions.end(),
                         [&](const PrearchiveSession& session) { return session.label != label; }),
          sessions.end());
    }
    return sessions;
  });
}

Result<std::vector<PrearchiveSession>> Store::ListPrearchive(
    const std::optional<std::string>& project) {
  return connection_->Read([&](soci::session& sql) -> Result<std::vector<PrearchiveSession>> {
    if (!project.has_value()) {
      return SelectSessions(
          Select<PrearchiveSession>(sql, SelectQuery() + "ORDER BY uploaded, row_key"));
    }
    const std::string stored = StoredProject(*project);
    return SelectSessions(Select<PrearchiveSession>(
        sql, SelectQuery() + "WHERE project = :p ORDER BY uploaded, row_key", stored));
  });
}

namespace {

// RECEIVING is written here as PrearchiveStateName has it: fixed texts use the index.
constexpr const char* kReceiving =
    "status IN ('RECEIVING', 'RECEIVING_INTERRUPT') AND prevent_auto_commit = '0' "
    "AND source <> 'uploader'";

}  // namespace

Result<std::vector<PrearchiveSession>> Store::ListIdlePrearchive(std::int64_t modified_before_ms) {
  static const std::string query =
      SelectQuery() + "WHERE (" + kReceiving +
      " AND lastmod <= :before) OR (status IN ('READY', '_ARCHIVING') AND archive_pending = '1') "
      "ORDER BY lastmod, row_key";
  return connection_->Read([&](soci::session& sql) -> Result<std::vector<PrearchiveSession>> {
    return SelectSessions(Select<PrearchiveSession>(sql, query, modified_before_ms));
  });
}

Result<std::optional<std::int64_t>> Store::OldestReceiving() {
  static const std::string query = std::string("SELECT lastmod FROM prearchive WHERE ") +
                                   kReceiving + " ORDER BY lastmod LIMIT 1";
  return connection_->Read([&](soci::session& sql) -> Result<std::optional<std::int64_t>> {
    return SelectOne<std::int64_t>(sql, query);
  });
}

Result<PrearchiveSession> Store::ChangePrearchiveState(const PrearchiveId& id,
                                                       const std::vector<PrearchiveState>& expected,
                                                       PrearchiveState to) {
  return connection_->Write([&](soci::session& sql) -> Result<PrearchiveSession> {
    std::optional<PrearchiveSession> session = FindSession(sql, id);
    if (!session.has_value()) return NotFound();
    const PrearchiveState from = session->state;
    if (std::find(expected.begin(), expected.end(), from) == expected.end()) {
      return UnexpectedState(from, expected);
    }
    if (!MayChange(from, to)) return BadTransition(from, to);
    session->state = to;
    session->last_modified_ms = NowMs();
    if (!WriteRow(sql, *session)) throw soci::soci_error("a row changed within a transaction");
    return *std::move(session);
  });
}

Status Store::UpdatePrearchive(PrearchiveSession& session) {
  return connection_->Write([&](soci::session& sql) {
    const auto rows =
        Select<PrearchiveSession>(sql, SelectQuery() + "WHERE row_key = :key", session.key);
    if (rows.empty()) return NotFound();
    const PrearchiveSession& row = rows.front();
    if (row.version != session.version) {
      return Status(Code::kConflict, "prearchive.changed",
                    "the session has been changed since it was read");
    }
    const bool state_changes = row.state != session.state;
    if (state_changes && !MayChange(row.state, session.state)) {
      return BadTransition(row.state, session.state);
    }
    const std::optional<PrearchiveSession> holder = FindSession(sql, session.Id());
    if (holder.has_value() && holder->key != session.key) {
      return Status(Code::kAlreadyExists, "prearchive.exists",
                    "the prearchive holds another session with this project, timestamp and folder");
    }
    if (state_changes) session.last_modified_ms = NowMs();
    if (!WriteRow(sql, session)) throw soci::soci_error("a row changed within a transaction");
    return Status();
  });
}

Status Store::RemovePrearchive(const PrearchiveId& id) {
  return connection_->Write([&](soci::session& sql) {
    const std::string project = StoredProject(id.project);
    Execute(sql,
            "DELETE FROM prearchive WHERE project = :p AND timestamp = :t AND folder_name = :f",
            project, id.timestamp, id.folder);
    return Status();
  });
}

Status Store::ClearPrearchive() {
  return connection_->Write([&](soci::session& sql) {
    Execute(sql, "DELETE FROM prearchive");
    return Status();
  });
}

}  // namespace xnatarchive
