"""How calls report, stop, and run on threads of their own."""

from __future__ import annotations

import asyncio
import gc
import io
import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

import xnatarchive as xna
from conftest import MakeZip, sessions_below, to_p
from xnatarchive._callbacks import Watch
from xnatarchive._library import Arena


@pytest.fixture
def slow(archived: str) -> xna.VerifyRequest:
    """A call that takes a minute."""
    return xna.VerifyRequest([archived], bytes_per_second_max=1000)


class GatedStream(io.RawIOBase):
    """Gives its data when it is let; counts how often it is asked."""

    def __init__(self, data: bytes) -> None:
        self._data = io.BytesIO(data)
        self.gate = threading.Event()
        self.asked = threading.Event()

    def read(self, size: int = -1) -> bytes:
        self.asked.set()
        assert self.gate.wait(30)
        return self._data.read(size)


# Progress.


def test_progress_is_told_on_the_calls_thread(engine: xna.Engine, make_zip: MakeZip) -> None:
    heard: list[tuple[int, xna.Progress]] = []
    engine.import_(
        to_p(make_zip()), progress=lambda progress: heard.append((threading.get_ident(), progress))
    )
    assert {thread for thread, _ in heard} == {threading.get_ident()}
    assert heard[0][1].phase == "receive"


def test_progress_grows(engine: xna.Engine, archived: str) -> None:
    heard: list[xna.Progress] = []
    request = xna.VerifyRequest([archived], bytes_per_second_max=100_000)
    report = engine.verify(request, progress=heard.append)
    assert heard == sorted(heard, key=lambda progress: progress.bytes_done)
    assert 0 < heard[-1].bytes_done <= report["bytes_read"]
    task = engine.start_verify(request)
    until = time.monotonic() + 30
    while task.progress().bytes_done == 0 and time.monotonic() < until:
        time.sleep(0.01)
    assert 0 < task.progress().bytes_done <= report["bytes_read"]


@pytest.mark.parametrize("as_task", [False, True], ids=["call", "task"])
def test_what_a_progress_callback_raises_stops_the_call_and_is_raised_by_it(
    engine: xna.Engine, make_zip: MakeZip, root: Path, as_task: bool
) -> None:
    failure = StopIteration("enough")
    before = sessions_below(root)

    def stop(_progress: xna.Progress) -> None:
        raise failure

    with pytest.raises(StopIteration) as raised:
        if as_task:
            engine.start_import(to_p(make_zip()), progress=stop).result()
        else:
            engine.import_(to_p(make_zip()), progress=stop)
    assert raised.value is failure
    assert sessions_below(root) == before


def test_a_progress_callback_may_not_call_the_engine(engine: xna.Engine, make_zip: MakeZip) -> None:
    with pytest.raises(xna.InvalidArgumentError) as reentered:
        engine.import_(to_p(make_zip()), progress=lambda _progress: engine.projects())
    assert reentered.value.reason == "capi.reentered"


def test_an_interrupt_from_the_keyboard_stops_a_call(
    engine: xna.Engine, slow: xna.VerifyRequest
) -> None:
    timer = threading.Timer(0.3, os.kill, (os.getpid(), signal.SIGINT))
    begun = time.monotonic()
    timer.start()
    with pytest.raises(KeyboardInterrupt):
        engine.verify(slow)
    assert time.monotonic() - begun < 30  # and not the minute it takes


def test_an_exception_too_late_to_stop_a_call_is_logged(caplog: pytest.LogCaptureFixture) -> None:
    watch = Watch(None, Arena())
    watch.stop(ValueError("too late"))
    assert watch.settle(None) is None
    watch.stop(KeyboardInterrupt())
    assert isinstance(watch.settle(None), KeyboardInterrupt)
    assert [str(record.exc_info[1]) for record in caplog.records if record.exc_info] == ["too late"]


def test_an_interrupt_in_a_sink_stops_the_call(root: Path, make_zip: MakeZip) -> None:
    def interrupt(*_anything: object) -> None:
        raise KeyboardInterrupt

    with xna.Engine(root, event_sink=interrupt) as engine, pytest.raises(KeyboardInterrupt):
        engine.import_(to_p(make_zip("A")))
    with xna.Engine(root, log_sink=interrupt) as engine, pytest.raises(KeyboardInterrupt):
        engine.import_(to_p(make_zip("B")))


def test_an_interrupt_from_the_keyboard_ends_waiting_for_a_task(
    engine: xna.Engine, slow: xna.VerifyRequest
) -> None:
    with engine.start_verify(slow) as task:
        threading.Timer(0.3, os.kill, (os.getpid(), signal.SIGINT)).start()
        with pytest.raises(KeyboardInterrupt):
            task.wait()


# Streams.


@pytest.mark.parametrize("as_task", [False, True], ids=["call", "task"])
def test_what_a_stream_raises_is_raised_by_the_call(
    engine: xna.Engine, archived: str, root: Path, as_task: bool
) -> None:
    class Broken(io.RawIOBase):
        failure = ConnectionResetError("the other side hung up")

        def read(self, size: int = -1) -> bytes:
            raise self.failure

        def write(self, data: Any) -> int:
            raise self.failure

    before = sessions_below(root)
    for _ in range(2):
        with pytest.raises(ConnectionResetError) as raised:
            if as_task:
                engine.start_import(to_p(Broken())).result()
            else:
                engine.import_(to_p(Broken()))
        assert raised.value is Broken.failure
        request = xna.ExportRequest(archived, Broken())  # type: ignore[arg-type]
        with pytest.raises(ConnectionResetError) as raised:
            if as_task:
                engine.start_export(request).result()
            else:
                engine.export(request)
        assert raised.value is Broken.failure
    assert sessions_below(root) == before


@pytest.mark.parametrize(
    ("data", "expected"), [("text", TypeError), (None, TypeError), (b"x" * 10**7, ValueError)]
)
def test_a_stream_that_is_none_is_an_error(
    engine: xna.Engine, data: Any, expected: type[Exception]
) -> None:
    class Odd:
        def read(self, size: int) -> Any:
            return data

    with pytest.raises(expected):
        engine.import_(to_p(Odd()))


# Cancelling.


def test_a_cancel_stops_calls_of_other_threads_for_good(
    engine: xna.Engine, slow: xna.VerifyRequest
) -> None:
    cancel = xna.Cancel()
    threading.Timer(0.2, cancel.request).start()
    for _ in range(2):
        with pytest.raises(xna.CancelledError) as cancelled:
            engine.verify(slow, cancel=cancel)
        assert cancelled.value.status is xna.Status.CANCELLED
        assert cancelled.value.disk_state is xna.DiskState.UNCHANGED


def test_a_cancelled_import_changes_nothing(
    engine: xna.Engine, make_zip: MakeZip, root: Path
) -> None:
    before = sessions_below(root)
    stream = GatedStream(make_zip().read_bytes())
    task = engine.start_import(to_p(stream))
    assert stream.asked.wait(30)
    task.cancel()
    stream.gate.set()
    with pytest.raises(xna.CancelledError):
        task.result()
    assert sessions_below(root) == before


def test_a_handler_sees_that_its_call_is_cancelled(engine: xna.Engine, make_zip: MakeZip) -> None:
    class Waiting(xna.ImportHandler):
        name = "waiting"
        begun = threading.Event()

        def describe(self, source: xna.Source) -> None:
            self.begun.set()
            until = time.monotonic() + 30
            while not source.cancelled and time.monotonic() < until:
                time.sleep(0.01)
            raise InterruptedError

    handler = Waiting()
    engine.register(handler)
    task = engine.start_import(xna.ImportRequest(make_zip(), handler="waiting"))
    assert handler.begun.wait(30)
    task.cancel()
    with pytest.raises((InterruptedError, xna.CancelledError)):
        task.result(10)


# Tasks.


def test_every_task_returns_what_its_call_does(
    engine: xna.Engine, make_zip: MakeZip, tmp_path: Path
) -> None:
    with engine.start_import(to_p(make_zip()), user="ann") as imported:
        [uri] = imported.result()["uris"]
    request = xna.ArchiveRequest(uri)
    validated = engine.start_validate(request).result()
    assert not validated["blocked"]
    archived = engine.start_archive(request).result()["uri"]
    assert engine.start_refresh(xna.RefreshRequest([archived], append=True)).result()["catalogs"]
    assert engine.start_verify(xna.VerifyRequest()).result()["files_read"] == 6
    exported = engine.start_export(xna.ExportRequest(archived, tmp_path / "out.zip"))
    assert exported.result()["files"] == 6
    assert exported.done
    exported.close()
    assert exported.result()["files"] == 6


def test_a_task_is_waited_for_polled_and_told_about(engine: xna.Engine, make_zip: MakeZip) -> None:
    stream = GatedStream(make_zip().read_bytes())
    with engine.start_import(to_p(stream)) as task:
        assert not task.done
        assert not task.wait(0.15)
        with pytest.raises(xna.LockedError) as running:
            task.result(0)
        assert running.value.reason == "task.running"
        stream.gate.set()
        assert task.wait(30)
        assert task.progress().phase == "receive"
        assert task.result() == task.result()


def test_a_task_fails_as_often_as_it_is_asked(engine: xna.Engine) -> None:
    task = engine.start_archive(xna.ArchiveRequest("/data/prearchive/projects/P/T/S"))
    for _ in range(2):
        with pytest.raises(xna.ArchiveError) as failure:
            task.result()
        assert failure.value.status in (xna.Status.NOT_FOUND, xna.Status.INVALID_ARGUMENT)
    task.close()
    with pytest.raises(xna.ArchiveError) as again:
        task.result()
    assert again.value is failure.value


def test_a_task_that_is_left_or_forgotten_is_cancelled(
    engine: xna.Engine, slow: xna.VerifyRequest
) -> None:
    with engine.start_verify(slow) as task:
        pass
    with pytest.raises(xna.CancelledError):
        task.result()
    begun = time.monotonic()
    engine.start_verify(slow)
    gc.collect()
    # The fixture nothing_is_kept waits for its end.
    assert time.monotonic() - begun < 30  # and not the minute it takes


def test_a_task_that_waits_for_itself_is_told_so(engine: xna.Engine, make_zip: MakeZip) -> None:
    outcomes: list[object] = []

    class Waiting(GatedStream):
        def read(self, size: int = -1) -> bytes:
            data = super().read(size)
            outcomes.append(task.wait())
            with pytest.raises(xna.LockedError) as running:
                task.result()
            outcomes.append(running.value.reason)
            return data

    stream = Waiting(make_zip().read_bytes())
    task = engine.start_import(to_p(stream))
    stream.gate.set()
    task.result()
    assert set(outcomes) == {False, "task.running"}


def test_bytes_of_an_import_live_as_long_as_its_task(engine: xna.Engine, make_zip: MakeZip) -> None:
    handler = Holding()
    engine.register(handler)
    task = engine.start_import(xna.ImportRequest(bytes(make_zip().read_bytes()), handler="holding"))
    gc.collect()
    junk = [bytes(1 << 16) for _ in range(200)]
    handler.go.set()
    with pytest.raises(xna.ArchiveError):
        task.result()  # It has kept no file.
    assert handler.paths == 6
    del junk


class Holding(xna.ImportHandler):
    name = "holding"

    def __init__(self) -> None:
        self.go = threading.Event()
        self.paths = 0

    def describe(self, source: xna.Source) -> None:
        assert self.go.wait(30)

        def count(_file: xna.File) -> None:
            self.paths += 1

        source.each_file(count)


# asyncio.


def test_tasks_are_awaited_together_while_the_loop_runs(
    engine: xna.Engine, make_zip: MakeZip
) -> None:
    async def main() -> tuple[int, list[Any]]:
        streams = [GatedStream(make_zip(label).read_bytes()) for label in ("A", "B", "C")]
        tasks = [engine.start_import(to_p(stream)) for stream in streams]
        ticks = 0
        gathered = asyncio.gather(*tasks)
        while not gathered.done():
            ticks += 1
            if ticks == 20:
                for stream in streams:
                    stream.gate.set()
            await asyncio.sleep(0.01)
        return ticks, await gathered

    ticks, reports = asyncio.run(main())
    assert ticks >= 20
    assert len({report["uris"][0] for report in reports}) == 3


def test_an_await_raises_what_the_call_raises(engine: xna.Engine, received: str) -> None:
    async def main() -> None:
        await engine.start_archive(xna.ArchiveRequest(received))
        task = engine.start_archive(xna.ArchiveRequest(received))
        assert task.wait(30)
        await task

    with pytest.raises(xna.NotFoundError):
        asyncio.run(main())


def test_a_cancelled_await_cancels_the_call_and_waits_for_its_end(
    engine: xna.Engine, slow: xna.VerifyRequest
) -> None:
    async def main() -> xna.Task[xna.reports.VerifyReport]:
        task = engine.start_verify(slow)
        with pytest.raises(asyncio.TimeoutError):
            await asyncio.wait_for(task, 0.2)
        assert task.done
        return task

    task = asyncio.run(main())
    with pytest.raises(xna.CancelledError):
        task.result(0)


# The end of the interpreter.


AT_EXIT = """
import os, sys, threading, time, xnatarchive as xna
threading.excepthook = lambda hooked: None
engine = xna.Engine(sys.argv[1], job_workers=2, log_sink=lambda level, line: None)
[row] = engine.list("/projects/P/experiments")
uri = "/data/archive/projects/P/experiments/" + row["ID"]
request = xna.VerifyRequest([uri], bytes_per_second_max=1000)
tasks = [engine.start_verify(request, progress=lambda progress: None) for _ in range(3)]
engine.start_verify(request, progress=lambda progress: None)
threading.Thread(target=engine.verify, args=[request], daemon=True).start()
if sys.argv[2] == "fork":
    if os.fork() == 0:
        engine.close()
        sys.exit()
    assert os.wait()[1] == 0
time.sleep(0.3)
print("ending")
"""


FORKED_WHEN_IDLE = """
import os, sys, xnatarchive as xna
with xna.Engine(sys.argv[1], log_sink=lambda level, line: None) as engine:
    [row] = engine.list("/projects/P/experiments")
    request = xna.VerifyRequest(["/data/archive/projects/P/experiments/" + row["ID"]])
    files_before = engine.verify(request)["files"]
    if os.fork() == 0:
        with xna.Engine(sys.argv[1], log_sink=lambda level, line: None) as other:
            files = other.start_verify(request).result(30)["files"]
        engine.close()
        sys.exit(0 if files == files_before > 0 else 1)
    assert os.wait()[1] == 0
    assert engine.verify(request)["files"] == files_before
print("ending")
"""


def run_to_its_end(program: str, *arguments: str) -> None:
    run = subprocess.run(
        [sys.executable, "-W", "ignore", "-c", program, *arguments],
        capture_output=True,
        text=True,
        timeout=50,  # what is to be stopped takes about a minute
    )
    assert (run.returncode, run.stdout, run.stderr) == (0, "ending\n", "")


def skip_under_address_sanitizer() -> None:
    if "asan" in os.environ.get("LD_PRELOAD", ""):
        pytest.skip("a forked child may find the address sanitizer's allocator locked for good")


@pytest.mark.parametrize("forks", ["no fork", "fork"])
def test_a_program_that_ends_stops_its_calls(
    engine: xna.Engine, archived: str, root: Path, forks: str
) -> None:
    if forks == "fork":
        skip_under_address_sanitizer()
    run_to_its_end(AT_EXIT, str(root), forks)


def test_a_child_forked_while_nothing_runs_opens_an_engine_of_its_own(
    engine: xna.Engine, archived: str, root: Path
) -> None:
    skip_under_address_sanitizer()
    run_to_its_end(FORKED_WHEN_IDLE, str(root))


@pytest.fixture(autouse=True)
def collected() -> Iterator[None]:
    yield
    gc.collect()
