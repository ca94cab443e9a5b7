// archive_engine.hpp - the whole service behind one object: receive, build, archive, list.
//
// An engine works on one root: a prearchive tree, an archive tree and a store. The trees are the
// truth; the store is an index over them, a history, and the place of settings. Every call either
// does all it says or, as far as a reader of the trees can tell, nothing; a process that dies in
// the middle leaves a plan that the next Open (or Recover) finishes.
#ifndef XNATARCHIVE_ARCHIVE_ENGINE_HPP_
#define XNATARCHIVE_ARCHIVE_ENGINE_HPP_

#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "xnatarchive/access_policy.hpp"
#include "xnatarchive/archive_plan.hpp"
#include "xnatarchive/checksum.hpp"
#include "xnatarchive/container_limits.hpp"
#include "xnatarchive/event_sink.hpp"
#include "xnatarchive/export.hpp"
#include "xnatarchive/file_system.hpp"
#include "xnatarchive/finding.hpp"
#include "xnatarchive/import.hpp"
#include "xnatarchive/import_handler.hpp"
#include "xnatarchive/job.hpp"
#include "xnatarchive/opened_file.hpp"
#include "xnatarchive/pipeline_launcher.hpp"
#include "xnatarchive/prearchive_session.hpp"
#include "xnatarchive/refresh.hpp"
#include "xnatarchive/reindex.hpp"
#include "xnatarchive/routing_rules.hpp"
#include "xnatarchive/session_document.hpp"
#include "xnatarchive/session_transform.hpp"
#include "xnatarchive/session_validator.hpp"
#include "xnatarchive/settings.hpp"
#include "xnatarchive/status.hpp"
#include "xnatarchive/verify.hpp"

namespace xnatarchive {

/// Where an engine works and what it may use.
struct EngineOptions {
  std::string root;             ///< Directory of everything that is not placed elsewhere below.
  std::string archive_path;     ///< Empty: ROOT/archive.
  std::string prearchive_path;  ///< Empty: ROOT/prearchive. May be on another file system.
  std::string store_url;        ///< Empty: sqlite3://ROOT/store.sqlite3.
  /// Threads one call may use, the calling one included; they end with the call. 0: one per core.
  /// The default adds none, because a host decides about its threads.
  unsigned threads = 1;
  FileSystem* file_system = nullptr;                    ///< Not owned; null: PosixFileSystem().
  std::shared_ptr<PipelineLauncher> pipeline_launcher;  ///< Null: CommandPipelineLauncher().
  std::shared_ptr<AccessPolicy> access_policy;          ///< Null: everything is allowed.
  std::shared_ptr<EventSink> event_sink;                ///< Null: nobody listens.
  std::shared_ptr<SessionTransform> session_transform;  ///< Null: nothing is rewritten.
  /// Asked in this order, all of them.
  std::vector<std::shared_ptr<SessionValidator>> validators;
  ContainerLimits container_limits;
  RoutingRules routing_rules;  ///< Go before what the data says. Malformed: kInvalidArgument.
  /// Threads that Open starts to work jobs off, as RunOneJobItem does, whoever submitted them.
  /// StopJobWorkers, at any time and from any thread, tells them to stop, and waits if asked to; so
  /// does the destructor. Sessions they are at are queued again, or archived when they are past the
  /// point where that can be cancelled. The default is none: the host calls RunOneJobItem on its
  /// own threads, or leaves the jobs to another process.
  unsigned job_workers = 0;
  bool recover_on_open = true;  ///< Off only for a program that wants to report what Recover does.
};

/// What Init writes into a new root.
struct InitOptions {
  std::string site_id = "XNAT";  ///< Prefix of experiment and subject IDs: a valid label.
  Checksum checksum = Checksum::kMd5AndXxh3;
};

/// How far a call is. `total` values are 0 while unknown.
struct Progress {
  /// "receive", "build", "hash", "copy", "publish", "identify", "refresh", "verify"; or which
  /// strategy of the host is at work, with no numbers: "access", "transform", "validate",
  /// "pipeline", "events". RunOneJobItem also has "wait", with no numbers: somebody else works on
  /// the session. WaitForJob has "job" and CommitIdle "idle", where sessions are counted in place
  /// of files.
  std::string_view phase;
  std::uint64_t files_done = 0;
  std::uint64_t files_total = 0;
  std::uint64_t bytes_done = 0;
  std::uint64_t bytes_total = 0;
};

/// Who calls, and how the call reports and stops.
struct CallOptions {
  /// Recorded in catalogs and the audit trail (empty: "unknown"), and what the AccessPolicy is
  /// asked about.
  std::string user;
  std::string origin;  ///< From where, such as "cli" or an address; recorded in the audit trail.
  /// Called on the calling thread at most ten times a second; returning false cancels: the call
  /// ends with kCancelled and changes nothing. An exception counts as false. Must not call the
  /// engine.
  std::function<bool(const Progress&)> progress;
};

/// What ArchiveEngine::Archive, Validate and Submit are to do with one session.
struct ArchiveRequest {
  std::string src;   ///< Prearchive URI of one session.
  std::string dest;  ///< Empty, or an archive URI of a project, subject or experiment.
  Overwrite overwrite = Overwrite::kNone;
  bool quarantine = false;  ///< False: as the project says. A merge never ends a quarantine.
  bool trigger_pipelines = true;
  /// How long to wait for whoever works on the session or its destination, or still sends files of
  /// it; after that kLocked. Progress says "wait" meanwhile. 0: not at all.
  std::int64_t wait_ms = 0;
  /// "project", "subject", "session" or "label", "event_reason".
  std::map<std::string, std::string> parameters;
  /// XNAT's XML paths and the values to set before archiving, such as
  /// {"xnat:mrSessionData/note", "..."}. Where "<xsi:type>/project", "/subject_ID" or "/label" say
  /// where the session goes, and `dest` says otherwise, it is "archive.contradiction".
  std::vector<std::pair<std::string, std::string>> fields;
};

/// What AddSubject made or found.
struct AddedSubject {
  std::string id;      ///< Such as "XNAT_S00001".
  bool added = false;  ///< It was not there before.
};

/// What one archive operation did.
struct ArchiveReport {
  std::string uri;  ///< "/data/archive/projects/P/subjects/SUBJECT/experiments/LABEL".
  std::string experiment_id;
  std::string project;
  std::string subject;  ///< Label.
  std::string label;
  std::string status;  ///< "active" or "quarantine".
  std::uint64_t scans = 0;
  std::uint64_t files = 0;
  std::uint64_t bytes = 0;
  std::uint64_t files_hashed = 0;      ///< Files that had to be read for their checksum.
  bool merged = false;                 ///< Into a session that existed.
  FileCounts counts;                   ///< What became of the incoming files.
  std::vector<PlannedScan> scan_plan;  ///< What became of each incoming scan.
  std::vector<Finding> warnings;
  /// OK also when no pipeline was configured or asked for. What it printed is in the audit record.
  Status pipeline;
  Status events;  ///< The EventSink's first failure; nothing else is wrong.
};

/// What Validate found: the table, and what would be done if nothing in it blocks.
struct ValidationReport {
  std::vector<Finding> findings;  ///< Sorted by code; empty: would archive cleanly.
  bool blocked = false;           ///< A FAIL or CONFLICT is among them.
  std::string uri;                ///< Where the session would land; empty when that is not known.
  std::uint64_t scans = 0;
  std::uint64_t files = 0;
  std::uint64_t bytes = 0;
  std::uint64_t files_to_hash = 0;
  bool merges = false;  ///< Into a session that exists.
  FileCounts counts;
  std::vector<PlannedScan> scan_plan;      ///< Of every incoming scan.
  std::vector<PlannedResource> resources;  ///< Of every incoming resource.
};

/// A listing: every cell is text, as in XNAT's tables. The first column names the row, the last
/// one is its URI.
struct Table {
  std::vector<std::string> columns;
  std::vector<std::vector<std::string>> rows;
};

/// What one archive operation replaced, kept until it is pruned.
struct HistoryEntry {
  std::string id;  ///< Names it for RestoreHistory and PruneHistory.
  std::string project;
  std::string label;  ///< Of the session.
  std::string experiment_id;
  std::string user;
  std::int64_t time_ms = 0;  ///< When they were replaced, since the epoch, UTC.
  std::uint64_t files = 0;
  std::uint64_t bytes = 0;
};

/// What Recover did; each line names the operation.
struct RecoverySummary {
  std::vector<std::string> finished;   ///< Redone to the end: the operation has happened.
  std::vector<std::string> discarded;  ///< Had changed nothing: its leftovers are removed.
  std::vector<std::string> busy;       ///< Their owners live.
  std::vector<std::string> failed;     ///< Could not be finished now, and why.
};

/// One root, opened.
///
/// Threads:  every method may be called from any thread at any time; calls on the same session
///           exclude each other (kLocked). Several engines, also in several processes of one host,
///           may have the same root open.
/// Access:   every method with CallOptions asks the AccessPolicy first; the permission is named
///           there. kPermission "access.denied".
/// Errors:   kNotFound for what a URI names and is not there; kInvalidArgument "uri.malformed";
///           kLocked; kIo, kNoSpace, kPermission from the disk; kCorruption for unreadable input;
///           kHandlerFailed when a strategy of the host failed.
///           Unless its disk_state() says otherwise, a failed call changed nothing.
class ArchiveEngine {
 public:
  /// Makes a new root: directories, store, settings. `options.root` itself is made when absent,
  /// its parent must exist. kAlreadyExists "engine.root-in-use" when it holds a store already.
  static Status Init(const EngineOptions& options, const InitOptions& init);

  /// Opens a root made by Init. kNotFound "engine.no-root" when there is none. Finishes what
  /// crashed processes left unless options.recover_on_open is off; what cannot be finished now
  /// does not fail Open, only later calls on those sessions (kRecoveryRequired).
  static Result<std::unique_ptr<ArchiveEngine>> Open(const EngineOptions& options);

  ~ArchiveEngine();
  ArchiveEngine(const ArchiveEngine&) = delete;
  ArchiveEngine& operator=(const ArchiveEngine&) = delete;

  /// Adds a handler. Not while another thread of the host uses the engine. kAlreadyExists when its
  /// name is taken (built in: "SI", "DICOM-zip", "gradual-DICOM"); kInvalidArgument for a name
  /// outside [A-Za-z0-9-]{1,32}.
  Status Register(std::unique_ptr<ImportHandler> handler);

  /// kInvalidArgument for an ID that is not a valid label or an unknown code; kAlreadyExists.
  Status AddProject(const Project& project, const CallOptions& call = {});
  /// Makes a subject of whom nothing is archived yet, as its first session would: its document in
  /// the archive, and its row. `project` is an ID or alias. Fine when the subject is there, by
  /// `label` (in any case) or by ID.
  /// kInvalidArgument "subject.bad-label" for what is no label; kNotFound "project.not-found";
  /// kLocked "operation.locked" while its first session is archived; kCorruption when its document
  /// is there and can not be read. After a failure, or when the process dies, its document may be
  /// there without the row: the next call goes on with it, and so does Reindex. Needs kEdit.
  Result<AddedSubject> AddSubject(const std::string& project, const std::string& label,
                                  const CallOptions& call = {});
  Result<std::vector<Project>> Projects(const CallOptions& call = {}) const;  ///< Sorted by ID.

  /// The value of a setting (settings.hpp) of the site, or with an ID or alias of that project; its
  /// default when it was not set. Failures of FindSetting; kNotFound "project.not-found". Anybody
  /// may read the site's.
  Result<std::string> Setting(std::string_view name, std::string_view project = {},
                              const CallOptions& call = {}) const;
  /// Sets it for all calls that begin from now on; "checksum" in this engine and in those opened
  /// later. Failures of CheckSetting, kNotFound "project.not-found"; kAlreadyExists
  /// "store.alias-taken" when another project has a name in "aliases". Then nothing is changed.
  Status SetSetting(std::string_view name, std::string_view value, std::string_view project = {},
                    const CallOptions& call = {});
  /// All settings of the site or of a project: name, value, default, expected, purpose.
  Result<Table> Settings(std::string_view project = {}, const CallOptions& call = {}) const;

  /// Receives one input into the prearchive: durable and complete when it returns.
  ///
  /// Files of series that the site's or the project's series_import_filter does not take are
  /// skipped; an input that has no others is received, as no session.
  ///
  /// Each session of the input becomes one prearchive session, or joins the one that waits there
  /// with the same project, Study Instance UID and label. It is archived at once when `dest` is an
  /// archive URI, when the data says so, or when the project's prearchive_code is 4 or 5; if that
  /// fails the session stays in the prearchive and the report says why.
  Result<ImportReport> Import(const ImportRequest& request, const CallOptions& call = {});
  /// Builds every session that is RECEIVING and to which no file came for the site's
  /// session_idle_minutes, and archives it as Import does, unless it waits for a person or its
  /// sender ("prevent_auto_commit"). A host calls this from a timer, RestService does not; several
  /// threads and processes may at once.
  ///
  /// A session is taken for complete only under its lock: one to which a file came meanwhile is
  /// RECEIVING, and its time begins again. Somebody else's are passed over. What one session's
  /// failure is, is in the report, and others go on. When `call.progress` says stop, what is left
  /// stays due. A process that dies between building and archiving leaves a session that the next
  /// call archives. The user needs kAdmin of the site, and what archiving needs.
  Result<IdleReport> CommitIdle(const CallOptions& call = {});

  /// Rows of the prearchive, newest first. `project` empty: all; "Unassigned": those without. One
  /// that waits in a job (Submit) is QUEUED_ARCHIVING, or RECEIVING when a file came since.
  Result<std::vector<PrearchiveSession>> PrearchiveSessions(std::string_view project = {},
                                                            const CallOptions& call = {}) const;
  /// The row of one session, as in the listing.
  Result<PrearchiveSession> FindPrearchiveSession(std::string_view src,
                                                  const CallOptions& call = {}) const;
  /// OK when a call that needs `permission` for this session could begin now: the session is there,
  /// the user may do that (kPermission), and nobody works on it (kLocked "operation.locked"): what
  /// refuses one of several sessions is known before the first. Changes nothing, but takes the
  /// session's lock for a moment, in which others find it locked; they may be faster afterwards.
  Status CheckPrearchiveSession(std::string_view src, Permission permission,
                                const CallOptions& call = {}) const;
  /// Makes the session document and catalogs from the DICOM headers; afterwards READY. A failed
  /// build leaves the previous document as it was and the session in ERROR.
  Status Build(std::string_view src, const CallOptions& call = {});
  /// The same, and sets `fields` in the document, XML paths as those of ArchiveRequest. Unless the
  /// build fails they are kept as an upload's are (ImportRequest::parameters), for later builds,
  /// too. kInvalidArgument "build.bad-field" for no path, "import.bad-value" for no text.
  Status Build(std::string_view src, const std::map<std::string, std::string>& fields,
               const CallOptions& call);
  /// Removes the session and its files for good.
  Status DeletePrearchiveSession(std::string_view src, const CallOptions& call = {});
  /// Moves a waiting session, of a project or Unassigned, into a project (an ID or alias), and
  /// returns its URI there. By renames: the files are neither read nor copied, however many.
  ///
  /// It keeps its label, subject and state (the left project's CONFLICT or ERROR is forgotten), and
  /// its timestamp unless the project has a session of that time: two sessions of one name stay
  /// two. All or nothing; nothing when it is there already. kLocked; kNotFound "project.not-found".
  Result<std::string> MovePrearchiveSession(std::string_view src, std::string_view project,
                                            const CallOptions& call = {});
  /// Gives a session that nobody works on the state its files say (absent), or the wanted one, and
  /// returns the row. Frees one whose owner died, and takes back a CONFLICT or ERROR.
  ///
  /// READY needs a document that tells of all files (else kConflict "prearchive.not-built");
  /// RECEIVING is to be built again; CONFLICT or ERROR is to be looked at by somebody.
  /// kInvalidArgument "prearchive.bad-state" for the states of operations; kLocked.
  Result<PrearchiveSession> SetPrearchiveState(std::string_view src,
                                               std::optional<PrearchiveState> wanted = std::nullopt,
                                               const CallOptions& call = {});
  /// The session's log, oldest first: "MM/dd/yyyy HH:mm:ss:<text>".
  Result<std::vector<std::string>> PrearchiveLog(std::string_view src,
                                                 const CallOptions& call = {}) const;

  /// Moves one prearchive session into the archive, building it first when that is needed.
  ///
  /// All or nothing: on OK the session is whole and durable in the archive and gone from the
  /// prearchive; otherwise it is complete in the prearchive, marked CONFLICT or ERROR with the
  /// reason in its log. kConflict "archive.session-exists" when the project has a session of that
  /// label, "archive.files-changed" when files come into an archived resource while all of it is
  /// replaced. Of the findings that block the first one's reason is told: with kConflict for a
  /// CONFLICT, and where label, project, subject or type of the existing session would change; else
  /// with kInvalidArgument. kLocked while somebody else works on the session or its destination
  /// ("operation.locked") or sends files of it ("archive.receiving"), after `request.wait_ms`;
  /// kCancelled "archive.wait-cancelled" when `progress` ends the waiting.
  Result<ArchiveReport> Archive(const ArchiveRequest& request, const CallOptions& call = {});

  /// What Archive would find and do; one that is not built yet is taken as its build would make it,
  /// files are read where only their bytes can tell. Writes and locks nothing: kLocked or kNotFound
  /// when it is taken away meanwhile.
  Result<ValidationReport> Validate(const ArchiveRequest& request,
                                    const CallOptions& call = {}) const;

  /// Asks for sessions to be archived later, each as its request says, and returns the job's ID:
  /// the job is durable then, and nothing is archived yet. Sessions have outcomes of their own, and
  /// are archived in the caller's name, with what the AccessPolicy says then. kInvalidArgument
  /// "job.empty" for no request, "job.same-source" for two about one session,
  /// "uri.not-a-prearchive-session"; a session that is not there fails when its turn comes.
  Result<std::string> Submit(const std::vector<ArchiveRequest>& requests,
                             const CallOptions& call = {});
  /// kNotFound "job.not-found". Of jobs one sees those one has submitted (with a `user` that is not
  /// empty), and those all of whose projects one may read; others are not found.
  Result<Job> FindJob(std::string_view id, const CallOptions& call = {}) const;
  Result<std::vector<Job>> Jobs(const CallOptions& call = {}) const;  ///< Newest first.
  /// Returns the job when it has ended. Does not work it off: with no worker anywhere it never
  /// ends. kLocked "job.timeout" when it has not ended after `timeout_ms`, 0: look only, negative:
  /// no limit; kCancelled "job.wait-cancelled" when `progress` says so, and the job goes on.
  Result<Job> WaitForJob(std::string_view id, std::int64_t timeout_ms,
                         const CallOptions& call = {}) const;
  /// Cancels what has not ended: sessions that are queued at once and for good, those that are
  /// being archived, by any process, within a second, unless they are past the point where an
  /// archive call can be cancelled; then they are archived. One whose worker died waits for the
  /// next worker, who finds out which of the two it is. Fine, and without effect, when the job has
  /// ended. The job is one's own, or all its projects may be edited.
  Status CancelJob(std::string_view id, const CallOptions& call = {});
  /// Takes the session that is queued longest, archives it on the calling thread, as Archive does,
  /// and writes down its outcome. False when none is queued, true for any outcome. Any number of
  /// threads and processes may do this at once: each session is taken by one.
  ///
  /// A session that is kLocked is tried again for five seconds and then fails with that. When
  /// `call.progress` says "stop", the session is queued again and the call ends with kCancelled
  /// "job.stopped". When archiving ends with kRecoveryPending, the session is queued again. When a
  /// worker dies, so it is by the next call of this, Open or Recover; if it was archived already,
  /// the next worker finds that out from the audit trail, and the session is done (the AutoRun that
  /// was due is not made up for). After three of these it fails with "job.workers-died". The user
  /// needs kAdmin of the site: whose jobs they are does not matter here.
  Result<bool> RunOneJobItem(const CallOptions& call = {});
  void StopJobWorkers(bool wait);  ///< See EngineOptions::job_workers. In a hook, do not wait.

  /// What merges with Overwrite::kDelete replaced, oldest first; `uri` empty, or an archive URI of
  /// a project or experiment. Records that can not be read are left out.
  Result<std::vector<HistoryEntry>> History(std::string_view uri = {},
                                            const CallOptions& call = {}) const;
  /// Puts the files of one record back: each takes the place of the archived object of the same SOP
  /// Instance UID or name, which goes to the history in turn, or is added where there is none. Of
  /// the record's document only scans and resources that are gone come back. The record is gone
  /// then. All or nothing, as Archive. kNotFound "history.not-found"; kConflict when another object
  /// has taken a file's name, or another session the label ("history.other-session");
  /// kCorruption "history.damaged" when one of its files is not what was replaced.
  Result<ArchiveReport> RestoreHistory(std::string_view id, const CallOptions& call = {});
  /// Removes one record and its files for good. kNotFound "history.not-found".
  Status PruneHistory(std::string_view id, const CallOptions& call = {});

  /// Brings the catalogs of archived sessions up to date with the files beside them, and the counts
  /// in documents and index with the catalogs.
  ///
  /// All that changes in one session is published in one operation: readers, and a process that
  /// dies meanwhile, find it as before or as after, and a catalog is replaced only when the new one
  /// is durable. Where everything is true already no file is opened and nothing is written; a
  /// second refresh changes nothing.
  ///
  /// Every catalog has an outcome of its own in the report, in which what failed is as it was:
  ///   "catalog.missing" (kCorruption): it is not where the document names it
  ///   "catalog.empty", "catalog.bad-xml", "catalog.bad-value", "catalog.not-a-catalog"
  ///     (kCorruption): it can not be read; `rebuild` makes it anew, as a missing one
  ///   "catalog.outside" (kCorruption): the document has it in no directory of the session
  ///   "catalog.two-in-directory" (kConflict): two are named there, or it is not known which is it
  ///   "refresh.not-a-catalog" (kUnsupported): the resource has none
  ///   "refresh.other-session" (kConflict): the document has another ID than the index
  ///   "refresh.too-many-removed" (kConflict): more files are gone than the site allows; `force`
  ///   "archive.digest-mismatch" (kCorruption): a file nobody changed has other bytes; `force`
  ///   "refresh.files-changed", "digest.file-changed" (kConflict): files are being written to
  ///   "uri.malformed", "uri.is-a-file", "uri.not-in-archive" (kInvalidArgument)
  ///   "uri.not-found", "project.not-found" (kNotFound), "access.denied" (kPermission)
  ///   "operation.locked" (kLocked), after `request.wait_ms`
  ///   "archive.cancelled", "archive.wait-cancelled" (kCancelled): `progress` said stop
  ///   and the failures of the disk, such as a directory that can not be read.
  ///
  /// The call itself fails for kInvalidArgument "refresh.no-resource" and when a strategy of the
  /// host fails, and then changes nothing. Progress says "hash", "identify", "refresh".
  Result<RefreshReport> Refresh(const RefreshRequest& request, const CallOptions& call = {});

  /// Releases an archived session that is quarantined: it is "active" from here on, durably. True;
  /// false when it was active already, which changes nothing. `uri` names an experiment
  /// (kInvalidArgument "uri.not-an-experiment"). After a failure the session is listed as
  /// quarantined as before, and the call can be made again.
  Result<bool> Activate(std::string_view uri, const CallOptions& call = {});

  /// Writes a copy of an archived or waiting session to a new directory or zip, or streams it as a
  /// zip.
  /// Nothing in the archive changes; who may read the project may do it.
  ///
  /// Either all of it is there, durable and checked against the catalogs, or nothing of that name
  /// (a process that dies leaves a ".xa-export-*.tmp" beside it). What went to a stream before a
  /// failure is no whole zip. Others may merge into the session meanwhile: then the export fails
  /// rather than mix what was with what is. The same holds for a waiting session, except that files
  /// it receives meanwhile are left out, and fail the export only when they replace others.
  ///
  /// kInvalidArgument "uri.not-an-experiment", "export.bag-of-part", "export.bad-target",
  /// "export.inside-root"; kNotFound "uri.not-found", "export.no-parent"; kAlreadyExists
  /// "export.target-exists"; kLocked "operation.locked" while somebody works on the session when
  /// the export begins; kConflict "export.session-changed" when somebody has when it ends;
  /// kCancelled "export.cancelled". Of a session (or of the part of it that is exported) that is
  /// damaged, kCorruption with the file: "export.digest-differs", "export.file-missing",
  /// "export.catalog-missing", "export.catalog-unreadable", "export.bad-entry". kUnsupported
  /// "export.no-catalog" for a resource without a catalog below the session,
  /// "export.irregular-file" for a link or device in a waiting session or where a bag is wanted,
  /// "export.bag-of-waiting".
  Result<ExportReport> Export(const ExportRequest& request, const CallOptions& call = {});

  /// Reads archived files and compares them with their catalogs. What is wrong is in the report, of
  /// a call that succeeded: a damaged file, catalog or session keeps nothing else from being
  /// verified.
  ///
  /// Nothing in the trees is changed, and nobody is kept from working: no lock is held while files
  /// are read, only for the moment in which something that looks wrong is looked at again, so that
  /// a session somebody merges into meanwhile is not called damaged.
  ///
  /// kInvalidArgument "verify.bad-sample", "uri.is-a-file", "uri.not-in-archive",
  /// "verify.other-request" (of `resume_path`), "verify.bad-target", "verify.inside-root";
  /// kNotFound "uri.not-found", "verify.no-parent"; kCorruption "verify.bad-state"; kCancelled
  /// "verify.cancelled".
  Result<VerifyReport> Verify(const VerifyRequest& request, const CallOptions& call = {});

  /// Who did what to which session when, why, from where, how it ended, and how many files it was
  /// about; oldest first. An empty `uri`: everything; or a project; or an experiment, with the
  /// prearchive sessions that went into it; or a prearchive session, also one that is gone. The
  /// audit trail is in the store alone, and lost with it. kInvalidArgument "uri.no-audit".
  Result<Table> Audit(std::string_view uri = {}, const CallOptions& call = {}) const;

  /// One level below `uri`: "/projects" (or empty), "/projects/P" (subjects),
  /// "/projects/P/subjects/S" (experiments), ".../experiments/L" or "/experiments/ID" (scans and
  /// session resources), ".../scans/ID" (resources), ".../resources/LABEL" (files);
  /// "/projects/P/experiments" lists all experiments of a project. A leading "/data" or
  /// "/archive" may be left out. "/prearchive..." lists prearchive sessions, and below
  /// "/prearchive/projects/P/TS/FOLDER" the same levels as below an experiment, once the session
  /// has a document (kNotFound before it is built).
  Result<Table> List(std::string_view uri, const CallOptions& call = {}) const;

  /// Opens one file of a session, archived or in the prearchive, by its URI as List has it:
  /// ".../scans/ID/resources/LABEL/files/PATH" or ".../resources/LABEL/files/PATH".
  ///
  /// Its resource's catalog is not asked: what lies beside it and is a regular file can be read,
  /// listed or not. Where a link stands in the path nothing is found or opened. kInvalidArgument
  /// "uri.not-a-file"; kNotFound "uri.not-found".
  Result<OpenedFile> OpenFile(std::string_view uri, const CallOptions& call = {}) const;

  /// The session document of an archive or prearchive session.
  Result<SessionDocument> Document(std::string_view uri, const CallOptions& call = {}) const;
  /// The same as the XML bytes on disk.
  Result<std::string> DocumentXml(std::string_view uri, const CallOptions& call = {}) const;

  /// Finishes or undoes what dead processes left. Never waits for living ones.
  Result<RecoverySummary> Recover(const CallOptions& call = {});
  /// Rebuilds the index of projects, subjects, experiments and prearchive sessions from the trees.
  /// Settings of projects the store still knows are kept; identifiers in the trees are never given
  /// out again; a session that tree or store says is quarantined stays so. The report tells every
  /// difference between what the index said and what the trees say.
  Result<ReindexReport> Reindex(const CallOptions& call = {});

  class Core;  ///< What it is made of; not for hosts.

 private:
  explicit ArchiveEngine(std::unique_ptr<Core> core);
  std::unique_ptr<Core> core_;
};

}  // namespace xnatarchive

#endif  // XNATARCHIVE_ARCHIVE_ENGINE_HPP_
