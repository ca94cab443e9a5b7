#include <algorithm>
#include <map>
#include <set>
#include <utility>

#include "archive/archive_tree.hpp"
#include "base/status_macros.hpp"
#include "base/text.hpp"
#include "catalog/index_differences.hpp"
#include "engine/core.hpp"
#include "prearchive/session_state.hpp"

namespace xnatarchive {
namespace {

/// Notes what the store can not take and goes on; false then. Any other failure is returned.
Result<bool> Take(Status taken, const std::string& path, ReindexReport* report) {
  if (taken.ok()) return true;
  if (taken.code() != Code::kAlreadyExists && taken.code() != Code::kInvalidArgument &&
      taken.code() != Code::kNotFound) {
    return taken;
  }
  report->unreadable.emplace_back(path, std::move(taken));
  return false;
}

Status IndexProjects(Store& store, const ArchiveTree& tree, std::vector<std::string>* ids,
                     ReindexReport* report) {
  XNA_ASSIGN_OR_RETURN(const std::vector<ProjectRow> known, store.ListProjects());
  for (const ProjectRow& project : known) ids->push_back(project.id);
  for (const std::string& id : tree.projects) {
    if (std::find(ids->begin(), ids->end(), id) != ids->end()) continue;
    ProjectRow project;
    project.id = id;
    XNA_ASSIGN_OR_RETURN(const bool taken, Take(store.AddProject(project), id, report));
    if (taken) ids->push_back(id);
  }
  report->projects = ids->size();
  return Status();
}

/// What the store says of the archive, by ID: of a subject when it came.
struct KnownArchive {
  std::map<std::pair<std::string, std::string>, std::int64_t> subjects;  // by project and ID
  std::map<std::string, ExperimentRow> experiments;
};

/// Takes what the store says out of it.
Result<KnownArchive> TakeArchive(Store& store) {
  KnownArchive known;
  XNA_ASSIGN_OR_RETURN(const std::vector<ProjectRow> projects, store.ListProjects());
  for (const ProjectRow& project : projects) {
    XNA_ASSIGN_OR_RETURN(const auto subjects, store.ListSubjects(project.id));
    for (const SubjectRow& row : subjects) {
      known.subjects[{row.project, row.id}] = row.inserted_ms;
    }
    XNA_ASSIGN_OR_RETURN(auto experiments, store.ListExperiments(project.id));
    for (ExperimentRow& row : experiments) known.experiments[row.id] = std::move(row);
  }
  XNA_RETURN_IF_ERROR(store.ClearExperiments());
  XNA_RETURN_IF_ERROR(store.ClearSubjects());
  return known;
}

Status IndexArchive(Store& store, const ArchiveTree& tree, ReindexReport* report) {
  XNA_ASSIGN_OR_RETURN(const KnownArchive known, TakeArchive(store));
  XNA_ASSIGN_OR_RETURN(const auto site_setting, store.GetSetting("site_id"));
  const std::string site = site_setting.value_or("XNAT");
  const auto raise = [&](Sequence sequence, const std::string& id) {
    const auto number = SequenceNumber(sequence, site, id);
    return number ? store.RaiseSequence(sequence, *number) : Status();
  };
  for (SubjectRow subject : tree.subjects) {
    // The tree knows when the document was last written, not when the subject came; nor does a
    // store of an earlier version, of a subject without a session.
    const auto at = known.subjects.find({subject.project, subject.id});
    if (at != known.subjects.end() && at->second > 0) subject.inserted_ms = at->second;
    XNA_RETURN_IF_ERROR(raise(Sequence::kSubject, subject.id));
    const std::string path = SubjectDocumentPath(subject.project, subject.label);
    XNA_ASSIGN_OR_RETURN(const bool taken, Take(store.AddSubject(subject), path, report));
    if (taken) ++report->subjects;
  }
  std::set<std::string> seen;
  for (ExperimentRow row : tree.experiments) {
    if (const auto at = known.experiments.find(row.id); at != known.experiments.end()) {
      // What either says is quarantined stays so: only Activate releases.
      if (at->second.status == ExperimentStatus::kQuarantine) row.status = at->second.status;
      row.inserted_ms = at->second.inserted_ms;
    }
    XNA_RETURN_IF_ERROR(raise(Sequence::kExperiment, row.id));
    const Status stored = seen.count(row.id) == 0 ? store.UpsertExperiment(row)
                                                  : Status(Code::kAlreadyExists, "reindex.id-taken",
                                                           "another session has this ID");
    XNA_ASSIGN_OR_RETURN(const bool taken,
                         Take(std::move(stored), row.path + "/session.xml", report));
    if (!taken) continue;
    seen.insert(row.id);
    ++report->experiments;
  }
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
    XNA_ASSIGN_OR_RETURN(const IndexSnapshot before, TakeIndexSnapshot(transaction));
    XNA_ASSIGN_OR_RETURN(ArchiveTree tree, ScanArchive(trees.archive));
    report.unreadable = std::move(tree.unreadable);
    std::vector<std::string> projects;
    XNA_RETURN_IF_ERROR(IndexProjects(transaction, tree, &projects, &report));
    XNA_RETURN_IF_ERROR(IndexArchive(transaction, tree, &report));
    XNA_ASSIGN_OR_RETURN(std::vector<PrearchiveSession> sessions,
                         ScanPrearchive(trees.prearchive, [&](const std::string& name) {
                           return std::find(projects.begin(), projects.end(), name) !=
                                  projects.end();
                         }));
    XNA_RETURN_IF_ERROR(IndexPrearchive(transaction, std::move(sessions), &report));
    XNA_ASSIGN_OR_RETURN(const IndexSnapshot after, TakeIndexSnapshot(transaction));
    report.differences = FindDifferences(before, after);
    return Status();
  }));
  return report;
}

}  // namespace xnatarchive
