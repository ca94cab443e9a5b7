"""What calls are asked for. Times are seconds; URIs are XNAT's."""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import BinaryIO, Optional, TypedDict, Union

from ._callbacks import Progress, input_of, output_of
from ._library import Arena, Pointer, ffi
from .cancel import Cancel
from .enums import Flag, Overwrite

Path = Union[str, os.PathLike[str]]


class CallOptions(TypedDict, total=False):
    """Who calls, and how the call reports and stops: keywords of every call."""

    #: Recorded, and what the access policy is asked about.
    user: str
    #: From where, such as an address; recorded in the audit trail.
    origin: str
    #: Hears how far the call is, at most ten times a second, on the call's thread. May not call the
    #: engine. What it raises stops the call, and is raised by it; of a call that is past the point
    #: where it can stop it is logged, by the logger "xnatarchive".
    progress: Callable[[Progress], object]
    #: Stops the call from another thread.
    cancel: Cancel


@dataclass(frozen=True)
class ImportRequest:
    """One input.

    source: path of a file, folder or container; the bytes of a container or file; or a binary
        stream of one that is still coming in, which is read on the call's thread and may not call
        the engine.
    handler: name of an import handler; None: the first that accepts the input.
    dest: a prearchive or archive URI; an archive URI archives at once.
    parameters: XNAT's ("project", "subject", "session", "rename", "Ignore-Unparsable",
        "overwrite"), and a handler's own.
    """

    source: Union[Path, bytes, bytearray, memoryview, BinaryIO]
    handler: Optional[str] = None
    dest: Optional[str] = None
    parameters: Mapping[str, str] = field(default_factory=dict)

    def build(self, arena: Arena) -> Pointer:
        made = arena.struct("xna_import_request")
        made.handler = arena.text(self.handler)
        made.dest = arena.text(self.dest)
        made.parameters, made.parameter_count = arena.pairs(self.parameters)
        if isinstance(self.source, (str, os.PathLike)):
            made.path = arena.path(self.source)
        elif isinstance(self.source, (bytes, bytearray, memoryview)):
            data = arena.keep(ffi.from_buffer(self.source))
            made.data, made.data_size = data, len(data)
        else:
            made.input = input_of(arena, self.source)
        return made


@dataclass(frozen=True)
class ArchiveRequest:
    """One prearchive session that is to be archived.

    dest: an archive URI of a project, subject or experiment.
    wait: how long to wait for whoever works on it; then LockedError.
    parameters: "project", "subject", "session" or "label", "event_reason".
    fields: XNAT's XML paths and the values to set.
    quarantine: whatever the project says. pipelines: whether AutoRun is launched.
    """

    src: str
    dest: Optional[str] = None
    overwrite: Overwrite = Overwrite.NONE
    wait: float = 0
    parameters: Mapping[str, str] = field(default_factory=dict)
    fields: Mapping[str, str] = field(default_factory=dict)
    quarantine: bool = False
    pipelines: bool = True

    def build(self, arena: Arena) -> Pointer:
        made = arena.struct("xna_archive_request")
        made.flags = (Flag.ARCHIVE_QUARANTINE if self.quarantine else 0) | (
            0 if self.pipelines else Flag.ARCHIVE_NO_PIPELINES
        )
        made.src = arena.text(self.src)
        made.dest = arena.text(self.dest)
        made.overwrite = self.overwrite
        made.wait_ms = milliseconds(self.wait)
        made.parameters, made.parameter_count = arena.pairs(self.parameters)
        made.fields, made.field_count = arena.pairs(self.fields)
        return made


@dataclass(frozen=True)
class RefreshRequest:
    """Catalogs that are to be brought up to date with the files beside them.

    uris: archive URIs of projects, subjects, experiments, scans, resources.
    append, checksum, delete, populate_stats: what to do; none of them: as the site says.
    force: removes and renews also what looks like an accident.
    rebuild: makes lost and damaged catalogs anew.
    wait: how long to wait for whoever works on a session.
    """

    uris: Sequence[str]
    append: bool = False
    checksum: bool = False
    delete: bool = False
    populate_stats: bool = False
    force: bool = False
    rebuild: bool = False
    wait: float = 0

    def build(self, arena: Arena) -> Pointer:
        made = arena.struct("xna_refresh_request")
        bits = {
            Flag.REFRESH_APPEND: self.append,
            Flag.REFRESH_CHECKSUM: self.checksum,
            Flag.REFRESH_DELETE: self.delete,
            Flag.REFRESH_POPULATE_STATS: self.populate_stats,
            Flag.REFRESH_FORCE: self.force,
            Flag.REFRESH_REBUILD: self.rebuild,
        }
        made.flags = sum(bit for bit, wanted in bits.items() if wanted)
        made.uris, made.uri_count = arena.texts(self.uris)
        made.wait_ms = milliseconds(self.wait)
        return made


@dataclass(frozen=True)
class VerifyRequest:
    """Archived files that are to be compared with their catalogs.

    uris: none: everything the caller may read.
    sample_percent: share of the files that are read, above 0 and up to 100.
    seed: chooses the sample; 0: one of its own.
    bytes_per_second_max: 0: as fast as the disk allows.
    resume_path: a file outside of the trees that keeps how far it is.
    all_digests: compare all digests that are known; otherwise one is enough.
    """

    uris: Sequence[str] = ()
    sample_percent: float = 100
    seed: int = 0
    bytes_per_second_max: int = 0
    resume_path: Optional[Path] = None
    all_digests: bool = False

    def build(self, arena: Arena) -> Pointer:
        made = arena.struct("xna_verify_request")
        made.flags = Flag.VERIFY_ALL_DIGESTS if self.all_digests else 0
        made.uris, made.uri_count = arena.texts(self.uris)
        made.sample_percent = self.sample_percent
        made.seed = self.seed
        made.bytes_per_second_max = self.bytes_per_second_max
        made.resume_path = arena.path(self.resume_path)
        return made


@dataclass(frozen=True)
class ExportRequest:
    """An archived session that is to be written out.

    uri: of an experiment.
    target: path of a new directory, or of a new zip when it ends in ".zip"; or a binary stream
        that takes a zip, which is written on the call's thread and may not call the engine.
    bag: a BagIt bag (RFC 8493) in place of the layout of XNAT's downloads.
    """

    uri: str
    target: Union[Path, BinaryIO]
    bag: bool = False

    def build(self, arena: Arena) -> Pointer:
        made = arena.struct("xna_export_request")
        made.flags = Flag.EXPORT_BAG if self.bag else 0
        made.uri = arena.text(self.uri)
        if isinstance(self.target, (str, os.PathLike)):
            made.path = arena.path(self.target)
        else:
            made.output = output_of(arena, self.target)
        return made


def milliseconds(seconds: Optional[float]) -> int:
    """The library's unit; -1, no limit, for None."""
    return -1 if seconds is None else int(seconds * 1000)
