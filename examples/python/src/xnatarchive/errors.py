"""What calls of the library raise: one class for each thing a caller can do about it.

Match the class, or `reason`; messages are for people.
"""

from __future__ import annotations

from typing import Any, Optional

from .enums import DiskState, Status


class ArchiveError(Exception):
    """A call of the library failed; of this class itself for a status this package does not know.

    A callback may raise these, too, with a reason of its own ([a-z0-9.-], to 64 characters):
    events, jobs and the audit trail tell the reason and the message, which must hold no patient
    data.
    """

    #: Of all errors of the class.
    status: Optional[Status] = None

    def __init__(
        self,
        message: str = "",
        *,
        reason: str = "python.error",
        path: str = "",
        disk_state: DiskState = DiskState.UNCHANGED,
        os_errno: int = 0,
    ) -> None:
        super().__init__(message)
        self.message = message
        #: A stable slug, such as "merge.file-differs".
        self.reason = reason
        #: The file concerned, relative to its root; "" when there is none.
        self.path = path
        #: What the failed call has left on disk.
        self.disk_state = disk_state
        #: errno of the operating system's call that failed; 0 when none did.
        self.os_errno = os_errno

    def __str__(self) -> str:
        at = f" ({self.path})" if self.path else ""
        return f"{self.reason}: {self.message}{at}"


class InvalidArgumentError(ArchiveError, ValueError):
    """The request is malformed or contradicts itself, or its engine, task or document is closed."""

    status = Status.INVALID_ARGUMENT


class NotFoundError(ArchiveError, LookupError):
    """Nothing is there under that name."""

    status = Status.NOT_FOUND


class AlreadyExistsError(ArchiveError):
    """The name is taken."""

    status = Status.ALREADY_EXISTS


class ConflictError(ArchiveError):
    """The archive holds something the request contradicts."""

    status = Status.CONFLICT


class LockedError(ArchiveError):
    """Somebody else works on it; retry later."""

    status = Status.LOCKED


class CorruptionError(ArchiveError):
    """Input can not be read as what it claims to be."""

    status = Status.CORRUPTION


class ReadWriteError(ArchiveError):
    """The operating system refused a read or write; `os_errno` says why."""

    status = Status.IO


class NoSpaceError(ArchiveError):
    """The disk or a quota is full."""

    status = Status.NO_SPACE


class AccessDeniedError(ArchiveError):
    """The operating system or the access policy says no."""

    status = Status.PERMISSION


class UnsupportedError(ArchiveError):
    """Valid, but the library can not do it."""

    status = Status.UNSUPPORTED


class CancelledError(ArchiveError):
    """The caller asked to stop. Not asyncio's exception of this name."""

    status = Status.CANCELLED


class HandlerFailedError(ArchiveError):
    """A callback failed, in another process or too long ago to raise its own exception."""

    status = Status.HANDLER_FAILED


class RecoveryRequiredError(ArchiveError):
    """An earlier operation is unfinished."""

    status = Status.RECOVERY_REQUIRED


class NoMemoryError(ArchiveError, MemoryError):
    """Memory ran out."""

    status = Status.NO_MEMORY


class InternalError(ArchiveError):
    """A bug in the library; please report it."""

    status = Status.INTERNAL


_CLASSES = {int(kind.status): kind for kind in ArchiveError.__subclasses__() if kind.status}


def make(status: int, message: str, *, disk_state: int, **members: Any) -> ArchiveError:
    """The error for a status of the library's."""
    try:
        state = DiskState(disk_state)
    except ValueError:
        state = DiskState.RECOVERY_PENDING  # A newer library's: look before you trust the disk.
    return _CLASSES.get(status, ArchiveError)(message, disk_state=state, **members)


def reason_of(exception: BaseException) -> str:
    """What is recorded as the reason of an exception that has left a callback."""
    if isinstance(exception, ArchiveError):
        return exception.reason
    return f"python.{type(exception).__name__.lower()}".replace("_", "-")


def message_of(exception: BaseException) -> str:
    """What is recorded as its message: texts of other exceptions may hold patient data."""
    if isinstance(exception, ArchiveError):
        return exception.message
    return f"{type(exception).__name__} was raised"
