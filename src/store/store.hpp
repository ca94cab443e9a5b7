// store.hpp - the database: an index of the archive, the prearchive's queue, and the audit trail.
//
// The archive tree is the truth. The store can be lost and rebuilt from it (all but the history and
// the settings), so that it holds nothing an unfinished operation needs to be finished.
//
// Every operation is one transaction, durable when it returns OK; `Transaction` makes one of
// several. Project and subject ids, labels and user names are bound parameters and never part of a
// statement. A failure of an operation leaves the store as it was. Its code and reason are those
// given with the operation, or
//   kLocked "store.busy"          another process kept the store longer than busy_timeout_ms
//   kCorruption "store.corrupt"   the database is damaged, or not one of ours
//   kNoSpace "store.full"         the disk or a quota is full
//   kPermission "store.read-only" the file, or its directory, can not be written
//   kIo "store.io"                any other failure of the operating system or the database
#ifndef XNATARCHIVE_STORE_STORE_HPP_
#define XNATARCHIVE_STORE_STORE_HPP_

#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "store/rows.hpp"
#include "xnatarchive/prearchive_session.hpp"
#include "xnatarchive/status.hpp"

namespace xnatarchive {

struct StoreOptions {
  /// How long to wait for other processes. A reindex holds the store for seconds.
  int busy_timeout_ms = 10'000;
};

/// Numbers that are handed out once.
enum class Sequence { kExperiment, kSubject };

/// Returns the number in an id that this site's sequence made ("XNAT_E00012" -> 12), or nullopt:
/// also for one that NextId would not hand out.
std::optional<std::int64_t> SequenceNumber(Sequence sequence, std::string_view site,
                                           std::string_view id);

/// An open database.
///
/// Threads:   safe from any thread; calls exclude each other. Several processes may have the same
///            database open. A Store does not survive a fork: open another one in the child.
/// Blocking:  a write waits for the disk, and for other writers.
class Store {
 public:
  /// Opens the database at `url`, creates it when absent, and brings an older one up to date.
  ///
  /// "sqlite3:///abs/path" or "sqlite3:path". The directory must exist; a new file is readable as
  /// the process's umask allows. On a disk with plenty of room some is kept in reserve beside it,
  /// in a file "-reserve", which is given up on a disk that is full. kInvalidArgument
  /// "store.bad-url"; kUnsupported "store.unknown-scheme"; kUnsupported "store.newer" when a newer
  /// version of the library has been here; kNotFound or kPermission when the directory or file can
  /// not be opened.
  static Result<Store> Open(const std::string& url, const StoreOptions& options = {});

  Store(Store&&) noexcept;
  Store& operator=(Store&&) noexcept;
  ~Store();

  /// Gives up the reserve if the disk is full: to be called before something is removed. The next
  /// Open that finds plenty of room keeps some again.
  void MakeRoom();

  /// Runs `work` in one transaction: commits when it returns OK, else undoes everything it did and
  /// returns its failure. No other thread or process writes meanwhile, so that what `work` reads
  /// stays true. A Transaction within a Transaction joins it, and undoes all of it on failure. An
  /// operation in `work` that fails for a reason of its own (kNotFound, kConflict, ...) has changed
  /// nothing, and `work` may go on; after one of the failures listed above it can not commit.
  Status Transaction(const std::function<Status(Store&)>& work);

  // Settings, as names and texts; what they mean is not the store's business, but for
  // "site_id", and the columns and aliases of projects.

  /// The site's.
  Result<std::optional<std::string>> GetSetting(const std::string& name);
  Status SetSetting(const std::string& name, const std::string& value);
  /// All that were set: the site's, or with an id that project's, its columns among them.
  /// kNotFound "store.no-project".
  Result<std::map<std::string, std::string>> ListSettings(const std::string& project = {});
  /// kNotFound "store.no-project"; kAlreadyExists "store.alias-taken" when an alias is, ignoring
  /// case, the id or an alias of another project; kInvalidArgument "store.reserved-id".
  Status SetProjectSetting(const std::string& project, const std::string& name,
                           const std::string& value);

  // Projects.

  /// kAlreadyExists "store.project-exists" when an id differs at most in case: two such projects
  /// would be one directory on some file systems. The same when it is another project's alias.
  /// kInvalidArgument "store.reserved-id" for "Unassigned" in any case.
  Status AddProject(const ProjectRow& project);
  Result<std::optional<ProjectRow>> FindProject(const std::string& id);
  /// By its id, else by an alias, ignoring case, in its setting "aliases".
  Result<std::optional<ProjectRow>> FindProjectByAlias(const std::string& id_or_alias);
  Result<std::vector<ProjectRow>> ListProjects();  ///< Sorted by id.

  // Subjects.

  /// kAlreadyExists "store.subject-exists" when the id, or in this project the label ignoring case,
  /// is taken. kNotFound "store.no-project".
  Status AddSubject(const SubjectRow& subject);
  /// Finds by label ignoring case, else by id, within one project.
  Result<std::optional<SubjectRow>> FindSubject(const std::string& project,
                                                const std::string& label_or_id);
  Result<std::vector<SubjectRow>> ListSubjects(const std::string& project);  ///< Sorted by label.
  Status ClearSubjects();

  // Experiments.
  Result<std::optional<ExperimentRow>> FindExperiment(const std::string& id);
  Result<std::optional<ExperimentRow>> FindExperimentByLabel(const std::string& project,
                                                             const std::string& label);
  /// All experiments of a study, sorted by id; it may have been archived in several projects, or
  /// separated into a PET and an MR session.
  Result<std::vector<ExperimentRow>> FindExperimentsByUid(const std::string& uid);
  /// Sorted by label. An empty `subject_id` lists the whole project.
  Result<std::vector<ExperimentRow>> ListExperiments(const std::string& project,
                                                     const std::string& subject_id = {});
  /// Adds the experiment, or replaces all but `inserted_ms` of the one with its id. kAlreadyExists
  /// "store.label-taken" by another experiment of the project; kNotFound "store.no-project".
  Status UpsertExperiment(const ExperimentRow& experiment);
  Status RemoveExperiment(const std::string& id);  ///< Fine when absent.
  Status ClearExperiments();

  // Ids. A number is used up when the transaction it was taken in is committed.

  /// Takes the next id: the setting "site_id" (default "XNAT"), "_E" or "_S", and the number with
  /// at least five digits. kUnsupported "store.no-number" when there is none left below 10^15.
  Result<std::string> NextId(Sequence sequence);
  Result<bool> HasNextId(Sequence sequence);  ///< Whether NextId has a number left.
  /// Makes sure that `number` and all below it are never handed out again.
  Status RaiseSequence(Sequence sequence, std::int64_t number);

  // Prearchive.

  /// Adds a session, in any state, and sets its `key` and `version`. kAlreadyExists
  /// "prearchive.exists" when project, timestamp and folder are taken.
  Status InsertPrearchive(PrearchiveSession& session);
  Result<std::optional<PrearchiveSession>> FindPrearchive(const PrearchiveId& id);
  /// Sessions of a study in a project ("" for Unassigned), oldest first. An empty `label` means
  /// any.
  Result<std::vector<PrearchiveSession>> FindPrearchiveByStudy(const std::string& project,
                                                               const std::string& study_uid,
                                                               const std::string& label = {});
  /// Oldest first. nullopt lists all projects, "" the Unassigned sessions.
  Result<std::vector<PrearchiveSession>> ListPrearchive(
      const std::optional<std::string>& project = std::nullopt);
  /// Sessions for which something is to be done because no file came since `modified_before_ms`:
  /// RECEIVING or RECEIVING_INTERRUPT, but not those whose senders say when they are done:
  /// `prevent_auto_commit`, or the source "uploader". And, whatever the time, those that are READY,
  /// or being archived by a process that may be dead, with `archive_pending`. Longest without a
  /// file first.
  Result<std::vector<PrearchiveSession>> ListIdlePrearchive(std::int64_t modified_before_ms);
  /// When the last file came of the RECEIVING session that is without one for longest, of those
  /// that ListIdlePrearchive would list. nullopt when there is none.
  Result<std::optional<std::int64_t>> OldestReceiving();

  /// Takes a session from one of the `expected` states to state `to`, sets `last_modified_ms` to
  /// now, and returns the row as it is then. Of several callers at once one wins. kNotFound
  /// "prearchive.not-found"; when the state is another one, kLocked "prearchive.locked" if it is
  /// locked or an operation on it is queued or started, else kConflict
  /// "prearchive.unexpected-state"; kConflict "prearchive.bad-transition" when `MayChange` forbids
  /// it.
  Result<PrearchiveSession> ChangePrearchiveState(const PrearchiveId& id,
                                                  const std::vector<PrearchiveState>& expected,
                                                  PrearchiveState to);

  /// Writes the whole row, found by `session.key`; the project may change. kConflict
  /// "prearchive.changed" when somebody changed the row since `session` was read (read it again and
  /// decide again); kNotFound "prearchive.not-found"; kConflict "prearchive.bad-transition";
  /// kAlreadyExists "prearchive.exists". On OK `session.version` is the new one, and, when the
  /// state changed, `session.last_modified_ms` is now. Here and above, `archive_pending` ends when
  /// the session becomes CONFLICT, ERROR or RECEIVING.
  Status UpdatePrearchive(PrearchiveSession& session);
  Status RemovePrearchive(const PrearchiveId& id);  ///< Fine when absent.
  Status ClearPrearchive();

  // Audit trail.

  /// Adds a record and returns its number. `id`, `status` and `ended_ms` are ignored: it is in
  /// progress.
  Result<std::int64_t> OpenAudit(const AuditRow& record);
  /// Ends it now. Fine, and without effect, when it has ended that way already. kNotFound
  /// "audit.not-found"; kConflict "audit.closed" when it has ended the other way.
  Status CloseAudit(std::int64_t id, AuditStatus status, const std::string& reason = {},
                    const std::string& detail = {});
  /// Adds a record of what has ended just now, with its `status`. Fine, and without effect, when
  /// its operation has one of this type for this prearchive session: acknowledgements are repeated.
  Status AddAudit(const AuditRow& record);
  /// Records of an experiment, oldest first.
  Result<std::vector<AuditRow>> ListAudit(const std::string& experiment_id);
  /// The same, and those of the prearchive sessions that went into it, also from before they were
  /// moved.
  Result<std::vector<AuditRow>> ListSessionAudit(const std::string& experiment_id);
  /// Records of a prearchive session (PrearchivePlace), which may be gone, oldest first.
  Result<std::vector<AuditRow>> ListPrearchiveAudit(const std::string& place);
  /// Records of a project ("": of Unassigned sessions), or all; oldest first.
  Result<std::vector<AuditRow>> ListProjectAudit(const std::optional<std::string>& project);
  /// Records in progress, oldest first.
  Result<std::vector<AuditRow>> ListOpenAudit();

  // Jobs. An item is queued, then taken by one worker, who alone ends it or puts it back; one whose
  // worker died is put back by whoever finds that out. Each of these changes names the state and
  // the owner it starts from, and fails with kConflict "job.changed" when they are others.

  /// Adds a job and its items, queued, and returns its number.
  Result<std::int64_t> AddJob(const JobRow& job, const std::vector<JobItemRow>& items);
  Result<std::optional<JobRow>> FindJob(std::int64_t id);
  Result<std::vector<JobRow>> ListJobs();  ///< Newest first.
  /// The items of one job, or of all; by job and number.
  Result<std::vector<JobItemRow>> ListJobItems(const std::optional<std::int64_t>& job);
  Result<std::vector<JobItemRow>> ListRunningJobItems();
  Result<bool> HasQueuedJobItem();
  /// Of every item that is queued, of jobs nobody has cancelled, where `part` is in its `src`.
  Result<std::vector<QueuedSource>> ListQueuedSources(const std::string& part);
  /// Gives the queued item that waits longest to `owner`: running from here on. nullopt when none
  /// is queued. Of several callers at once each gets another one.
  Result<std::optional<JobItemRow>> TakeJobItem(const std::string& owner);
  /// Writes how far a running item is, and says whether its job is to be cancelled.
  Result<bool> NoteJobProgress(const JobItemRow& item);
  /// Ends a running item now, with the state and outcome `item` has.
  Status EndJobItem(const JobItemRow& item);
  /// Queues a running item again, its `deaths` as `item` has them.
  Status RequeueJobItem(const JobItemRow& item);
  /// Asks for the job to be cancelled, and ends those of its items that are queued, with the
  /// outcome `cancelled` has. But for those that a worker died with: the next one has to find out
  /// what became of them. Without effect on what has ended. kNotFound "job.not-found".
  Status CancelJob(std::int64_t id, const JobItemRow& cancelled);

  class Connection;  ///< The session with the database; not for callers.

 private:
  explicit Store(std::unique_ptr<Connection> connection);
  std::unique_ptr<Connection> connection_;
};

}  // namespace xnatarchive

#endif  // XNATARCHIVE_STORE_STORE_HPP_
