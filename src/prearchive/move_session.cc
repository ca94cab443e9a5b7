#include "prearchive/move_session.hpp"

#include <utility>

#include "archive/operation_home.hpp"
#include "base/status_macros.hpp"
#include "base/time.hpp"
#include "prearchive/join_session.hpp"
#include "prearchive/row_facts.hpp"
#include "prearchive/session_log.hpp"
#include "prearchive/session_paths.hpp"
#include "prearchive/session_state.hpp"
#include "xml/session_xml.hpp"

namespace xnatarchive {
namespace {

constexpr const char* kMoved = "Moved";  // in the audit trail
constexpr const char* kFromProject = "from.project";
constexpr const char* kFromTimestamp = "from.timestamp";

TreePath InPrearchive(std::string path) { return {Tree::kPrearchive, std::move(path)}; }

std::string LockKey(const PrearchiveId& id) {
  return PrearchiveLockKey(id.project, id.timestamp, id.folder);
}

/// What a session that was READY, or that failed, is after a move: what its files say. A conflict
/// was one with the project it leaves.
Result<PrearchiveState> StateAfterMove(const Trees& trees, const PrearchiveSession& row) {
  if (row.state == PrearchiveState::kReceiving) return row.state;
  if (!MayChange(row.state, PrearchiveState::kMoving)) {
    return Status(
        Code::kConflict, "prearchive.bad-transition",
        "a session that is " + std::string(PrearchiveStateName(row.state)) + " can not be moved");
  }
  return StateFromFiles(trees.prearchive, row.Id());
}

class MovePlanner {
 public:
  MovePlanner(const Trees& trees, Operation& operation, const PrearchiveSession& from,
              const Acknowledge& acknowledge)
      : trees_(trees), operation_(operation), from_(from), acknowledge_(acknowledge) {
    plan_.kind = "move";
  }

  /// Chooses the place in the project, and returns the row as it will be.
  Result<PrearchiveSession> Plan(const std::string& project, const Actor& actor) {
    PrearchiveSession row = from_;
    row.project = project;
    XNA_ASSIGN_OR_RETURN(row.state, StateAfterMove(trees_, from_));
    row.archive_pending = false;  // a person has it in hand
    XNA_RETURN_IF_ERROR(ChoosePlace(&row));
    row.url = SessionPaths(row.Id()).directory;
    row.last_modified_ms = NowMs();
    XNA_RETURN_IF_ERROR(AddSteps(row));
    AppendActorFacts(actor, operation_.id(), &plan_);
    const SessionCounts counts = CountsOf(CachedIndex(trees_.prearchive, SessionPaths(from_.Id())));
    AppendRowFacts(row, counts, 0, &plan_);
    plan_.facts.emplace_back(kFromProject, from_.project);
    plan_.facts.emplace_back(kFromTimestamp, from_.timestamp);
    return row;
  }

  OperationPlan TakePlan() { return std::move(plan_); }

 private:
  /// A timestamp directory that nobody has: sessions of one name are never in one place.
  Status ChoosePlace(PrearchiveSession* row) {
    for (std::int64_t ms = NowMs();; row->timestamp = FormatTimestamp(ms++)) {
      XNA_ASSIGN_OR_RETURN(const bool taken,
                           trees_.prearchive.Exists(SessionPaths(row->Id()).timestamp_directory));
      if (taken) continue;
      Status locked = operation_.Lock({LockKey(row->Id())}, acknowledge_);
      if (locked.code() == Code::kLocked) continue;
      XNA_RETURN_IF_ERROR(std::move(locked));
      // Between the look and the lock somebody may have made it.
      XNA_ASSIGN_OR_RETURN(const bool appeared,
                           trees_.prearchive.Exists(SessionPaths(row->Id()).timestamp_directory));
      if (!appeared) return Status();
    }
  }

  Status AddSteps(const PrearchiveSession& row) {
    const SessionPaths source(from_.Id());
    const SessionPaths target(row.Id());
    if (!row.project.empty()) {
      plan_.steps.push_back({StepKind::kMakeDirectory, {}, InPrearchive(row.project)});
    }
    plan_.steps.push_back({StepKind::kMakeDirectory, {}, InPrearchive(target.timestamp_directory)});
    const std::pair<std::string, std::string> indexes[] = {{source.index, target.index},
                                                           {source.late_index, target.late_index}};
    for (const auto& [from, to] : indexes) {
      XNA_ASSIGN_OR_RETURN(const bool there, trees_.prearchive.Exists(from));
      if (there) plan_.steps.push_back({StepKind::kMove, InPrearchive(from), InPrearchive(to)});
    }
    XNA_RETURN_IF_ERROR(AddDocument(row, source, target));
    plan_.steps.push_back(
        {StepKind::kMove, InPrearchive(source.directory), InPrearchive(target.directory)});
    plan_.steps.push_back({StepKind::kRemoveIfEmpty, {}, InPrearchive(source.timestamp_directory)});
    if (!from_.project.empty()) {
      plan_.steps.push_back({StepKind::kRemoveIfEmpty, {}, InPrearchive(from_.project)});
    }
    return Status();
  }

  /// One that is true is rewritten. A stale one is moved as it is, and stays older than the index,
  /// which is how the tree alone tells that it is stale.
  Status AddDocument(const PrearchiveSession& row, const SessionPaths& source,
                     const SessionPaths& target) {
    XNA_ASSIGN_OR_RETURN(const bool there, trees_.prearchive.Exists(source.document));
    if (!there) return Status();
    if (row.state != PrearchiveState::kReady) {
      plan_.steps.push_back(
          {StepKind::kMove, InPrearchive(source.document), InPrearchive(target.document)});
      return Status();
    }
    XNA_ASSIGN_OR_RETURN(SessionDocument document, ReadDocument(trees_.prearchive, source));
    document.project = row.project;
    document.Set("prearchivePath", JoinPath(trees_.prearchive.path(), target.directory));
    const std::string staged = JoinPath(operation_.stage(), "document");
    XNA_RETURN_IF_ERROR(trees_.prearchive.WriteNew(staged, WriteSession(document)));
    plan_.steps.push_back({StepKind::kMove, InPrearchive(staged), InPrearchive(target.document)});
    plan_.steps.push_back({StepKind::kTrash, InPrearchive(source.document), {}});
    return Status();
  }

  const Trees& trees_;
  Operation& operation_;
  const PrearchiveSession& from_;
  const Acknowledge& acknowledge_;
  OperationPlan plan_;
};

/// The operation with the session's lock, and its row as it is under that lock.
struct LockedSession {
  Operation operation;
  PrearchiveSession row;
};

Result<LockedSession> LockedRow(const Trees& trees, Store& store, std::string_view kind,
                                const PrearchiveId& id, const Acknowledge& acknowledge) {
  XNA_ASSIGN_OR_RETURN(Operation operation, Operation::Begin(trees, Tree::kPrearchive, kind,
                                                             {LockKey(id)}, acknowledge));
  XNA_ASSIGN_OR_RETURN(auto row, store.FindPrearchive(id));  // I1
  if (!row) {
    return Status(Code::kNotFound, "prearchive.not-found",
                  "the session was moved, archived or deleted");
  }
  return LockedSession{std::move(operation), std::move(*row)};
}

Status CheckWanted(PrearchiveState wanted, PrearchiveState of_files) {
  switch (wanted) {
    case PrearchiveState::kReceiving:
    case PrearchiveState::kConflict:
    case PrearchiveState::kError:
      return Status();
    case PrearchiveState::kReady:
      if (of_files == PrearchiveState::kReady) return Status();
      return Status(Code::kConflict, "prearchive.not-built",
                    "the session has files that its document does not tell of; build it");
    default:
      return Status(Code::kInvalidArgument, "prearchive.bad-state",
                    "a session can be set READY, RECEIVING, CONFLICT or ERROR; the other states "
                    "are those of operations");
  }
}

}  // namespace

Result<PrearchiveSession> MoveSession(const Trees& trees, Store& store, const PrearchiveId& id,
                                      const std::string& project, const Actor& actor,
                                      const Acknowledge& acknowledge) {
  XNA_ASSIGN_OR_RETURN(LockedSession session, LockedRow(trees, store, "move", id, acknowledge));
  if (IsLocked(session.row.state)) {  // by nobody: the session's lock is ours
    XNA_ASSIGN_OR_RETURN(session.row, ReleaseRow(trees.prearchive, store, session.row));
  }
  MovePlanner planner(trees, session.operation, session.row, acknowledge);
  XNA_ASSIGN_OR_RETURN(PrearchiveSession moved, planner.Plan(project, actor));
  Status status = session.operation.Commit(planner.TakePlan(), acknowledge);
  if (!status.ok() && status.disk_state() != DiskState::kCommitted) return status;
  IgnoreError(status, "the session is moved; leftovers are swept by the next Open");
  AppendSessionLog(trees.prearchive, SessionPaths(moved.Id()),
                   "Moved from " + PrearchivePlace(id) + " to " + PrearchivePlace(moved.Id()));
  return moved;
}

Status AcknowledgeMove(Store& store, const OperationPlan& plan) {
  XNA_ASSIGN_OR_RETURN(std::vector<PrearchiveSession> rows, RowsFromFacts(plan));
  return store.Transaction([&](Store& transaction) -> Status {
    for (PrearchiveSession& row : rows) {
      const PrearchiveId from{plan.Fact(kFromProject), plan.Fact(kFromTimestamp), row.folder};
      XNA_ASSIGN_OR_RETURN(auto stored, transaction.FindPrearchive(from));
      if (!stored) {
        XNA_ASSIGN_OR_RETURN(stored, transaction.FindPrearchive(row.Id()));
      }
      if (!stored) {  // reindexed meanwhile, half-way
        XNA_RETURN_IF_ERROR(transaction.InsertPrearchive(row));
        continue;
      }
      row.key = stored->key;
      row.version = stored->version;
      XNA_RETURN_IF_ERROR(transaction.UpdatePrearchive(row));
      const Actor actor{plan.Fact(kUserFact), plan.Fact(kOriginFact)};
      AuditRow record = PrearchiveRecord(kMoved, actor, row);
      record.operation_id = plan.Fact(kOperationFact);
      const SessionCounts counts = CountsFromFacts(plan, 1).front();
      record.files = static_cast<std::int64_t>(counts.files);
      record.bytes = static_cast<std::int64_t>(counts.bytes);
      record.detail = "from " + PrearchivePlace(from);
      XNA_RETURN_IF_ERROR(transaction.AddAudit(record));
      record.project = from.project;
      record.prearchive = PrearchivePlace(from);
      record.detail = "to " + PrearchivePlace(row.Id());
      XNA_RETURN_IF_ERROR(transaction.AddAudit(record));
    }
    return Status();
  });
}

Result<PrearchiveSession> SetSessionState(const Trees& trees, Store& store, const PrearchiveId& id,
                                          std::optional<PrearchiveState> wanted, const Actor& actor,
                                          const Acknowledge& acknowledge) {
  XNA_ASSIGN_OR_RETURN(LockedSession session, LockedRow(trees, store, "state", id, acknowledge));
  PrearchiveSession& row = session.row;
  XNA_ASSIGN_OR_RETURN(const PrearchiveState of_files, StateFromFiles(trees.prearchive, id));
  if (wanted) XNA_RETURN_IF_ERROR(CheckWanted(*wanted, of_files));
  const bool receiving =
      row.state == PrearchiveState::kReceiving || row.state == PrearchiveState::kReceivingInterrupt;
  if (wanted == PrearchiveState::kReady && receiving) {
    return Status(Code::kConflict, "prearchive.not-built",
                  "the session has files that its document does not tell of; build it");
  }
  const PrearchiveState state = wanted.value_or(receiving ? PrearchiveState::kReceiving : of_files);
  if (row.state == state && !row.archive_pending) return row;
  row.state = state;
  row.archive_pending = false;
  const std::string name(PrearchiveStateName(state));
  XNA_RETURN_IF_ERROR(store.Transaction([&](Store& transaction) -> Status {
    XNA_RETURN_IF_ERROR(transaction.UpdatePrearchive(row));
    AuditRow record = PrearchiveRecord("State set", actor, row);
    record.operation_id = session.operation.id();
    record.detail = name;
    return transaction.AddAudit(record);
  }));
  AppendSessionLog(trees.prearchive, SessionPaths(id), "State set to " + name);
  return row;
}

}  // namespace xnatarchive
