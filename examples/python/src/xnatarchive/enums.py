"""The header's constants."""

from __future__ import annotations

from enum import IntEnum

# The contract this package was written for: the header's XNA_ABI_VERSION.
ABI_VERSION = 1000
# What callbacks return.
OK = 0
HANDLER_FAILED = 12
HOST_STATUS_MIN = 1000
PASSTHROUGH_STATUS = -1


class Status(IntEnum):
    """How a call ended: what the caller can do about it."""

    INVALID_ARGUMENT = 1
    NOT_FOUND = 2
    ALREADY_EXISTS = 3
    CONFLICT = 4
    LOCKED = 5
    CORRUPTION = 6
    IO = 7
    NO_SPACE = 8
    PERMISSION = 9
    UNSUPPORTED = 10
    CANCELLED = 11
    HANDLER_FAILED = 12
    RECOVERY_REQUIRED = 13
    NO_MEMORY = 14
    INTERNAL = 15


class DiskState(IntEnum):
    """What a failed call has left on disk."""

    UNCHANGED = 0  #: Nothing visible was changed.
    ROLLED_BACK = 1  #: Something was changed and has been put back.
    COMMITTED = 2  #: Done and durable; only cleaning up afterwards failed.
    RECOVERY_PENDING = 3  #: A durable plan is unfinished; Engine.recover does it.


class Permission(IntEnum):
    """What an access policy is asked about."""

    READ = 0
    EDIT = 1
    DELETE = 2
    ADMIN = 3


class EventKind(IntEnum):
    """What has happened."""

    RECEIVED = 0
    BUILT = 1
    ARCHIVED = 2
    MERGED = 3
    REFRESHED = 4
    DELETED = 5
    FAILED = 6
    PIPELINE_FINISHED = 7
    MOVED = 8


class SourceKind(IntEnum):
    """What an import handler is offered."""

    FILE = 0
    FOLDER = 1
    CONTAINER = 2
    PREARCHIVE_SESSION = 3
    SESSION_BAG = 4


class Overwrite(IntEnum):
    """What archiving does to a session that exists."""

    NONE = 0  #: It is a conflict.
    APPEND = 1  #: Add what is not there.
    DELETE = 2  #: Add and replace; what is replaced goes to the history.


class Finding(IntEnum):
    """What a validator's finding does."""

    FAIL = 0  #: Keeps the session in the prearchive.
    WARN = 1  #: Is told, and the session archived.


class Flag:
    """Bits of `flags` words."""

    ENGINE_NO_RECOVERY = 1
    SESSION_NEEDS_BUILD = 1
    SESSION_AUTO_ARCHIVE = 2
    SESSION_WAIT_FOR_USER = 4
    ENTRY_DICOM = 1
    ARCHIVE_QUARANTINE = 1
    ARCHIVE_NO_PIPELINES = 2
    REFRESH_APPEND = 1
    REFRESH_CHECKSUM = 2
    REFRESH_DELETE = 4
    REFRESH_POPULATE_STATS = 8
    REFRESH_FORCE = 16
    REFRESH_REBUILD = 32
    VERIFY_ALL_DIGESTS = 1
    EXPORT_BAG = 1
