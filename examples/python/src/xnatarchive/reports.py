"""What calls return. A newer library may add members.

An outcome is None for what succeeded, else {"code", "reason", "message", "path", "disk_state"}.
"""

from __future__ import annotations

from typing import Any, Optional, TypedDict

Outcome = Optional[dict[str, str]]
#: One row of a listing, by the names of the columns.
Row = dict[str, str]
Rows = list[Row]


class Counts(TypedDict):
    """What became of files."""

    added: int
    identical: int
    replaced: int
    conflicting: int
    bytes_added: int
    bytes_replaced: int


class Finding(TypedDict):
    """One line of XNAT's table: "FAIL", "CONFLICT" or "WARN", and why."""

    code: int
    type: str
    reason: str
    message: str


class ImportReport(TypedDict):
    #: One for each session.
    uris: list[str]
    files_received: int
    files_identical: int
    files_skipped: int
    files_filtered: int
    bytes_received: int
    skipped: list[dict[str, str]]
    #: Sessions that were to be archived at once and could not; they wait in the prearchive.
    not_archived: list[dict[str, str]]
    failed_pipelines: list[dict[str, str]]
    events: Outcome


class ArchiveReport(TypedDict):
    uri: str
    experiment_id: str
    project: str
    subject: str
    label: str
    status: str
    scans: int
    files: int
    bytes: int
    files_hashed: int
    merged: bool
    counts: Counts
    scan_plan: list[dict[str, str]]
    warnings: list[Finding]
    pipeline: Outcome
    events: Outcome


class ValidationReport(TypedDict):
    uri: str
    blocked: bool
    scans: int
    files: int
    bytes: int
    files_to_hash: int
    merges: bool
    counts: Counts
    findings: list[Finding]
    #: "scans" and "resources": what archiving would do.
    plan: dict[str, Any]


class RefreshReport(TypedDict):
    #: "uri", "outcome", counts, and of a failed one its "status".
    catalogs: list[dict[str, Any]]
    events: Outcome


class VerifyReport(TypedDict):
    sessions: int
    catalogs: int
    files: int
    bytes: int
    files_read: int
    bytes_read: int
    files_without_digest: int
    files_elsewhere: int
    seed: int
    #: "problem", "uri", "path", "message".
    problems: list[dict[str, str]]
    busy: list[str]


class ExportReport(TypedDict):
    files: int
    bytes: int
    files_unchecked: int
    files_elsewhere: int


class IdleReport(TypedDict):
    #: Prearchive URIs of sessions that wait for a person now.
    built: list[str]
    #: Archive URIs.
    archived: list[str]
    failed: list[dict[str, str]]
    failed_pipelines: list[dict[str, str]]
    #: In how many milliseconds there will be something to do; -1: never, as things are.
    next_ms: int
    events: Outcome


class RecoveryReport(TypedDict):
    #: Redone to the end: the operation has happened.
    finished: list[str]
    #: Had changed nothing: its leftovers are removed.
    discarded: list[str]
    #: Their owners live.
    busy: list[str]
    #: Could not be finished now, and why.
    failed: list[str]


class ReindexReport(TypedDict):
    projects: int
    subjects: int
    experiments: int
    prearchive_sessions: int
    differences: list[dict[str, str]]
    unreadable: list[dict[str, str]]


class Job(TypedDict):
    id: str
    kind: str
    user: str
    origin: str
    state: str
    cancel_requested: bool
    created_ms: int
    started_ms: int
    ended_ms: int
    items_done: int
    items_total: int
    #: "src", "state", "uri", and of a failed one its "status".
    items: list[dict[str, Any]]


class PrearchiveSession(TypedDict):
    uri: str
    project: str
    timestamp: str
    last_modified_ms: int
    uploaded_ms: int
    scan_date: str
    scan_time: str
    subject: str
    folder: str
    label: str
    study_uid: str
    state: str
    url: str
    auto_archive: Optional[str]
    prevent_anon: bool
    prevent_auto_commit: bool
    source: str
    visit: str
    protocol: str
    time_zone: str
    parameters: dict[str, str]
    archive_pending: bool
