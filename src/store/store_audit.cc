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

}  // namespace

Result<std::int64_t> Store::OpenAudit(const AuditRow& record) {
  return connection_->Write([&](soci::session& sql) -> Result<std::int64_t> {
    static const std::string query = "INSERT INTO audit (" + ColumnList<AuditRow>() + ") VALUES (" +
                                     ColumnList<AuditRow>(":") + ")";
    AuditRow row = record;
    row.id = NextNumber(sql, "audit");
    row.status = AuditStatus::kInProgress;
    row.ended_ms = 0;
    Execute(sql, query, row);
    return row.id;
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

Result<std::vector<AuditRow>> Store::ListOpenAudit() {
  return connection_->Read([&](soci::session& sql) -> Result<std::vector<AuditRow>> {
    const AuditStatus open = AuditStatus::kInProgress;
    return Select<AuditRow>(sql, SelectQuery() + "WHERE status = :status ORDER BY id", open);
  });
}

}  // namespace xnatarchive
