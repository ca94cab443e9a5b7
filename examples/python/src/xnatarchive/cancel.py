"""Stopping calls from another thread."""

from __future__ import annotations

from ._library import Pointer, free_with, invoke, lib


class Cancel:
    """Stops every call that is given it. Fully thread-safe."""

    def __init__(self) -> None:
        self._handle: Pointer = invoke(lib.xna_cancel_create, out="xna_cancel *")
        free_with(self, lib.xna_cancel_free, self._handle)

    def request(self) -> None:
        """Every call that was given this, or will be, ends with CancelledError.

        Within a tenth of a second, unless it is past the point where it can: then it goes on to its
        end. For good.
        """
        lib.xna_cancel_request(self._handle)

    @property
    def handle(self) -> Pointer:
        return self._handle
