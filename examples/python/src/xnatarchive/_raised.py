"""Exceptions that callbacks have raised, on their way through the library.

Each has a number, which the callback returns as the host's own status; the call that fails for it
tells the number, on whatever thread, and the exception is raised there as itself.
"""

from __future__ import annotations

import itertools
from typing import Optional

from .enums import HOST_STATUS_MIN

# Those of calls nobody asks for the outcome of, such as jobs, make room for later ones.
_KEPT_MAX = 256
_NUMBERS = 2**31 - HOST_STATUS_MIN

# No lock: garbage may be collected, and what is collected call the library, while it is held.
_exceptions: dict[int, BaseException] = {}
_count = itertools.count()


def keep(exception: BaseException) -> int:
    """The number of the exception, a status of the host's own."""
    count = next(_count)
    _exceptions[HOST_STATUS_MIN + count % _NUMBERS] = exception
    _exceptions.pop(HOST_STATUS_MIN + (count - _KEPT_MAX) % _NUMBERS, None)
    return HOST_STATUS_MIN + count % _NUMBERS


def take(number: int) -> Optional[BaseException]:
    """The exception of that number, once."""
    return _exceptions.pop(number, None)
