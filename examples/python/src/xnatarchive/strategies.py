"""What a host decides and hears: access, checks, changes, events, pipelines, the log.

Each may be called on several threads at once. Where one function is enough, that is what an engine
is given; what it raises ends the call it comes in, and is raised by that call, unless said
otherwise.
"""

from __future__ import annotations

import json
import logging
from abc import ABC, abstractmethod
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Final, Optional

from . import _callbacks
from ._library import Arena, Pointer, ffi, invoke, lib, string, take_bytes, text
from .documents import Document
from .enums import OK, PASSTHROUGH_STATUS, EventKind, Finding, Permission, Status


class Candidate:
    """A session that is about to be archived; valid during the callback."""

    def __init__(self, handle: Pointer, callback: Pointer) -> None:
        self._handle = handle
        self._callback = callback
        #: As it would be archived; read-only.
        self.document = Document(lib.xna_candidate_document(handle), owned=False)

    @property
    def cancelled(self) -> bool:
        """Whether nobody waits for the call any more: return soon, whatever."""
        return bool(lib.xna_callback_cancelled(self._callback))

    def json(self) -> dict[str, Any]:
        """Where it goes and every file: "project", "subject", "label", "exists", "resources"."""
        data = take_bytes(invoke(lib.xna_candidate_json, self._handle, out="xna_text *"))
        candidate: dict[str, Any] = json.loads(data)
        return candidate

    def find(self, finding: Finding, reason: str, message: str) -> None:
        """Add what a validator has found: a slug, and one line without patient data."""
        lib.xna_candidate_find(self._handle, int(finding), text(reason), text(message))


class SessionFiles:
    """The files of a session that is about to be archived; valid during the callback.

    A failure of these ends the call, also when the transform goes on: HandlerFailedError
    "transform.no-such-file", "transform.decided-twice", "transform.not-in-catalog", ...
    """

    def __init__(self, handle: Pointer) -> None:
        self._handle = handle

    def paths(self) -> list[str]:
        """Relative to the session, sorted."""
        count = lib.xna_session_files_count(self._handle)
        return [string(lib.xna_session_files_path(self._handle, i)) for i in range(count)]

    def read(self, path: str) -> bytes:
        """All bytes of one file."""
        data = invoke(lib.xna_session_files_read, self._handle, _path(path), out="xna_text *")
        return take_bytes(data)

    def replace(self, path: str, data: bytes) -> None:
        """Archive these bytes in its place."""
        invoke(lib.xna_session_files_replace, self._handle, _path(path), data, len(data))

    def reject(self, path: str) -> None:
        """Leave the file out."""
        invoke(lib.xna_session_files_reject, self._handle, _path(path))


def _path(path: str) -> bytes:
    return path.encode("utf-8", "surrogateescape")


class SessionTransform(ABC):
    """Rewrites sessions on their way into the archive.

    It may read from the engine, and change nothing through it.
    """

    #: Name and version, such as "anonymize 2.1": 1 to 64 printable ASCII characters.
    name: str

    @abstractmethod
    def transform(self, candidate: Candidate, files: SessionFiles, document: Document) -> None:
        """Change files, and the document that will be archived."""


@dataclass(frozen=True)
class Event:
    """One thing that has happened."""

    kind: EventKind
    #: 0 for what succeeded.
    status: int
    time_ms: int
    audit_id: int
    scans: int
    files: int
    bytes: int
    user: str
    project: str
    subject: str
    label: str
    experiment_id: str
    uri: str
    reason: str
    message: str


@dataclass(frozen=True)
class PipelineRequest:
    """What a launcher is asked for."""

    command: str
    project: str
    subject_label: str
    session_label: str
    experiment_id: str
    uri: str
    directory: str
    user: str
    timeout_ms: int
    _callback: Pointer

    @property
    def cancelled(self) -> bool:
        """Whether nobody waits for the call any more: return soon, whatever."""
        return bool(lib.xna_callback_cancelled(self._callback))

    def print(self, output: str) -> None:
        """Add to the output of the pipeline; the first 64 KiB go into the audit record."""
        data = output.encode("utf-8", "replace")
        lib.xna_callback_print(self._callback, data, len(data))


class _Passthrough:
    """The type of PASSTHROUGH."""


#: Returned by a launcher: the command is run by /bin/sh, as without a launcher.
PASSTHROUGH: Final = _Passthrough()

#: May the user do this to the project ("": Unassigned sessions, or with ADMIN the site)? It may
#: read from the engine, and change nothing through it.
AccessPolicy = Callable[[str, Permission, str], bool]
#: Looks at a session, and tells what it finds by Candidate.find. It may read from the engine, and
#: change nothing through it.
SessionValidator = Callable[[Candidate], None]
#: Hears what has happened; may call the engine in any way. An exception is noted in the report of
#: the call ("events"), logged by the logger "xnatarchive", and changes nothing.
EventSink = Callable[[Event], None]
#: Takes a level of the module `logging` and one line, as the method `log` of a logger does. May not
#: call the engine. What it raises is logged by the logger "xnatarchive".
LogSink = Callable[[int, str], None]
#: Runs a project's AutoRun command, and returns when it has ended; may call the engine in any way.
#: What it raises stands as "pipeline" in the report, is logged by the logger "xnatarchive", and
#: changes nothing.
PipelineLauncher = Callable[[PipelineRequest], Optional[_Passthrough]]

_LEVELS = (logging.INFO, logging.WARNING, logging.ERROR)


@_callbacks.trampoline(
    "xna_status(void *, char *, int32_t, char *, xna_callback *)", _callbacks.fail
)
def _allows(
    ctx: Pointer, user: Pointer, permission: int, project: Pointer, callback: Pointer
) -> int:
    policy = _callbacks.callee_of(ctx)
    allowed = policy(string(user), Permission(permission), string(project))
    return OK if allowed else Status.PERMISSION


@_callbacks.trampoline("xna_status(void *, xna_event *, xna_callback *)", _callbacks.note)
def _notify(ctx: Pointer, event: Pointer, callback: Pointer) -> int:
    try:
        kind = EventKind(event.kind)
    except ValueError:
        return OK  # A newer library's.
    _callbacks.callee_of(ctx)(
        Event(
            kind=kind,
            status=event.status,
            time_ms=event.time_ms,
            audit_id=event.audit_id,
            scans=event.scans,
            files=event.files,
            bytes=event.bytes,
            user=string(event.user),
            project=string(event.project),
            subject=string(event.subject),
            label=string(event.label),
            experiment_id=string(event.experiment_id),
            uri=string(event.uri),
            reason=string(event.reason),
            message=string(event.message),
        )
    )
    return OK


def _tell(exception: BaseException, arguments: dict[str, Any]) -> None:
    _callbacks.tell(exception, "in a log sink of xnatarchive")


@_callbacks.trampoline("void(void *, int32_t, char *)", _tell, error=None)
def _log(ctx: Pointer, level: int, line: Pointer) -> None:
    _callbacks.callee_of(ctx)(_LEVELS[min(level, len(_LEVELS) - 1)], string(line))


@_callbacks.trampoline("xna_status(void *, xna_candidate *, xna_callback *)", _callbacks.fail)
def _validate(ctx: Pointer, candidate: Pointer, callback: Pointer) -> int:
    _callbacks.callee_of(ctx)(Candidate(candidate, callback))
    return OK


@_callbacks.trampoline(
    "xna_status(void *, xna_candidate *, xna_session_files *, xna_document *, xna_callback *)",
    _callbacks.fail,
)
def _transform(
    ctx: Pointer, candidate: Pointer, files: Pointer, document: Pointer, callback: Pointer
) -> int:
    _callbacks.callee_of(ctx).transform(
        Candidate(candidate, callback), SessionFiles(files), Document(document, owned=False)
    )
    return OK


@_callbacks.trampoline(
    "xna_status(void *, xna_pipeline_request *, xna_callback *)", _callbacks.note
)
def _launch(ctx: Pointer, request: Pointer, callback: Pointer) -> int:
    result = _callbacks.callee_of(ctx)(
        PipelineRequest(
            command=string(request.command),
            project=string(request.project),
            subject_label=string(request.subject_label),
            session_label=string(request.session_label),
            experiment_id=string(request.experiment_id),
            uri=string(request.uri),
            directory=string(request.directory),
            user=string(request.user),
            timeout_ms=request.timeout_ms,
            _callback=callback,
        )
    )
    return PASSTHROUGH_STATUS if result is PASSTHROUGH else OK


def _strategy(arena: Arena, struct: str, callee: Any, **members: Pointer) -> Pointer:
    """NULL for None."""
    return ffi.NULL if callee is None else _callbacks.struct_of(arena, struct, callee, **members)


def access_policy(arena: Arena, policy: Optional[AccessPolicy]) -> Pointer:
    return _strategy(arena, "xna_access_policy", policy, allows=_allows)


def event_sink(arena: Arena, sink: Optional[EventSink]) -> Pointer:
    return _strategy(arena, "xna_event_sink", sink, notify=_notify)


def log_sink(arena: Arena, sink: Optional[LogSink]) -> Pointer:
    return _strategy(arena, "xna_log_sink", sink, write=_log)


def session_validator(arena: Arena, validator: SessionValidator) -> Pointer:
    return _strategy(arena, "xna_session_validator", validator, validate=_validate)


def session_transform(arena: Arena, transform: Optional[SessionTransform]) -> Pointer:
    name = ffi.NULL if transform is None else arena.text(transform.name)
    return _strategy(arena, "xna_session_transform", transform, name=name, transform=_transform)


def pipeline_launcher(arena: Arena, launcher: Optional[PipelineLauncher]) -> Pointer:
    return _strategy(arena, "xna_pipeline_launcher", launcher, launch=_launch)
