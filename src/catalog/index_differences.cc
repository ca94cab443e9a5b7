#include "catalog/index_differences.hpp"

#include <algorithm>

#include "base/status_macros.hpp"

namespace xnatarchive {
namespace {

IndexFields FieldsOf(const ExperimentRow& row) {
  return {row.project,
          row.id,
          {{"project", row.project},
           {"label", row.label},
           {"subject_ID", row.subject_id},
           {"xsi_type", row.xsi_type},
           {"UID", row.uid},
           {"modality", row.modality},
           {"date", row.date},
           {"status", row.status == ExperimentStatus::kQuarantine ? "quarantine" : "active"},
           {"path", row.path},
           {"scan_count", std::to_string(row.scan_count)},
           {"file_count", std::to_string(row.file_count)},
           {"bytes", std::to_string(row.bytes)}}};
}

IndexFields FieldsOf(const PrearchiveSession& row) {
  return {row.project,
          row.timestamp + "/" + row.folder,
          {{"label", row.label},
           {"subject", row.subject},
           {"UID", row.study_uid},
           {"status", std::string(PrearchiveStateName(row.state))}}};
}

/// Adds a difference for each field that says something else.
void Compare(IndexRowKind kind, const IndexFields& before, const IndexFields& after,
             std::vector<IndexDifference>* differences) {
  for (const auto& [field, value] : after.values) {
    const auto was = before.values.find(field);
    if (was == before.values.end() || was->second == value) continue;
    differences->push_back(
        {kind, IndexChange::kChanged, after.project, after.id, field, was->second, value});
  }
}

}  // namespace

std::string_view IndexRowKindName(IndexRowKind kind) noexcept {
  switch (kind) {
    case IndexRowKind::kProject:
      return "project";
    case IndexRowKind::kSubject:
      return "subject";
    case IndexRowKind::kExperiment:
      return "experiment";
    case IndexRowKind::kPrearchiveSession:
      return "prearchive-session";
  }
  return "unknown";
}

std::string_view IndexChangeName(IndexChange change) noexcept {
  switch (change) {
    case IndexChange::kAdded:
      return "added";
    case IndexChange::kRemoved:
      return "removed";
    case IndexChange::kChanged:
      return "changed";
  }
  return "unknown";
}

Result<IndexSnapshot> TakeIndexSnapshot(Store& store) {
  IndexSnapshot snapshot;
  XNA_ASSIGN_OR_RETURN(const std::vector<ProjectRow> projects, store.ListProjects());
  for (const ProjectRow& project : projects) {
    snapshot[{IndexRowKind::kProject, project.id}] = {project.id, project.id, {}};
    XNA_ASSIGN_OR_RETURN(const std::vector<SubjectRow> subjects, store.ListSubjects(project.id));
    for (const SubjectRow& row : subjects) {
      snapshot[{IndexRowKind::kSubject, row.project + "/" + row.id}] = {
          row.project, row.id, {{"label", row.label}}};
    }
    XNA_ASSIGN_OR_RETURN(const std::vector<ExperimentRow> rows, store.ListExperiments(project.id));
    for (const ExperimentRow& row : rows) {
      snapshot[{IndexRowKind::kExperiment, row.id}] = FieldsOf(row);
    }
  }
  XNA_ASSIGN_OR_RETURN(const std::vector<PrearchiveSession> waiting, store.ListPrearchive());
  for (const PrearchiveSession& row : waiting) {
    snapshot[{IndexRowKind::kPrearchiveSession, PrearchivePlace(row.Id())}] = FieldsOf(row);
  }
  return snapshot;
}

std::vector<IndexDifference> FindDifferences(const IndexSnapshot& before,
                                             const IndexSnapshot& after) {
  std::vector<IndexDifference> differences;
  for (const auto& [key, fields] : before) {
    if (after.count(key) > 0) continue;
    differences.push_back(
        {std::get<0>(key), IndexChange::kRemoved, fields.project, fields.id, "", "", ""});
  }
  for (const auto& [key, fields] : after) {
    const auto was = before.find(key);
    if (was != before.end()) {
      Compare(std::get<0>(key), was->second, fields, &differences);
    } else {
      differences.push_back(
          {std::get<0>(key), IndexChange::kAdded, fields.project, fields.id, "", "", ""});
    }
  }
  std::sort(differences.begin(), differences.end(),
            [](const IndexDifference& a, const IndexDifference& b) {
              return std::tie(a.kind, a.project, a.id, a.field) <
                     std::tie(b.kind, b.project, b.id, b.field);
            });
  return differences;
}

}  // namespace xnatarchive
