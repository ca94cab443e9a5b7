#include "archive/archive_session.hpp"

#include <set>
#include <string_view>

#include "archive/apply_plan.hpp"
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

/// Collects the steps of the plan.
class Steps {
 public:
  explicit Steps(const Trees& trees) : trees_(trees) {}

  void Add(StepKind kind, TreePath from, TreePath to) {
    steps_.push_back({kind, std::move(from), std::move(to)});
  }

  /// A move of something staged to a new name, or a replacement of what is there.
  Status Place(const std::string& staged, TreePath to) {
    XNA_RETURN_IF_ERROR(AddParents(to));
    XNA_ASSIGN_OR_RETURN(const bool there, trees_[to.tree].Exists(to.path));
    Add(there ? StepKind::kReplace : StepKind::kMove, {Tree::kArchive, staged}, std::move(to));
    return Status();
  }

  /// Makes the directories above `path` that are missing.
  Status AddParents(const TreePath& path) {
    std::vector<TreePath> missing;
    for (std::string_view parent = ParentPath(path.path); !parent.empty();
         parent = ParentPath(parent)) {
      TreePath directory{path.tree, std::string(parent)};
      if (present_.count(directory) > 0) break;
      XNA_ASSIGN_OR_RETURN(const bool there, trees_[path.tree].Exists(parent));
      present_.insert(directory);
      if (there) break;
      missing.push_back(std::move(directory));
    }
    for (auto it = missing.rbegin(); it != missing.rend(); ++it) {
      Add(StepKind::kMakeDirectory, {}, std::move(*it));
    }
    return Status();
  }

  std::vector<Step> Take() { return std::move(steps_); }

 private:
  const Trees& trees_;
  std::vector<Step> steps_;
  std::set<TreePath> present_;  // there now, or made by a step
};

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
    return {Tree::kPrearchive, JoinPath(input_.source, path)};
  }
  std::string Staged(const std::string& name) const { return JoinPath(operation_.stage(), name); }
  std::string StagedCatalog(std::size_t i) const;
  std::string StagedDocument() const;
  std::string StagedMark() const;

  Status Stage(const Directory& source);
  Result<bool> PayloadIsDurable(const Directory& source) const;
  Status CheckUnchanged(const Directory& source) const;
  Result<std::vector<Step>> MakeSteps() const;
  Status AddPublishSteps(Steps* steps) const;
  Status AddRemoveSteps(Steps* steps) const;

  const Trees& trees_;
  const Directory& archive_;
  Operation& operation_;
  ArchiveExecution input_;
  const std::string copy_;  // where the session is copied to, across file systems
};

Result<ArchiveOutcome> Executor::Run(const Acknowledge& acknowledge) {
  XNA_ASSIGN_OR_RETURN(const bool taken, archive_.Exists(input_.destination));
  if (taken) return SessionExists();
  XNA_ASSIGN_OR_RETURN(const Directory source,
                       trees_[Tree::kPrearchive].OpenSubdirectory(input_.source));
  ArchiveOutcome outcome;
  outcome.files = input_.session.Files();
  outcome.bytes = input_.session.Bytes();
  outcome.copied = !input_.one_file_system;
  outcome.files_hashed = outcome.copied ? outcome.files : input_.session.FilesToHash();
  CommitOptions options;
  options.threads = input_.threads;
  XNA_ASSIGN_OR_RETURN(options.payload_is_durable, PayloadIsDurable(source));
  XNA_RETURN_IF_ERROR(Stage(source));
  XNA_RETURN_IF_ERROR(CheckUnchanged(source));

  OperationPlan plan;
  XNA_ASSIGN_OR_RETURN(plan.steps, MakeSteps());
  plan.facts = std::move(input_.facts);
  Status committed = operation_.Commit(std::move(plan), acknowledge, options);
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
  Staging staging{source, archive_, input_.session, input_.checksum, input_.threads, progress, {}};
  staging.digests.resize(input_.session.facts.size());
  const Status read = input_.one_file_system ? HashUnknown(staging) : CopySession(staging, copy_);
  if (read.reason() == "digest.cancelled") return progress.Report({});
  if (read.reason() == "digest.file-changed") {
    return Status(Code::kConflict, "archive.source-changed", "the session is being written to")
        .WithPath(read.path());
  }
  XNA_RETURN_IF_ERROR(read);
  std::vector<std::string> catalogs;
  for (std::size_t i = 0; i < input_.session.facts.size(); ++i) {
    catalogs.push_back(StagedCatalog(i));
  }
  const SessionDocument& document = input_.session.draft.document;
  const ArchiveStamp stamp(input_.event, document.project);
  XNA_RETURN_IF_ERROR(StageCatalogs(staging, stamp, catalogs));
  XNA_RETURN_IF_ERROR(archive_.WriteNew(
      StagedDocument(),
      WriteSession(ArchivedDocument(input_.session.draft, input_.session.facts))));
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

/// Whether only the stage has to be synced. Where all digests are known, SIZE and MTIME say that
/// the files are what they were when they were received, and synced.
Result<bool> Executor::PayloadIsDurable(const Directory& source) const {
  const std::vector<SessionFile>& others = input_.session.inventory.others;
  if (!input_.received_durably || input_.checksum == Checksum::kNone ||
      input_.session.FilesToHash() > 0 || others.size() > kSyncEachMax) {
    return false;
  }
  for (const ResourceFacts& facts : input_.session.facts) {
    if (facts.unlisted > 0) return false;
  }
  for (const SessionFile& file : others) XNA_RETURN_IF_ERROR(source.SyncFile(file.path));
  return true;
}

/// I8: what was hashed, or taken for hashed, is what will be published.
Status Executor::CheckUnchanged(const Directory& source) const {
  std::vector<std::string> directories;
  for (const ResourceDraft& resource : input_.session.draft.resources) {
    directories.push_back(resource.directory);
  }
  XNA_ASSIGN_OR_RETURN(const SessionInventory now,
                       TakeInventory(source, directories, input_.threads));
  if (now == input_.session.inventory) return Status();
  return Status(Code::kConflict, "archive.source-changed",
                "files of the session were added, changed or removed meanwhile");
}

Result<std::vector<Step>> Executor::MakeSteps() const {
  Steps steps(trees_);
  XNA_RETURN_IF_ERROR(AddPublishSteps(&steps));
  XNA_RETURN_IF_ERROR(AddRemoveSteps(&steps));
  return steps.Take();
}

/// I5: catalogs, then the document, then the one rename that makes the session visible.
Status Executor::AddPublishSteps(Steps* steps) const {
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
      XNA_RETURN_IF_ERROR(
          steps->Place(StagedCatalog(i), InSource(input_.session.draft.resources[i].catalog_path)));
    }
    if (input_.quarantine) {
      XNA_RETURN_IF_ERROR(steps->Place(StagedMark(), InSource(kQuarantineMark)));
    }
    XNA_RETURN_IF_ERROR(steps->Place(StagedDocument(), InSource(kSessionDocument)));
    moved = InSource("");
  }
  const TreePath destination{Tree::kArchive, input_.destination};
  XNA_RETURN_IF_ERROR(steps->AddParents(destination));
  steps->Add(StepKind::kMove, std::move(moved), destination);
  return Status();
}

/// What is left of the source. Across file systems it is purged, which waits until the copy is
/// durable under its name.
Status Executor::AddRemoveSteps(Steps* steps) const {
  const StepKind remove = input_.one_file_system ? StepKind::kTrash : StepKind::kPurge;
  if (!input_.one_file_system) steps->Add(StepKind::kPurge, InSource(""), {});
  for (const std::string& side_car : input_.side_cars) {
    XNA_ASSIGN_OR_RETURN(const bool there, trees_[Tree::kPrearchive].Exists(side_car));
    if (there) steps->Add(remove, {Tree::kPrearchive, side_car}, {});
  }
  for (std::string_view parent = ParentPath(input_.source); !parent.empty();
       parent = ParentPath(parent)) {
    steps->Add(StepKind::kRemoveIfEmpty, {}, {Tree::kPrearchive, std::string(parent)});
  }
  return Status();
}

}  // namespace

Result<ArchiveOutcome> ExecuteArchive(const Trees& trees, Operation& operation,
                                      ArchiveExecution input, const Acknowledge& acknowledge) {
  return Executor(trees, operation, std::move(input)).Run(acknowledge);
}

}  // namespace xnatarchive
