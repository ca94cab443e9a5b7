"""Import handlers written in Python."""

from __future__ import annotations

import json
import threading
from pathlib import Path
from typing import Optional

import pytest

import xnatarchive as xna
from conftest import sessions_below


class NiftiFolder(xna.ImportHandler):
    """A folder of images with a side-car: {"subject", "session", "series_description"}."""

    name = "NIfTI-folder"

    def __init__(self) -> None:
        self.seen: list[tuple[str, xna.SourceKind, Optional[str], Optional[str]]] = []

    def accepts(self, input_name: str, kind: xna.SourceKind) -> bool:
        return kind is xna.SourceKind.FOLDER and input_name == "nifti"

    def describe(self, source: xna.Source) -> None:
        self.seen.append(
            (source.name, source.kind, source.parameter("project"), source.parameter("other"))
        )
        assert source.find_project("P") == "P"
        assert source.find_project("no-such") is None
        assert not source.cancelled
        session = source.add_session()
        sidecar: dict[str, str] = {}

        def visit(file: xna.File) -> None:
            assert file.size is not None
            assert len(file.head(3)) == min(3, file.size)
            if file.path.endswith(".json"):
                sidecar.update(json.loads(file.head(1 << 20)))
                file.keep(session, "NIFTI", scan_id="1", format="JSON")
            elif file.path.endswith(".nii.gz"):
                uri = f"images/{file.path}"
                file.keep(session, "NIFTI", scan_id="1", uri=uri, format="NIFTI", content="image")
            elif file.path.endswith(".log"):
                file.keep(session, "LOGS")
            else:
                file.skip("nifti.other-file", "not NIfTI, not JSON")

        source.each_file(visit)
        document = session.document
        document.set("xsi_type", "xnat:mrSessionData")
        document.set("label", sidecar["session"])
        document.set("subject_ID", sidecar["subject"])
        document.add_scan("1", "xnat:mrScanData")
        document.set("series_description", sidecar["series_description"], scan_id="1")
        with pytest.raises(xna.AlreadyExistsError) as twice:
            document.add_scan("1", "xnat:mrScanData")
        assert twice.value.reason == "document.scan-exists"
        with pytest.raises(xna.NotFoundError) as missing:
            document.set("type", "T1", scan_id="2")
        assert missing.value.reason == "document.no-scan"
        session.describe(scan_date="2026-01-02", scan_time="03:04:05")


def to_p(nifti: Path, handler: Optional[str] = None) -> xna.ImportRequest:
    return xna.ImportRequest(nifti, handler=handler, parameters={"project": "P"})


@pytest.mark.parametrize("by_name", [None, "NIfTI-folder"])
def test_a_folder_becomes_a_session_with_what_the_handler_says(
    engine: xna.Engine, nifti: Path, by_name: Optional[str]
) -> None:
    handler = NiftiFolder()
    engine.register(handler)
    report = engine.import_(to_p(nifti, by_name))
    assert (report["files_received"], report["files_skipped"]) == (4, 1)
    assert [skipped["reason"] for skipped in report["skipped"]] == ["nifti.other-file"]
    assert handler.seen == [("nifti", xna.SourceKind.FOLDER, "P", None)]
    [uri] = report["uris"]
    session = engine.prearchive_session(uri)
    assert session["scan_date"].startswith("2026-01-02")
    assert session["scan_time"] == "03:04:05"

    archived = engine.archive(xna.ArchiveRequest(uri))["uri"]
    assert archived == "/data/archive/projects/P/subjects/S01/experiments/S01_MR1"
    with engine.document(archived) as document:
        assert document.get("series_description", "1") == "T1w"
    rows = engine.list(f"{archived}/scans/1/resources/NIFTI")
    assert sorted(next(iter(row.values())) for row in rows) == ["scan.json", "scan.nii.gz"]


class Raising(xna.ImportHandler):
    """Raises `failure` where it is told to."""

    name = "raising"

    def __init__(self, where: str, failure: BaseException) -> None:
        self.where = where
        self.failure = failure

    def accepts(self, input_name: str, kind: xna.SourceKind) -> bool:
        self._perhaps("accepts")
        return True

    def describe(self, source: xna.Source) -> None:
        self._perhaps("describe")
        source.each_file(lambda _file: self._perhaps("visit"))

    def _perhaps(self, where: str) -> None:
        if where == self.where:
            raise self.failure


@pytest.mark.parametrize("where", ["accepts", "describe", "visit"])
@pytest.mark.parametrize(
    "failure",
    [
        ValueError("no such thing"),
        KeyboardInterrupt(),
        xna.ConflictError("of my own", reason="nifti.twice"),
    ],
    ids=["ValueError", "KeyboardInterrupt", "ConflictError"],
)
@pytest.mark.parametrize("as_task", [False, True], ids=["call", "task"])
def test_what_a_handler_raises_is_raised_by_the_import_as_itself(
    engine: xna.Engine,
    root: Path,
    nifti: Path,
    where: str,
    failure: BaseException,
    as_task: bool,
) -> None:
    engine.register(Raising(where, failure))
    before = sessions_below(root)
    for _ in range(2):
        with pytest.raises(type(failure)) as raised:
            if as_task:
                engine.start_import(to_p(nifti)).result()
            else:
                engine.import_(to_p(nifti))
        assert raised.value is failure
    assert sessions_below(root) == before


def test_what_a_handler_raises_is_told_to_events_with_a_reason_and_no_text(
    root: Path, nifti: Path
) -> None:
    events: list[xna.Event] = []
    with xna.Engine(root, event_sink=events.append) as engine:
        engine.register(Raising("describe", ValueError("patient Smith")))
        with pytest.raises(ValueError, match="patient Smith"):
            engine.import_(to_p(nifti))
    assert [(event.kind, event.reason, event.message) for event in events] == [
        (xna.EventKind.FAILED, "python.valueerror", "ValueError was raised")
    ]


class Curious(xna.ImportHandler):
    """Keeps what it was given, and calls the engine."""

    name = "curious"

    def __init__(self, engine: xna.Engine) -> None:
        self.engine = engine
        self.kept: list[object] = []
        self.errors: list[Optional[str]] = []

    def describe(self, source: xna.Source) -> None:
        assert [row["ID"] for row in self.engine.projects()] == ["P"]
        with pytest.raises(xna.InvalidArgumentError) as reentered:
            self.engine.add_project("Q")
        self.errors.append(reentered.value.reason)
        session = source.add_session()
        source.each_file(self.kept.append)
        self.kept += [source, session]


def test_what_a_handler_was_given_is_an_error_afterwards(engine: xna.Engine, nifti: Path) -> None:
    handler = Curious(engine)
    engine.register(handler)
    with pytest.raises(xna.ArchiveError):  # It has kept no file.
        engine.import_(to_p(nifti, "curious"))
    assert handler.errors == ["capi.reentered"]
    *files, source, session = handler.kept
    assert isinstance(source, xna.Source)
    assert isinstance(session, xna.Session)
    for file in files:
        assert isinstance(file, xna.File)
        with pytest.raises(xna.InvalidArgumentError):
            file.head(10)
        with pytest.raises(xna.InvalidArgumentError):
            file.keep(session, "LOGS")
        file.skip("nobody.hears", "this")
    with pytest.raises(xna.InvalidArgumentError):
        source.each_file(lambda _file: None)
    with pytest.raises(ValueError, match="over"):
        source.add_session()
    with pytest.raises(xna.InvalidArgumentError):
        session.describe()
    with pytest.raises(xna.InvalidArgumentError):
        session.document.set("label", "L")
    assert source.parameter("project") is None
    assert not source.cancelled
    assert session.document.get("label") is None
    assert session.document.scan_ids() == []


def test_a_handler_that_names_nothing_right_is_refused_and_released(engine: xna.Engine) -> None:
    for name in ("", "no spaces", "x" * 33, "SI", "nul\0", "\ud800"):
        handler = Raising("nowhere", ValueError())
        handler.name = name
        with pytest.raises((xna.InvalidArgumentError, xna.AlreadyExistsError)):
            engine.register(handler)


def test_handlers_of_many_imports_run_at_once(engine: xna.Engine, nifti: Path) -> None:
    barrier = threading.Barrier(4, timeout=30)

    class Meeting(NiftiFolder):
        def describe(self, source: xna.Source) -> None:
            barrier.wait()
            super().describe(source)

    engine.register(Meeting())
    tasks = [
        engine.start_import(
            xna.ImportRequest(nifti, parameters={"project": "P", "session": f"L{i}"})
        )
        for i in range(4)
    ]
    assert len({task.result()["uris"][0] for task in tasks}) == 4
