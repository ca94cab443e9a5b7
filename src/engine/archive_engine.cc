#include "xnatarchive/archive_engine.hpp"

#include <algorithm>
#include <thread>
#include <utility>

#include "archive/experiment_facts.hpp"
#include "archive/operation_home.hpp"
#include "base/status_macros.hpp"
#include "base/text.hpp"
#include "base/time.hpp"
#include "engine/core.hpp"
#include "engine/hooks.hpp"
#include "engine/job_workers.hpp"
#include "prearchive/session_log.hpp"
#include "prearchive/session_paths.hpp"
#include "xml/session_xml.hpp"

namespace xnatarchive {
namespace {

unsigned ResolveThreads(unsigned threads) {
  return threads != 0 ? threads : std::max(1u, std::thread::hardware_concurrency());
}

Status CheckHandlerName(std::string_view name) {
  const auto allowed = [](char c) {
    return (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '-';
  };
  if (!name.empty() && name.size() <= 32 && std::all_of(name.begin(), name.end(), allowed)) {
    return Status();
  }
  return Status(Code::kInvalidArgument, "engine.bad-handler-name",
                "a handler's name is 1 to 32 of [A-Za-z0-9-]");
}

}  // namespace

bool ProgressReporter::Report(const Progress& progress) {
  if (cancelled_ || !call_.progress) return !cancelled_;
  const auto now = std::chrono::steady_clock::now();
  const bool last = progress.files_total != 0 && progress.files_done == progress.files_total;
  if (now < next_ && !last) return true;
  next_ = now + std::chrono::milliseconds(100);
  const Status told = CallHook("progress", [&] {
    cancelled_ = !call_.progress(progress);
    return Status();
  });
  if (!told.ok()) cancelled_ = true;  // one that throws does not want to go on
  return !cancelled_;
}

std::string UserName(const CallOptions& call) { return call.user.empty() ? "unknown" : call.user; }

Actor ActorOf(const CallOptions& call) { return {UserName(call), call.origin}; }

AuditRow ExperimentRecord(const char* type, const Actor& actor, const ExperimentRow& experiment) {
  AuditRow record;
  record.type = type;
  record.project = experiment.project;
  record.experiment_id = experiment.id;
  record.label = experiment.label;
  record.user = actor.user;
  record.origin = actor.origin;
  return record;
}

Result<ExperimentFacts> OpenChange(Store& store, const std::string& experiment_id,
                                   const Actor& actor, AuditRow record) {
  ExperimentFacts facts;
  facts.operation_id = record.operation_id;
  XNA_RETURN_IF_ERROR(store.Transaction([&](Store& transaction) -> Status {
    XNA_ASSIGN_OR_RETURN(const auto row, transaction.FindExperiment(experiment_id));
    if (!row) return NoSuch("session in the index; reindex finds it");
    facts.experiment = *row;
    facts.experiment.modified_ms = NowMs();
    XNA_ASSIGN_OR_RETURN(const auto subject,
                         transaction.FindSubject(row->project, row->subject_id));
    facts.subject = subject ? *subject : SubjectRow{row->subject_id, row->project, row->subject_id};
    AuditRow audit = ExperimentRecord(record.type.c_str(), actor, *row);
    audit.operation_id = record.operation_id;
    audit.files = record.files;
    audit.bytes = record.bytes;
    audit.justification = record.justification;
    audit.started_ms = NowMs();
    XNA_ASSIGN_OR_RETURN(facts.audit_id, transaction.OpenAudit(audit));
    return Status();
  }));
  return facts;
}

std::int64_t MillisecondsSince(std::chrono::steady_clock::time_point start) {
  const auto passed = std::chrono::steady_clock::now() - start;
  return std::chrono::duration_cast<std::chrono::milliseconds>(passed).count();
}

std::string PrearchiveUri(const PrearchiveSession& row) {
  const std::string project = row.project.empty() ? std::string(kUnassigned) : row.project;
  return "/data/prearchive/projects/" + project + "/" + row.timestamp + "/" + row.folder;
}

std::string ExperimentUri(const std::string& project, const std::string& subject,
                          const std::string& label) {
  return "/data/archive/projects/" + project + "/subjects/" + subject + "/experiments/" + label;
}

ArchiveEngine::Core::Core(EngineOptions engine_options, Trees open_trees, Store open_store)
    : options(std::move(engine_options)),
      threads(ResolveThreads(options.threads)),
      trees(std::move(open_trees)),
      store(std::move(open_store)) {}

ArchiveEngine::Core::~Core() = default;

Result<bool> ArchiveEngine::Core::OneFileSystem() {
  const std::lock_guard<std::mutex> lock(mutex_);
  if (!one_file_system_) {
    XNA_ASSIGN_OR_RETURN(one_file_system_, OnOneFileSystem(trees));
  }
  return *one_file_system_;
}

void ArchiveEngine::Core::AddHandler(std::unique_ptr<ImportHandler> handler) {
  constexpr std::ptrdiff_t kBuiltIn = 3;
  const std::lock_guard<std::mutex> lock(mutex_);
  handlers.insert(handlers.end() - kBuiltIn, std::move(handler));
}

ImportHandler* ArchiveEngine::Core::FindHandler(std::string_view name) const {
  const std::lock_guard<std::mutex> lock(mutex_);
  const auto at = std::find_if(handlers.begin(), handlers.end(),
                               [&](const auto& handler) { return handler->Name() == name; });
  return at == handlers.end() ? nullptr : at->get();
}

Result<PrearchiveSession> ArchiveEngine::Core::FindRow(std::string_view src, Permission permission,
                                                       Hooks& hooks) const {
  XNA_ASSIGN_OR_RETURN(const ParsedUri uri, ParseUri(src));
  if (uri.kind != UriKind::kPrearchiveSession) {
    return Status(Code::kInvalidArgument, "uri.not-a-prearchive-session",
                  "expected /prearchive/projects/PROJECT/TIMESTAMP/SESSION");
  }
  XNA_RETURN_IF_ERROR(hooks.Authorize(permission, uri.project));
  XNA_ASSIGN_OR_RETURN(const auto row,
                       store.FindPrearchive({uri.project, uri.timestamp, uri.folder}));
  if (!row) {
    return Status(Code::kNotFound, "prearchive.not-found", "there is no such prearchive session");
  }
  return *row;
}

ArchiveEngine::ArchiveEngine(std::unique_ptr<Core> core) : core_(std::move(core)) {}
ArchiveEngine::~ArchiveEngine() {
  core_->job_workers.reset();  // While a hook that they are in may still call the engine.
}

void ArchiveEngine::StopJobWorkers(bool wait) {
  if (core_->job_workers == nullptr) return;
  if (wait) {
    core_->job_workers->StopAndWait();
  } else {
    core_->job_workers->Stop();
  }
}

Status ArchiveEngine::Register(std::unique_ptr<ImportHandler> handler) {
  XNA_RETURN_IF_ERROR(CheckHandlerName(handler->Name()));
  if (core_->FindHandler(handler->Name()) != nullptr) {
    return Status(Code::kAlreadyExists, "engine.handler-exists",
                  "a handler of that name is registered already");
  }
  core_->AddHandler(std::move(handler));
  return Status();
}

Status ArchiveEngine::AddProject(const Project& project, const CallOptions& call) {
  Hooks hooks(*core_, call);
  XNA_RETURN_IF_ERROR(hooks.Authorize(Permission::kAdmin, ""));
  const auto code = ParsePrearchiveCode(std::to_string(project.prearchive_code));
  if (!IsValidLabel(project.id)) {
    return Status(Code::kInvalidArgument, "project.bad-id",
                  "a project ID consists of letters, digits, '_' and '-'");
  }
  if (!code || project.quarantine_code < 0 || project.quarantine_code > 1) {
    return Status(Code::kInvalidArgument, "project.bad-code",
                  "a prearchive code is 0, 4 or 5, a quarantine code 0 or 1");
  }
  const Directory& archive = core_->trees.archive;
  return core_->store.Transaction([&](Store& store) -> Status {
    XNA_RETURN_IF_ERROR(
        store.AddProject({project.id, *code, project.quarantine_code == 1, project.autorun}));
    // The directory, too: the tree tells which projects there are when the store is lost.
    XNA_RETURN_IF_ERROR(archive.MakeDirectories(project.id));
    return archive.SyncDirectory("");
  });
}

Result<AddedSubject> ArchiveEngine::AddSubject(const std::string& project, const std::string& label,
                                               const CallOptions& call) {
  Hooks hooks(*core_, call);
  return core_->AddSubject(project, label, hooks);
}

Result<std::vector<Project>> ArchiveEngine::Projects(const CallOptions& call) const {
  Hooks hooks(*core_, call);
  XNA_ASSIGN_OR_RETURN(std::vector<ProjectRow> rows, core_->store.ListProjects());
  XNA_RETURN_IF_ERROR(hooks.KeepReadable(&rows, &ProjectRow::id));
  std::vector<Project> projects;
  for (const ProjectRow& row : rows) {
    projects.push_back(
        {row.id, static_cast<int>(row.prearchive_code), row.quarantine ? 1 : 0, row.autorun});
  }
  return projects;
}

Result<ImportReport> ArchiveEngine::Import(const ImportRequest& request, const CallOptions& call) {
  Hooks hooks(*core_, call);
  Result<ImportReport> report = core_->Import(request, hooks);
  const auto project = request.parameters.find("project");
  const bool has_project = request.dest.empty() && project != request.parameters.end();
  hooks.End(has_project ? "/prearchive/projects/" + project->second : request.dest,
            report.status());
  if (report.ok()) report->events = hooks.events();
  return report;
}

Result<IdleReport> ArchiveEngine::CommitIdle(const CallOptions& call) {
  Hooks hooks(*core_, call);
  XNA_RETURN_IF_ERROR(hooks.Authorize(Permission::kAdmin, ""));
  Result<IdleReport> report = core_->CommitIdle(hooks);
  hooks.TellEvents();
  if (report.ok()) report->events = hooks.events();
  return report;
}

Result<std::vector<PrearchiveSession>> ArchiveEngine::PrearchiveSessions(
    std::string_view project, const CallOptions& call) const {
  Hooks hooks(*core_, call);
  std::optional<std::string> filter;
  if (!project.empty()) {
    filter = EqualsIgnoreCase(project, kUnassigned) ? "" : std::string(project);
    XNA_RETURN_IF_ERROR(hooks.Authorize(Permission::kRead, *filter));
  }
  XNA_ASSIGN_OR_RETURN(std::vector<PrearchiveSession> rows, core_->store.ListPrearchive(filter));
  XNA_RETURN_IF_ERROR(hooks.KeepReadable(&rows, &PrearchiveSession::project));
  XNA_RETURN_IF_ERROR(core_->TellQueued(&rows));
  std::reverse(rows.begin(), rows.end());
  return rows;
}

Result<PrearchiveSession> ArchiveEngine::FindPrearchiveSession(std::string_view src,
                                                               const CallOptions& call) const {
  Hooks hooks(*core_, call);
  XNA_ASSIGN_OR_RETURN(PrearchiveSession row, core_->FindRow(src, Permission::kRead, hooks));
  std::vector<PrearchiveSession> rows{std::move(row)};
  XNA_RETURN_IF_ERROR(core_->TellQueued(&rows));
  return std::move(rows.front());
}

Status ArchiveEngine::CheckPrearchiveSession(std::string_view src, Permission permission,
                                             const CallOptions& call) const {
  Hooks hooks(*core_, call);
  XNA_ASSIGN_OR_RETURN(const PrearchiveSession row, core_->FindRow(src, permission, hooks));
  return LockSession(core_->trees, PrearchiveLockKey(row.project, row.timestamp, row.folder))
      .status();
}

Status ArchiveEngine::Build(std::string_view src, const CallOptions& call) {
  return Build(src, {}, call);
}

Status ArchiveEngine::Build(std::string_view src, const std::map<std::string, std::string>& fields,
                            const CallOptions& call) {
  Hooks hooks(*core_, call);
  Status built = core_->Build(src, fields, hooks);
  hooks.End(src, built);
  return built;
}

Status ArchiveEngine::DeletePrearchiveSession(std::string_view src, const CallOptions& call) {
  Hooks hooks(*core_, call);
  Status deleted = core_->Delete(src, hooks);
  hooks.End(src, deleted);
  return deleted;
}

Result<std::string> ArchiveEngine::MovePrearchiveSession(std::string_view src,
                                                         std::string_view project,
                                                         const CallOptions& call) {
  Hooks hooks(*core_, call);
  Result<std::string> moved = core_->Move(src, std::string(project), hooks);
  hooks.End(src, moved.status());
  return moved;
}

Result<PrearchiveSession> ArchiveEngine::SetPrearchiveState(std::string_view src,
                                                            std::optional<PrearchiveState> wanted,
                                                            const CallOptions& call) {
  Hooks hooks(*core_, call);
  Result<PrearchiveSession> row = core_->SetState(src, wanted, hooks);
  hooks.TellEvents();  // of what had to be finished first
  return row;
}

Result<std::vector<std::string>> ArchiveEngine::PrearchiveLog(std::string_view src,
                                                              const CallOptions& call) const {
  Hooks hooks(*core_, call);
  XNA_ASSIGN_OR_RETURN(const PrearchiveSession row, core_->FindRow(src, Permission::kRead, hooks));
  return ReadSessionLog(core_->trees.prearchive, SessionPaths(row.Id()));
}

Result<ArchiveReport> ArchiveEngine::Archive(const ArchiveRequest& request,
                                             const CallOptions& call) {
  Hooks hooks(*core_, call);
  Result<ArchiveReport> report = core_->Archive(request, hooks);
  hooks.End(request.src, report.status());
  if (report.ok()) report->events = hooks.events();
  return report;
}

Result<ValidationReport> ArchiveEngine::Validate(const ArchiveRequest& request,
                                                 const CallOptions& call) const {
  Hooks hooks(*core_, call);
  return core_->Validate(request, hooks);
}

Result<std::vector<HistoryEntry>> ArchiveEngine::History(std::string_view uri,
                                                         const CallOptions& call) const {
  Hooks hooks(*core_, call);
  return core_->History(uri, hooks);
}

Result<ArchiveReport> ArchiveEngine::RestoreHistory(std::string_view id, const CallOptions& call) {
  Hooks hooks(*core_, call);
  Result<ArchiveReport> report = core_->RestoreHistory(std::string(id), hooks);
  hooks.End("", report.status());
  if (report.ok()) report->events = hooks.events();
  return report;
}

Result<RefreshReport> ArchiveEngine::Refresh(const RefreshRequest& request,
                                             const CallOptions& call) {
  Hooks hooks(*core_, call);
  Result<RefreshReport> report = core_->Refresh(request, hooks);
  hooks.End(request.resources.empty() ? "" : request.resources.front(), report.status());
  if (report.ok()) report->events = hooks.events();
  return report;
}

Status ArchiveEngine::PruneHistory(std::string_view id, const CallOptions& call) {
  Hooks hooks(*core_, call);
  Status pruned = core_->PruneHistory(std::string(id), hooks);
  hooks.TellEvents();  // of what had to be finished first
  return pruned;
}

Result<ExportReport> ArchiveEngine::Export(const ExportRequest& request, const CallOptions& call) {
  Hooks hooks(*core_, call);
  Result<ExportReport> report = core_->Export(request, hooks);
  hooks.TellEvents();  // of what had to be finished first
  return report;
}

Result<VerifyReport> ArchiveEngine::Verify(const VerifyRequest& request, const CallOptions& call) {
  Hooks hooks(*core_, call);
  Result<VerifyReport> report = core_->Verify(request, hooks);
  hooks.TellEvents();  // of what had to be finished first
  return report;
}

Result<Table> ArchiveEngine::List(std::string_view uri, const CallOptions& call) const {
  Hooks hooks(*core_, call);
  return core_->List(uri, hooks);
}

Result<OpenedFile> ArchiveEngine::OpenFile(std::string_view uri, const CallOptions& call) const {
  Hooks hooks(*core_, call);
  return core_->OpenFile(uri, hooks);
}

Result<SessionDocument> ArchiveEngine::Document(std::string_view uri,
                                                const CallOptions& call) const {
  XNA_ASSIGN_OR_RETURN(const std::string bytes, DocumentXml(uri, call));
  return ParseSession(bytes);
}

Result<std::string> ArchiveEngine::DocumentXml(std::string_view uri,
                                               const CallOptions& call) const {
  Hooks hooks(*core_, call);
  return core_->DocumentXml(uri, hooks);
}

Result<RecoverySummary> ArchiveEngine::Recover(const CallOptions& call) {
  Hooks hooks(*core_, call);
  XNA_RETURN_IF_ERROR(hooks.Authorize(Permission::kAdmin, ""));
  Result<RecoverySummary> summary = core_->Recover(hooks);
  hooks.TellEvents();
  return summary;
}

Result<ReindexReport> ArchiveEngine::Reindex(const CallOptions& call) {
  Hooks hooks(*core_, call);
  XNA_RETURN_IF_ERROR(hooks.Authorize(Permission::kAdmin, ""));
  return core_->Reindex();
}

}  // namespace xnatarchive
