"""The shared library: found, checked, and what every call of it needs."""

from __future__ import annotations

import json
import os
import weakref
from abc import ABC, abstractmethod
from collections.abc import Iterable, Mapping
from types import TracebackType
from typing import Any, Optional, TypeVar, Union

from . import _raised, errors
from ._xna import ffi as _ffi
from .enums import ABI_VERSION, OK

# cffi's values have no types a checker knows.
ffi: Any = _ffi
Pointer = Any


def _load() -> Any:
    """Load $XNATARCHIVE_LIBRARY, or what the system's loader finds."""
    path = os.environ.get("XNATARCHIVE_LIBRARY") or "libxnatarchive.so.1"
    try:
        library = ffi.dlopen(path)
        abi = library.xna_abi_version()
    except (OSError, AttributeError) as error:
        raise ImportError(
            f"{path} can not be loaded ({error}); set XNATARCHIVE_LIBRARY to its path"
        ) from error
    if abi // 1000 != ABI_VERSION // 1000 or abi < ABI_VERSION:
        raise ImportError(f"{path} has ABI version {abi}; this package needs {ABI_VERSION}")
    return library


lib = _load()


def string(pointer: Pointer) -> str:
    """Text of the library's; "" for NULL."""
    if pointer == ffi.NULL:
        return ""
    text: bytes = ffi.string(pointer)
    return text.decode("utf-8", "surrogateescape")


def optional_string(pointer: Pointer) -> Optional[str]:
    return None if pointer == ffi.NULL else string(pointer)


def text(value: Optional[str]) -> Pointer:
    """`value` as an argument of one call; NULL for None.

    What is not UTF-8, such as a lone surrogate, the library refuses; a NUL it would not see.
    """
    if value is None:
        return ffi.NULL
    if not isinstance(value, str):
        raise TypeError(f"expected str, not {type(value).__name__}")
    return _checked(value.encode("utf-8", "surrogatepass"))


def path(value: Union[str, os.PathLike[str], None]) -> Pointer:
    """The same for a path of the file system."""
    return ffi.NULL if value is None else _checked(os.fsencode(value))


def _checked(encoded: bytes) -> bytes:
    if b"\0" in encoded:
        raise errors.InvalidArgumentError("text may not hold a NUL", reason="capi.bad-text")
    return encoded


C = TypeVar("C", bound="Closing")


class Closing(ABC):
    """What `with` closes."""

    @abstractmethod
    def close(self) -> None: ...

    def __enter__(self: C) -> C:
        return self

    def __exit__(
        self,
        kind: Optional[type[BaseException]],
        exception: Optional[BaseException],
        traceback: Optional[TracebackType],
    ) -> None:
        self.close()


class Arena:
    """C values that live as long as this."""

    def __init__(self) -> None:
        self._values: list[Any] = []

    def keep(self, value: Any) -> Any:
        self._values.append(value)
        return value

    def struct(self, name: str) -> Pointer:
        """One struct of that name, with its defaults."""
        pointer = self.keep(ffi.new(f"{name} *"))
        getattr(lib, f"{name}_init")(pointer, ffi.sizeof(name))
        return pointer

    def text(self, value: Optional[str]) -> Pointer:
        return self._char_array(text(value))

    def path(self, value: Union[str, os.PathLike[str], None]) -> Pointer:
        return self._char_array(path(value))

    def texts(self, values: Iterable[str]) -> tuple[Pointer, int]:
        """An array of texts, and how many they are."""
        if isinstance(values, str):
            raise TypeError("expected several texts, not one str")
        pointers = [self.text(value) for value in values]
        return self.keep(ffi.new("char *[]", pointers)), len(pointers)

    def pairs(self, values: Mapping[str, str]) -> tuple[Pointer, int]:
        """An array of names and values in turn, and how many pairs they are."""
        array, count = self.texts(text for pair in values.items() for text in pair)
        return array, count // 2

    def _char_array(self, encoded: Pointer) -> Pointer:
        return encoded if encoded == ffi.NULL else self.keep(ffi.new("char[]", encoded))


def free_with(owner: object, function: Any, handle: Pointer) -> weakref.finalize[Any, Any]:
    """What frees the handle, called or when nobody refers to its owner any more.

    Not in a child that was forked, where the threads that the handle may wait for are not.
    """
    return weakref.finalize(owner, free, function, handle, os.getpid())


def free(function: Any, handle: Pointer, process: int) -> None:
    """Free the handle that the process has made."""
    if os.getpid() == process:
        function(handle)


def error_of(handle: Pointer) -> BaseException:
    """What to raise for an xna_error, which is freed: perhaps what a callback has raised."""
    try:
        raised = _raised.take(lib.xna_error_host_status(handle))
        if raised is not None:
            return raised
        return errors.make(
            lib.xna_error_status(handle),
            string(lib.xna_error_message(handle)),
            reason=string(lib.xna_error_reason(handle)),
            path=string(lib.xna_error_path(handle)),
            disk_state=lib.xna_error_disk_state(handle),
            os_errno=lib.xna_error_os_errno(handle),
        )
    finally:
        lib.xna_error_free(handle)


def invoke(function: Any, *arguments: Any, out: Optional[str] = None) -> Any:
    """Call the function with an out parameter of the type `out`, and return what it stored there.

    Raises what has made it fail.
    """
    error = ffi.new("xna_error **")
    result = None if out is None else ffi.new(f"{out} *")
    status = function(*arguments, *(() if result is None else (result,)), error)
    if status != OK:
        raise error_of(error[0])
    return None if result is None else result[0]


def take_report(handle: Pointer) -> dict[str, Any]:
    """A report as a dict; it is freed."""
    try:
        data = lib.xna_report_json(handle)
        if data == ffi.NULL:
            raise MemoryError("no memory for a report")
        report: dict[str, Any] = json.loads(ffi.buffer(data, lib.xna_report_json_size(handle))[:])
        return report
    finally:
        lib.xna_report_free(handle)


def take_bytes(handle: Pointer) -> bytes:
    """The bytes of an xna_text; it is freed."""
    try:
        return bytes(ffi.buffer(lib.xna_text_data(handle), lib.xna_text_size(handle)))
    finally:
        lib.xna_text_free(handle)


def take_rows(handle: Pointer) -> list[dict[str, str]]:
    """The rows of a listing, by the names of the columns; it is freed."""
    try:
        columns = [
            string(lib.xna_listing_column(handle, index))
            for index in range(lib.xna_listing_column_count(handle))
        ]
        rows = []
        while lib.xna_listing_next(handle) == 1:
            rows.append(
                {
                    name: string(lib.xna_listing_value(handle, index))
                    for index, name in enumerate(columns)
                }
            )
        return rows
    finally:
        lib.xna_listing_free(handle)
