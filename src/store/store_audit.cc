// store_audit.cc - Store: the audit trail.
#include <utility>

#include "base/time.hpp"
#include "store/connection.hpp"
#include "store/next_number.hpp"

namespace xnatarchive {
namespace {

const std::string& SelectQuery() {
  static const std::string query = "SELECT " + ColumnList<AuditRow>() + " FROM audit ";
  return query;
}

/// Gives the record the next number and writes it.
std::int64_t Insert(soci::session& sql, AuditRow row) {
  static const std::string query = "INSERT INTO audit (" + ColumnList<AuditRow>() + ") VALUES (" +
                                   ColumnList<AuditRow>(":") + ")";
  row.id = NextNumber(sql, "audit");
  Execute(sql, query, row);
  return row.id;
}

}  // namespace

std::string PrearchivePlace(const PrearchiveId& id) {
  const std::string project = id.project.empty() ? std::string(kUnassigned) : id.project;
  return project + "/" + id.timestamp + "/" + id.folder;
}

Result<std::int64_t> Store::OpenAudit(const AuditRow& record) {
  return connection_->Write([&](soci::session& sql) -> Result<std::int64_t> {
    AuditRow row = record;
    row.status = AuditStatus::kInProgress;
    row.ended_ms = 0;
    return Insert(sql, std::move(row));
  });
}

Status Store::AddAudit(const AuditRow& record) {
  return connection_->Write([&](soci::session& sql) {
    if (!record.operation_id.empty() &&
        SelectOne<std::int64_t>(sql,
                                "SELECT id FROM audit WHERE prearchive = :prearchive AND "
                                "operation_id = :operation AND type = :type",
                                record.prearchive, record.operation_id, record.type)) {
      return Status();
    }
    AuditRow row = record;
    row.ended_ms = NowMs();
    if (row.started_ms == 0) row.started_ms = row.ended_ms;
    Insert(sql, std::move(row));
    return Status();
  });
}

Status Store::CloseAudit(std::int64_t id, AuditStatus status, const std::string& reason,
                         const std::string& detail) {
  return connection_->Write([&](soci::session& sql) {
    const auto found = SelectOne<AuditStatus>(sql, "SELECT status FROM audit WHERE id = :id", id);
    if (!found.has_value()) {
      return Status(Code::kNotFound, "audit.not-found",
                    "there is no audit record " + std::to_string(id));
    }
    if (*found == status) return Status();
    if (*found != AuditStatus::kInProgress) {
      return Status(Code::kConflict, "audit.closed",
                    "audit record " + std::to_string(id) + " has ended as " + ToColumn(*found) +
                        ", not " + ToColumn(status));
    }
    const std::int64_t now = NowMs();
    Execute(sql,
            "UPDATE audit SET status = :status, ended = :ended, reason = :reason, "
            "detail = :detail WHERE id = :id",
            status, now, reason, detail, id);
    return Status();
  });
}

Result<std::vector<AuditRow>> Store::ListAudit(const std::string& experiment_id) {
  return connection_->Read([&](soci::session& sql) -> Result<std::vector<AuditRow>> {
    return Select<AuditRow>(sql, SelectQuery() + "WHERE experiment_id = :key ORDER BY id",
                            experiment_id);
  });
}

Result<std::vector<AuditRow>> Store::ListSessionAudit(const std::string& experiment_id) {
  return connection_->Read([&](soci::session& sql) -> Result<std::vector<AuditRow>> {
    // Where the sessions that went into it waited, also before they were moved.
    static const std::string query =
        "WITH RECURSIVE places(place) AS (SELECT CAST(prearchive AS TEXT) FROM audit "
        "WHERE experiment_id = :key AND prearchive <> '' UNION "
        "SELECT substr(audit.detail, 6) FROM audit JOIN places ON audit.prearchive = places.place "
        "WHERE audit.type = 'Moved' AND audit.detail LIKE 'from %') " +
        SelectQuery() +
        "WHERE experiment_id = :same OR prearchive IN (SELECT place FROM places) ORDER BY id";
    return Select<AuditRow>(sql, query, experiment_id, experiment_id);
  });
}

Result<std::vector<AuditRow>> Store::ListPrearchiveAudit(const std::string& place) {
  return connection_->Read([&](soci::session& sql) -> Result<std::vector<AuditRow>> {
    return Select<AuditRow>(sql, SelectQuery() + "WHERE prearchive = :place ORDER BY id", place);
  });
}

Result<std::vector<AuditRow>> Store::ListProjectAudit(const std::optional<std::string>& project) {
  return connection_->Read([&](soci::session& sql) -> Result<std::vector<AuditRow>> {
    if (!project) return Select<AuditRow>(sql, SelectQuery() + "ORDER BY id");
    return Select<AuditRow>(sql, SelectQuery() + "WHERE project = :project ORDER BY id", *project);
  });
}

Result<std::vector<AuditRow>> Store::ListOpenAudit() {
  return connection_->Read([&](soci::session& sql) -> Result<std::vector<AuditRow>> {
    const AuditStatus open = AuditStatus::kInProgress;
    return Select<AuditRow>(sql, SelectQuery() + "WHERE status = :status ORDER BY id", open);
  });
}

}  // namespace xnatarchive
