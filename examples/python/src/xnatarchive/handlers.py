"""Import handlers: teaching the archive a kind of input it does not know."""

from __future__ import annotations

import threading
from abc import ABC, abstractmethod
from collections.abc import Callable
from typing import Any, Optional

from . import _callbacks
from ._library import (
    Arena,
    Pointer,
    error_of,
    ffi,
    invoke,
    lib,
    optional_string,
    string,
    text,
)
from .documents import Document
from .enums import HANDLER_FAILED, OK, Flag, SourceKind


class Session:
    """One session a handler has found; valid until describe() returns."""

    def __init__(self, handle: Pointer) -> None:
        self._handle = handle
        #: To be filled: "xsi_type", "label", "subject_ID" and at least one scan are needed.
        self.document = Document(lib.xna_session_document(handle), owned=False)

    def describe(
        self,
        *,
        needs_build: bool = False,
        auto_archive: Optional[bool] = None,
        scan_date: Optional[str] = None,
        scan_time: Optional[str] = None,
    ) -> None:
        """Say what else the data tells.

        needs_build: it has to be built from its DICOM headers first. auto_archive: archive it at
        once, or wait for the user; None when the data does not say. scan_date, scan_time:
        "yyyy-MM-dd" and "HH:mm:ss", for the prearchive's table.
        """
        flags = Flag.SESSION_NEEDS_BUILD if needs_build else 0
        if auto_archive is not None:
            flags |= Flag.SESSION_AUTO_ARCHIVE if auto_archive else Flag.SESSION_WAIT_FOR_USER
        date, time = text(scan_date), text(scan_time)
        invoke(lib.xna_session_describe, self._handle, flags, date, time)


class File:
    """One file of an input; valid during its visit."""

    def __init__(self, handle: Pointer, source: Source) -> None:
        self._handle = handle
        self._source = source
        #: Inside the input: relative, '/' separated, no "..".
        self.path = string(lib.xna_file_path(handle))
        size = lib.xna_file_size(handle)
        #: Bytes; None where the input does not say.
        self.size: Optional[int] = None if size < 0 else size

    def head(self, size_max: int) -> bytes:
        """Its first bytes, or all of a shorter file. Reading does not use it up.

        CorruptionError, ReadWriteError.
        """
        size, error = ffi.new("size_t *"), ffi.new("xna_error **")
        data = lib.xna_file_head(self._handle, size_max, size, error)
        if data == ffi.NULL:
            raise error_of(error[0])
        return bytes(ffi.buffer(data, size[0]))

    def keep(
        self,
        session: Session,
        resource: str,
        *,
        scan_id: Optional[str] = None,
        uri: Optional[str] = None,
        format: Optional[str] = None,
        content: Optional[str] = None,
        uid: Optional[str] = None,
        instance_number: Optional[int] = None,
        dicom: bool = False,
    ) -> None:
        """Keep it as part of a resource of the scan; of the session itself when that is None.

        uri: path inside the resource, the file's own when None. A second file of the same resource
        and uri takes the place of the first. A failure to write may be raised by a later call.
        ReadWriteError, NoSpaceError.
        """
        arena = Arena()
        entry = arena.struct("xna_entry")
        entry.flags = Flag.ENTRY_DICOM if dicom else 0
        entry.uri = arena.text(uri)
        entry.format = arena.text(format)
        entry.content = arena.text(content)
        entry.uid = arena.text(uid)
        entry.instance_number = -1 if instance_number is None else instance_number
        invoke(
            lib.xna_import_keep,
            self._source._handle,
            self._handle,
            session._handle,
            text(scan_id),
            text(resource),
            entry,
        )

    def skip(self, reason: str, message: str) -> None:
        """Leave it out: counted and told in the report, not an error."""
        handle = self._source._handle
        lib.xna_import_skip(handle, self._handle, text(reason), text(message))


class Source:
    """One import, as a handler sees it; valid until describe() returns."""

    def __init__(self, handle: Pointer, callback: Pointer) -> None:
        self._handle = handle
        self._callback = callback
        #: The name the input was given: last component of a path, "-" for a stream.
        self.name = string(lib.xna_import_name(handle))
        self.kind = SourceKind(lib.xna_import_kind(handle))

    @property
    def cancelled(self) -> bool:
        """Whether nobody waits for the import any more: return soon, whatever."""
        return bool(lib.xna_callback_cancelled(self._callback))

    def parameter(self, name: str) -> Optional[str]:
        """A parameter of the request: "project", "subject", ... or the handler's own."""
        return optional_string(lib.xna_import_parameter(self._handle, text(name)))

    def find_project(self, name: str) -> Optional[str]:
        """ID of the project that has this ID or alias, and that the user may edit."""
        return optional_string(lib.xna_import_find_project(self._handle, text(name)))

    def each_file(self, visit: Callable[[File], None]) -> None:
        """Call `visit` once for each file, in the input's order.

        Containers are streamed: a second round may be an UnsupportedError. Raises what `visit`
        raises, CorruptionError, ReadWriteError.
        """
        visitor = _Visitor(self, visit)
        ctx = ffi.new_handle(visitor)
        try:
            invoke(lib.xna_import_each_file, self._handle, _visit, ctx)
        except Exception:
            if visitor.exception is None:
                raise
        if visitor.exception is not None:
            raise visitor.exception

    def add_session(self) -> Session:
        """Append an empty session."""
        handle = lib.xna_import_add_session(self._handle)
        if handle == ffi.NULL:
            raise ValueError("the import is over")
        return Session(handle)


class ImportHandler(ABC):
    """Understands one kind of input.

    Its methods may come on several threads at once, for different imports; they may read from the
    engine, and change nothing through it. Calls of one handler end before its engine is closed.
    """

    #: Its permanent name: [A-Za-z0-9-]{1,32}.
    name: str

    def accepts(self, input_name: str, kind: SourceKind) -> bool:
        """Whether an input is the handler's when a request names none; none is by default."""
        return False

    @abstractmethod
    def describe(self, source: Source) -> None:
        """Visit the files, and say which belong to which session, scan and resource.

        What it raises ends the import, changes nothing, and is raised by the import.
        """


class _Visitor:
    def __init__(self, source: Source, visit: Callable[[File], None]) -> None:
        self.source = source
        self.visit = visit
        self.exception: Optional[BaseException] = None


def _end_visits(exception: BaseException, arguments: dict[str, Any]) -> int:
    ffi.from_handle(arguments["ctx"]).exception = exception
    return HANDLER_FAILED


@_callbacks.trampoline("xna_status(void *, xna_file *)", _end_visits)
def _visit(ctx: Pointer, file: Pointer) -> int:
    visitor: _Visitor = ffi.from_handle(ctx)
    visitor.visit(File(file, visitor.source))
    return OK


# accepts() can not fail in C: what it raises, describe() does, which comes next on its thread.
_refused = threading.local()


def _accept_and_fail(exception: BaseException, arguments: dict[str, Any]) -> int:
    _refused.exception = exception
    return 1


@_callbacks.trampoline("int32_t(void *, char *, int32_t)", _accept_and_fail, error=0)
def _accepts(ctx: Pointer, input_name: Pointer, kind: int) -> int:
    return int(bool(_callbacks.callee_of(ctx).accepts(string(input_name), SourceKind(kind))))


@_callbacks.trampoline("xna_status(void *, xna_import *, xna_callback *)", _callbacks.fail)
def _describe(ctx: Pointer, source: Pointer, callback: Pointer) -> int:
    exception = getattr(_refused, "exception", None)
    if exception is not None:
        _refused.exception = None
        raise exception
    _callbacks.callee_of(ctx).describe(Source(source, callback))
    return OK


def import_handler(arena: Arena, handler: ImportHandler) -> Pointer:
    """The handler as the library registers it."""
    return _callbacks.struct_of(
        arena,
        "xna_import_handler",
        handler,
        name=arena.text(handler.name),
        accepts=_accepts,
        describe=_describe,
    )
