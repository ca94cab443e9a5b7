#include <algorithm>
#include <map>
#include <utility>

#include "archive/archive_tree.hpp"
#include "base/status_macros.hpp"
#include "base/text.hpp"
#include "engine/core.hpp"
#include "prearchive/session_state.hpp"

namespace xnatarchive {
namespace {

Status IndexProjects(Store& store, const ArchiveTree& tree, std::vector<std::string>* ids) {
  XNA_ASSIGN_OR_RETURN(const std::vector<ProjectRow> known, store.ListProjects());
  for (const ProjectRow& project : known) ids->push_back(project.id);
  for (const std::string& id : tree.projects) {
    if (std::find(ids->begin(), ids->end(), id) != ids->end()) continue;
    ProjectRow project;
    project.id = id;
    XNA_RETURN_IF_ERROR(store.AddProject(project));
    ids->push_back(id);
  }
  return Status();
}

Status IndexArchive(Store& store, const ArchiveTree& tree, ReindexReport* report) {
  std::map<std::string, ExperimentStatus> statuses;  // not in the tree
  for (const ExperimentRow& row : tree.experiments) {
    XNA_ASSIGN_OR_RETURN(const auto known, store.FindExperiment(row.id));
    if (known) statuses[row.id] = known->status;
  }
  XNA_ASSIGN_OR_RETURN(const auto site_setting, store.GetSetting("site_id"));
  const std::string site = site_setting.value_or("XNAT");
  XNA_RETURN_IF_ERROR(store.ClearExperiments());
  XNA_RETURN_IF_ERROR(store.ClearSubjects());
  const auto raise = [&](Sequence sequence, const std::string& id) {
    const auto number = SequenceNumber(sequence, site, id);
    return number ? store.RaiseSequence(sequence, *number) : Status();
  };
  for (const SubjectRow& subject : tree.subjects) {
    XNA_RETURN_IF_ERROR(raise(Sequence::kSubject, subject.id));
    XNA_RETURN_IF_ERROR(store.AddSubject(subject));
  }
  for (ExperimentRow row : tree.experiments) {
    const auto status = statuses.find(row.id);
    if (status != statuses.end()) row.status = status->second;
    XNA_RETURN_IF_ERROR(raise(Sequence::kExperiment, row.id));
    XNA_RETURN_IF_ERROR(store.UpsertExperiment(row));
  }
  report->subjects = tree.subjects.size();
  report->experiments = tree.experiments.size();
  return Status();
}

/// Rows keep what only the store knows (their state among it) when their session is still there.
Status IndexPrearchive(Store& store, std::vector<PrearchiveSession> found, ReindexReport* report) {
  for (PrearchiveSession& row : found) {
    XNA_ASSIGN_OR_RETURN(const auto known, store.FindPrearchive(row.Id()));
    if (known) row = *known;
  }
  XNA_RETURN_IF_ERROR(store.ClearPrearchive());
  for (PrearchiveSession& row : found) XNA_RETURN_IF_ERROR(store.InsertPrearchive(row));
  report->prearchive_sessions = found.size();
  return Status();
}

}  // namespace

Result<ReindexReport> ArchiveEngine::Core::Reindex() {
  ReindexReport report;
  // Within one transaction: whoever publishes meanwhile tells the store afterwards, so that nothing
  // is lost between the walk and the rows.
  XNA_RETURN_IF_ERROR(store.Transaction([&](Store& transaction) -> Status {
    XNA_ASSIGN_OR_RETURN(ArchiveTree tree, ScanArchive(trees.archive));
    std::vector<std::string> projects;
    XNA_RETURN_IF_ERROR(IndexProjects(transaction, tree, &projects));
    XNA_RETURN_IF_ERROR(IndexArchive(transaction, tree, &report));
    XNA_ASSIGN_OR_RETURN(std::vector<PrearchiveSession> sessions,
                         ScanPrearchive(trees.prearchive, [&](const std::string& name) {
                           return std::find(projects.begin(), projects.end(), name) !=
                                  projects.end();
                         }));
    XNA_RETURN_IF_ERROR(IndexPrearchive(transaction, std::move(sessions), &report));
    report.projects = projects.size();
    report.unreadable = std::move(tree.unreadable);
    return Status();
  }));
  return report;
}

}  // namespace xnatarchive
