#include "prearchive/receive.hpp"

#include <algorithm>
#include <chrono>
#include <set>
#include <thread>
#include <tuple>
#include <utility>

#include "archive/catalog_content.hpp"
#include "base/status_macros.hpp"
#include "base/text.hpp"
#include "base/time.hpp"
#include "prearchive/draft_document.hpp"
#include "prearchive/join_session.hpp"
#include "prearchive/row_facts.hpp"
#include "prearchive/session_paths.hpp"
#include "xml/session_xml.hpp"

namespace xnatarchive {
namespace {

constexpr std::int64_t kLockTimeoutMs = 10'000;  // others publish, build or archive: moments
/// Between two looks whether a lock is free: that of one who adds a file is, after a millisecond.
constexpr std::chrono::microseconds kLockPauseMin(100);
constexpr std::chrono::microseconds kLockPauseMax(5'000);
constexpr const char* kDefaultLabel = "dicom_upload";  // XNAT's, when the data has none

/// What the request wants kept, in the row of a new session or of one that is joined.
void KeepWithRow(const ReceiveRequest& request, PrearchiveSession* row) {
  const auto keep = [](const std::string& given, std::string* kept) {
    if (!given.empty()) *kept = given;
  };
  keep(request.source, &row->source);
  keep(request.visit, &row->visit);
  keep(request.protocol, &row->protocol);
  keep(request.time_zone, &row->time_zone);
  row->prevent_anon = row->prevent_anon || request.prevent_anon;
  row->prevent_auto_commit = row->prevent_auto_commit || request.prevent_auto_commit;
  for (const auto& [name, value] : request.parameters) row->parameters[name] = value;
}

auto KeptOf(const PrearchiveSession& row) {
  return std::tie(row.source, row.visit, row.protocol, row.time_zone, row.prevent_anon,
                  row.prevent_auto_commit, row.parameters);
}

/// Project, subject and label of one draft, sanitised, in a row for the prearchive table. A project
/// that only the data names, and that does not exist, is none: Unassigned.
Result<PrearchiveSession> DraftRow(const ReceivedSession& received, const ReceivedDrafts& drafts,
                                   const ReceiveRequest& request) {
  const SessionDocument& document = received.draft.document;
  const auto first = [](const std::string& a, const std::string& b) { return a.empty() ? b : a; };
  PrearchiveSession row;
  row.project = request.project;
  if (row.project.empty() && !request.target && !document.project.empty()) {
    row.project = drafts.FindProject({document.project}).value_or("");
  }
  if (request.authorize) XNA_RETURN_IF_ERROR(request.authorize(row.project));
  row.subject = SanitiseLabel(first(request.subject, document.Get("subject_ID")));
  row.label = SanitiseLabel(first(first(request.label, document.label), kDefaultLabel));
  row.folder = row.label;
  if (!IsValidLabel(row.label)) {
    return Status(Code::kInvalidArgument, "import.bad-label",
                  "the session label has no letter or digit, or is longer than " +
                      std::to_string(kLabelBytesMax) + " characters; give one with the request");
  }
  if (!row.subject.empty() && !IsValidLabel(row.subject)) {
    return Status(Code::kInvalidArgument, "import.bad-label",
                  "the subject label has no letter or digit, or is longer than " +
                      std::to_string(kLabelBytesMax) + " characters; give one with the request");
  }
  row.study_uid = document.uid;
  if (!received.draft.scan_date.empty()) {
    row.scan_date =
        received.draft.scan_date + " " + first(received.draft.scan_time, "00:00:00") + ".0";
  }
  row.scan_time = received.draft.scan_time;
  if (received.draft.auto_archive) {
    row.auto_archive =
        *received.draft.auto_archive ? PrearchiveCode::kAutoArchive : PrearchiveCode::kManual;
  }
  row.source = request.handler;
  KeepWithRow(request, &row);
  row.state = received.draft.needs_build ? PrearchiveState::kReceiving : PrearchiveState::kReady;
  return row;
}

/// What the tree will not tell of the session until it is built.
void SetFacts(const PrearchiveSession& row, FileIndex* index) {
  index->facts = {{"label", row.label},
                  {"subject", row.subject},
                  {"study_uid", row.study_uid},
                  {"source", row.source},
                  {"scan_date", row.scan_date},
                  {"scan_time", row.scan_time},
                  {"visit", row.visit},
                  {"protocol", row.protocol},
                  {"time_zone", row.time_zone},
                  {"parameters", WriteNamedValues(row.parameters)},
                  {"prevent_anon", row.prevent_anon ? "1" : "0"},
                  {"prevent_auto_commit", row.prevent_auto_commit ? "1" : "0"}};
  if (row.auto_archive) {
    index->facts.emplace_back("auto_archive", PrearchiveCodeName(*row.auto_archive));
  }
}

/// The files as they came; `received` has none afterwards: there may be very many.
FileIndex TakeIndex(ReceivedSession* received) {
  FileIndex index;
  index.notes = std::move(received->notes);
  index.files.reserve(received->files.size());
  for (; !received->files.empty(); received->files.pop_front()) {
    ReceivedFile& file = received->files.front();
    IndexedFile& indexed = index.files.emplace_back();
    indexed.path = std::move(file.path);
    indexed.size = file.staged.size;
    indexed.mtime_ns = file.staged.mtime_ns;
    indexed.md5 = file.staged.md5.view();
    indexed.xxh3 = file.staged.xxh3.view();
    indexed.note = file.note;
    indexed.sop_instance_uid = std::move(file.sop_instance_uid);
    indexed.instance_number = std::move(file.instance_number);
  }
  return index;
}

/// Plans the sessions of one upload, one after the other.
class ReceivePlanner {
 public:
  ReceivePlanner(const Trees& trees, Store& store, Operation& operation,
                 const ReceiveRequest& request, const Acknowledge& acknowledge)
      : trees_(trees),
        store_(store),
        operation_(operation),
        request_(request),
        acknowledge_(acknowledge) {
    plan_.kind = "receive";
    AppendActorFacts(request.actor, operation.id(), &plan_);
  }

  Status Add(ReceivedSession& received, PrearchiveSession row) {
    FileIndex index = TakeIndex(&received);
    if (!row.study_uid.empty()) {
      // Two uploads of one new study at the same time: the second finds the first one's session.
      XNA_RETURN_IF_ERROR(
          LockPatiently(PrearchiveLockKey(row.project, "study-" + row.study_uid, row.label)));
      XNA_ASSIGN_OR_RETURN(const auto waiting,
                           store_.FindPrearchiveByStudy(row.project, row.study_uid, row.label));
      const auto other = std::find_if(waiting.begin(), waiting.end(),
                                      [this](const auto& session) { return IsWanted(session); });
      if (other != waiting.end()) {
        XNA_ASSIGN_OR_RETURN(const bool joined, Join(received, other->Id(), &index));
        if (joined) return Status();
      }
    }
    if (request_.target) {
      return Status(Code::kConflict, "import.other-study",
                    "what was sent is not of the study of the session it was sent to");
    }
    return Publish(received, std::move(row), std::move(index));
  }

  /// Once nothing can be said against any session of the upload, and their locks are still held.
  Status StoreKept() {
    for (const std::size_t i : kept_) {
      XNA_RETURN_IF_ERROR(store_.UpdatePrearchive(outcome_.sessions[i]));
    }
    return Status();
  }

  /// The plan, with the rows it changes.
  OperationPlan TakePlan() {
    for (std::size_t i = 0; i < changed_.size(); ++i) {
      AppendRowFacts(changed_[i].row, changed_[i].counts, i, &plan_);
    }
    return std::move(plan_);
  }
  ReceiveOutcome& outcome() { return outcome_; }

 private:
  TreePath Staged(std::string path) const { return {Tree::kPrearchive, std::move(path)}; }

  bool IsWanted(const PrearchiveSession& session) const {
    return !request_.target || (session.timestamp == request_.target->timestamp &&
                                session.folder == request_.target->folder);
  }

  Status LockPatiently(const std::string& key) {
    const std::int64_t give_up = NowMs() + kLockTimeoutMs;
    for (std::chrono::microseconds pause = kLockPauseMin;;
         pause = std::min(pause * 5 / 4, kLockPauseMax)) {
      Status status = operation_.Lock({key}, acknowledge_);
      if (status.code() != Code::kLocked || NowMs() > give_up) return status;
      std::this_thread::sleep_for(pause);
    }
  }

  /// Chooses a timestamp under which the label is free, and locks the session that will be there.
  Status ChooseName(PrearchiveSession* row) {
    for (std::int64_t ms = NowMs();; ++ms) {
      row->uploaded_ms = row->last_modified_ms = ms;
      row->timestamp = FormatTimestamp(ms);
      const SessionPaths paths(row->Id());
      if (!timestamps_.insert(paths.timestamp_directory).second) continue;
      Status locked = operation_.Lock(
          {PrearchiveLockKey(row->project, row->timestamp, row->folder)}, acknowledge_);
      if (locked.code() == Code::kLocked) continue;
      XNA_RETURN_IF_ERROR(std::move(locked));
      XNA_ASSIGN_OR_RETURN(const bool taken, trees_.prearchive.Exists(paths.timestamp_directory));
      if (!taken) return Status();
    }
  }

  /// The document of a draft that is complete as it came, as it will lie beside the session.
  Result<std::string> DocumentOf(ReceivedSession& received, const PrearchiveSession& row) const {
    XNA_RETURN_IF_ERROR(CompleteDraft(&received.draft));
    SessionDocument& document = received.draft.document;
    document.id.clear();  // of another archive, if any: an ID is given when a session is archived
    document.project = row.project;
    document.label = row.label;
    document.Set("subject_ID", row.subject);
    document.Set("prearchivePath",
                 JoinPath(trees_.prearchive.path(), SessionPaths(row.Id()).directory));
    const Status readable = CheckReadable(document);
    if (readable.ok()) return WriteSession(document);
    return Status(
        Code::kHandlerFailed, "handler.bad-document",
        "what the handler made is no session's document: " + std::string(readable.message()));
  }

  Status StageDocuments(ReceivedSession& received, const PrearchiveSession& row) const {
    XNA_ASSIGN_OR_RETURN(const std::string document, DocumentOf(received, row));
    for (const ResourceDraft& resource : received.draft.resources) {
      const std::string path = JoinPath(received.stage, resource.catalog_path);
      XNA_RETURN_IF_ERROR(trees_.prearchive.MakeDirectories(ParentPath(path)));
      XNA_RETURN_IF_ERROR(trees_.prearchive.WriteNew(
          path, CatalogContent(resource.catalog, CatalogStyle::kPretty)));
    }
    return trees_.prearchive.WriteNew(received.stage + ".xml", document);
  }

  Status Publish(ReceivedSession& received, PrearchiveSession row, FileIndex index) {
    XNA_RETURN_IF_ERROR(ChooseName(&row));
    const SessionPaths paths(row.Id());
    row.url = paths.directory;
    SetFacts(row, &index);
    XNA_RETURN_IF_ERROR(
        trees_.prearchive.WriteNew(received.stage + ".index", WriteFileIndex(index)));
    if (!row.project.empty()) {
      plan_.steps.push_back({StepKind::kMakeDirectory, {}, Staged(row.project)});
    }
    plan_.steps.push_back({StepKind::kMakeDirectory, {}, Staged(paths.timestamp_directory)});
    plan_.steps.push_back(
        {StepKind::kMove, Staged(received.stage + ".index"), Staged(paths.index)});
    if (!received.draft.needs_build) {
      XNA_RETURN_IF_ERROR(StageDocuments(received, row));
      plan_.steps.push_back(
          {StepKind::kMove, Staged(received.stage + ".xml"), Staged(paths.document)});
    }
    plan_.steps.push_back({StepKind::kMove, Staged(received.stage), Staged(paths.directory)});
    SessionCounts counts;
    for (const IndexedFile& file : index.files) {
      ++counts.files;
      counts.bytes += file.size;
    }
    outcome_.files_received += counts.files;
    outcome_.bytes_received += counts.bytes;
    changed_.push_back({row, counts});
    outcome_.sessions.push_back(std::move(row));
    return Status();
  }

  /// Whether a complete draft says of the waiting session what its document says already.
  Result<bool> SaysTheSame(ReceivedSession& received, const PrearchiveSession& row) const {
    XNA_ASSIGN_OR_RETURN(const std::string document, DocumentOf(received, row));
    const Result<std::string> waiting =
        trees_.prearchive.ReadFile(SessionPaths(row.Id()).document, kDocumentBytesMax);
    return waiting.ok() && *waiting == document;
  }

  /// False when the session is gone by now, or when the draft is complete as it came and differs
  /// from what waits: two documents can not be one, so it becomes a session of its own.
  Result<bool> Join(ReceivedSession& received, const PrearchiveId& id, FileIndex* index) {
    const SessionPaths paths(id);
    const std::string key = PrearchiveLockKey(id.project, id.timestamp, id.folder);
    if (!joined_.insert(key).second) return false;
    XNA_RETURN_IF_ERROR(LockPatiently(key));
    XNA_ASSIGN_OR_RETURN(const auto stored, store_.FindPrearchive(id));
    if (!stored) return false;
    PrearchiveSession row = *stored;
    if (!received.draft.needs_build) {
      XNA_ASSIGN_OR_RETURN(const bool same, SaysTheSame(received, row));
      if (!same) return false;
    }
    KeepWithRow(request_, &row);
    XNA_ASSIGN_OR_RETURN(JoinedSession joined,
                         PlanJoin(trees_.prearchive, paths, received.stage, *index));
    if (!received.draft.needs_build && joined.files_received > 0) return false;
    outcome_.files_received += joined.files_received;
    outcome_.files_identical += joined.files_identical;
    outcome_.bytes_received += joined.bytes_received;
    if (joined.files_received > 0) {
      SetFacts(row, &joined.index);
      XNA_RETURN_IF_ERROR(
          trees_.prearchive.WriteNew(received.stage + ".index", WriteFileIndex(joined.index)));
      for (Step& step : joined.steps) plan_.steps.push_back(std::move(step));
      plan_.steps.push_back(
          {StepKind::kReplace, Staged(received.stage + ".index"), Staged(joined.index_path)});
      if (joined.late_index_ends) {
        plan_.steps.push_back({StepKind::kTrash, Staged(paths.late_index), {}});
      }
      row.state = PrearchiveState::kReceiving;
      row.last_modified_ms = NowMs();
      changed_.push_back({row, {0, joined.files_received, joined.bytes_received}});
    } else if (KeptOf(row) != KeptOf(*stored)) {
      kept_.push_back(outcome_.sessions.size());
    }
    outcome_.sessions.push_back(std::move(row));
    return true;
  }

  struct Changed {
    PrearchiveSession row;
    SessionCounts counts;
  };

  const Trees& trees_;
  Store& store_;
  Operation& operation_;
  const ReceiveRequest& request_;
  const Acknowledge& acknowledge_;
  OperationPlan plan_;
  ReceiveOutcome outcome_;
  std::vector<Changed> changed_;
  std::vector<std::size_t> kept_;  ///< Of the outcome's sessions: got no file, but values to keep.
  std::set<std::string> timestamps_;
  std::set<std::string> joined_;
};

}  // namespace

Result<ReceiveOutcome> PublishReceived(const Trees& trees, Store& store, Operation& operation,
                                       ReceivedDrafts& drafts, const ReceiveRequest& request,
                                       const Acknowledge& acknowledge) {
  struct Named {
    ReceivedSession* received;
    PrearchiveSession row;
  };
  std::vector<Named> named;
  for (ReceivedSession& received : drafts.sessions()) {
    if (received.files.empty()) continue;
    XNA_ASSIGN_OR_RETURN(PrearchiveSession row, DraftRow(received, drafts, request));
    if (received.draft.needs_build) XNA_RETURN_IF_ERROR(operation.SyncAhead(received.stage));
    named.push_back({&received, std::move(row)});
  }
  // In one order for everybody: two uploads of the same studies must not wait for each other.
  std::stable_sort(named.begin(), named.end(), [](const Named& a, const Named& b) {
    return std::tie(a.row.project, a.row.study_uid, a.row.label) <
           std::tie(b.row.project, b.row.study_uid, b.row.label);
  });
  ReceivePlanner planner(trees, store, operation, request, acknowledge);
  for (Named& session : named) {
    XNA_RETURN_IF_ERROR(planner.Add(*session.received, std::move(session.row)));
  }
  ReceiveOutcome& outcome = planner.outcome();
  outcome.files_identical += drafts.files_identical();
  if (outcome.sessions.empty() && drafts.files_filtered() == 0) {
    return Status(Code::kInvalidArgument, "import.nothing",
                  "the input holds no file that can be received");
  }
  XNA_RETURN_IF_ERROR(planner.StoreKept());
  OperationPlan plan = planner.TakePlan();
  if (!plan.steps.empty()) {
    Status status = operation.Commit(std::move(plan), acknowledge);
    if (!status.ok() && status.disk_state() != DiskState::kCommitted) return status;
  }
  return std::move(outcome);
}

Status AcknowledgeReceive(Store& store, const OperationPlan& plan) {
  XNA_ASSIGN_OR_RETURN(std::vector<PrearchiveSession> rows, RowsFromFacts(plan));
  return store.Transaction([&](Store& transaction) -> Status {
    for (PrearchiveSession& row : rows) {
      XNA_ASSIGN_OR_RETURN(std::optional<PrearchiveSession> stored,
                           transaction.FindPrearchive(row.Id()));
      if (!stored) {
        XNA_RETURN_IF_ERROR(transaction.InsertPrearchive(row));
        continue;
      }
      row.key = stored->key;
      row.version = stored->version;
      XNA_RETURN_IF_ERROR(transaction.UpdatePrearchive(row));
    }
    return AuditRows(transaction, "Received", plan, rows);
  });
}

}  // namespace xnatarchive
