//! What calls did or found. Names are the library's; new members may come.
use std::collections::BTreeMap;

use serde::Deserialize;

/// A failure that a report tells of a call that succeeded.
#[derive(Clone, Debug, Deserialize)]
#[non_exhaustive]
pub struct Failure {
    /// As `Status` is displayed: "conflict", ...
    pub code: String,
    pub reason: String,
    pub message: String,
    pub path: String,
    pub disk_state: String,
}

/// What became of incoming files.
#[derive(Clone, Debug, Deserialize)]
#[non_exhaustive]
pub struct FileCounts {
    pub added: u64,
    pub identical: u64,
    pub replaced: u64,
    pub conflicting: u64,
    pub bytes_added: u64,
    pub bytes_replaced: u64,
}

/// A row of XNAT's table of what was found.
#[derive(Clone, Debug, Deserialize)]
#[non_exhaustive]
pub struct Finding {
    pub code: i32,
    /// "FAIL", "CONFLICT" or "WARN".
    #[serde(rename = "type")]
    pub kind: String,
    pub reason: String,
    pub message: String,
}

/// What becomes of one incoming scan.
#[derive(Clone, Debug, Deserialize)]
#[non_exhaustive]
pub struct PlannedScan {
    pub id: String,
    pub target_id: String,
    pub fate: String,
}

/// What becomes of one incoming resource.
#[derive(Clone, Debug, Deserialize)]
#[non_exhaustive]
pub struct PlannedResource {
    pub scan_id: String,
    pub label: String,
    pub whole: bool,
    pub file_count: u64,
    pub bytes: u64,
    pub files: Vec<PlannedFile>,
}

/// One of them.
#[derive(Clone, Debug, Deserialize)]
#[non_exhaustive]
pub struct PlannedFile {
    pub path: String,
    pub action: String,
    pub size: i64,
    pub replaces: String,
}

/// What one import did.
#[derive(Clone, Debug, Deserialize)]
#[non_exhaustive]
pub struct ImportReport {
    /// One for each session.
    pub uris: Vec<String>,
    pub files_received: u64,
    pub files_identical: u64,
    pub files_skipped: u64,
    pub files_filtered: u64,
    pub bytes_received: u64,
    /// Up to 100 of them.
    pub skipped: Vec<Failure>,
    pub not_archived: Vec<Failure>,
    pub failed_pipelines: Vec<Failure>,
    /// The event sink's first failure.
    #[serde(default)]
    pub events: Option<Failure>,
}

/// What one archive operation did.
#[derive(Clone, Debug, Deserialize)]
#[non_exhaustive]
pub struct ArchiveReport {
    pub uri: String,
    pub experiment_id: String,
    pub project: String,
    /// Label.
    pub subject: String,
    pub label: String,
    /// "active" or "quarantine".
    pub status: String,
    pub scans: u64,
    pub files: u64,
    pub bytes: u64,
    pub files_hashed: u64,
    /// Into a session that existed.
    pub merged: bool,
    pub counts: FileCounts,
    pub scan_plan: Vec<PlannedScan>,
    pub warnings: Vec<Finding>,
    #[serde(default)]
    pub pipeline: Option<Failure>,
    #[serde(default)]
    pub events: Option<Failure>,
}

/// What `Engine::archive` would find and do.
#[derive(Clone, Debug, Deserialize)]
#[non_exhaustive]
pub struct ValidationReport {
    /// Where the session would land.
    pub uri: String,
    pub blocked: bool,
    pub scans: u64,
    pub files: u64,
    pub bytes: u64,
    pub files_to_hash: u64,
    pub merges: bool,
    pub counts: FileCounts,
    pub findings: Vec<Finding>,
    pub plan: Plan,
}

/// What would be done if nothing blocks.
#[derive(Clone, Debug, Deserialize)]
#[non_exhaustive]
pub struct Plan {
    pub scans: Vec<PlannedScan>,
    pub resources: Vec<PlannedResource>,
}

/// What became of each catalog.
#[derive(Clone, Debug, Deserialize)]
#[non_exhaustive]
pub struct RefreshReport {
    pub catalogs: Vec<RefreshedCatalog>,
    #[serde(default)]
    pub events: Option<Failure>,
}

/// One of them.
#[derive(Clone, Debug, Deserialize)]
#[non_exhaustive]
pub struct RefreshedCatalog {
    pub uri: String,
    pub catalog: String,
    pub outcome: String,
    pub added: u64,
    pub removed: u64,
    pub modified: u64,
    pub checksummed: u64,
    pub rebuilt: bool,
    pub entries: u64,
    pub missing: u64,
    pub unlisted: u64,
    pub changed: u64,
    pub ignored: u64,
    pub ignored_example: String,
    pub files: u64,
    pub bytes: u64,
    /// Of one that failed.
    #[serde(default)]
    pub status: Option<Failure>,
}

/// What was read, and what is wrong.
#[derive(Clone, Debug, Deserialize)]
#[non_exhaustive]
pub struct VerifyReport {
    pub sessions: u64,
    pub catalogs: u64,
    pub files: u64,
    pub bytes: u64,
    pub files_read: u64,
    pub bytes_read: u64,
    pub files_without_digest: u64,
    pub files_elsewhere: u64,
    pub seed: u64,
    pub problems: Vec<VerifyProblem>,
    pub busy: Vec<String>,
}

/// One of them.
#[derive(Clone, Debug, Deserialize)]
#[non_exhaustive]
pub struct VerifyProblem {
    pub problem: String,
    pub uri: String,
    pub path: String,
    pub message: String,
}

/// What was exported.
#[derive(Clone, Debug, Deserialize)]
#[non_exhaustive]
pub struct ExportReport {
    pub files: u64,
    pub bytes: u64,
    pub files_unchecked: u64,
    pub files_elsewhere: u64,
}

/// What became of sessions to which no file came for some time.
#[derive(Clone, Debug, Deserialize)]
#[non_exhaustive]
pub struct IdleReport {
    /// Prearchive URIs of sessions that wait for a person now.
    pub built: Vec<String>,
    /// Archive URIs.
    pub archived: Vec<String>,
    pub failed: Vec<Failure>,
    pub failed_pipelines: Vec<Failure>,
    /// In how many milliseconds there will be something to do; -1: never, as things are.
    pub next_ms: i64,
}

/// Names of operations that dead processes left.
#[derive(Clone, Debug, Deserialize)]
#[non_exhaustive]
pub struct RecoveryReport {
    /// Redone to the end.
    pub finished: Vec<String>,
    /// Had changed nothing.
    pub discarded: Vec<String>,
    /// Their owners live.
    pub busy: Vec<String>,
    /// Could not be finished now, and why.
    pub failed: Vec<String>,
}

/// What was indexed, and what the index had otherwise.
#[derive(Clone, Debug, Deserialize)]
#[non_exhaustive]
pub struct ReindexReport {
    pub projects: u64,
    pub subjects: u64,
    pub experiments: u64,
    pub prearchive_sessions: u64,
    pub differences: Vec<IndexDifference>,
    pub unreadable: Vec<Failure>,
}

/// One of them.
#[derive(Clone, Debug, Deserialize)]
#[non_exhaustive]
pub struct IndexDifference {
    pub kind: String,
    pub change: String,
    pub project: String,
    pub id: String,
    pub field: String,
    pub before: String,
    pub after: String,
}

/// One row of the prearchive.
#[derive(Clone, Debug, Deserialize)]
#[non_exhaustive]
pub struct PrearchiveSession {
    pub uri: String,
    pub project: String,
    pub timestamp: String,
    pub last_modified_ms: i64,
    pub uploaded_ms: i64,
    pub scan_date: String,
    pub scan_time: String,
    pub subject: String,
    pub folder: String,
    pub label: String,
    pub study_uid: String,
    pub state: String,
    pub url: String,
    #[serde(default)]
    pub auto_archive: Option<String>,
    pub prevent_anon: bool,
    pub prevent_auto_commit: bool,
    pub source: String,
    pub visit: String,
    pub protocol: String,
    pub time_zone: String,
    pub parameters: BTreeMap<String, String>,
    pub archive_pending: bool,
}

/// Sessions that were submitted together. Times are milliseconds since the epoch; 0: not yet.
#[derive(Clone, Debug, Deserialize)]
#[non_exhaustive]
pub struct Job {
    pub id: String,
    pub kind: String,
    pub user: String,
    pub origin: String,
    /// "queued", "running", "done", "failed" or "cancelled".
    pub state: String,
    pub cancel_requested: bool,
    pub created_ms: i64,
    pub started_ms: i64,
    pub ended_ms: i64,
    pub items_done: u64,
    pub items_total: u64,
    pub items: Vec<JobItem>,
}

/// One session of a job.
#[derive(Clone, Debug, Deserialize)]
#[non_exhaustive]
pub struct JobItem {
    pub src: String,
    pub state: String,
    /// Where it is archived.
    pub uri: String,
    #[serde(default)]
    pub status: Option<Failure>,
    #[serde(default)]
    pub counts: Option<FileCounts>,
    pub started_ms: i64,
    pub ended_ms: i64,
    pub files_done: u64,
    pub files_total: u64,
}
