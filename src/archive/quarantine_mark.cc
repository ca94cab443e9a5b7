#include "archive/quarantine_mark.hpp"

#include "base/status_macros.hpp"

namespace xnatarchive {

Result<bool> HasQuarantineMark(const Directory& archive, const std::string& session) {
  return archive.Exists(JoinPath(session, kQuarantineMark));
}

Status RemoveQuarantineMark(const Directory& archive, const std::string& session) {
  Status removed = archive.RemoveFile(JoinPath(session, kQuarantineMark));
  if (!removed.ok() && removed.code() != Code::kNotFound) return removed;
  // Also when it is gone: whoever removed it may have died before it was durable.
  return archive.SyncDirectory(session);
}

}  // namespace xnatarchive
