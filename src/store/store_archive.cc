// store_archive.cc - Store: projects, subjects and experiments.
#include <utility>

#include "base/text.hpp"
#include "store/connection.hpp"
#include "store/project_settings.hpp"

namespace xnatarchive {
namespace {

const std::string& SelectProjects() {
  static const std::string query = "SELECT " + ColumnList<ProjectRow>() + " FROM projects ";
  return query;
}
const std::string& SelectSubjects() {
  static const std::string query = "SELECT " + ColumnList<SubjectRow>() + " FROM subjects ";
  return query;
}
const std::string& SelectExperiments() {
  static const std::string query = "SELECT " + ColumnList<ExperimentRow>() + " FROM experiments ";
  return query;
}

/// A foreign key would say the same, but by an exception, which ends a caller's transaction.
Status RequireProject(soci::session& sql, const std::string& project) {
  return FindProjectRow(sql, project) ? Status() : NoProject();
}

}  // namespace

Status Store::AddProject(const ProjectRow& project) {
  if (EqualsIgnoreCase(project.id, kUnassigned)) {
    return Status(Code::kInvalidArgument, "store.reserved-id",
                  "Unassigned means no project and can not be one");
  }
  return connection_->Write([&](soci::session& sql) {
    static const std::string query = "INSERT INTO projects (" + ColumnList<ProjectRow>() +
                                     ", id_key) VALUES (" + ColumnList<ProjectRow>(":") +
                                     ", :id_key) ON CONFLICT DO NOTHING";
    const std::string key = AsciiLower(project.id);
    if (!ProjectOfAlias(sql, project.id) && Execute(sql, query, project, key) == 1) return Status();
    return Status(Code::kAlreadyExists, "store.project-exists",
                  "a project with this id or alias, ignoring case, exists");
  });
}

Result<std::optional<ProjectRow>> Store::FindProject(const std::string& id) {
  return connection_->Read([&](soci::session& sql) -> Result<std::optional<ProjectRow>> {
    return FindProjectRow(sql, id);
  });
}

Result<std::optional<ProjectRow>> Store::FindProjectByAlias(const std::string& id_or_alias) {
  return connection_->Read([&](soci::session& sql) -> Result<std::optional<ProjectRow>> {
    auto row = FindProjectRow(sql, id_or_alias);
    if (row) return row;
    const auto id = ProjectOfAlias(sql, id_or_alias);
    if (id) row = FindProjectRow(sql, *id);
    return row;
  });
}

Result<std::vector<ProjectRow>> Store::ListProjects() {
  return connection_->Read([&](soci::session& sql) -> Result<std::vector<ProjectRow>> {
    return Select<ProjectRow>(sql, SelectProjects() + "ORDER BY id");
  });
}

Status Store::AddSubject(const SubjectRow& subject) {
  return connection_->Write([&](soci::session& sql) {
    static const std::string query = "INSERT INTO subjects (" + ColumnList<SubjectRow>() +
                                     ", label_key) VALUES (" + ColumnList<SubjectRow>(":") +
                                     ", :label_key) ON CONFLICT DO NOTHING";
    Status known = RequireProject(sql, subject.project);
    if (!known.ok()) return known;
    const std::string key = AsciiLower(subject.label);
    if (Execute(sql, query, subject, key) == 1) return Status();
    return Status(Code::kAlreadyExists, "store.subject-exists",
                  "a subject with this id, or this label in the project, exists");
  });
}

Result<std::optional<SubjectRow>> Store::FindSubject(const std::string& project,
                                                     const std::string& label_or_id) {
  return connection_->Read([&](soci::session& sql) -> Result<std::optional<SubjectRow>> {
    const std::string key = AsciiLower(label_or_id);
    auto subject = SelectOne<SubjectRow>(
        sql, SelectSubjects() + "WHERE project = :project AND label_key = :key", project, key);
    if (subject.has_value()) return subject;
    return SelectOne<SubjectRow>(sql, SelectSubjects() + "WHERE id = :id AND project = :project",
                                 label_or_id, project);
  });
}

Result<std::vector<SubjectRow>> Store::ListSubjects(const std::string& project) {
  return connection_->Read([&](soci::session& sql) -> Result<std::vector<SubjectRow>> {
    return Select<SubjectRow>(sql, SelectSubjects() + "WHERE project = :project ORDER BY label",
                              project);
  });
}

Status Store::ClearSubjects() {
  return connection_->Write([&](soci::session& sql) {
    Execute(sql, "DELETE FROM subjects");
    return Status();
  });
}

Result<std::optional<ExperimentRow>> Store::FindExperiment(const std::string& id) {
  return connection_->Read([&](soci::session& sql) -> Result<std::optional<ExperimentRow>> {
    return SelectOne<ExperimentRow>(sql, SelectExperiments() + "WHERE id = :key", id);
  });
}

Result<std::optional<ExperimentRow>> Store::FindExperimentByLabel(const std::string& project,
                                                                  const std::string& label) {
  return connection_->Read([&](soci::session& sql) -> Result<std::optional<ExperimentRow>> {
    return SelectOne<ExperimentRow>(
        sql, SelectExperiments() + "WHERE project = :project AND label = :label", project, label);
  });
}

Result<std::vector<ExperimentRow>> Store::FindExperimentsByUid(const std::string& uid) {
  return connection_->Read([&](soci::session& sql) -> Result<std::vector<ExperimentRow>> {
    return Select<ExperimentRow>(sql, SelectExperiments() + "WHERE uid = :uid ORDER BY id", uid);
  });
}

Result<std::vector<ExperimentRow>> Store::ListExperiments(const std::string& project,
                                                          const std::string& subject_id) {
  return connection_->Read([&](soci::session& sql) -> Result<std::vector<ExperimentRow>> {
    const std::string query = SelectExperiments() + "WHERE project = :project ";
    if (subject_id.empty()) return Select<ExperimentRow>(sql, query + "ORDER BY label", project);
    return Select<ExperimentRow>(sql, query + "AND subject_id = :subject ORDER BY label", project,
                                 subject_id);
  });
}

Status Store::UpsertExperiment(const ExperimentRow& experiment) {
  return connection_->Write([&](soci::session& sql) {
    Status known = RequireProject(sql, experiment.project);
    if (!known.ok()) return known;
    const auto holder = SelectOne<std::string>(
        sql, "SELECT id FROM experiments WHERE project = :project AND label = :label",
        experiment.project, experiment.label);
    if (holder.has_value() && *holder != experiment.id) {
      return Status(Code::kAlreadyExists, "store.label-taken",
                    "another experiment of the project has this label");
    }
    static const std::string update =
        "UPDATE experiments SET " + AssignmentList<ExperimentRow>() + " WHERE id = :key";
    static const std::string insert = "INSERT INTO experiments (" + ColumnList<ExperimentRow>() +
                                      ") VALUES (" + ColumnList<ExperimentRow>(":") + ")";
    const auto inserted = SelectOne<std::int64_t>(
        sql, "SELECT inserted FROM experiments WHERE id = :id", experiment.id);
    if (!inserted.has_value()) {
      Execute(sql, insert, experiment);
      return Status();
    }
    ExperimentRow row = experiment;
    row.inserted_ms = *inserted;
    Execute(sql, update, row, experiment.id);
    return Status();
  });
}

Status Store::RemoveExperiment(const std::string& id) {
  return connection_->Write([&](soci::session& sql) {
    Execute(sql, "DELETE FROM experiments WHERE id = :id", id);
    return Status();
  });
}

Status Store::ClearExperiments() {
  return connection_->Write([&](soci::session& sql) {
    Execute(sql, "DELETE FROM experiments");
    return Status();
  });
}

}  // namespace xnatarchive
