// Which archived sessions a URI names, as far as the caller may know of them.
#include <algorithm>
#include <iterator>
#include <utility>

#include "base/status_macros.hpp"
#include "base/text.hpp"
#include "engine/core.hpp"
#include "engine/hooks.hpp"

namespace xnatarchive {
namespace {

/// The subjects of that ID or label: of one project, or of all that may be known of.
Result<std::vector<SubjectRow>> FindSubjects(Store& store, const ParsedUri& uri,
                                             Permission permission, Hooks& hooks) {
  std::vector<ProjectRow> projects(1);
  projects.front().id = uri.project;
  if (uri.project.empty()) {
    XNA_ASSIGN_OR_RETURN(projects, store.ListProjects());
  }
  std::vector<SubjectRow> subjects;
  for (const ProjectRow& project : projects) {
    Status allowed = hooks.Authorize(permission, project.id);
    if (allowed.code() == Code::kPermission && uri.project.empty()) continue;
    XNA_RETURN_IF_ERROR(std::move(allowed));
    XNA_ASSIGN_OR_RETURN(const auto subject, store.FindSubject(project.id, uri.subject));
    // Without a project, a label would name somebody else in each of them.
    if (subject && (!uri.project.empty() || subject->id == uri.subject)) {
      subjects.push_back(*subject);
    }
  }
  return subjects;
}

}  // namespace

Status NoSuch(const char* what) {
  return Status(Code::kNotFound, "uri.not-found", std::string("there is no such ") + what);
}

Result<ExperimentRow> ArchiveEngine::Core::FindExperiment(const ParsedUri& uri,
                                                          Permission permission,
                                                          Hooks& hooks) const {
  std::optional<ExperimentRow> row;
  if (!uri.project.empty()) {
    XNA_RETURN_IF_ERROR(hooks.Authorize(permission, uri.project));
    XNA_ASSIGN_OR_RETURN(row, store.FindExperimentByLabel(uri.project, uri.experiment));
  }
  if (!row) {
    XNA_ASSIGN_OR_RETURN(row, store.FindExperiment(uri.experiment));
    if (row && !uri.project.empty() && row->project != uri.project) row.reset();
  }
  if (!row) return NoSuch("experiment");
  Status allowed = hooks.Authorize(permission, row->project);
  if (allowed.code() == Code::kPermission) return NoSuch("experiment");  // named by its ID alone
  XNA_RETURN_IF_ERROR(std::move(allowed));
  if (uri.subject.empty()) return *row;
  XNA_ASSIGN_OR_RETURN(const auto subject, store.FindSubject(row->project, row->subject_id));
  const bool same =
      subject && (EqualsIgnoreCase(subject->label, uri.subject) || subject->id == uri.subject);
  if (!same) return NoSuch("experiment of this subject");
  return *row;
}

Result<SubjectRow> ArchiveEngine::Core::FindSubject(const ParsedUri& uri, Permission permission,
                                                    Hooks& hooks) const {
  XNA_ASSIGN_OR_RETURN(std::vector<SubjectRow> subjects,
                       FindSubjects(store, uri, permission, hooks));
  if (subjects.empty()) return NoSuch("subject");
  return std::move(subjects.front());
}

Result<std::vector<ExperimentRow>> ArchiveEngine::Core::FindExperiments(const ParsedUri& uri,
                                                                        Permission permission,
                                                                        Hooks& hooks) const {
  if (!uri.experiment.empty()) {
    XNA_ASSIGN_OR_RETURN(ExperimentRow row, FindExperiment(uri, permission, hooks));
    return std::vector<ExperimentRow>{std::move(row)};
  }
  std::vector<ExperimentRow> found;
  const auto add = [&](const std::string& project, const std::string& subject_id) -> Status {
    XNA_ASSIGN_OR_RETURN(std::vector<ExperimentRow> rows,
                         store.ListExperiments(project, subject_id));
    std::move(rows.begin(), rows.end(), std::back_inserter(found));
    return Status();
  };
  if (!uri.subject.empty()) {
    XNA_ASSIGN_OR_RETURN(const auto subjects, FindSubjects(store, uri, permission, hooks));
    if (subjects.empty()) return NoSuch("subject");
    for (const SubjectRow& subject : subjects) {
      XNA_RETURN_IF_ERROR(add(subject.project, subject.id));
    }
  } else if (!uri.project.empty()) {
    XNA_RETURN_IF_ERROR(hooks.Authorize(permission, uri.project));
    XNA_ASSIGN_OR_RETURN(const auto project, store.FindProject(uri.project));
    if (!project) return NoSuch("project");
    XNA_RETURN_IF_ERROR(add(uri.project, ""));
  } else if (uri.kind == UriKind::kArchive) {
    XNA_ASSIGN_OR_RETURN(const auto projects, store.ListProjects());
    for (const ProjectRow& project : projects) {
      Status allowed = hooks.Authorize(permission, project.id);
      if (allowed.code() == Code::kPermission) continue;
      XNA_RETURN_IF_ERROR(std::move(allowed));
      XNA_RETURN_IF_ERROR(add(project.id, ""));
    }
  } else {
    return Status(Code::kInvalidArgument, "uri.not-in-archive", "expected an archive URI");
  }
  return found;
}

}  // namespace xnatarchive
