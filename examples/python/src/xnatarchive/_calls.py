"""How every call of an engine is made."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Optional, Protocol

from ._callbacks import Progress, Watch, progress_sink
from ._library import Arena, Pointer, ffi, invoke, take_bytes, take_report, take_rows
from .cancel import Cancel
from .reports import Rows
from .requests import CallOptions
from .tasks import Task


class _Request(Protocol):
    def build(self, arena: Arena) -> Pointer: ...


class _Call:
    """The options of one call, as the library takes them."""

    def __init__(
        self,
        arena: Arena,
        *,
        user: Optional[str] = None,
        origin: Optional[str] = None,
        progress: Optional[Callable[[Progress], object]] = None,
        cancel: Optional[Cancel] = None,
    ) -> None:
        self.watch = Watch(progress, arena)
        self.options = arena.struct("xna_call_options")
        self.options.user = arena.text(user)
        self.options.origin = arena.text(origin)
        self.options.cancel = ffi.NULL if cancel is None else cancel.handle
        self._arena = arena

    def begin(self) -> Pointer:
        """Last of all, when nothing else can go wrong: from now on the library has the watch."""
        self.options.progress = progress_sink(self._arena, self.watch)
        return self.options


class Caller:
    """Calls functions of the library on one handle."""

    def __init__(self, handle: Pointer) -> None:
        self._handle = handle

    def _invoke(
        self, call: _Call, function: Any, *arguments: Any, out: Optional[str] = None
    ) -> Any:
        """Raises what a callback of the call has raised, or the library's error."""
        result: Any = None
        error: Optional[BaseException] = None
        try:
            with call.watch:
                result = invoke(function, self._handle, *arguments, call.begin(), out=out)
        except BaseException as failure:
            error = failure
        error = call.watch.settle(error)
        try:
            if error is not None:
                raise error
            return result
        finally:
            del error  # It refers to this frame.

    def _run(
        self, options: CallOptions, function: Any, *arguments: Any, out: Optional[str] = None
    ) -> Any:
        return self._invoke(_Call(Arena(), **options), function, *arguments, out=out)

    def _report(self, options: CallOptions, function: Any, *arguments: Any) -> dict[str, Any]:
        return take_report(self._run(options, function, *arguments, out="xna_report *"))

    def _rows(self, options: CallOptions, function: Any, *arguments: Any) -> Rows:
        return take_rows(self._run(options, function, *arguments, out="xna_listing *"))

    def _bytes(self, options: CallOptions, function: Any, *arguments: Any) -> bytes:
        return take_bytes(self._run(options, function, *arguments, out="xna_text *"))

    def _ask(self, options: CallOptions, function: Any, request: _Request) -> dict[str, Any]:
        """A call with a request."""
        arena = Arena()
        call = _Call(arena, **options)
        made = request.build(arena)
        return take_report(self._invoke(call, function, made, out="xna_report *"))

    def _start(self, options: CallOptions, function: Any, request: _Request) -> Task[Any]:
        """The same on a thread of its own."""
        arena = Arena()
        call = _Call(arena, **options)
        made = request.build(arena)
        handle = invoke(function, self._handle, made, call.begin(), out="xna_task *")
        return Task(handle, call.watch)
