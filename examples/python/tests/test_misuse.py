"""Wrong and late calls are errors; many threads and collections of garbage are no danger."""

from __future__ import annotations

import copy
import gc
import io
import pickle
import subprocess
import sys
import threading
import time
import weakref
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest

import xnatarchive as xna
from conftest import MakeZip, to_p
from xnatarchive import _callbacks

# Texts that are none: an embedded NUL, a lone surrogate, a control character.
BAD_TEXTS = ["a\0b", "a\ud800b", "a\nb"]


@pytest.mark.parametrize("text", BAD_TEXTS, ids=["NUL", "surrogate", "control"])
def test_bad_text_is_an_error_wherever_it_is_given(
    engine: xna.Engine, text: str, tmp_path: Path
) -> None:
    request = xna.ArchiveRequest
    calls: list[Any] = [
        lambda: engine.add_project(text),
        lambda: engine.add_project("Q", user=text),
        lambda: engine.add_project("Q", autorun=text),
        lambda: engine.projects(origin=text),
        lambda: engine.set_setting("checksum", "md5", text),
        lambda: engine.list(text),
        lambda: engine.document(text),
        lambda: engine.archive(request(text)),
        lambda: engine.archive(request("/data/prearchive", parameters={"subject": text})),
        lambda: engine.archive(request("/data/prearchive", parameters={text: "x"})),
        lambda: engine.start_archive(request("/data/prearchive", dest=text)),
        lambda: engine.submit([request(text)]),
        lambda: engine.import_(to_p(b"data"), user=text),
        lambda: engine.import_(xna.ImportRequest(b"data", handler=text)),
        lambda: engine.refresh(xna.RefreshRequest([text])),
        lambda: engine.export(xna.ExportRequest(text, tmp_path / "out")),
        lambda: engine.export(xna.ExportRequest("/data/archive/projects/P", f"{tmp_path}/{text}")),
        lambda: engine.job(text),
    ]
    for number, call in enumerate(calls):
        with pytest.raises(ValueError) as refused:  # noqa: PT011 - InvalidArgumentError is one
            call()
        assert isinstance(refused.value, (xna.InvalidArgumentError, UnicodeError)), number


def test_a_path_that_is_not_utf8_is_an_error(engine: xna.Engine, tmp_path: Path) -> None:
    with pytest.raises(xna.InvalidArgumentError) as refused:
        engine.import_(to_p(f"{tmp_path}/\udcff.zip"))
    assert refused.value.reason == "capi.bad-text"


def test_values_of_the_wrong_type_are_type_errors(engine: xna.Engine, archived: str) -> None:
    wrong: list[Any] = [
        lambda: engine.list(5),  # type: ignore[arg-type]
        lambda: engine.list(b"/projects/P"),  # type: ignore[arg-type]
        lambda: engine.projects(nobody="x"),  # type: ignore[call-arg]
        lambda: engine.refresh(xna.RefreshRequest(archived)),
        lambda: engine.verify(xna.VerifyRequest(sample_percent="all")),  # type: ignore[arg-type]
    ]
    for call in wrong:
        with pytest.raises(TypeError):
            call()
    with pytest.raises(OverflowError):
        engine.verify(xna.VerifyRequest(seed=-1))
    with pytest.raises(AttributeError):
        engine.import_(to_p(5))
    with pytest.raises(xna.InvalidArgumentError):
        engine.verify(xna.VerifyRequest(sample_percent=0))


def test_every_call_on_a_closed_engine_is_an_error(engine: xna.Engine, archived: str) -> None:
    document = engine.document(archived)
    task = engine.start_verify(xna.VerifyRequest())
    engine.close()
    engine.close()
    assert document.get("label") == "S1"
    assert task.result()["files"] == 6
    calls: list[Any] = [
        engine.projects,
        engine.recover,
        engine.run_job,
        lambda: engine.document(archived),
        lambda: engine.import_(to_p(b"data")),
        lambda: engine.start_verify(xna.VerifyRequest()),
    ]
    for call in calls:
        with pytest.raises(xna.InvalidArgumentError) as closed:
            call()
        assert closed.value.reason == "capi.bad-handle"
    document.close()
    document.close()
    assert document.get("label") is None
    assert document.scan_ids() == []
    with pytest.raises(xna.InvalidArgumentError):
        document.json()


def test_a_task_outlives_its_engine_and_then_is_closed(
    root: Path, archived: str, engine: xna.Engine
) -> None:
    with xna.Engine(root) as other:
        task = other.start_verify(xna.VerifyRequest([archived], bytes_per_second_max=100_000))
    assert task.result()["problems"] == []
    task.close()
    with pytest.raises(xna.InvalidArgumentError):
        task.progress()
    assert task.wait()


def test_what_nobody_refers_to_is_freed_by_whatever_thread(root: Path, archived: str) -> None:
    def leave() -> Any:
        engine = xna.Engine(root, event_sink=lambda event: None)
        document = engine.document(archived)
        task = engine.start_verify(xna.VerifyRequest())
        loop = [engine, document, task, xna.Cancel()]
        loop.append(loop)
        return weakref.ref(engine), weakref.ref(document), weakref.ref(task)

    with ThreadPoolExecutor(4) as pool:
        references = sum(pool.map(lambda _: leave(), range(12)), ())
        pool.submit(gc.collect).result()
    assert [reference() for reference in references] == [None] * 36


def test_an_engine_is_collected_while_its_worker_waits_for_who_collects(
    root: Path, received: str
) -> None:
    mine, waits = threading.Lock(), threading.Event()

    def validate(candidate: xna.Candidate) -> None:
        waits.set()
        with mine:
            pass

    with mine:
        engine = xna.Engine(root, job_workers=1, validators=[validate])
        job = engine.submit([xna.ArchiveRequest(received)])
        assert waits.wait(30)
        del engine
        gc.collect()
        time.sleep(1)  # until another thread has begun to close it
    with xna.Engine(root) as other:
        until = time.monotonic() + 30
        while other.job(job)["state"] == "running" and time.monotonic() < until:
            time.sleep(0.01)
        # The worker was told to stop: somebody else is to do it.
        assert other.job(job)["state"] == "queued"
        assert other.run_job()
        assert other.job(job)["state"] == "done"


@pytest.fixture
def collecting() -> Iterator[None]:
    """Garbage is collected all the time."""
    before = gc.get_threshold()
    gc.set_threshold(1, 1, 1)
    yield
    gc.set_threshold(*before)


class Collecting(xna.ImportHandler):
    name = "collecting"

    def describe(self, source: xna.Source) -> None:
        session = source.add_session()
        session.document.set("xsi_type", "xnat:mrSessionData")
        session.document.set("label", source.parameter("session") or "")
        session.document.set("subject_ID", "SUBJ")
        session.document.add_scan("1", "xnat:mrScanData")

        def visit(file: xna.File) -> None:
            gc.collect()
            file.keep(session, "DICOM", scan_id="1", uri=file.path)

        source.each_file(visit)


@pytest.mark.usefixtures("collecting")
def test_collections_during_callbacks_and_tasks_harm_nothing(root: Path, make_zip: MakeZip) -> None:
    heard: list[xna.EventKind] = []
    engine = xna.Engine(
        root,
        threads=2,
        validators=[lambda candidate: None],
        event_sink=lambda event: heard.append(event.kind),
        log_sink=lambda level, line: None,
    )
    engine.register(Collecting())
    with engine:
        for label in ("A", "B"):
            parameters = {"project": "P", "session": label}
            request = xna.ImportRequest(
                io.BytesIO(make_zip().read_bytes()), handler="collecting", parameters=parameters
            )
            task = engine.start_import(request, progress=lambda progress: gc.collect())
            del request
            [uri] = task.result()["uris"]
            assert engine.archive(xna.ArchiveRequest(uri))["files"] == 6
    assert heard == [xna.EventKind.RECEIVED, xna.EventKind.ARCHIVED] * 2


def test_many_threads_use_one_engine(engine: xna.Engine, make_zip: MakeZip) -> None:
    def round_trip(number: int) -> str:
        path = make_zip(f"L{number}x", series=1, instances=2)
        source: Any = (path, path.read_bytes(), io.BytesIO(path.read_bytes()))[number % 3]
        request = to_p(source)
        if number % 2:
            [uri] = engine.start_import(request).result()["uris"]
        else:
            [uri] = engine.import_(request)["uris"]
        archived = engine.archive(xna.ArchiveRequest(uri, wait=30))["uri"]
        with engine.document(archived) as document:
            assert document.scan_ids() == ["1"]
        assert engine.verify(xna.VerifyRequest([archived]))["problems"] == []
        return archived

    with ThreadPoolExecutor(8) as pool:
        archived = list(pool.map(round_trip, range(16)))
    assert len(set(archived)) == 16
    assert len(engine.list("/projects/P/experiments")) == 16


def test_other_threads_run_while_a_call_blocks(engine: xna.Engine, archived: str) -> None:
    counts = [0]
    stop = threading.Event()

    def count() -> None:
        while not stop.wait(0.005):
            counts[0] += 1

    thread = threading.Thread(target=count)
    thread.start()
    engine.verify(xna.VerifyRequest([archived], bytes_per_second_max=100_000))
    seen = counts[0]
    stop.set()
    thread.join()
    assert seen > 10


def test_an_error_is_pickled_and_copied_whole() -> None:
    error = xna.ConflictError("m", reason="r.s", path="p", disk_state=xna.DiskState.COMMITTED)
    for other in (pickle.loads(pickle.dumps(error)), copy.copy(error)):
        assert type(other) is xna.ConflictError
        assert vars(other) == vars(error)
        assert str(other) == "r.s: m (p)"


def test_exceptions_nobody_asks_for_do_not_pile_up(root: Path, make_zip: MakeZip) -> None:
    from xnatarchive import _raised

    numbers = [_raised.keep(ValueError(number)) for number in range(1000)]
    kept = [number for number in numbers if _raised.take(number) is not None]
    assert kept == numbers[-256:]


def test_a_failed_open_releases_what_it_was_given(tmp_path: Path) -> None:
    before = _callbacks.kept_count()
    with pytest.raises(xna.NotFoundError):
        xna.Engine(
            tmp_path / "none",
            access_policy=lambda user, permission, project: True,
            event_sink=lambda event: None,
            validators=[lambda candidate: None] * 3,
        )
    assert _callbacks.kept_count() == before


@pytest.mark.parametrize(
    ("library", "message"),
    [("/no/such/library.so", "can not be loaded"), (sys.executable, "can not be loaded")],
)
def test_a_library_that_is_none_is_an_import_error(library: str, message: str) -> None:
    run = subprocess.run(
        [sys.executable, "-c", "import xnatarchive"],
        env={"XNATARCHIVE_LIBRARY": library},
        capture_output=True,
        text=True,
    )
    assert run.returncode == 1
    assert f"ImportError: {library} {message}" in run.stderr
