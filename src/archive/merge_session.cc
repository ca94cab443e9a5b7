#include "archive/merge_session.hpp"

#include <algorithm>
#include <map>
#include <string_view>
#include <utility>

#include "archive/archive_tree.hpp"
#include "archive/catalog_content.hpp"
#include "archive/history.hpp"
#include "archive/merged_catalog.hpp"
#include "archive/operation_home.hpp"
#include "archive/plan_steps.hpp"
#include "archive/quarantine_mark.hpp"
#include "archive/stage_session.hpp"
#include "archive/swap_resource.hpp"
#include "base/parallel.hpp"
#include "base/status_macros.hpp"
#include "base/text.hpp"
#include "fs/near_directory.hpp"
#include "xml/session_xml.hpp"

namespace xnatarchive {
namespace {

constexpr std::uint32_t kNone = FileMeeting::kNone;

bool Places(const FileDecision& decision) {
  return decision.action == FileAction::kAdd || decision.action == FileAction::kReplace;
}

bool Replaces(const FileDecision& decision) { return decision.action == FileAction::kReplace; }

/// Whether a file takes the place of an archived one that has its name; the history has that, too.
bool IsInPlace(const FileMeeting& meeting, const FileDecision& decision) {
  return Replaces(decision) && meeting.sameness != Sameness::kArchivedIsMissing &&
         meeting.object == meeting.holder;
}

/// One ExecuteMerge call.
class MergeExecutor {
 public:
  MergeExecutor(const Trees& trees, Operation& operation, MergeExecution input)
      : trees_(trees),
        archive_(trees[Tree::kArchive]),
        operation_(operation),
        input_(std::move(input)),
        session_(input_.archive.session),
        copy_(JoinPath(operation.stage(), "session")),
        history_(JoinPath(operation.stage(), "history")),
        totals_(session_.draft.resources.size()),
        swapped_(session_.draft.resources.size(), false) {
    for (const ResourceDraft& resource : session_.draft.resources) {
      incoming_catalogs_.push_back(resource.catalog_path);
    }
  }

  Result<ArchiveOutcome> Run(const Acknowledge& acknowledge);

 private:
  bool IsWhole(std::size_t i) const { return input_.plan.resources[i].whole; }
  /// Whether the archived catalog of resource `i` says something else afterwards.
  bool IsChanged(std::size_t i) const;
  std::string Staged(const std::string& name) const { return JoinPath(operation_.stage(), name); }
  std::string StagedCatalog(std::size_t i) const;
  /// A path of the incoming session: where it is moved from.
  TreePath From(std::string_view path) const;
  /// A path of the archived session.
  TreePath To(std::string_view path) const {
    return {Tree::kArchive, JoinPath(input_.archive.destination, path)};
  }

  Status ChooseSwapped();
  Result<bool> HoldsOnlyReplaced(std::size_t i) const;
  Status CheckSwappedUnchanged() const;
  Status Stage(const Directory& source);
  FilesToCopy NeededFiles() const;
  Status StageCatalog(const ArchiveStamp& stamp, std::size_t i);
  Result<ResourceTotals> TotalsOf(const Catalog& catalog, const std::string& directory) const;
  Status StageDocument();
  Status StageHistory();
  Status LinkReplaced(const std::string& path, std::string_view last);

  Result<std::vector<Step>> MakeSteps() const;
  Status AddSwaps(PlanSteps* steps) const;
  Status PlaceCatalog(std::size_t i, PlanSteps* steps) const;
  Status AddWholeResource(std::size_t i, PlanSteps* steps) const;
  Status AddNewFiles(std::size_t i, PlanSteps* steps) const;
  Status AddReplacedFiles(std::size_t i, PlanSteps* steps) const;
  Status AddOthers(PlanSteps* steps) const;

  const Trees& trees_;
  const Directory& archive_;
  Operation& operation_;
  MergeExecution input_;
  DescribedSession& session_;
  const std::string copy_;     // where new files are copied to, across file systems
  const std::string history_;  // the staged record of what is replaced
  std::vector<std::string> incoming_catalogs_;
  std::vector<ResourceTotals> totals_;
  std::vector<bool> swapped_;  // whose archived directory is exchanged for the incoming one
  std::vector<std::pair<std::string, std::string>> facts_;
  bool document_changed_ = false;
  bool has_history_ = false;
  NearDirectory near_replaced_;
  NearDirectory near_kept_;
};

Result<ArchiveOutcome> MergeExecutor::Run(const Acknowledge& acknowledge) {
  XNA_ASSIGN_OR_RETURN(const Directory source,
                       trees_[input_.archive.source_tree].OpenSubdirectory(input_.archive.source));
  ArchiveOutcome outcome;
  outcome.files = session_.Files();
  outcome.bytes = session_.Bytes();
  outcome.copied = !input_.archive.one_file_system;
  outcome.files_hashed = outcome.copied ? outcome.files : session_.FilesToHash();
  XNA_RETURN_IF_ERROR(ChooseSwapped());
  XNA_RETURN_IF_ERROR(Stage(source));
  XNA_RETURN_IF_ERROR(CheckSourceUnchanged(source, session_, input_.archive.threads));
  const std::optional<OriginalSession>& original = input_.archive.original;
  if (original) {
    XNA_RETURN_IF_ERROR(
        CheckOriginalUnchanged(trees_[Tree::kPrearchive], *original, input_.archive.threads));
  }
  XNA_RETURN_IF_ERROR(CheckSwappedUnchanged());

  OperationPlan plan;
  XNA_ASSIGN_OR_RETURN(plan.steps, MakeSteps());
  plan.facts = std::move(facts_);
  Status committed = operation_.Commit(std::move(plan), acknowledge, input_.archive.threads);
  if (!committed.ok() && committed.disk_state() != DiskState::kCommitted) return committed;
  outcome.clean_up = std::move(committed);
  return outcome;
}

Status MergeExecutor::ChooseSwapped() {
  bool tried = false;
  for (std::size_t i = 0; i < swapped_.size(); ++i) {
    if (IsWhole(i) || !ReplacesAll(session_, input_.existing, i, input_.plan.decisions[i]))
      continue;
    if (!tried) {
      XNA_ASSIGN_OR_RETURN(const bool can, CanExchange(archive_, operation_.stage()));
      if (!can) return Status();
      tried = true;
    }
    XNA_ASSIGN_OR_RETURN(swapped_[i], HoldsOnlyReplaced(i));
  }
  return Status();
}

/// Of the archived directory of resource `i`.
Result<bool> MergeExecutor::HoldsOnlyReplaced(std::size_t i) const {
  const ResourceMatch& match = input_.existing.match.resources[i];
  return HoldsNothingElse(archive_, To(match.directory).path, BaseName(match.catalog_path),
                          EntriesOf(input_.existing.resources[i].catalog).size());
}

/// I8: staging may take long; what came into a directory meanwhile would be exchanged, too.
Status MergeExecutor::CheckSwappedUnchanged() const {
  for (std::size_t i = 0; i < swapped_.size(); ++i) {
    if (!swapped_[i]) continue;
    XNA_ASSIGN_OR_RETURN(const bool unchanged, HoldsOnlyReplaced(i));
    if (unchanged) continue;
    return Status(Code::kConflict, "archive.files-changed",
                  "files of the archived resource were added or removed meanwhile")
        .WithPath(To(input_.existing.match.resources[i].directory).path);
  }
  return Status();
}

bool MergeExecutor::IsChanged(std::size_t i) const {
  const std::vector<FileDecision>& decisions = input_.plan.decisions[i];
  return !input_.existing.match.resources[i].archived ||
         std::any_of(decisions.begin(), decisions.end(), Places);
}

std::string MergeExecutor::StagedCatalog(std::size_t i) const {
  if (!input_.archive.one_file_system && IsWhole(i)) {
    return JoinPath(JoinPath(copy_, session_.draft.resources[i].directory),
                    BaseName(input_.existing.match.resources[i].catalog_path));
  }
  return Staged("catalog-" + std::to_string(i));
}

TreePath MergeExecutor::From(std::string_view path) const {
  if (!input_.archive.one_file_system) return {Tree::kArchive, JoinPath(copy_, path)};
  return {input_.archive.source_tree, JoinPath(input_.archive.source, path)};
}

/// Writes everything new into the stage.
Status MergeExecutor::Stage(const Directory& source) {
  CallerProgress progress(input_.archive.progress);
  Staging staging{source,  archive_, session_, input_.archive.checksum, input_.archive.threads,
                  progress};
  XNA_RETURN_IF_ERROR(input_.archive.one_file_system ? HashUnknown(staging)
                                                     : CopySession(staging, copy_, NeededFiles()));
  const ArchiveStamp stamp(input_.archive.event, session_.draft.document.project);
  session_.digests.resize(totals_.size());
  XNA_RETURN_IF_ERROR(ParallelFor(totals_.size(), input_.archive.threads,
                                  [&](std::size_t i) { return StageCatalog(stamp, i); }));
  XNA_RETURN_IF_ERROR(StageDocument());
  XNA_RETURN_IF_ERROR(StageHistory());
  if (input_.archive.quarantine) {
    XNA_RETURN_IF_ERROR(archive_.WriteNew(Staged("quarantine"), kQuarantineText));
  }
  return progress.Report(
      {"publish", session_.Files(), session_.Files(), session_.Bytes(), session_.Bytes()});
}

FilesToCopy MergeExecutor::NeededFiles() const {
  const auto placed = [](const std::vector<FileMeeting>& meetings,
                         const std::vector<FileDecision>& decisions, std::size_t files) {
    std::vector<bool> needed(files, false);
    for (std::size_t i = 0; i < meetings.size(); ++i) {
      if (meetings[i].file != kNone && Places(decisions[i])) needed[meetings[i].file] = true;
    }
    return needed;
  };
  std::vector<std::vector<bool>> needed;
  for (std::size_t i = 0; i < totals_.size(); ++i) {
    const std::size_t files = session_.inventory.resources[i].size();
    needed.push_back(IsWhole(i) ? std::vector<bool>(files, true)
                                : placed(input_.existing.resources[i].meetings,
                                         input_.plan.decisions[i], files));
  }
  const std::vector<bool> others =
      placed(input_.existing.others, input_.plan.other_decisions, session_.inventory.others.size());
  return {[needed](std::size_t r, std::size_t f) { return needed[r][f]; },
          [others](std::size_t f) { return others[f]; }};
}

/// Stages what the archived catalog of resource `i` will be, if it changes. Of the two it is made
/// of only what tells of replaced files is kept: freeing many entries takes time, too.
Status MergeExecutor::StageCatalog(const ArchiveStamp& stamp, std::size_t i) {
  ResourceDraft& resource = session_.draft.resources[i];
  const ResourceMatch& match = input_.existing.match.resources[i];
  ExistingResource& existing = input_.existing.resources[i];
  if (!IsWhole(i) && !IsChanged(i)) {
    XNA_ASSIGN_OR_RETURN(totals_[i], TotalsOf(existing.catalog, match.directory));
    return Status();
  }
  Catalog catalog = std::move(resource.catalog);
  resource.catalog = Catalog();
  XNA_RETURN_IF_ERROR(ToArchivedForm(stamp, resource.directory, session_.inventory.resources[i],
                                     session_.facts[i], session_.digests[i], &catalog));
  if (match.archived) {
    const std::vector<FileDecision>& decisions = input_.plan.decisions[i];
    const bool needed = std::any_of(decisions.begin(), decisions.end(), Replaces);
    Catalog archived = needed ? existing.catalog : std::move(existing.catalog);
    if (!needed) existing.catalog = Catalog();
    catalog =
        MergeCatalogs(stamp, std::move(archived), std::move(catalog), existing.meetings, decisions);
  }
  XNA_ASSIGN_OR_RETURN(totals_[i], TotalsOf(catalog, match.directory));
  return archive_.WriteNew(StagedCatalog(i), CatalogContent(catalog, CatalogStyle::kPlain));
}

Result<ResourceTotals> MergeExecutor::TotalsOf(const Catalog& catalog,
                                               const std::string& directory) const {
  return CountFiles(catalog, "", SizesBelow(archive_, To(directory).path));
}

/// Sending an upload again leaves what was changed in the archived document since, unless the
/// request or the upload itself sets fields.
Status MergeExecutor::StageDocument() {
  MergedResources resources{incoming_catalogs_, totals_, {}};
  for (std::size_t i = 0; i < totals_.size(); ++i) resources.changed.push_back(IsChanged(i));
  const bool again = input_.plan.KeepsAll() && !input_.archive.sets_fields;
  const DocumentRule rule = again ? DocumentRule::kArchivedStays : input_.document_rule;
  SessionDocument merged =
      MergeDocuments(input_.existing.document, DocumentWithResources(session_.draft, totals_),
                     input_.existing.match, resources, rule);
  SetArchivedDefaults(&merged);
  if (input_.archive.facts) facts_ = input_.archive.facts(merged);
  const std::string bytes = WriteSession(merged);
  const bool counts_change = input_.plan.counts.added > 0;
  document_changed_ = counts_change || bytes != WriteSession(input_.existing.document);
  return document_changed_ ? archive_.WriteNew(Staged("document"), bytes) : Status();
}

/// Links what will be replaced into the staged history record: from here on its bytes have a second
/// name, whatever the plan's steps do to the first. What is swapped comes in by a step.
Status MergeExecutor::StageHistory() {
  std::vector<CatalogEntry> entries;
  const auto keep = [&](const std::string& directory, const std::vector<FileMeeting>& meetings,
                        const std::vector<FileDecision>& decisions,
                        const std::vector<SessionFile>& files,
                        const std::vector<const CatalogEntry*>& archived, bool linked) -> Status {
    for (std::size_t i = 0; i < decisions.size(); ++i) {
      const FileMeeting& meeting = meetings[i];
      const bool lost = meeting.sameness == Sameness::kArchivedIsMissing;
      if (decisions[i].action != FileAction::kReplace || lost) continue;
      const CatalogEntry* entry = meeting.object == kNone ? nullptr : archived[meeting.object];
      const std::string path = entry != nullptr    ? JoinPath(directory, entry->RelativePath())
                               : directory.empty() ? input_.existing.other_targets[meeting.file]
                                                   : JoinPath(directory, files[meeting.file].path);
      if (linked)
        XNA_RETURN_IF_ERROR(LinkReplaced(path, entries.empty() ? "" : entries.back().uri));
      entries.push_back(entry == nullptr ? CatalogEntry() : *entry);
      entries.back().uri = path;
      if (meeting.archived_changed) DropDigests(&entries.back());
      if (meeting.archived_changed || entries.back().Meta("SIZE").empty()) {
        entries.back().SetMeta("SIZE", std::to_string(meeting.archived_size));
      }
    }
    return Status();
  };
  for (std::size_t i = 0; i < totals_.size(); ++i) {
    XNA_RETURN_IF_ERROR(keep(input_.existing.match.resources[i].directory,
                             input_.existing.resources[i].meetings, input_.plan.decisions[i],
                             session_.inventory.resources[i],
                             EntriesOf(input_.existing.resources[i].catalog), !swapped_[i]));
    if (!swapped_[i]) continue;
    XNA_RETURN_IF_ERROR(archive_.MakeDirectories(
        JoinPath(history_, ParentPath(input_.existing.match.resources[i].directory))));
    XNA_RETURN_IF_ERROR(archive_.WriteNew(Staged("mark-" + std::to_string(i)), ""));
  }
  XNA_RETURN_IF_ERROR(keep("", input_.existing.others, input_.plan.other_decisions,
                           session_.inventory.others, {}, true));
  has_history_ = !entries.empty();
  if (!has_history_) return Status();
  HistoryRecord record;
  record.id = operation_.id();
  record.project = session_.draft.document.project;
  record.label = session_.draft.document.label;
  record.experiment_id = session_.draft.document.id;
  record.directory = input_.archive.destination;
  record.user = input_.archive.event.user;
  record.event_id = input_.archive.event.event_id;
  record.time_ms = input_.archive.event.time_ms;
  const Catalog replaced = HistoryCatalog(record, std::move(entries));
  XNA_RETURN_IF_ERROR(archive_.WriteNew(JoinPath(history_, kHistoryCatalog),
                                        CatalogContent(replaced, CatalogStyle::kPlain)));
  // A copy: the archived document stays when the merge does not change it, and then restoring the
  // record would find a file that is linked, and so changed, under its hands.
  XNA_ASSIGN_OR_RETURN(const std::string document,
                       ReadSessionXml(archive_, input_.archive.destination));
  return archive_.WriteNew(JoinPath(history_, kSessionDocument), document);
}

/// `last`: the path before, whose directory is there.
Status MergeExecutor::LinkReplaced(const std::string& path, std::string_view last) {
  const std::string kept = JoinPath(history_, path);
  if (last.empty() || ParentPath(last) != ParentPath(path)) {
    XNA_RETURN_IF_ERROR(archive_.MakeDirectories(ParentPath(kept)));
  }
  return near_replaced_.Link(archive_, To(path).path, near_kept_, archive_, kept);
}

Result<std::vector<Step>> MergeExecutor::MakeSteps() const {
  PlanSteps steps(trees_);
  if (input_.archive.quarantine) {  // before anything new is in the session
    XNA_RETURN_IF_ERROR(steps.Place({Tree::kArchive, Staged("quarantine")}, To(kQuarantineMark)));
  }
  XNA_RETURN_IF_ERROR(AddSwaps(&steps));
  for (std::size_t i = 0; i < totals_.size(); ++i) {
    if (!swapped_[i] && !IsWhole(i)) XNA_RETURN_IF_ERROR(AddNewFiles(i, &steps));
  }
  for (std::size_t i = 0; i < totals_.size(); ++i) {
    if (swapped_[i]) continue;
    XNA_RETURN_IF_ERROR(IsWhole(i) ? AddWholeResource(i, &steps) : AddReplacedFiles(i, &steps));
  }
  XNA_RETURN_IF_ERROR(AddOthers(&steps));
  if (document_changed_) {
    XNA_RETURN_IF_ERROR(steps.Place({Tree::kArchive, Staged("document")}, To(kSessionDocument)));
  }
  if (has_history_) {
    XNA_RETURN_IF_ERROR(
        steps.MoveTo({Tree::kArchive, history_},
                     {Tree::kArchive, JoinPath(kHistoryDirectory, operation_.id())}));
  }
  const std::optional<OriginalSession>& original = input_.archive.original;
  if (input_.archive.source_tree == Tree::kArchive && !original) {
    steps.Add(StepKind::kPurge, From(""), {});  // a record of the history
  } else {
    XNA_RETURN_IF_ERROR(steps.RemoveSource(original ? original->directory : input_.archive.source,
                                           input_.archive.side_cars, StepKind::kPurge));
  }
  return steps.Take();
}

/// What is exchanged is complete before: the new files, their catalog, and the mark that tells the
/// two directories apart (I3). What was archived goes into the history, its catalog does not.
Status MergeExecutor::AddSwaps(PlanSteps* steps) const {
  std::vector<std::size_t> swapped;
  for (std::size_t i = 0; i < swapped_.size(); ++i) {
    if (swapped_[i]) swapped.push_back(i);
  }
  const auto directory = [&](std::size_t i) { return session_.draft.resources[i].directory; };
  const auto match = [&](std::size_t i) -> const ResourceMatch& {
    return input_.existing.match.resources[i];
  };
  for (const std::size_t i : swapped) {
    XNA_RETURN_IF_ERROR(PlaceCatalog(i, steps));
    XNA_RETURN_IF_ERROR(steps->Place({Tree::kArchive, Staged("mark-" + std::to_string(i))},
                                     From(JoinPath(directory(i), SwapMark(operation_.id())))));
  }
  for (const std::size_t i : swapped) {
    steps->Add(StepKind::kSwap, From(directory(i)), To(match(i).directory));
  }
  for (const std::size_t i : swapped) {
    steps->Add(StepKind::kTrash, From(JoinPath(directory(i), BaseName(match(i).catalog_path))), {});
    XNA_RETURN_IF_ERROR(steps->MoveTo(From(directory(i)),
                                      {Tree::kArchive, JoinPath(history_, match(i).directory)}));
  }
  return Status();
}

/// Puts the staged catalog into the incoming directory, under the name it has in the archive.
Status MergeExecutor::PlaceCatalog(std::size_t i, PlanSteps* steps) const {
  const ResourceDraft& draft = session_.draft.resources[i];
  const std::string catalog =
      JoinPath(draft.directory, BaseName(input_.existing.match.resources[i].catalog_path));
  if (catalog != draft.catalog_path && !session_.facts[i].catalog_missing) {
    steps->Add(StepKind::kTrash, From(draft.catalog_path), {});
  }
  return steps->Place({Tree::kArchive, StagedCatalog(i)}, From(catalog));
}

/// A resource the archived session does not have: its directory moves, its catalog in it.
Status MergeExecutor::AddWholeResource(std::size_t i, PlanSteps* steps) const {
  if (input_.archive.one_file_system) XNA_RETURN_IF_ERROR(PlaceCatalog(i, steps));
  return steps->MoveTo(From(session_.draft.resources[i].directory),
                       To(input_.existing.match.resources[i].directory));
}

/// The files of resource `i` whose names are free, those of each directory at once.
Status MergeExecutor::AddNewFiles(std::size_t i, PlanSteps* steps) const {
  const std::vector<FileMeeting>& meetings = input_.existing.resources[i].meetings;
  std::map<std::string_view, std::vector<std::string>> names;  // by directory
  for (std::size_t m = 0; m < meetings.size(); ++m) {
    const FileDecision& decision = input_.plan.decisions[i][m];
    if (meetings[m].file == kNone || !Places(decision) || IsInPlace(meetings[m], decision))
      continue;
    const std::string& path = session_.inventory.resources[i][meetings[m].file].path;
    names[ParentPath(path)].emplace_back(BaseName(path));
  }
  for (auto& [below, files] : names) {
    XNA_RETURN_IF_ERROR(steps->LinkInto(
        From(JoinPath(session_.draft.resources[i].directory, below)),
        To(JoinPath(input_.existing.match.resources[i].directory, below)), std::move(files)));
  }
  return Status();
}

/// I5: the other files, then the catalog that names them all, then the removal of what it no longer
/// names.
Status MergeExecutor::AddReplacedFiles(std::size_t i, PlanSteps* steps) const {
  const ResourceMatch& match = input_.existing.match.resources[i];
  const ExistingResource& existing = input_.existing.resources[i];
  const std::vector<const CatalogEntry*> archived = EntriesOf(existing.catalog);
  std::vector<std::string> unnamed;
  for (std::size_t m = 0; m < existing.meetings.size(); ++m) {
    const FileMeeting& meeting = existing.meetings[m];
    const FileDecision& decision = input_.plan.decisions[i][m];
    if (meeting.file == kNone || !Places(decision)) continue;
    if (IsInPlace(meeting, decision)) {
      const std::string& path = session_.inventory.resources[i][meeting.file].path;
      steps->Add(StepKind::kOverwrite, From(JoinPath(session_.draft.resources[i].directory, path)),
                 To(JoinPath(match.directory, path)));
    } else if (Replaces(decision) && meeting.object != kNone &&
               meeting.sameness != Sameness::kArchivedIsMissing) {
      unnamed.push_back(JoinPath(match.directory, archived[meeting.object]->RelativePath()));
    }
  }
  if (IsChanged(i)) {
    XNA_RETURN_IF_ERROR(steps->Place({Tree::kArchive, StagedCatalog(i)}, To(match.catalog_path)));
  }
  for (const std::string& path : unnamed) steps->Add(StepKind::kTrash, To(path), {});
  return Status();
}

Status MergeExecutor::AddOthers(PlanSteps* steps) const {
  for (std::size_t m = 0; m < input_.existing.others.size(); ++m) {
    const FileDecision& decision = input_.plan.other_decisions[m];
    if (!Places(decision)) continue;
    const std::uint32_t file = input_.existing.others[m].file;
    const std::string& path = session_.inventory.others[file].path;
    const TreePath to = To(input_.existing.other_targets[file]);
    if (decision.action == FileAction::kReplace) {
      steps->Add(StepKind::kOverwrite, From(path), to);
    } else {
      XNA_RETURN_IF_ERROR(steps->MoveTo(From(path), to));
    }
  }
  return Status();
}

}  // namespace

Result<ArchiveOutcome> ExecuteMerge(const Trees& trees, Operation& operation, MergeExecution input,
                                    const Acknowledge& acknowledge) {
  return MergeExecutor(trees, operation, std::move(input)).Run(acknowledge);
}

}  // namespace xnatarchive
