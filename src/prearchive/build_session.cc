#include "prearchive/build_session.hpp"

#include <algorithm>
#include <deque>
#include <set>
#include <string>
#include <unordered_map>
#include <utility>
#include <vector>

#include "archive/catalog_content.hpp"
#include "archive/describe_session.hpp"
#include "base/status_macros.hpp"
#include "base/text.hpp"
#include "base/time.hpp"
#include "prearchive/build.hpp"
#include "prearchive/header_note.hpp"
#include "prearchive/join_session.hpp"
#include "prearchive/row_facts.hpp"
#include "prearchive/session_log.hpp"
#include "prearchive/session_paths.hpp"
#include "xml/session_path.hpp"
#include "xml/session_xml.hpp"

namespace xnatarchive {
namespace {

constexpr const char* kBuilt = "Built";                // in the audit trail
constexpr const char* kParametersFact = "parameters";  // of the index

/// Sets what the uploads gave values for. A path that this session's document does not have is left
/// out, and told of.
void ApplyParameters(const PrearchiveSession& row, BuiltSession* built) {
  for (const auto& [name, value] : row.parameters) {
    if (!IsXmlPath(name)) continue;
    const Status set = SetByXmlPath(built->draft.document, name, value);
    if (!set.ok()) built->log.emplace_back(set.message());
  }
}

/// The pure part: index and headers to a built session.
Result<BuiltSession> Build(const Trees& trees, const PrearchiveSession& row,
                           const SessionPaths& paths, const FileIndex& index) {
  std::deque<DicomHeader> headers;
  std::vector<const DicomHeader*> by_note(index.notes.size());
  BuildInput input;
  input.project = row.project;
  input.label = row.label;
  input.subject = row.subject;
  input.visit = row.visit;
  input.protocol = row.protocol;
  input.prearchive_path = JoinPath(trees.prearchive.path(), paths.directory);
  for (const IndexedFile& file : index.files) {
    if (file.sop_instance_uid.empty()) continue;  // kept by another handler; not DICOM
    const DicomHeader*& header = by_note[file.note];
    if (header == nullptr) {
      XNA_ASSIGN_OR_RETURN(DicomHeader parsed, ParseHeaderNote(index.notes[file.note]));
      header = &headers.emplace_back(std::move(parsed));
    }
    input.files.push_back({&file, header});
  }
  XNA_ASSIGN_OR_RETURN(BuiltSession built, BuildSession(input));
  ApplyParameters(row, &built);
  return built;
}

/// Resources that were added by other means than the build, as far as their catalogs are there: of
/// the session, and of scans the build has, too, those whose label it did not make. Returns the
/// paths of the catalogs.
Result<std::set<std::string>> KeepResources(const Trees& trees, const SessionPaths& paths,
                                            SessionDocument* document) {
  std::set<std::string> catalogs;
  const Result<std::string> bytes = trees.prearchive.ReadFile(paths.document, kDocumentBytesMax);
  if (!bytes.ok()) {
    if (bytes.status().code() == Code::kNotFound) return catalogs;
    return bytes.status();
  }
  const Result<SessionDocument> previous = ParseSession(*bytes);
  // A document that cannot be read is what a build is there to replace.
  if (!previous.ok()) return catalogs;
  const auto keep = [&](const std::vector<Resource>& from, std::vector<Resource>* to) -> Status {
    for (const Resource& resource : from) {
      const bool made = std::any_of(to->begin(), to->end(), [&](const Resource& other) {
        return other.label == resource.label;
      });
      // DICOM and secondary are the build's own: without files they are no more.
      if (made || resource.label == "DICOM" || resource.label == "secondary") continue;
      XNA_ASSIGN_OR_RETURN(const bool there,
                           trees.prearchive.Exists(JoinPath(paths.directory, resource.uri)));
      if (!there) continue;
      catalogs.insert(resource.uri);
      to->push_back(resource);
    }
    return Status();
  };
  XNA_RETURN_IF_ERROR(keep(previous->resources, &document->resources));
  for (const Scan& scan : previous->scans) {
    Scan* same = document->FindScan(scan.id);
    if (same == nullptr) {  // a scan without DICOM: it is kept if anything of it is
      Scan kept = scan;
      kept.resources.clear();
      XNA_RETURN_IF_ERROR(keep(scan.resources, &kept.resources));
      if (!kept.resources.empty()) document->scans.push_back(std::move(kept));
      continue;
    }
    XNA_RETURN_IF_ERROR(keep(scan.resources, &same->resources));
  }
  return catalogs;
}

/// Whether a file is a scan's catalog, and none of `catalogs`, which are those there will be.
bool IsStaleCatalog(std::string_view path, const std::set<std::string>& catalogs) {
  return StartsWith(path, "SCANS/") && StartsWith(BaseName(path), "scan_") &&
         EndsWith(path, "_catalog.xml") && catalogs.count(std::string(path)) == 0;
}

/// Collects the steps that turn the session directory into what was built.
class BuildPlanner {
 public:
  BuildPlanner(const Trees& trees, const Operation& operation, const SessionPaths& paths)
      : prearchive_(trees.prearchive), stage_(operation.stage()), paths_(paths) {
    plan.kind = "build";
  }

  /// `catalogs`: of resources the build did not make, which stay.
  Status Add(const BuiltSession& built, const FileIndex& index, std::set<std::string> catalogs) {
    for (const auto& [from, to] : built.moves) {
      MakeDirectories(std::string(ParentPath(to)));
      plan.steps.push_back({StepKind::kMove, InSession(from), InSession(to)});
      left_.insert(std::string(ParentPath(from)));
    }
    for (const ResourceDraft& resource : built.draft.resources) {
      catalogs.insert(resource.catalog_path);
      MakeDirectories(std::string(ParentPath(resource.catalog_path)));
      XNA_RETURN_IF_ERROR(Place(CatalogContent(resource.catalog, CatalogStyle::kPretty),
                                InSession(resource.catalog_path)));
    }
    XNA_RETURN_IF_ERROR(TrashStaleCatalogs(catalogs));
    XNA_RETURN_IF_ERROR(Place(WriteFileIndex(index), {Tree::kPrearchive, paths_.index}));
    XNA_RETURN_IF_ERROR(TrashLateIndex());
    if (!built.log.empty()) {
      XNA_RETURN_IF_ERROR(Place(Join(built.log, "\n") + "\n", InSession("dcmtoxnat.log")));
    }
    XNA_RETURN_IF_ERROR(
        Place(WriteSession(built.draft.document), {Tree::kPrearchive, paths_.document}));
    for (const std::string& directory : left_) {
      plan.steps.push_back({StepKind::kRemoveIfEmpty, {}, InSession(directory)});
      plan.steps.push_back(
          {StepKind::kRemoveIfEmpty, {}, InSession(std::string(ParentPath(directory)))});
    }
    return Status();
  }

  OperationPlan plan;

 private:
  TreePath InSession(const std::string& path) const {
    return {Tree::kPrearchive, JoinPath(paths_.directory, path)};
  }

  /// `content`: bytes or FileContent.
  template <typename Content>
  Status Place(const Content& content, TreePath target) {
    const std::string staged = JoinPath(stage_, std::to_string(staged_++));
    XNA_RETURN_IF_ERROR(prearchive_.WriteNew(staged, content));
    plan.steps.push_back({StepKind::kReplace, {Tree::kPrearchive, staged}, std::move(target)});
    return Status();
  }

  void MakeDirectories(const std::string& directory) {
    for (std::size_t end = directory.find('/');; end = directory.find('/', end + 1)) {
      const std::string ancestor = directory.substr(0, end);
      if (made_.insert(ancestor).second) {
        plan.steps.push_back({StepKind::kMakeDirectory, {}, InSession(ancestor)});
      }
      if (end == std::string::npos) return;
    }
  }

  /// Catalogs of an earlier build whose files have moved elsewhere would name files that are gone.
  /// The index that was placed has what is in it.
  Status TrashLateIndex() {
    XNA_ASSIGN_OR_RETURN(const bool there, prearchive_.Exists(paths_.late_index));
    if (there) plan.steps.push_back({StepKind::kTrash, {Tree::kPrearchive, paths_.late_index}, {}});
    return Status();
  }

  Status TrashStaleCatalogs(const std::set<std::string>& catalogs) {
    const std::string scans = JoinPath(paths_.directory, "SCANS");
    return prearchive_.Walk(scans, [&](const WalkEntry& entry) -> Status {
      const std::string path = JoinPath("SCANS", entry.path);
      if (IsStaleCatalog(path, catalogs)) {
        plan.steps.push_back({StepKind::kTrash, InSession(path), {}});
        left_.insert(std::string(ParentPath(path)));
      }
      return Status();
    });
  }

  const Directory& prearchive_;
  const std::string stage_;
  const SessionPaths& paths_;
  std::set<std::string> made_;
  std::set<std::string> left_;  // directories something was moved out of
  std::size_t staged_ = 0;
};

/// The files of the index at their new places.
void MoveInIndex(const std::vector<std::pair<std::string, std::string>>& moves, FileIndex* index) {
  const std::unordered_map<std::string, std::string> targets(moves.begin(), moves.end());
  for (IndexedFile& file : index->files) {
    const auto at = targets.find(file.path);
    if (at != targets.end()) file.path = at->second;
  }
}

/// Keeps values with the session: in its row, and beside it for a lost store.
void Keep(const NamedValues& fields, PrearchiveSession* row, FileIndex* index) {
  if (fields.empty()) return;
  for (const auto& [name, value] : fields) row->parameters[name] = value;
  std::string parameters = WriteNamedValues(row->parameters);
  for (auto& [name, value] : index->facts) {
    if (name != kParametersFact) continue;
    value = std::move(parameters);
    return;
  }
  index->facts.emplace_back(kParametersFact, std::move(parameters));
}

Result<PrearchiveSession> BuildLocked(const Trees& trees, Operation& operation,
                                      PrearchiveSession row, const BuildRequest& request,
                                      const Acknowledge& acknowledge) {
  const SessionPaths paths(row.Id());
  std::vector<std::string> others;
  XNA_ASSIGN_OR_RETURN(FileIndex index,
                       ReadSessionIndex(trees.prearchive, paths, &others, request.progress));
  Keep(request.fields, &row, &index);
  XNA_ASSIGN_OR_RETURN(BuiltSession built, Build(trees, row, paths, index));
  XNA_ASSIGN_OR_RETURN(std::set<std::string> kept,
                       KeepResources(trees, paths, &built.draft.document));
  MoveInIndex(built.moves, &index);
  if (!others.empty()) {
    built.log.push_back(std::to_string(others.size()) + " files are not DICOM and in no catalog");
  }
  BuildPlanner planner(trees, operation, paths);
  XNA_RETURN_IF_ERROR(planner.Add(built, index, std::move(kept)));

  PrearchiveSession ready = std::move(row);
  ready.state = PrearchiveState::kReady;
  ready.archive_pending = request.archive_pending;
  ready.last_modified_ms = NowMs();
  ready.study_uid = built.draft.document.uid;
  AppendActorFacts(request.actor, operation.id(), &planner.plan);
  SessionCounts counts = CountsOf(index);
  counts.scans = built.draft.document.scans.size();
  AppendRowFacts(ready, counts, 0, &planner.plan);
  Status status = operation.Commit(std::move(planner.plan), acknowledge);
  if (!status.ok() && status.disk_state() != DiskState::kCommitted) return status;
  return ready;
}

}  // namespace

bool IsXmlPath(std::string_view name) { return name.find('/') != std::string_view::npos; }

Result<PrearchiveSession> BuildPrearchiveSession(const Trees& trees, Store& store,
                                                 BuildRequest request,
                                                 const Acknowledge& acknowledge) {
  const PrearchiveId& id = request.id;
  XNA_ASSIGN_OR_RETURN(Operation operation,
                       Operation::Begin(trees, Tree::kPrearchive, "build",
                                        {PrearchiveLockKey(id.project, id.timestamp, id.folder)},
                                        acknowledge, std::move(request.held)));
  XNA_ASSIGN_OR_RETURN(const auto stored, store.FindPrearchive(id));
  if (!stored) {
    return Status(Code::kNotFound, "prearchive.not-found", "the session was archived or deleted");
  }
  const PrearchiveSession& row = *stored;
  Result<PrearchiveSession> built = BuildLocked(trees, operation, row, request, acknowledge);
  if (built.ok() || built.status().disk_state() != DiskState::kUnchanged) return built;
  if (built.status().code() != Code::kInvalidArgument &&
      built.status().code() != Code::kCorruption) {
    return built;  // the disk's failure says nothing about the session
  }
  AppendSessionLog(trees.prearchive, SessionPaths(row.Id()),
                   "Build failed: " + std::string(built.status().message()) + " [" +
                       std::string(built.status().reason()) + "]");
  AuditRow record = PrearchiveRecord(kBuilt, request.actor, row);
  record.status = AuditStatus::kFailed;
  record.reason = built.status().reason();
  IgnoreError(store.Transaction([&](Store& transaction) {
    const Result<PrearchiveSession> marked =
        transaction.ChangePrearchiveState(row.Id(), {row.state}, PrearchiveState::kError);
    return marked.ok() ? transaction.AddAudit(record) : marked.status();
  }),
              "the build's own failure is what matters");
  return built;
}

Result<BuildPreview> PreviewBuild(const Trees& trees, const PrearchiveSession& row) {
  const SessionPaths paths(row.Id());
  std::vector<std::string> others;
  XNA_ASSIGN_OR_RETURN(const FileIndex index, ReadSessionIndex(trees.prearchive, paths, &others));
  XNA_ASSIGN_OR_RETURN(BuiltSession built, Build(trees, row, paths, index));
  XNA_ASSIGN_OR_RETURN(std::set<std::string> catalogs,
                       KeepResources(trees, paths, &built.draft.document));
  std::unordered_map<std::string, ResourceDraft> made;
  for (ResourceDraft& resource : built.draft.resources) {
    catalogs.insert(resource.catalog_path);
    made.emplace(resource.catalog_path, std::move(resource));
  }
  BuildPreview preview;
  preview.draft = std::move(built.draft);
  preview.draft.resources = ResourcesOf(preview.draft.document);
  std::vector<std::string> directories;
  for (ResourceDraft& resource : preview.draft.resources) {
    const auto at = made.find(resource.catalog_path);
    if (at != made.end()) resource = std::move(at->second);
    directories.push_back(resource.directory);
  }
  XNA_ASSIGN_OR_RETURN(const Directory session, trees.prearchive.OpenSubdirectory(paths.directory));
  XNA_ASSIGN_OR_RETURN(SessionInventory now, TakeInventory(session, {}, 1));
  const std::unordered_map<std::string, std::string> targets(built.moves.begin(),
                                                             built.moves.end());
  std::vector<SessionFile> files;
  for (SessionFile& file : now.others) {
    if (IsStaleCatalog(file.path, catalogs)) continue;
    const auto at = targets.find(file.path);
    if (at != targets.end()) {
      preview.received_at.emplace(at->second, file.path);
      file.path = at->second;
    }
    files.push_back(std::move(file));
  }
  preview.inventory = InventoryOf(std::move(files), directories);
  return preview;
}

Status AcknowledgeBuild(Store& store, const OperationPlan& plan) {
  XNA_ASSIGN_OR_RETURN(std::vector<PrearchiveSession> rows, RowsFromFacts(plan));
  return store.Transaction([&](Store& transaction) -> Status {
    for (PrearchiveSession& row : rows) {
      XNA_ASSIGN_OR_RETURN(const auto stored, transaction.FindPrearchive(row.Id()));
      if (!stored) continue;  // reindexed or deleted meanwhile: the tree is what counts
      row.key = stored->key;
      row.version = stored->version;
      XNA_RETURN_IF_ERROR(transaction.UpdatePrearchive(row));
    }
    return AuditRows(transaction, kBuilt, plan, rows);
  });
}

Status DeletePrearchiveSession(const Trees& trees, Store& store, const PrearchiveId& id,
                               const Actor& actor, const Acknowledge& acknowledge) {
  XNA_ASSIGN_OR_RETURN(
      Operation operation,
      Operation::Begin(trees, Tree::kPrearchive, "delete",
                       {PrearchiveLockKey(id.project, id.timestamp, id.folder)}, acknowledge));
  XNA_ASSIGN_OR_RETURN(const auto stored, store.FindPrearchive(id));  // I1
  if (!stored) {
    return Status(Code::kNotFound, "prearchive.not-found", "the session was archived or deleted");
  }
  const PrearchiveSession& row = *stored;
  const SessionPaths paths(id);
  OperationPlan plan;
  plan.kind = "delete";
  AppendActorFacts(actor, operation.id(), &plan);
  AppendRowFacts(row, CountsOf(CachedIndex(trees.prearchive, paths)), 0, &plan);
  const auto in_prearchive = [](const std::string& path) {
    return TreePath{Tree::kPrearchive, path};
  };
  for (const std::string& path : paths.SideCars()) {
    XNA_ASSIGN_OR_RETURN(const bool there, trees.prearchive.Exists(path));
    if (there) plan.steps.push_back({StepKind::kTrash, in_prearchive(path), {}});
  }
  plan.steps.push_back({StepKind::kPurge, in_prearchive(paths.directory), {}});
  plan.steps.push_back({StepKind::kRemoveIfEmpty, {}, in_prearchive(paths.timestamp_directory)});
  if (!row.project.empty()) {
    plan.steps.push_back({StepKind::kRemoveIfEmpty, {}, in_prearchive(row.project)});
  }
  Status status = operation.Commit(std::move(plan), acknowledge);
  if (status.disk_state() != DiskState::kCommitted) return status;
  IgnoreError(status, "the session is gone; leftovers are swept by the next Open");
  return Status();
}

Status AcknowledgeDelete(Store& store, const OperationPlan& plan) {
  XNA_ASSIGN_OR_RETURN(const std::vector<PrearchiveSession> rows, RowsFromFacts(plan));
  return store.Transaction([&](Store& transaction) -> Status {
    for (const PrearchiveSession& row : rows) {
      XNA_RETURN_IF_ERROR(transaction.RemovePrearchive(row.Id()));
    }
    return AuditRows(transaction, "Deleted", plan, rows);
  });
}

}  // namespace xnatarchive
