#include "store/schema.hpp"

#include <algorithm>

#include "store/query.hpp"

namespace xnatarchive {
namespace {

Migration FirstVersion() {
  return {
      "CREATE TABLE schema_version (version BIGINT NOT NULL)",
      "INSERT INTO schema_version (version) VALUES (0)",

      "CREATE TABLE settings (name TEXT NOT NULL PRIMARY KEY, value TEXT NOT NULL)",

      "CREATE TABLE sequences (name TEXT NOT NULL PRIMARY KEY, last_number BIGINT NOT NULL)",
      "INSERT INTO sequences (name, last_number) VALUES ('experiment', 0), ('subject', 0), "
      "('prearchive', 0), ('audit', 0)",

      // id_key and label_key: in lower case, so that names which differ only in case are equal.
      "CREATE TABLE projects (id TEXT NOT NULL PRIMARY KEY, prearchive_code TEXT NOT NULL, "
      "quarantine_code TEXT NOT NULL, autorun TEXT NOT NULL, id_key TEXT NOT NULL UNIQUE)",

      "CREATE TABLE subjects (id TEXT NOT NULL PRIMARY KEY, "
      "project TEXT NOT NULL REFERENCES projects (id), label TEXT NOT NULL, "
      "label_key TEXT NOT NULL, UNIQUE (project, label_key))",

      // A document may name a subject that is not known yet: no reference.
      "CREATE TABLE experiments (id TEXT NOT NULL PRIMARY KEY, "
      "project TEXT NOT NULL REFERENCES projects (id), label TEXT NOT NULL, "
      "subject_id TEXT NOT NULL, xsi_type TEXT NOT NULL, uid TEXT NOT NULL, "
      "modality TEXT NOT NULL, date TEXT NOT NULL, status TEXT NOT NULL, path TEXT NOT NULL, "
      "scan_count BIGINT NOT NULL, file_count BIGINT NOT NULL, bytes BIGINT NOT NULL, "
      "inserted BIGINT NOT NULL, modified BIGINT NOT NULL, UNIQUE (project, label))",
      "CREATE INDEX experiments_uid ON experiments (uid)",
      "CREATE INDEX experiments_subject ON experiments (project, subject_id)",

      // XNAT's columns in XNAT's order. XNAT's own unique key does not hold for Unassigned
      // sessions, where the project is NULL; 'Unassigned' is what makes it hold here.
      "CREATE TABLE prearchive (project TEXT NOT NULL, timestamp TEXT NOT NULL, "
      "lastmod BIGINT NOT NULL, uploaded BIGINT NOT NULL, scan_date TEXT NOT NULL, "
      "scan_time TEXT NOT NULL, subject TEXT NOT NULL, folder_name TEXT NOT NULL, "
      "name TEXT NOT NULL, tag TEXT NOT NULL, status TEXT NOT NULL, url TEXT NOT NULL, "
      "autoarchive TEXT NOT NULL, prevent_anon TEXT NOT NULL, "
      "prevent_auto_commit TEXT NOT NULL, source TEXT NOT NULL, visit TEXT NOT NULL, "
      "protocol TEXT NOT NULL, timezone TEXT NOT NULL, row_key BIGINT NOT NULL PRIMARY KEY, "
      "row_version BIGINT NOT NULL, UNIQUE (project, timestamp, folder_name))",
      "CREATE INDEX prearchive_study ON prearchive (project, tag)",

      // History outlives what it tells of: no references.
      "CREATE TABLE audit (id BIGINT NOT NULL PRIMARY KEY, operation_id TEXT NOT NULL, "
      "type TEXT NOT NULL, status TEXT NOT NULL, project TEXT NOT NULL, "
      "experiment_id TEXT NOT NULL, label TEXT NOT NULL, username TEXT NOT NULL, "
      "justification TEXT NOT NULL, started BIGINT NOT NULL, ended BIGINT NOT NULL, "
      "reason TEXT NOT NULL, detail TEXT NOT NULL)",
      "CREATE INDEX audit_experiment ON audit (experiment_id)",
      "CREATE INDEX audit_status ON audit (status)",
  };
}

/// Settings of projects beyond the columns of `projects`.
Migration ProjectSettings() {
  return {
      "CREATE TABLE project_settings (project TEXT NOT NULL REFERENCES projects (id), "
      "name TEXT NOT NULL, value TEXT NOT NULL, PRIMARY KEY (project, name))",
  };
}

/// What audit records tell of prearchive sessions, and where a request came from.
Migration AuditOrigin() {
  return {
      "ALTER TABLE audit ADD COLUMN origin TEXT NOT NULL DEFAULT ''",
      "ALTER TABLE audit ADD COLUMN prearchive TEXT NOT NULL DEFAULT ''",
      "ALTER TABLE audit ADD COLUMN files BIGINT NOT NULL DEFAULT 0",
      "ALTER TABLE audit ADD COLUMN bytes BIGINT NOT NULL DEFAULT 0",
      "CREATE INDEX audit_prearchive ON audit (prearchive)",
  };
}

/// The job queue and its history. An item's request is text: what it asks for is not the store's
/// business, and no query asks about it.
Migration Jobs() {
  return {
      "INSERT INTO sequences (name, last_number) VALUES ('job', 0)",

      "CREATE TABLE jobs (id BIGINT NOT NULL PRIMARY KEY, kind TEXT NOT NULL, "
      "username TEXT NOT NULL, origin TEXT NOT NULL, created BIGINT NOT NULL, "
      "cancel_requested TEXT NOT NULL)",

      "CREATE TABLE job_items (job_id BIGINT NOT NULL REFERENCES jobs (id), item BIGINT NOT NULL, "
      "src TEXT NOT NULL, request TEXT NOT NULL, status TEXT NOT NULL, owner TEXT NOT NULL, "
      "deaths BIGINT NOT NULL, audit_mark BIGINT NOT NULL, started BIGINT NOT NULL, "
      "ended BIGINT NOT NULL, files_done BIGINT NOT NULL, files_total BIGINT NOT NULL, "
      "uri TEXT NOT NULL, counts TEXT NOT NULL, code BIGINT NOT NULL, reason TEXT NOT NULL, "
      "message TEXT NOT NULL, path TEXT NOT NULL, disk_state BIGINT NOT NULL, "
      "PRIMARY KEY (job_id, item))",
      "CREATE INDEX job_items_status ON job_items (status, job_id, item)",
  };
}

/// What sessions are received with over time, and the query that finds those whose time is up.
Migration ReceivingOverTime() {
  return {
      "ALTER TABLE prearchive ADD COLUMN parameters TEXT NOT NULL DEFAULT ''",
      "ALTER TABLE prearchive ADD COLUMN archive_pending TEXT NOT NULL DEFAULT '0'",
      "CREATE INDEX prearchive_status ON prearchive (status, lastmod)",
  };
}

/// When subjects came; those of earlier versions with their first session.
Migration SubjectsInserted() {
  return {
      "ALTER TABLE subjects ADD COLUMN inserted BIGINT NOT NULL DEFAULT 0",
      "UPDATE subjects SET inserted = COALESCE((SELECT MIN(experiments.inserted) FROM experiments "
      "WHERE experiments.project = subjects.project AND experiments.subject_id = subjects.id), 0)",
  };
}

}  // namespace

const std::vector<Migration>& Migrations() {
  static const std::vector<Migration> migrations = {FirstVersion(),      ProjectSettings(),
                                                    AuditOrigin(),       Jobs(),
                                                    ReceivingOverTime(), SubjectsInserted()};
  return migrations;
}

std::size_t SchemaVersion(soci::session& sql) {
  const soci::rowset<std::string> tables = sql.prepare_table_names();
  if (std::find(tables.begin(), tables.end(), "schema_version") == tables.end()) return 0;
  const auto version = SelectOne<long long>(sql, "SELECT version FROM schema_version");
  if (!version.has_value() || *version < 1) throw soci::soci_error("the schema has no version");
  return static_cast<std::size_t>(*version);
}

Status Migrate(soci::session& sql, const std::vector<Migration>& migrations) {
  const std::size_t version = SchemaVersion(sql);
  if (version > migrations.size()) {
    return Status(Code::kUnsupported, "store.newer",
                  "the store has version " + std::to_string(version) + ", this library knows " +
                      std::to_string(migrations.size()));
  }
  for (std::size_t step = version; step < migrations.size(); ++step) {
    for (const std::string& statement : migrations[step]) Execute(sql, statement);
    const auto reached = static_cast<long long>(step + 1);
    Execute(sql, "UPDATE schema_version SET version = :version", reached);
  }
  return Status();
}

}  // namespace xnatarchive
