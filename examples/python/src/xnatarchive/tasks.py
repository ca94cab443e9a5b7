"""Calls on threads of their own."""

from __future__ import annotations

import asyncio
import contextlib
import threading
import time
import weakref
from collections.abc import Generator
from typing import Any, Generic, Optional, TypeVar, cast

from ._callbacks import Progress, Watch, progress_of
from ._library import Closing, Pointer, ffi, free_with, invoke, lib, take_report
from .errors import LockedError

R = TypeVar("R")

#: Those that somebody refers to; they are waited for at the end of the interpreter.
open_tasks: weakref.WeakSet[Task[Any]] = weakref.WeakSet()

# Between two looks for an interrupt from the keyboard.
_SLICE_S = 0.1


class Task(Closing, Generic[R]):
    """One call that runs on a thread of its own. Fully thread-safe.

    `with` and close() stop it and wait; `await` waits without blocking the event loop. One that
    nobody refers to any more is cancelled.
    """

    def __init__(self, handle: Pointer, watch: Watch) -> None:
        self._handle = handle
        self._watch = watch
        self._lock = threading.Lock()
        self._report: Optional[R] = None
        self._exception: Optional[BaseException] = None
        self._free = free_with(self, lib.xna_task_free, handle)
        self._free.atexit = False  # type: ignore[misc]  # The engine's _at_exit waits for it.
        open_tasks.add(self)

    @property
    def done(self) -> bool:
        """Whether it has ended."""
        return self.wait(0)

    def wait(self, timeout: Optional[float] = None) -> bool:
        """Wait until it has ended: True; False when it has not after `timeout` seconds.

        Also False at once when it is the task's own thread that waits.
        """
        until = None if timeout is None else time.monotonic() + timeout
        while True:
            now = time.monotonic()
            slice_s = _SLICE_S if until is None else max(0.0, min(_SLICE_S, until - now))
            if lib.xna_task_wait(self._handle, int(slice_s * 1000)) != 0:
                return True
            spent = time.monotonic() - now
            if (until is not None and now + spent >= until) or spent < slice_s / 2:
                return False

    def progress(self) -> Progress:
        """How far it is; zeros before the first news."""
        progress = ffi.new("xna_progress *")
        lib.xna_progress_init(progress, ffi.sizeof("xna_progress"))
        invoke(lib.xna_task_progress, self._handle, progress)
        return progress_of(progress)

    def cancel(self) -> None:
        """Ask it to stop: it ends with CancelledError, unless it is past the point where it can."""
        lib.xna_task_cancel(self._handle)

    def result(self, timeout: Optional[float] = None) -> R:
        """Wait, and return the report or raise what the call has raised; as often as one likes.

        LockedError "task.running" when it has not ended after `timeout` seconds.
        """
        self.wait(timeout)
        with self._lock:
            if self._report is None and self._exception is None:
                self._take_outcome()
            if self._exception is not None:
                raise self._exception
            return cast(R, self._report)

    def _take_outcome(self) -> None:
        error: Optional[BaseException] = None
        try:
            handle = invoke(lib.xna_task_result, self._handle, out="xna_report *")
            self._report = cast(R, take_report(handle))
        except LockedError as failure:
            if failure.reason == "task.running":
                raise
            error = failure
        except BaseException as failure:
            error = failure
        self._exception = self._watch.settle(error)

    def close(self) -> None:
        """Stop it, wait until it has ended, and let it go; of one that has ended, keep the outcome.

        In a callback of the task itself it is not waited for.
        """
        self.cancel()
        if self.wait():
            with self._lock:
                if self._report is None and self._exception is None and self._free.alive:
                    self._take_outcome()
        self._free()

    def __await__(self) -> Generator[Any, None, R]:
        return self._until_ended().__await__()

    async def _until_ended(self) -> R:
        """Wait without blocking the loop. When the waiting is cancelled, so is the call.

        It has then ended when CancelledError of asyncio is raised, and result() tells how.
        """
        try:
            await self._sleep_until_ended()
        except asyncio.CancelledError:
            self.cancel()
            await self._sleep_until_ended()
            raise
        return self.result()

    async def _sleep_until_ended(self) -> None:
        loop = asyncio.get_running_loop()
        released = asyncio.Event()

        def wake() -> None:
            with contextlib.suppress(RuntimeError):  # The loop is closed: nobody waits any more.
                loop.call_soon_threadsafe(released.set)

        self._watch.when_ended(wake)
        await released.wait()
        while not self.wait(0):  # It lets the engine go, and has then ended.
            await asyncio.sleep(0.001)
