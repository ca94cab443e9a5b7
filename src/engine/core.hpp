// core.hpp - what an open engine is made of. Wires the layers; holds no rules of its own.
#ifndef XNATARCHIVE_ENGINE_CORE_HPP_
#define XNATARCHIVE_ENGINE_CORE_HPP_

#include <atomic>
#include <chrono>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "archive/operation.hpp"
#include "archive/trees.hpp"
#include "archive/uri.hpp"
#include "store/store.hpp"
#include "xnatarchive/archive_engine.hpp"

namespace xnatarchive {

class Hooks;
class JobWorkers;
struct ReceiveRequest;
struct ExperimentFacts;

/// Calls the caller's progress function at most ten times a second, and remembers a "stop".
class ProgressReporter {
 public:
  explicit ProgressReporter(const CallOptions& call) : call_(call) {}
  /// False once the caller asked to stop.
  bool Report(const Progress& progress);
  bool cancelled() const { return cancelled_; }
  /// For BuildPrearchiveSession: files looked at so far.
  std::function<bool(std::uint64_t)> BuildProgress() {
    return [this](std::uint64_t files) { return Report({"build", files, 0, 0, 0}); };
  }

 private:
  const CallOptions& call_;
  std::chrono::steady_clock::time_point next_{};
  bool cancelled_ = false;
};

/// What an import asks for, `dest` and parameters taken together.
struct ImportTarget {
  std::map<std::string, std::string> parameters;  ///< With what `dest` says.
  bool to_archive = false;                        ///< `dest` is an archive URI.
  std::string archive_dest;                       ///< It; empty for all of the archive.
  bool to_session = false;                        ///< `dest` is a waiting session.
};

class ArchiveEngine::Core {
 public:
  Core(EngineOptions engine_options, Trees open_trees, Store open_store);
  ~Core();

  const EngineOptions options;
  const unsigned threads;  ///< Resolved: at least 1.
  const Trees trees;
  mutable Store store;
  std::atomic<Checksum> checksum{Checksum::kMd5AndXxh3};  ///< The setting.
  std::vector<std::unique_ptr<ImportHandler>> handlers;   ///< The host's first, built-in ones last.
  std::shared_ptr<PipelineLauncher> pipeline_launcher;
  std::unique_ptr<JobWorkers> job_workers;  ///< Null: none. The engine ends them first of all.

  /// Whether archiving can rename. Tried once, when it is first asked for: an archive that is only
  /// read may be read-only.
  Result<bool> OneFileSystem();
  /// Brings the store up to date with any plan of ours; what recovery calls, too. `hooks` learns
  /// what happened, and outlives it.
  Acknowledge Acknowledger(Hooks& hooks) const;
  /// Puts a host's handler before the built-in ones. Job workers may be at work.
  void AddHandler(std::unique_ptr<ImportHandler> handler);
  /// The handler of that name, or nullptr.
  ImportHandler* FindHandler(std::string_view name) const;
  /// The named handler, or the first that accepts the source.
  Result<ImportHandler*> ChooseHandler(const std::string& name, const ImportSource& source) const;
  /// The prearchive row a URI names, "/prearchive/projects/P/TS/FOLDER", if this may be done to it.
  Result<PrearchiveSession> FindRow(std::string_view src, Permission permission,
                                    Hooks& hooks) const;

  Result<ImportReport> Import(const ImportRequest& request, Hooks& hooks);
  Result<std::vector<PrearchiveSession>> Receive(const ImportRequest& request,
                                                 const ImportTarget& target,
                                                 ProgressReporter& reporter, Hooks& hooks,
                                                 ImportReport* report);
  Result<std::vector<PrearchiveSession>> ReceiveFrom(
      ImportSource& source, const std::string& handler_name, ReceiveRequest names,
      const std::map<std::string, std::string>& parameters, ProgressReporter& reporter,
      Hooks& hooks, ImportReport* report);
  /// The ID of the project of that name or alias, if this may be done to it. kNotFound
  /// "project.not-found".
  Result<std::string> RequireProject(const std::string& name, Permission permission,
                                     Hooks& hooks) const;
  /// The first of `candidates` that is a project, by ID or alias; a store that fails has none.
  std::optional<std::string> FirstProject(const std::vector<std::string>& candidates) const;
  Result<ArchiveReport> Archive(const ArchiveRequest& request, Hooks& hooks);
  Result<ArchiveReport> ArchiveNow(const ArchiveRequest& request, Hooks& hooks);
  /// Archives a session that is built, and runs its pipelines. kLocked "archive.receiving" when
  /// files of it have come meanwhile.
  Result<ArchiveReport> ArchiveReady(const ArchiveRequest& request, Hooks& hooks,
                                     const PrearchiveId& id);
  Status ArchiveBuilt(const ArchiveRequest& request, Hooks& hooks, const PrearchiveId& id,
                      ArchiveReport* report, ExperimentFacts* facts);
  Result<ValidationReport> Validate(const ArchiveRequest& request, Hooks& hooks) const;
  Result<AddedSubject> AddSubject(const std::string& project, const std::string& label,
                                  Hooks& hooks);
  Status Build(std::string_view src, const std::map<std::string, std::string>& fields,
               Hooks& hooks);
  Result<IdleReport> CommitIdle(Hooks& hooks);
  Status Delete(std::string_view src, Hooks& hooks);
  Result<std::string> Move(std::string_view src, const std::string& project, Hooks& hooks);
  Result<PrearchiveSession> SetState(std::string_view src, std::optional<PrearchiveState> wanted,
                                     Hooks& hooks);
  Result<std::vector<HistoryEntry>> History(std::string_view uri, Hooks& hooks) const;
  Result<ArchiveReport> RestoreHistory(const std::string& id, Hooks& hooks);
  Result<RefreshReport> Refresh(const RefreshRequest& request, Hooks& hooks);
  Status PruneHistory(const std::string& id, Hooks& hooks);
  Result<Table> List(std::string_view uri, Hooks& hooks) const;
  Result<OpenedFile> OpenFile(std::string_view uri, Hooks& hooks) const;
  /// The archived session a URI names, if this may be done to its project. kNotFound
  /// "uri.not-found".
  Result<ExperimentRow> FindExperiment(const ParsedUri& uri, Permission permission,
                                       Hooks& hooks) const;
  /// The subject a URI names, if this may be done to its project. kNotFound "uri.not-found".
  Result<SubjectRow> FindSubject(const ParsedUri& uri, Permission permission, Hooks& hooks) const;
  /// All archived sessions a URI of the archive, a project, a subject or an experiment (or of what
  /// is in one) names, if this may be done to their projects; of the archive as a whole, those of
  /// the projects it may be done to. kNotFound "uri.not-found"; kInvalidArgument
  /// "uri.not-in-archive".
  Result<std::vector<ExperimentRow>> FindExperiments(const ParsedUri& uri, Permission permission,
                                                     Hooks& hooks) const;
  Result<VerifyReport> Verify(const VerifyRequest& request, Hooks& hooks);
  Result<ExportReport> Export(const ExportRequest& request, Hooks& hooks);
  Result<bool> Activate(std::string_view uri, Hooks& hooks);
  Result<Table> Audit(std::string_view uri, Hooks& hooks) const;
  Result<std::string> DocumentXml(std::string_view uri, Hooks& hooks) const;
  Result<RecoverySummary> Recover(Hooks& hooks);
  /// The row, released when it is locked and nobody works on the session. kLocked
  /// "operation.locked" when somebody does.
  Result<PrearchiveSession> ReleaseStale(PrearchiveSession row, Hooks& hooks);
  Result<ReindexReport> Reindex();

  Result<std::string> Submit(const std::vector<ArchiveRequest>& requests, Hooks& hooks);
  Result<Job> FindJob(std::string_view id, Hooks& hooks) const;
  Result<std::vector<Job>> Jobs(Hooks& hooks) const;
  Result<Job> WaitForJob(std::string_view id, std::int64_t timeout_ms, Hooks& hooks) const;
  Status CancelJob(std::string_view id, Hooks& hooks);
  /// Makes the rows of sessions that a job is still going to archive say so, in what is told of
  /// them. The state itself is that of the session: nobody has to give it back when a worker takes
  /// it, dies, or the job is cancelled, and it is not lost with the index.
  Status TellQueued(std::vector<PrearchiveSession>* rows) const;
  /// Takes one item and ends it, in the name of whoever submitted it. Of `worker`, only its
  /// progress is used.
  Result<bool> RunOneJobItem(const CallOptions& worker);
  /// Queues a running item again when its worker is dead.
  Status RequeueUnowned(JobItemRow item) const;

 private:
  mutable std::mutex mutex_;
  std::optional<bool> one_file_system_;  // under mutex_
};

/// The type of a pipeline's audit record, and the lock that says whether its caller lives.
inline constexpr const char* kPipelineRecord = "AutoRun";
inline constexpr const char* kPrunedRecord = "Pruned";
inline constexpr const char* kPrunedPrefix = "history ";  // of its justification; the ID follows
std::string PipelineLockKey(const std::string& project, std::int64_t audit_id);

/// kNotFound "uri.not-found".
Status NoSuch(const char* what);
/// The user name to record.
std::string UserName(const CallOptions& call);
Actor ActorOf(const CallOptions& call);
/// The beginning of an audit record of something done to an archived session.
AuditRow ExperimentRecord(const char* type, const Actor& actor, const ExperimentRow& experiment);

/// Opens the audit record of a change to an archived session, of which `record` says the type, the
/// operation, the numbers and the justification. Returns what the operation's plan has to tell the
/// store. kNotFound "uri.not-found" when the store does not have the session.
Result<ExperimentFacts> OpenChange(Store& store, const std::string& experiment_id,
                                   const Actor& actor, AuditRow record);

/// Calls `attempt` again as long as it says kLocked, for `wait_ms`. Between, `report` is told
/// "wait", whose false is kCancelled "archive.wait-cancelled".
Status RetryWhileLocked(std::int64_t wait_ms, const std::function<bool(const Progress&)>& report,
                        const std::function<Status()>& attempt);
std::int64_t MillisecondsSince(std::chrono::steady_clock::time_point start);

/// "/data/prearchive/projects/P/TS/FOLDER".
std::string PrearchiveUri(const PrearchiveSession& row);
/// "/data/archive/projects/P/subjects/S/experiments/L", of labels.
std::string ExperimentUri(const std::string& project, const std::string& subject,
                          const std::string& label);

/// kCancelled "job.cancelled".
Status JobCancelled();
/// Writes an item's failure, or OK, into its row.
void NoteOutcome(const Status& status, JobItemRow* item);

}  // namespace xnatarchive

#endif  // XNATARCHIVE_ENGINE_CORE_HPP_
