"""What a host decides and hears."""

from __future__ import annotations

import logging
from pathlib import Path
from typing import Any, Optional

import pytest

import xnatarchive as xna
from conftest import MakeZip, sessions_below, to_p


def waiting(root: Path, make_zip: MakeZip) -> str:
    """URI of a built session in the prearchive."""
    with xna.Engine(root) as engine:
        [uri] = engine.import_(to_p(make_zip()))["uris"]
        engine.build(uri)
    return uri


def test_an_access_policy_decides_by_user_permission_and_project(root: Path) -> None:
    asked: list[tuple[str, xna.Permission, str]] = []

    def allows(user: str, permission: xna.Permission, project: str) -> bool:
        asked.append((user, permission, project))
        return user == "ann"

    with xna.Engine(root, access_policy=allows) as engine:
        with pytest.raises(xna.AccessDeniedError) as denied:
            engine.add_project("Q", user="bob")
        assert denied.value.reason == "access.denied"
        engine.add_project("Q", user="ann")
    assert ("bob", xna.Permission.ADMIN, "") in asked


def test_what_an_access_policy_raises_is_raised_by_the_call(root: Path) -> None:
    failure = ConnectionError("the directory is away")

    def allows(user: str, permission: xna.Permission, project: str) -> bool:
        raise failure

    with xna.Engine(root, access_policy=allows) as engine:
        with pytest.raises(ConnectionError) as raised:
            engine.add_project("Q")
        assert raised.value is failure


def test_validators_find_what_blocks_and_what_warns(root: Path, make_zip: MakeZip) -> None:
    uri = waiting(root, make_zip)
    seen: list[dict[str, Any]] = []
    finding = xna.Finding.FAIL

    def first(candidate: xna.Candidate) -> None:
        seen.append(candidate.json())
        candidate.find(finding, "site.no-note", "the session has no note")
        assert candidate.document.get("label") == "S1"
        assert not candidate.cancelled

    def second(candidate: xna.Candidate) -> None:
        candidate.find(xna.Finding.WARN, "site.small", "few files")

    with xna.Engine(root, validators=[first, second]) as engine:
        found = engine.validate(xna.ArchiveRequest(uri))
        assert found["blocked"]
        before = sessions_below(root)
        with pytest.raises(xna.ArchiveError) as refused:
            engine.archive(xna.ArchiveRequest(uri))
        assert refused.value.reason == "site.no-note"
        assert [p for p in sessions_below(root) if p.endswith(".dcm")] == [
            p for p in before if p.endswith(".dcm")
        ]
        finding = xna.Finding.WARN
        report = engine.archive(xna.ArchiveRequest(uri))
    assert {"site.no-note", "site.small"} <= {warning["reason"] for warning in report["warnings"]}
    assert (seen[0]["label"], seen[0]["exists"]) == ("S1", False)
    assert sum(len(resource["files"]) for resource in seen[0]["resources"]) == 6


class Anonymize(xna.SessionTransform):
    name = "anonymize 1.0"

    def __init__(self) -> None:
        self.paths: list[str] = []
        self.failure: Optional[BaseException] = None
        self.forget = False

    def transform(
        self, candidate: xna.Candidate, files: xna.SessionFiles, document: xna.Document
    ) -> None:
        if self.failure is not None:
            raise self.failure
        self.paths = files.paths()
        images = [path for path in self.paths if path.endswith(".dcm")]
        files.reject(images[0])
        data = files.read(images[1])
        files.replace(images[1], data)
        if self.forget:
            with pytest.raises(xna.HandlerFailedError) as twice:
                files.reject(images[0])
            assert twice.value.reason == "transform.decided-twice"
        document.set("note", "anonymized")


def test_a_transform_rewrites_files_and_document(root: Path, make_zip: MakeZip) -> None:
    uri = waiting(root, make_zip)
    transform = Anonymize()
    with xna.Engine(root, session_transform=transform) as engine:
        report = engine.archive(xna.ArchiveRequest(uri))
        assert report["counts"]["added"] == 5
        with engine.document(report["uri"]) as document:
            assert document.get("note") == "anonymized"
    assert len([path for path in transform.paths if path.endswith(".dcm")]) == 6


def test_what_a_transform_raises_or_forgets_ends_the_call(root: Path, make_zip: MakeZip) -> None:
    uri = waiting(root, make_zip)
    transform = Anonymize()
    with xna.Engine(root, session_transform=transform) as engine:
        transform.failure = ZeroDivisionError("bug")
        with pytest.raises(ZeroDivisionError) as raised:
            engine.archive(xna.ArchiveRequest(uri))
        assert raised.value is transform.failure
        transform.failure, transform.forget = None, True
        with pytest.raises(xna.HandlerFailedError) as forgotten:
            engine.archive(xna.ArchiveRequest(uri))
        assert forgotten.value.reason == "transform.decided-twice"
        transform.forget = False
        engine.archive(xna.ArchiveRequest(uri))


def test_events_are_heard_and_may_call_the_engine(root: Path, make_zip: MakeZip) -> None:
    events: list[xna.Event] = []
    listed: list[int] = []

    def hear(event: xna.Event) -> None:
        events.append(event)
        listed.append(len(engine.list("/projects/P/experiments")))

    with xna.Engine(root, event_sink=hear) as engine:
        [uri] = engine.import_(to_p(make_zip()), user="ann")["uris"]
        engine.archive(xna.ArchiveRequest(uri), user="ann")
    kinds = [event.kind for event in events]
    assert kinds == [xna.EventKind.RECEIVED, xna.EventKind.BUILT, xna.EventKind.ARCHIVED]
    last = events[-1]
    assert (last.status, last.user, last.project, last.label) == (0, "ann", "P", "S1")
    assert (last.files, last.scans, last.reason) == (6, 2, "")
    assert listed[-1] == 1


def test_what_a_sink_raises_is_told_and_changes_nothing(
    root: Path, make_zip: MakeZip, caplog: pytest.LogCaptureFixture
) -> None:

    def hear(event: xna.Event) -> None:
        raise ValueError("deaf")

    def log(level: int, line: str) -> None:
        raise RuntimeError("full")

    with xna.Engine(root, event_sink=hear, log_sink=log) as engine:
        report = engine.import_(to_p(make_zip()))
    assert report["events"] is not None
    told = [str(record.exc_info[1]) for record in caplog.records if record.exc_info]
    assert set(told) == {"deaf", "full"}
    assert {record.name for record in caplog.records} == {"xnatarchive"}


@pytest.mark.parametrize("sink", ["silent", "raises", "calls"])
def test_a_sink_does_not_hide_what_another_callback_has_raised(
    root: Path, make_zip: MakeZip, sink: str
) -> None:
    uri = waiting(root, make_zip)
    failure = KeyError("of the validator")

    def validate(candidate: xna.Candidate) -> None:
        raise failure

    def hear(event: xna.Event) -> None:
        if sink == "raises":
            raise ValueError("of the sink")
        if sink == "calls":
            engine.projects()

    with xna.Engine(root, validators=[validate], event_sink=hear) as engine:
        with pytest.raises(KeyError) as raised:
            engine.archive(xna.ArchiveRequest(uri))
        assert raised.value is failure


def test_a_logger_hears_the_log(root: Path, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.INFO)
    session = "/data/prearchive/projects/P/20260101_000000000/S1"
    log = logging.getLogger("archive").log
    with xna.Engine(root, log_sink=log) as engine, pytest.raises(xna.NotFoundError):
        engine.build(session)
    assert [record.levelno for record in caplog.records] == [logging.WARNING]


def test_a_launcher_runs_what_the_project_asks_for(
    root: Path, make_zip: MakeZip, caplog: pytest.LogCaptureFixture
) -> None:
    requests: list[xna.PipelineRequest] = []
    failure: Optional[BaseException] = None
    result: Any = None

    def launch(request: xna.PipelineRequest) -> Any:
        requests.append(request)
        request.print("line\n")
        assert not request.cancelled
        if failure is not None:
            raise failure
        return result

    def archive(label: str) -> xna.reports.ArchiveReport:
        request = xna.ImportRequest(make_zip(label), parameters={"project": "R"})
        [uri] = engine.import_(request)["uris"]
        return engine.archive(xna.ArchiveRequest(uri))

    with xna.Engine(root, pipeline_launcher=launch) as engine:
        marker = root.parent / "marker"
        engine.add_project("R", autorun=f"touch {marker}")
        assert archive("A")["pipeline"] is None
        assert requests[0].command == f"touch {marker}"
        assert requests[0].session_label == "A1"
        assert Path(requests[0].directory).is_dir()
        assert not marker.exists()
        result = xna.PASSTHROUGH
        assert archive("B")["pipeline"] is None
        assert marker.exists()
        result, failure = None, xna.HandlerFailedError("it is off", reason="cluster.off")
        outcome = archive("C")["pipeline"]
        assert outcome is not None
        assert outcome["reason"] == "cluster.off"
        [record] = caplog.records
        assert record.exc_info is not None
        assert record.exc_info[1] is failure
