#include "tables.hpp"

#include "to_json.hpp"

namespace xnatarchive::capi {
namespace {

std::string ProjectOf(const PrearchiveSession& session) {
  return session.project.empty() ? std::string(kUnassigned) : session.project;
}

const char* TrueOrFalse(bool value) { return value ? "true" : "false"; }

}  // namespace

Table ProjectTable(const std::vector<Project>& projects) {
  Table table{{"ID", "prearchive_code", "quarantine_code", "autorun", "URI"}, {}};
  for (const Project& project : projects) {
    table.rows.push_back({project.id, std::to_string(project.prearchive_code),
                          std::to_string(project.quarantine_code), project.autorun,
                          "/data/archive/projects/" + project.id});
  }
  return table;
}

Table PrearchiveTable(const std::vector<PrearchiveSession>& sessions) {
  Table table{{"project", "timestamp", "lastmod", "uploaded", "scan_date", "scan_time", "subject",
               "folderName", "name", "tag", "status", "url", "autoarchive", "prevent_anon",
               "prevent_auto_commit", "SOURCE", "VISIT", "PROTOCOL", "TIMEZONE"},
              {}};
  for (const PrearchiveSession& s : sessions) {
    table.rows.push_back(
        {ProjectOf(s), s.timestamp, std::to_string(s.last_modified_ms),
         std::to_string(s.uploaded_ms), s.scan_date, s.scan_time, s.subject, s.folder, s.label,
         s.study_uid, std::string(PrearchiveStateName(s.state)), UriOf(s),
         s.auto_archive ? std::string(PrearchiveCodeName(*s.auto_archive)) : std::string(),
         TrueOrFalse(s.prevent_anon), TrueOrFalse(s.prevent_auto_commit), s.source, s.visit,
         s.protocol, s.time_zone});
  }
  return table;
}

Table LogTable(const std::vector<std::string>& lines) {
  Table table{{"entry"}, {}};
  for (const std::string& line : lines) table.rows.push_back({line});
  return table;
}

Table HistoryTable(const std::vector<HistoryEntry>& entries) {
  Table table{{"ID", "project", "session", "experiment", "user", "time_ms", "files", "bytes"}, {}};
  for (const HistoryEntry& entry : entries) {
    table.rows.push_back({entry.id, entry.project, entry.label, entry.experiment_id, entry.user,
                          std::to_string(entry.time_ms), std::to_string(entry.files),
                          std::to_string(entry.bytes)});
  }
  return table;
}

Table JobTable(const std::vector<Job>& jobs) {
  Table table{{"ID", "kind", "user", "origin", "state", "created_ms", "started_ms", "ended_ms",
               "items_done", "items_total"},
              {}};
  for (const Job& job : jobs) {
    table.rows.push_back({job.id, job.kind, job.user, job.origin,
                          std::string(JobStateName(job.state)), std::to_string(job.created_ms),
                          std::to_string(job.started_ms), std::to_string(job.ended_ms),
                          std::to_string(job.items_done), std::to_string(job.items_total)});
  }
  return table;
}

}  // namespace xnatarchive::capi
