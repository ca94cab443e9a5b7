#include "rest/prearchive_rows.hpp"

#include <initializer_list>
#include <utility>

#include "base/status_macros.hpp"
#include "base/text.hpp"
#include "base/time.hpp"

namespace xnatarchive {
namespace {

std::string TimeCell(std::int64_t epoch_ms) {
  return epoch_ms == 0 ? std::string() : FormatTableTime(epoch_ms);
}

std::string_view FlagCell(bool flag) { return flag ? "true" : "false"; }

}  // namespace

std::string PrearchivePath(std::string_view project, std::string_view timestamp,
                           std::string_view folder) {
  const auto encode = [](std::string_view part) { return EncodePercent(part, "/?# "); };
  return "/prearchive/projects/" + encode(project.empty() ? kUnassigned : project) + "/" +
         encode(timestamp) + "/" + encode(folder);
}

Table PrearchiveTable(const std::vector<PrearchiveSession>& rows) {
  Table table;
  table.columns = {"project",   "timestamp", "lastmod",     "uploaded",     "scan_date",
                   "scan_time", "subject",   "folderName",  "name",         "tag",
                   "status",    "url",       "autoarchive", "prevent_anon", "prevent_auto_commit",
                   "SOURCE",    "VISIT",     "PROTOCOL",    "TIMEZONE"};
  table.rows.reserve(rows.size());
  for (const PrearchiveSession& row : rows) {
    const std::string last_modified = TimeCell(row.last_modified_ms);
    const std::string uploaded = TimeCell(row.uploaded_ms);
    const std::string path = PrearchivePath(row.project, row.timestamp, row.folder);
    const std::initializer_list<std::string_view> cells = {
        row.project.empty() ? kUnassigned : std::string_view(row.project),
        row.timestamp,
        last_modified,
        uploaded,
        row.scan_date,
        row.scan_time,
        row.subject,
        row.folder,
        row.label,
        row.study_uid,
        PrearchiveStateName(row.state),
        path,
        row.auto_archive ? PrearchiveCodeName(*row.auto_archive) : std::string_view(),
        FlagCell(row.prevent_anon),
        FlagCell(row.prevent_auto_commit),
        row.source,
        row.visit,
        row.protocol,
        row.time_zone};
    table.rows.emplace_back(cells.begin(), cells.end());
  }
  return table;
}

Result<std::vector<PrearchiveSession>> FindRows(const RestCall& call,
                                                const std::vector<std::string>& sources) {
  std::vector<PrearchiveSession> rows;
  for (const std::string& src : sources) {
    XNA_ASSIGN_OR_RETURN(PrearchiveSession row, call.engine.FindPrearchiveSession(src, call.call));
    rows.push_back(std::move(row));
  }
  return rows;
}

}  // namespace xnatarchive
