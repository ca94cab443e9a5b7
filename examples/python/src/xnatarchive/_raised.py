"""Exceptions that callbacks have raised, on their way through the library.

Each has a number, which the callback returns as the host's own status; the call that fails for it
tells the number, on whatever thread, and the exception is raised there as itself.
"""

from __future__ import annotations

import itertools
import threading
from collections import OrderedDict
from typing import Optional

from .enums import HOST_STATUS_MIN

# Those of calls nobody asks for the outcome of, such as jobs, make room for later ones.
_KEPT_MAX = 256
_NUMBERS = 2**31 - HOST_STATUS_MIN

_lock = threading.Lock()
_exceptions: OrderedDict[int, BaseException] = OrderedDict()
_count = itertools.count()


def keep(exception: BaseException) -> int:
    """The number of the exception, a status of the host's own."""
    number = HOST_STATUS_MIN + next(_count) % _NUMBERS
    with _lock:
        _exceptions[number] = exception
        if len(_exceptions) > _KEPT_MAX:
            _exceptions.popitem(last=False)
    return number


def take(number: int) -> Optional[BaseException]:
    """The exception of that number, once."""
    with _lock:
        return _exceptions.pop(number, None)
