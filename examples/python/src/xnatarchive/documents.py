"""The document of a session."""

from __future__ import annotations

import json
from typing import Any, Optional

from ._library import Closing, Pointer, ffi, free_with, invoke, lib, string, take_bytes, text


class Document(Closing):
    """The document of a session: of one that is there a copy, in a callback perhaps one to change.

    One thread at a time. What a callback was given is empty, and raises when it is changed, once
    the callback has returned. Paths are XNAT's, of local names: "subject_ID", "scanner/@model",
    "parameters/voxelRes/@x"; or "xsi_type", "id", "uid", "project", "label", and "type" of a scan.
    """

    def __init__(self, handle: Pointer, *, owned: bool) -> None:
        self._handle = handle
        self._free = free_with(self, lib.xna_document_free, handle) if owned else None

    def close(self) -> None:
        """Free it now, not when nobody refers to it any more."""
        if self._free is not None:
            self._free()

    def json(self) -> dict[str, Any]:
        """All of it, as it is now."""
        data = take_bytes(invoke(lib.xna_document_json, self._handle, out="xna_text *"))
        document: dict[str, Any] = json.loads(data)
        return document

    def scan_ids(self) -> list[str]:
        """IDs of the scans, in the document's order."""
        count = lib.xna_document_scan_count(self._handle)
        return [string(lib.xna_document_scan_id(self._handle, index)) for index in range(count)]

    def get(self, path: str, scan_id: Optional[str] = None) -> Optional[str]:
        """One value, of the session or of a scan.

        "" when it is not set; None for a scan that is not there.
        """
        value = lib.xna_document_get(self._handle, text(scan_id), text(path))
        return None if value == ffi.NULL else string(value)

    def set(self, path: str, value: str, scan_id: Optional[str] = None) -> None:
        """Set it; "" removes it.

        NotFoundError "document.no-scan"; UnsupportedError "document.read-only".
        """
        invoke(lib.xna_document_set, self._handle, text(scan_id), text(path), text(value))

    def add_scan(self, scan_id: str, xsi_type: str) -> None:
        """Add a scan, such as ("1", "xnat:mrScanData"), at the end.

        AlreadyExistsError "document.scan-exists"; UnsupportedError "document.read-only".
        """
        invoke(lib.xna_document_add_scan, self._handle, text(scan_id), text(xsi_type))
