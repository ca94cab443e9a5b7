#include "archive/archive_session.hpp"

#include <string_view>

#include "archive/apply_plan.hpp"
#include "archive/plan_steps.hpp"
#include "archive/quarantine_mark.hpp"
#include "archive/stage_session.hpp"
#include "base/status_macros.hpp"
#include "base/text.hpp"
#include "xml/session_xml.hpp"

namespace xnatarchive {
namespace {

Status SessionExists() {
  return Status(Code::kConflict, "archive.session-exists",
                "Session already exists, retry with overwrite enabled");
}

/// One ExecuteArchive call.
class Executor {
 public:
  Executor(const Trees& trees, Operation& operation, ArchiveExecution input)
      : trees_(trees),
        archive_(trees[Tree::kArchive]),
        operation_(operation),
        input_(std::move(input)),
        copy_(JoinPath(operation.stage(), "session")) {}

  Result<ArchiveOutcome> Run(const Acknowledge& acknowledge);

 private:
  TreePath InSource(std::string_view path) const {
    return {input_.source_tree, JoinPath(input_.source, path)};
  }
  std::string Staged(const std::string& name) const { return JoinPath(operation_.stage(), name); }
  std::string StagedCatalog(std::size_t i) const;
  std::string StagedDocument() const;
  std::string StagedMark() const;

  Status Stage(const Directory& source);
  Result<std::vector<Step>> MakeSteps() const;
  Status AddPublishSteps(PlanSteps* steps) const;

  const Trees& trees_;
  const Directory& archive_;
  Operation& operation_;
  ArchiveExecution input_;
  std::vector<std::pair<std::string, std::string>> facts_;
  const std::string copy_;  // where the session is copied to, across file systems
};

Result<ArchiveOutcome> Executor::Run(const Acknowledge& acknowledge) {
  XNA_ASSIGN_OR_RETURN(const bool taken, archive_.Exists(input_.destination));
  if (taken) return SessionExists();
  XNA_ASSIGN_OR_RETURN(const Directory source,
                       trees_[input_.source_tree].OpenSubdirectory(input_.source));
  ArchiveOutcome outcome;
  outcome.files = input_.session.Files();
  outcome.bytes = input_.session.Bytes();
  outcome.copied = !input_.one_file_system;
  outcome.files_hashed = outcome.copied ? outcome.files : input_.session.FilesToHash();
  XNA_RETURN_IF_ERROR(Stage(source));
  XNA_RETURN_IF_ERROR(CheckSourceUnchanged(source, input_.session, input_.threads));
  if (input_.original) {
    XNA_RETURN_IF_ERROR(
        CheckOriginalUnchanged(trees_[Tree::kPrearchive], *input_.original, input_.threads));
  }

  OperationPlan plan;
  XNA_ASSIGN_OR_RETURN(plan.steps, MakeSteps());
  plan.facts = std::move(facts_);
  Status committed = operation_.Commit(std::move(plan), acknowledge, input_.threads);
  if (committed.reason() == "operation.target-exists") {
    return SessionExists().WithDiskState(committed.disk_state());
  }
  if (!committed.ok() && committed.disk_state() != DiskState::kCommitted) return committed;
  outcome.clean_up = std::move(committed);
  return outcome;
}

std::string Executor::StagedCatalog(std::size_t i) const {
  if (input_.one_file_system) return Staged("catalog-" + std::to_string(i));
  return JoinPath(copy_, input_.session.draft.resources[i].catalog_path);
}

std::string Executor::StagedDocument() const {
  return input_.one_file_system ? Staged("session") : JoinPath(copy_, kSessionDocument);
}

std::string Executor::StagedMark() const {
  return input_.one_file_system ? Staged("quarantine") : JoinPath(copy_, kQuarantineMark);
}

/// Writes everything new into the stage.
Status Executor::Stage(const Directory& source) {
  CallerProgress progress(input_.progress);
  Staging staging{source, archive_, input_.session, input_.checksum, input_.threads, progress};
  XNA_RETURN_IF_ERROR(input_.one_file_system ? HashUnknown(staging)
                                             : CopySession(staging, copy_, WholeSession()));
  std::vector<std::string> catalogs;
  for (std::size_t i = 0; i < input_.session.facts.size(); ++i) {
    catalogs.push_back(StagedCatalog(i));
  }
  const SessionDocument& document = input_.session.draft.document;
  const ArchiveStamp stamp(input_.event, document.project);
  XNA_ASSIGN_OR_RETURN(const std::vector<ResourceTotals> totals,
                       StageCatalogs(staging, stamp, catalogs));
  SessionDocument archived = DocumentWithResources(input_.session.draft, totals);
  SetArchivedDefaults(&archived);
  if (input_.facts) facts_ = input_.facts(archived);
  XNA_RETURN_IF_ERROR(archive_.WriteNew(StagedDocument(), WriteSession(archived)));
  if (input_.quarantine) {
    XNA_RETURN_IF_ERROR(archive_.WriteNew(StagedMark(), kQuarantineText));
  }
  for (std::size_t i = 0; i < input_.documents.size(); ++i) {
    XNA_RETURN_IF_ERROR(
        archive_.WriteNew(Staged("document-" + std::to_string(i)), input_.documents[i].second));
  }
  Progress all{"publish", input_.session.Files(), input_.session.Files(), input_.session.Bytes(),
               input_.session.Bytes()};
  return progress.Report(all);
}

Result<std::vector<Step>> Executor::MakeSteps() const {
  PlanSteps steps(trees_);
  XNA_RETURN_IF_ERROR(AddPublishSteps(&steps));
  // A purge, where what is archived is a copy: it waits until that is durable under its name.
  const bool moved = input_.one_file_system && !input_.original;
  XNA_RETURN_IF_ERROR(
      steps.RemoveSource(input_.original ? input_.original->directory : input_.source,
                         input_.side_cars, moved ? StepKind::kTrash : StepKind::kPurge));
  return steps.Take();
}

/// I5: catalogs, then the document, then the one rename that makes the session visible.
Status Executor::AddPublishSteps(PlanSteps* steps) const {
  for (std::size_t i = 0; i < input_.documents.size(); ++i) {
    // Not under our locks, so that another operation may make it between now and then.
    TreePath document{Tree::kArchive, input_.documents[i].first};
    XNA_RETURN_IF_ERROR(steps->AddParents(document));
    steps->Add(StepKind::kReplace, {Tree::kArchive, Staged("document-" + std::to_string(i))},
               std::move(document));
  }
  TreePath moved{Tree::kArchive, copy_};
  if (input_.one_file_system) {
    for (std::size_t i = 0; i < input_.session.draft.resources.size(); ++i) {
      XNA_RETURN_IF_ERROR(steps->Place({Tree::kArchive, StagedCatalog(i)},
                                       InSource(input_.session.draft.resources[i].catalog_path)));
    }
    if (input_.quarantine) {
      XNA_RETURN_IF_ERROR(steps->Place({Tree::kArchive, StagedMark()}, InSource(kQuarantineMark)));
    }
    XNA_RETURN_IF_ERROR(
        steps->Place({Tree::kArchive, StagedDocument()}, InSource(kSessionDocument)));
    moved = InSource("");
  }
  const TreePath destination{Tree::kArchive, input_.destination};
  XNA_RETURN_IF_ERROR(steps->AddParents(destination));
  steps->Add(StepKind::kMove, std::move(moved), destination);
  return Status();
}

}  // namespace

Result<ArchiveOutcome> ExecuteArchive(const Trees& trees, Operation& operation,
                                      ArchiveExecution input, const Acknowledge& acknowledge) {
  return Executor(trees, operation, std::move(input)).Run(acknowledge);
}

}  // namespace xnatarchive
