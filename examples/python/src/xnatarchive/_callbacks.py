"""How the library calls Python: functions of C made once, and the objects they are called for.

The `ctx` of a callback is the number of an object in a table. It stays there until the library
calls release(ctx), so whatever a callback needs lives as long as it may come.
"""

from __future__ import annotations

import contextlib
import itertools
import logging
import threading
import time
import types
from collections.abc import Callable
from typing import Any, BinaryIO, NamedTuple, Optional

from . import _raised, errors
from ._library import Arena, Pointer, ffi, lib, string
from .enums import HANDLER_FAILED, OK

_logger = logging.getLogger("xnatarchive")

# Progress is not told again after this.
_STOP = 1

# No lock: garbage may be collected, and what is collected call the library, while it is held.
_objects: dict[int, Any] = {}
_numbers = itertools.count(1)
_stopping = threading.Event()


class _Running(threading.local):
    """The calls that run on a thread, innermost last."""

    def __init__(self) -> None:
        self.watches: list[Watch] = []


_running = _Running()


def keep(callee: Any) -> Pointer:
    """The ctx for callbacks that are for this object."""
    number = next(_numbers)
    _objects[number] = callee
    return ffi.cast("void *", number)


def callee_of(ctx: Pointer) -> Any:
    return _objects[int(ffi.cast("uintptr_t", ctx))]


def kept_count() -> int:
    """Objects that callbacks may still come for."""
    return len(_objects)


def wait_until_none_is_kept(timeout_s: float) -> bool:
    """Whether all of them were released by then."""
    until = time.monotonic() + timeout_s
    while _objects and time.monotonic() < until:
        time.sleep(0.005)
    return not _objects


def forget_all() -> None:
    """In a child that was forked: no call of its parent runs in it."""
    _objects.clear()


def stop_all() -> None:
    """Every call that runs, or will, ends as if it was cancelled."""
    _stopping.set()


def _forget(ctx: Pointer) -> None:
    callee = _objects.pop(int(ffi.cast("uintptr_t", ctx)), None)
    if isinstance(callee, Watch):
        callee.end()


def trampoline(
    signature: str,
    on_error: Callable[[BaseException, dict[str, Any]], Optional[int]],
    error: Optional[int] = HANDLER_FAILED,
) -> Callable[[Callable[..., Any]], Pointer]:
    """Make a function of C of a Python one, whose exceptions go to `on_error` with its arguments.

    Not with `try`: an interrupt from the keyboard comes before the first line of the function.
    `error`: what is returned when nothing else can be.
    """

    def decorate(function: Callable[..., Any]) -> Pointer:
        def onerror(
            _kind: type[BaseException],
            exception: BaseException,
            traceback: Optional[types.TracebackType],
        ) -> Optional[int]:
            if traceback is None:  # Not raised by the function: its result is none.
                return error
            arguments = dict(traceback.tb_frame.f_locals)
            return on_error(exception.with_traceback(traceback), arguments)

        return ffi.callback(signature, function, error=error, onerror=onerror)

    return decorate


def fail(exception: BaseException, arguments: dict[str, Any]) -> int:
    """For callbacks that end their call: it raises the exception."""
    _explain(exception, arguments)
    return _raised.keep(exception)


def note(exception: BaseException, arguments: dict[str, Any]) -> int:
    """For callbacks whose failure ends nothing: it is logged."""
    _explain(exception, arguments)
    tell(exception, "in a callback of xnatarchive")
    return HANDLER_FAILED


def _explain(exception: BaseException, arguments: dict[str, Any]) -> None:
    lib.xna_callback_fail(
        arguments["callback"],
        errors.reason_of(exception).encode("utf-8", "replace"),
        errors.message_of(exception).encode("utf-8", "replace"),
    )


def tell(exception: BaseException, message: str) -> None:
    """Log what nobody can catch; but an interrupt stops the call of this thread."""
    if not isinstance(exception, Exception) and _running.watches:
        _running.watches[-1].stop(exception)
        return
    _logger.error("exception %s", message, exc_info=exception)


def _release_again(exception: BaseException, arguments: dict[str, Any]) -> None:
    _forget(arguments["ctx"])
    tell(exception, "in the end of a call of xnatarchive")


@trampoline("void(void *)", _release_again, error=None)
def release(ctx: Pointer) -> None:
    _forget(ctx)


def struct_of(arena: Arena, struct: str, callee: Any, **members: Pointer) -> Pointer:
    """A struct of callbacks that are for `callee`, which the library is to release."""
    made = arena.struct(struct)
    for member, value in members.items():
        setattr(made, member, value)
    made.release = release
    made.ctx = keep(callee)
    return made


class Progress(NamedTuple):
    """How far a call is; totals are 0 while unknown."""

    phase: str  #: "receive", "build", "hash", "copy", "publish", ...; "" before the first news.
    files_done: int
    files_total: int
    bytes_done: int
    bytes_total: int


def progress_of(progress: Pointer) -> Progress:
    return Progress(
        string(progress.phase),
        progress.files_done,
        progress.files_total,
        progress.bytes_done,
        progress.bytes_total,
    )


class Watch:
    """One call: what hears its progress, what stopped it, and when it has ended.

    Every call has one, so that an interrupt from the keyboard finds Python running now and then.
    `arena`: what the call uses until it ends.
    """

    def __init__(self, progress: Optional[Callable[[Progress], object]], arena: Arena) -> None:
        self.progress = progress
        # What the call was asked to stop for.
        self._exception: Optional[BaseException] = None
        self._arena: Optional[Arena] = arena
        self._ended = False
        self._when_ended: list[Callable[[], None]] = []

    def __enter__(self) -> None:
        """The call runs on this thread."""
        _running.watches.append(self)

    def __exit__(
        self,
        kind: Optional[type[BaseException]],
        exception: Optional[BaseException],
        traceback: Optional[types.TracebackType],
    ) -> None:
        _running.watches.remove(self)

    def update(self, progress: Pointer) -> int:
        """What the library is told: whether to go on."""
        if self._exception is None and self.progress is not None:
            self.progress(progress_of(progress))
        return _STOP if self._exception is not None or _stopping.is_set() else OK

    def stop(self, exception: BaseException) -> int:
        """The call is to stop, and to raise this."""
        self._exception = self._exception or exception
        return _STOP

    def end(self) -> None:
        """The library will not call any more."""
        self._arena = None
        self._ended = True
        self._tell_end()

    def settle(self, error: Optional[BaseException]) -> Optional[BaseException]:
        """What to raise for a call that has ended with `error`, or None for success.

        What it was asked to stop for, if it has; an interrupt from the keyboard in any case.
        """
        exception, self._exception = self._exception, None
        if exception is None:
            return error
        if isinstance(error, errors.CancelledError) or not isinstance(exception, Exception):
            return exception
        tell(exception, "in a progress callback of xnatarchive: the call has gone on")
        return error

    def when_ended(self, function: Callable[[], None]) -> None:
        """Call the function when the call has ended, on whatever thread; at once if it has."""
        self._when_ended.append(function)
        if self._ended:
            self._tell_end()

    def _tell_end(self) -> None:
        with contextlib.suppress(IndexError):  # Another thread has told the last one.
            while self._when_ended:
                self._when_ended.pop()()


def _stop(exception: BaseException, arguments: dict[str, Any]) -> int:
    watch: Watch = callee_of(arguments["ctx"])
    return watch.stop(exception)


@trampoline("int32_t(void *, xna_progress *)", _stop, error=_STOP)
def _update(ctx: Pointer, progress: Pointer) -> int:
    watch: Watch = callee_of(ctx)
    return watch.update(progress)


def progress_sink(arena: Arena, watch: Watch) -> Pointer:
    return struct_of(arena, "xna_progress_sink", watch, update=_update)


@trampoline("xna_status(void *, void *, size_t, size_t *, xna_callback *)", fail)
def _read(ctx: Pointer, buffer: Pointer, size: int, out_count: Pointer, callback: Pointer) -> int:
    data = callee_of(ctx).read(size)
    if not isinstance(data, (bytes, bytearray, memoryview)):
        raise TypeError(f"read() of the input returned {type(data).__name__}, not bytes")
    if len(data) > size:
        raise ValueError(f"read({size}) of the input returned {len(data)} bytes")
    ffi.memmove(buffer, data, len(data))
    out_count[0] = len(data)
    return OK


def input_of(arena: Arena, stream: BinaryIO) -> Pointer:
    return struct_of(arena, "xna_input", stream, read=_read)


@trampoline("xna_status(void *, void *, size_t, xna_callback *)", fail)
def _write(ctx: Pointer, data: Pointer, size: int, callback: Pointer) -> int:
    stream, done = callee_of(ctx), 0
    while done < size:  # A raw stream may take less than it is given.
        written = stream.write(bytes(ffi.buffer(data + done, size - done)))
        if not isinstance(written, int) or not 0 < written <= size - done:
            raise OSError("write() of the output took nothing")
        done += written
    return OK


def output_of(arena: Arena, stream: BinaryIO) -> Pointer:
    return struct_of(arena, "xna_output", stream, write=_write)
