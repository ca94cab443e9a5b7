"""XNAT's archive services in process.

Sessions are imported into a prearchive, checked, and merged into an archive, all or nothing,
whatever happens to the process. Open an Engine; README.md has the whole round.
"""

from ._callbacks import Progress
from ._library import lib as _lib
from ._library import string as _string
from .cancel import Cancel
from .documents import Document
from .engine import Engine, create_root
from .enums import DiskState, EventKind, Finding, Overwrite, Permission, SourceKind, Status
from .errors import (
    AccessDeniedError,
    AlreadyExistsError,
    ArchiveError,
    CancelledError,
    ConflictError,
    CorruptionError,
    HandlerFailedError,
    InternalError,
    InvalidArgumentError,
    LockedError,
    NoMemoryError,
    NoSpaceError,
    NotFoundError,
    ReadWriteError,
    RecoveryRequiredError,
    UnsupportedError,
)
from .handlers import File, ImportHandler, Session, Source
from .requests import (
    ArchiveRequest,
    CallOptions,
    ExportRequest,
    ImportRequest,
    RefreshRequest,
    VerifyRequest,
)
from .strategies import (
    PASSTHROUGH,
    AccessPolicy,
    Candidate,
    Event,
    EventSink,
    LogSink,
    PipelineLauncher,
    PipelineRequest,
    SessionFiles,
    SessionTransform,
    SessionValidator,
)
from .tasks import Task

#: "MAJOR.MINOR.PATCH" of the library that is loaded.
LIBRARY_VERSION = _string(_lib.xna_version())
#: Its contract: major * 1000 + minor.
LIBRARY_ABI_VERSION: int = _lib.xna_abi_version()

__all__ = [
    "LIBRARY_ABI_VERSION",
    "LIBRARY_VERSION",
    "PASSTHROUGH",
    "AccessDeniedError",
    "AccessPolicy",
    "AlreadyExistsError",
    "ArchiveError",
    "ArchiveRequest",
    "CallOptions",
    "Cancel",
    "CancelledError",
    "Candidate",
    "ConflictError",
    "CorruptionError",
    "DiskState",
    "Document",
    "Engine",
    "Event",
    "EventKind",
    "EventSink",
    "ExportRequest",
    "File",
    "Finding",
    "HandlerFailedError",
    "ImportHandler",
    "ImportRequest",
    "InternalError",
    "InvalidArgumentError",
    "LockedError",
    "LogSink",
    "NoMemoryError",
    "NoSpaceError",
    "NotFoundError",
    "Overwrite",
    "Permission",
    "PipelineLauncher",
    "PipelineRequest",
    "Progress",
    "ReadWriteError",
    "RecoveryRequiredError",
    "RefreshRequest",
    "Session",
    "SessionFiles",
    "SessionTransform",
    "SessionValidator",
    "Source",
    "SourceKind",
    "Status",
    "Task",
    "UnsupportedError",
    "VerifyRequest",
    "create_root",
]
