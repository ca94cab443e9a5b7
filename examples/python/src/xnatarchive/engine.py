"""One root, opened, and every call on it.

Calls block and let other Python threads run meanwhile; the start_* methods are the same calls on
threads of their own. Every call takes the keywords of CallOptions.
"""

from __future__ import annotations

import _thread
import atexit
import os
import sys
import weakref
from collections.abc import Iterable, Mapping, Sequence
from typing import TYPE_CHECKING, Optional, cast

from . import _callbacks, handlers, strategies
from ._calls import Caller
from ._library import Arena, Closing, Pointer, ffi, free, invoke, lib, take_bytes, text
from .documents import Document
from .enums import Flag, Permission
from .reports import (
    ArchiveReport,
    ExportReport,
    IdleReport,
    ImportReport,
    Job,
    PrearchiveSession,
    RecoveryReport,
    RefreshReport,
    ReindexReport,
    Rows,
    ValidationReport,
    VerifyReport,
)
from .requests import (
    ArchiveRequest,
    CallOptions,
    ExportRequest,
    ImportRequest,
    Path,
    RefreshRequest,
    VerifyRequest,
    milliseconds,
)
from .tasks import Task, open_tasks

if TYPE_CHECKING:
    from typing_extensions import Unpack


# For what runs when the interpreter ends and was asked to stop.
_AT_EXIT_S = 30.0

_engines: weakref.WeakSet[Engine] = weakref.WeakSet()


def _free_elsewhere(handle: Pointer, process: int) -> None:
    """On a thread of its own: it waits for job workers, and these perhaps for what is locked here.

    Garbage is collected anywhere.
    """
    _thread.start_new_thread(free, (lib.xna_engine_free, handle, process))


@atexit.register
def _at_exit() -> None:
    """Stop every call, and wait: threads of the library find no Python to call afterwards."""
    _callbacks.stop_all()
    for task in list(open_tasks):
        task.wait(_AT_EXIT_S)
    for engine in list(_engines):
        engine.close()
    if not _callbacks.wait_until_none_is_kept(_AT_EXIT_S):
        print("xnatarchive: calls are still running at exit", file=sys.stderr)


def _forget_parent() -> None:
    """In a child that was forked: what runs in its parent does not run here."""
    open_tasks.clear()
    _engines.clear()
    _callbacks.forget_all()


os.register_at_fork(after_in_child=_forget_parent)


def _place(
    arena: Arena,
    root: Path,
    archive: Optional[Path],
    prearchive: Optional[Path],
    store_url: Optional[str],
) -> Pointer:
    options = arena.struct("xna_engine_options")
    options.root = arena.path(root)
    options.archive_path = arena.path(archive)
    options.prearchive_path = arena.path(prearchive)
    options.store_url = arena.text(store_url)
    return options


def create_root(
    root: Path,
    *,
    archive: Optional[Path] = None,
    prearchive: Optional[Path] = None,
    store_url: Optional[str] = None,
    site_id: Optional[str] = None,
    checksum: Optional[str] = None,
) -> None:
    """Make a new root: directories, store, settings. Its parent must exist.

    site_id (None: "XNAT") begins experiment and subject IDs. checksum: "md5+xxh3" (None), "md5",
    "xxh3" or "none". AlreadyExistsError "engine.root-in-use".
    """
    arena = Arena()
    options = _place(arena, root, archive, prearchive, store_url)
    invoke(lib.xna_root_create, options, text(site_id), text(checksum))


class Engine(Caller, Closing):
    """One root, opened: a prearchive, an archive, and a store. Fully thread-safe.

    Opening finishes what crashed processes left, but for recover=False. threads: how many one call
    may use; 0: one per core. job_workers: threads that work off submitted jobs.
    container_entries_max, container_bytes_max: how much one zip or tar may unpack to; 0: the
    library's limits. NotFoundError "engine.no-root".

    A closed engine's calls are InvalidArgumentError "capi.bad-handle".
    """

    def __init__(
        self,
        root: Path,
        *,
        archive: Optional[Path] = None,
        prearchive: Optional[Path] = None,
        store_url: Optional[str] = None,
        threads: int = 1,
        job_workers: int = 0,
        recover: bool = True,
        access_policy: Optional[strategies.AccessPolicy] = None,
        event_sink: Optional[strategies.EventSink] = None,
        log_sink: Optional[strategies.LogSink] = None,
        session_transform: Optional[strategies.SessionTransform] = None,
        pipeline_launcher: Optional[strategies.PipelineLauncher] = None,
        validators: Sequence[strategies.SessionValidator] = (),
        container_entries_max: int = 0,
        container_bytes_max: int = 0,
    ) -> None:
        arena = Arena()
        options = _place(arena, root, archive, prearchive, store_url)
        options.flags = 0 if recover else Flag.ENGINE_NO_RECOVERY
        options.threads = threads
        options.job_workers = job_workers
        options.container_entries_max = container_entries_max
        options.container_bytes_max = container_bytes_max
        # The first one, because its name may be none: from here on nothing fails any more.
        options.session_transform = strategies.session_transform(arena, session_transform)
        options.access_policy = strategies.access_policy(arena, access_policy)
        options.event_sink = strategies.event_sink(arena, event_sink)
        options.log_sink = strategies.log_sink(arena, log_sink)
        options.pipeline_launcher = strategies.pipeline_launcher(arena, pipeline_launcher)
        checks = [strategies.session_validator(arena, validator) for validator in validators]
        options.validators = arena.keep(ffi.new("xna_session_validator *[]", checks))
        options.validator_count = len(checks)
        super().__init__(invoke(lib.xna_engine_open, options, out="xna_engine *"))
        self._process = os.getpid()
        self._collected = weakref.finalize(self, _free_elsewhere, self._handle, self._process)
        self._collected.atexit = False  # type: ignore[misc]  # _at_exit closes it.
        _engines.add(self)

    def close(self) -> None:
        """Close it. Calls and tasks that run go on; job workers are waited for."""
        if self._collected.detach() is not None:
            free(lib.xna_engine_free, self._handle, self._process)

    def register(self, handler: handlers.ImportHandler) -> None:
        """Add a handler. Not while another thread uses the engine.

        AlreadyExistsError when its name is taken ("SI" and "DICOM-zip" are built in).
        """
        arena = Arena()
        invoke(lib.xna_engine_register, self._handle, handlers.import_handler(arena, handler))

    # Projects and settings.

    def add_project(
        self,
        project: str,
        *,
        prearchive_code: int = 0,
        quarantine_code: int = 0,
        autorun: Optional[str] = None,
        **call: Unpack[CallOptions],
    ) -> None:
        """prearchive_code: 0: sessions wait; 4: archived at once; 5: the same, overwriting.

        quarantine_code: 1: archived sessions are quarantined. autorun: command for the launcher.
        AlreadyExistsError; AccessDeniedError "access.denied", here and in every call.
        """
        arena = Arena()
        made = arena.struct("xna_project")
        made.id = arena.text(project)
        made.prearchive_code = prearchive_code
        made.quarantine_code = quarantine_code
        made.autorun = arena.text(autorun)
        self._run(call, lib.xna_engine_add_project, made)

    def add_subject(self, project: str, label: str, **call: Unpack[CallOptions]) -> str:
        """Make a subject of whom nothing is archived yet; returns its ID. Fine when it is there.

        InvalidArgumentError "subject.bad-label"; NotFoundError "project.not-found"; LockedError.
        """
        return self._bytes(call, lib.xna_engine_add_subject, text(project), text(label)).decode()

    def projects(self, **call: Unpack[CallOptions]) -> Rows:
        """ID, prearchive_code, quarantine_code, autorun, URI; sorted."""
        return self._rows(call, lib.xna_engine_projects)

    def setting(self, name: str, project: Optional[str] = None, **call: Unpack[CallOptions]) -> str:
        """The value of a setting of the site, or of a project."""
        return self._bytes(call, lib.xna_engine_setting, text(name), text(project)).decode()

    def set_setting(
        self, name: str, value: str, project: Optional[str] = None, **call: Unpack[CallOptions]
    ) -> None:
        """Set it for all calls that begin from now on."""
        arguments = text(name), text(value), text(project)
        self._run(call, lib.xna_engine_set_setting, *arguments)

    def settings(self, project: Optional[str] = None, **call: Unpack[CallOptions]) -> Rows:
        """Name, value, default, expected, purpose of all settings of the site or of a project."""
        return self._rows(call, lib.xna_engine_settings, text(project))

    # Import and prearchive.

    def import_(self, request: ImportRequest, **call: Unpack[CallOptions]) -> ImportReport:
        """Receive one input: durable and complete when it returns.

        NotFoundError "import.no-input"; CorruptionError; what a handler or stream raises.
        """
        return cast(ImportReport, self._ask(call, lib.xna_engine_import, request))

    def start_import(
        self, request: ImportRequest, **call: Unpack[CallOptions]
    ) -> Task[ImportReport]:
        return self._start(call, lib.xna_engine_start_import, request)

    def prearchive(self, project: Optional[str] = None, **call: Unpack[CallOptions]) -> Rows:
        """Rows of the prearchive with XNAT's columns, newest first.

        project: None for all, "Unassigned" for those without.
        """
        return self._rows(call, lib.xna_engine_prearchive, text(project))

    def prearchive_session(self, src: str, **call: Unpack[CallOptions]) -> PrearchiveSession:
        """One of them. NotFoundError, here and below."""
        report = self._report(call, lib.xna_engine_prearchive_session, text(src))
        return cast(PrearchiveSession, report)

    def check_prearchive_session(
        self, src: str, permission: Permission, **call: Unpack[CallOptions]
    ) -> None:
        """Raise what would refuse a call that needs `permission` for this session now.

        AccessDeniedError; LockedError. For whoever does something to several sessions.
        """
        self._run(call, lib.xna_engine_check_prearchive_session, text(src), permission)

    def prearchive_log(self, src: str, **call: Unpack[CallOptions]) -> Rows:
        """Its log, one line a row."""
        return self._rows(call, lib.xna_engine_prearchive_log, text(src))

    def build(
        self, src: str, fields: Optional[Mapping[str, str]] = None, **call: Unpack[CallOptions]
    ) -> None:
        """Make the document and catalogs from the DICOM headers. LockedError; CorruptionError.

        fields: XNAT's XML paths and the values to set in the document; later builds set them, too.
        InvalidArgumentError "build.bad-field".
        """
        arena = Arena()
        pairs = arena.pairs(fields or {})
        self._run(call, lib.xna_engine_build_with_fields, text(src), *pairs)

    def commit_idle(self, **call: Unpack[CallOptions]) -> IdleReport:
        """Build every session to which no file came for the site's session_idle_minutes.

        It is archived, too, unless it waits for a person or its sender. To be called from a timer.
        """
        return cast(IdleReport, self._report(call, lib.xna_engine_commit_idle))

    def move_prearchive_session(self, src: str, project: str, **call: Unpack[CallOptions]) -> str:
        """Move the session into a project, by renames; returns its URI there.

        LockedError; NotFoundError "project.not-found".
        """
        arguments = text(src), text(project)
        return self._bytes(call, lib.xna_engine_move_prearchive_session, *arguments).decode()

    def set_prearchive_state(
        self, src: str, state: Optional[str] = None, **call: Unpack[CallOptions]
    ) -> PrearchiveSession:
        """Give the session the state its files say.

        state: None, or "READY", "RECEIVING", "CONFLICT" or "ERROR". LockedError; ConflictError
        "prearchive.not-built".
        """
        arguments = text(src), text(state)
        report = self._report(call, lib.xna_engine_set_prearchive_state, *arguments)
        return cast(PrearchiveSession, report)

    def delete_prearchive_session(self, src: str, **call: Unpack[CallOptions]) -> None:
        """Remove the session and its files for good. LockedError."""
        self._run(call, lib.xna_engine_delete_prearchive_session, text(src))

    # Archive.

    def archive(self, request: ArchiveRequest, **call: Unpack[CallOptions]) -> ArchiveReport:
        """Move one prearchive session into the archive, building it first when that is needed.

        Whole and durable there and gone from the prearchive, or complete in the prearchive.
        ConflictError "archive.session-exists", and whatever finding blocks; LockedError
        "operation.locked", "archive.receiving"; what a validator or transform raises.
        """
        return cast(ArchiveReport, self._ask(call, lib.xna_engine_archive, request))

    def start_archive(
        self, request: ArchiveRequest, **call: Unpack[CallOptions]
    ) -> Task[ArchiveReport]:
        return self._start(call, lib.xna_engine_start_archive, request)

    def validate(self, request: ArchiveRequest, **call: Unpack[CallOptions]) -> ValidationReport:
        """What archive() would find and do. Writes nothing."""
        return cast(ValidationReport, self._ask(call, lib.xna_engine_validate, request))

    def start_validate(
        self, request: ArchiveRequest, **call: Unpack[CallOptions]
    ) -> Task[ValidationReport]:
        return self._start(call, lib.xna_engine_start_validate, request)

    def activate(self, uri: str, **call: Unpack[CallOptions]) -> bool:
        """Release a quarantined session; False when it was active."""
        changed = self._run(call, lib.xna_engine_activate, text(uri), out="int32_t")
        return bool(changed)

    def history(self, uri: Optional[str] = None, **call: Unpack[CallOptions]) -> Rows:
        """What merging with Overwrite.DELETE replaced, oldest first.

        uri: None for all, or of a project or experiment.
        """
        return self._rows(call, lib.xna_engine_history, text(uri))

    def restore_history(self, record: str, **call: Unpack[CallOptions]) -> ArchiveReport:
        """Put the files of one record back. NotFoundError "history.not-found"; ConflictError."""
        report = self._report(call, lib.xna_engine_restore_history, text(record))
        return cast(ArchiveReport, report)

    def prune_history(self, record: str, **call: Unpack[CallOptions]) -> None:
        """Remove one record and its files for good."""
        self._run(call, lib.xna_engine_prune_history, text(record))

    # Catalogs.

    def refresh(self, request: RefreshRequest, **call: Unpack[CallOptions]) -> RefreshReport:
        """Bring catalogs up to date with the files beside them; each has an outcome of its own."""
        return cast(RefreshReport, self._ask(call, lib.xna_engine_refresh, request))

    def start_refresh(
        self, request: RefreshRequest, **call: Unpack[CallOptions]
    ) -> Task[RefreshReport]:
        return self._start(call, lib.xna_engine_start_refresh, request)

    def verify(self, request: VerifyRequest, **call: Unpack[CallOptions]) -> VerifyReport:
        """Read archived files and compare them with their catalogs. Changes nothing.

        What is wrong is in the report ("problems").
        """
        return cast(VerifyReport, self._ask(call, lib.xna_engine_verify, request))

    def start_verify(
        self, request: VerifyRequest, **call: Unpack[CallOptions]
    ) -> Task[VerifyReport]:
        return self._start(call, lib.xna_engine_start_verify, request)

    def export(self, request: ExportRequest, **call: Unpack[CallOptions]) -> ExportReport:
        """Write a copy of an archived session, checked on the way: all of it, or nothing.

        AlreadyExistsError "export.target-exists"; CorruptionError with the file that is damaged.
        """
        return cast(ExportReport, self._ask(call, lib.xna_engine_export, request))

    def start_export(
        self, request: ExportRequest, **call: Unpack[CallOptions]
    ) -> Task[ExportReport]:
        return self._start(call, lib.xna_engine_start_export, request)

    # Reading.

    def list(self, uri: Optional[str] = None, **call: Unpack[CallOptions]) -> Rows:
        """One level below a URI, as XNAT lists it: the last column is the row's URI.

        None: projects. "/projects/P" (subjects), "/projects/P/experiments", ".../experiments/E"
        (scans and resources), ".../resources/LABEL" (files), "/prearchive...".
        """
        return self._rows(call, lib.xna_engine_list, text(uri))

    def document(self, uri: str, **call: Unpack[CallOptions]) -> Document:
        """The document of an archive or prearchive session; read-only. CorruptionError."""
        out = "xna_document *"
        handle = self._run(call, lib.xna_engine_document, text(uri), out=out)
        return Document(handle, owned=True)

    def document_xml(self, uri: str, **call: Unpack[CallOptions]) -> bytes:
        """The same as the XML on disk."""
        return self._bytes(call, lib.xna_engine_document_xml, text(uri))

    def audit(self, uri: Optional[str] = None, **call: Unpack[CallOptions]) -> Rows:
        """Who did what to which session; oldest first. uri: None for everything."""
        return self._rows(call, lib.xna_engine_audit, text(uri))

    # Upkeep.

    def recover(self, **call: Unpack[CallOptions]) -> RecoveryReport:
        """Finish or undo what dead processes left; never waits for living ones."""
        return cast(RecoveryReport, self._report(call, lib.xna_engine_recover))

    def reindex(self, **call: Unpack[CallOptions]) -> ReindexReport:
        """Rebuild the index from the trees, and tell every difference."""
        return cast(ReindexReport, self._report(call, lib.xna_engine_reindex))

    # Jobs: archiving later, by any process.

    def submit(self, requests: Iterable[ArchiveRequest], **call: Unpack[CallOptions]) -> str:
        """Ask for sessions to be archived later, durably; returns the job's ID.

        InvalidArgumentError "job.empty", "job.same-source".
        """
        arena = Arena()
        made = [request.build(arena) for request in requests]
        array = arena.keep(ffi.new("xna_archive_request *[]", made))
        out = "xna_text *"
        handle = self._run(call, lib.xna_engine_submit, array, len(made), out=out)
        return take_bytes(handle).decode()

    def job(self, job: str, **call: Unpack[CallOptions]) -> Job:
        """NotFoundError "job.not-found", here and below."""
        return cast(Job, self._report(call, lib.xna_engine_job, text(job)))

    def jobs(self, **call: Unpack[CallOptions]) -> Rows:
        """All jobs, newest first."""
        return self._rows(call, lib.xna_engine_jobs)

    def wait_for_job(
        self, job: str, timeout: Optional[float] = None, **call: Unpack[CallOptions]
    ) -> Job:
        """The job when it has ended; does not work it off. LockedError "job.timeout"."""
        arguments = text(job), milliseconds(timeout)
        return cast(Job, self._report(call, lib.xna_engine_wait_for_job, *arguments))

    def cancel_job(self, job: str, **call: Unpack[CallOptions]) -> None:
        """Cancel what has not ended."""
        self._run(call, lib.xna_engine_cancel_job, text(job))

    def run_job(self, **call: Unpack[CallOptions]) -> bool:
        """Archive the session that is queued longest, on this thread, whatever its outcome.

        False when none is queued.
        """
        return bool(self._run(call, lib.xna_engine_run_job, out="int32_t"))
