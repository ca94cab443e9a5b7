"""Everything a host does with sessions, on real DICOM."""

from __future__ import annotations

import errno
import io
import os
import zipfile
from pathlib import Path
from typing import Any

import pytest

import xnatarchive as xna
from conftest import MakeZip, files_below, sessions_below, to_p
from xnatarchive import reports


def test_versions_are_those_of_the_library() -> None:
    assert xna.LIBRARY_VERSION.count(".") == 2
    assert xna.LIBRARY_ABI_VERSION // 1000 == 1


def test_create_root_refuses_a_root_in_use_and_open_one_that_is_not_there(tmp_path: Path) -> None:
    xna.create_root(tmp_path / "root", site_id="SITE", checksum="md5")
    with pytest.raises(xna.AlreadyExistsError) as taken:
        xna.create_root(tmp_path / "root")
    assert taken.value.reason == "engine.root-in-use"
    with pytest.raises(xna.NotFoundError) as missing:
        xna.Engine(tmp_path / "other")
    assert missing.value.reason == "engine.no-root"
    assert missing.value.status is xna.Status.NOT_FOUND
    assert missing.value.disk_state is xna.DiskState.UNCHANGED
    assert str(missing.value).startswith("engine.no-root: ")


def test_places_may_be_elsewhere(tmp_path: Path, make_zip: MakeZip) -> None:
    root, archive, prearchive = tmp_path / "root", tmp_path / "a", tmp_path / "p"
    store = f"sqlite3://{tmp_path}/store.db"
    xna.create_root(root, archive=archive, prearchive=prearchive, store_url=store)
    with xna.Engine(
        root,
        archive=archive,
        prearchive=prearchive,
        store_url=store,
        threads=0,
        recover=False,
    ) as engine:
        engine.add_project("P")
        [uri] = engine.import_(to_p(make_zip()))["uris"]
        assert list(prearchive.rglob("*.dcm"))
        engine.archive(xna.ArchiveRequest(uri))
        assert len(list(archive.rglob("*.dcm"))) == 6
    assert (tmp_path / "store.db").exists()


def test_projects_and_settings(engine: xna.Engine) -> None:
    engine.add_project("Q", prearchive_code=4, quarantine_code=1, autorun="true")
    rows = engine.projects()
    assert [row["ID"] for row in rows] == ["P", "Q"]
    assert list(rows[1].values())[:4] == ["Q", "4", "1", "true"]
    with pytest.raises(xna.AlreadyExistsError):
        engine.add_project("q")
    names = [row["name"] for row in engine.settings()]
    assert "checksum" in names
    assert engine.setting("checksum") == "md5+xxh3"
    engine.set_setting("checksum", "md5")
    assert engine.setting("checksum") == "md5"
    with pytest.raises(xna.InvalidArgumentError) as unknown:
        engine.setting("no-such")
    assert unknown.value.reason == "setting.unknown"


@pytest.mark.parametrize("kind", ["path", "str", "bytes", "memoryview", "stream", "slow stream"])
def test_every_kind_of_source_is_received(engine: xna.Engine, make_zip: MakeZip, kind: str) -> None:
    path = make_zip()
    data = path.read_bytes()
    source: Any = {
        "path": path,
        "str": str(path),
        "bytes": data,
        "memoryview": memoryview(bytearray(data)),
        "stream": io.BytesIO(data),
        "slow stream": SlowStream(data),
    }[kind]
    report = engine.import_(to_p(source))
    assert report["files_received"] == 6
    assert len(report["uris"]) == 1


class SlowStream(io.RawIOBase):
    """Gives a few bytes a time."""

    def __init__(self, data: bytes) -> None:
        self._data = io.BytesIO(data)

    def read(self, size: int = -1) -> bytes:
        return self._data.read(min(size, 1000))


def test_the_prearchive_is_listed_built_logged_and_emptied(
    engine: xna.Engine, make_zip: MakeZip
) -> None:
    [uri] = engine.import_(to_p(make_zip()))["uris"]
    [row] = engine.prearchive("P")
    assert row["project"] == "P"
    assert engine.prearchive("Unassigned") == []
    engine.build(uri)
    session = engine.prearchive_session(uri)
    assert (session["uri"], session["state"], session["label"]) == (uri, "READY", "S1")
    assert engine.prearchive_log(uri) == []
    engine.check_prearchive_session(uri, xna.Permission.DELETE)
    engine.delete_prearchive_session(uri)
    with pytest.raises(xna.NotFoundError):
        engine.check_prearchive_session(uri, xna.Permission.READ)
    assert engine.prearchive() == []
    with pytest.raises(xna.NotFoundError):
        engine.build(uri)


def test_a_session_is_validated_archived_and_read(engine: xna.Engine, received: str) -> None:
    request = xna.ArchiveRequest(
        received,
        parameters={"subject": "SUBJ", "session": "SESS"},
        fields={"xnat:mrSessionData/note": "kept"},
    )
    found = engine.validate(request)
    assert not found["blocked"]
    assert (found["scans"], found["files"]) == (2, 6)
    report = engine.archive(request)
    assert report["uri"] == "/data/archive/projects/P/subjects/SUBJ/experiments/SESS"
    assert (report["project"], report["subject"], report["label"]) == ("P", "SUBJ", "SESS")
    assert report["counts"]["added"] == 6
    assert engine.prearchive() == []

    with engine.document(report["uri"]) as document:
        assert document.scan_ids() == ["1", "2"]
        assert document.get("label") == "SESS"
        assert document.get("note") == "kept"
        assert document.get("type", "1") != ""
        assert document.get("type", "no such scan") is None
        assert document.get("no/such/path") == ""
        assert document.json()["label"] == "SESS"
        with pytest.raises(xna.UnsupportedError) as read_only:
            document.set("note", "changed")
        assert read_only.value.reason == "document.read-only"
    assert engine.document_xml(report["uri"]).lstrip().startswith(b"<?xml")
    [experiment] = engine.list("/projects/P/experiments")
    assert experiment["ID"] == report["experiment_id"]
    assert [next(iter(row.values())) for row in engine.list()] == ["P"]


def test_a_second_session_of_the_label_is_a_conflict_until_it_may_be_merged(
    engine: xna.Engine, archived: str, make_zip: MakeZip, root: Path
) -> None:
    [uri] = engine.import_(to_p(make_zip(series=3)))["uris"]
    engine.build(uri)
    before = sessions_below(root)
    with pytest.raises(xna.ConflictError) as conflict:
        engine.archive(xna.ArchiveRequest(uri))
    assert conflict.value.reason == "archive.session-exists"
    assert conflict.value.status is xna.Status.CONFLICT
    assert conflict.value.disk_state is xna.DiskState.UNCHANGED
    assert any("session-exists" in row["entry"] for row in engine.prearchive_log(uri))
    assert {k: v for k, v in sessions_below(root).items() if not k.endswith(".log")} == {
        k: v for k, v in before.items() if not k.endswith(".log")
    }
    report = engine.archive(xna.ArchiveRequest(uri, overwrite=xna.Overwrite.APPEND))
    assert report["merged"]
    assert (report["counts"]["added"], report["counts"]["identical"]) == (3, 6)
    assert report["uri"] == archived


def test_what_a_merge_replaced_is_restored_or_pruned(
    engine: xna.Engine, archived: str, make_zip: MakeZip
) -> None:
    [uri] = engine.import_(to_p(make_zip(rows=32)))["uris"]
    engine.archive(xna.ArchiveRequest(uri, overwrite=xna.Overwrite.DELETE))
    [record] = engine.history(archived)
    identity = next(iter(record.values()))
    assert engine.restore_history(identity)["counts"]["replaced"] > 0
    for row in engine.history():
        engine.prune_history(next(iter(row.values())))
    assert engine.history() == []
    with pytest.raises(xna.NotFoundError) as missing:
        engine.restore_history(identity)
    assert missing.value.reason == "history.not-found"


def test_catalogs_are_refreshed_and_verified(engine: xna.Engine, archived: str, root: Path) -> None:
    assert engine.verify(xna.VerifyRequest([archived], all_digests=True))["problems"] == []
    file = next((root / "archive").rglob("*.dcm"))
    (file.parent / "added.txt").write_text("more")
    report = engine.refresh(xna.RefreshRequest([archived], append=True, checksum=True))
    assert sum(catalog["added"] for catalog in report["catalogs"]) == 1
    file.write_bytes(b"damaged" * 100)
    found = engine.verify(xna.VerifyRequest(resume_path=root.parent / "position"))
    assert [problem["path"].rpartition("/")[2] for problem in found["problems"]] == [file.name]


def test_a_session_is_exported_to_a_folder_a_zip_a_bag_and_a_stream(
    engine: xna.Engine, archived: str, tmp_path: Path
) -> None:
    folder, zipped, bag = tmp_path / "out", tmp_path / "out.zip", tmp_path / "bag"
    assert engine.export(xna.ExportRequest(archived, folder))["files"] == 6
    engine.export(xna.ExportRequest(archived, zipped))
    engine.export(xna.ExportRequest(archived, bag, bag=True))
    stream, trickle = io.BytesIO(), TricklingStream()
    engine.export(xna.ExportRequest(archived, stream))
    engine.export(xna.ExportRequest(archived, trickle))  # type: ignore[arg-type]
    assert stream.getvalue() == bytes(trickle.data)
    dicom = sorted(digest for path, digest in files_below(folder).items() if path.endswith(".dcm"))
    assert len(dicom) == 6
    with zipfile.ZipFile(stream) as archive:
        archive.extractall(tmp_path / "unpacked")
    assert files_below(tmp_path / "unpacked" / "S1") == files_below(folder)
    assert (bag / "bagit.txt").exists()
    with pytest.raises(xna.AlreadyExistsError) as taken:
        engine.export(xna.ExportRequest(archived, zipped))
    assert taken.value.reason == "export.target-exists"


class TricklingStream:
    """Takes less than it is given, as a socket does."""

    def __init__(self) -> None:
        self.data = bytearray()

    def write(self, data: bytes) -> int:
        self.data += data[:5000]
        return min(len(data), 5000)


def test_what_comes_over_time_is_moved_and_built(engine: xna.Engine, make_zip: MakeZip) -> None:
    engine.add_project("Q")
    [received] = engine.import_(to_p(make_zip()))["uris"]
    assert engine.add_subject("Q", "S9") == engine.add_subject("Q", "S9")
    moved = engine.move_prearchive_session(received, "Q")
    assert moved.startswith("/data/prearchive/projects/Q/")
    early = engine.commit_idle()
    assert (early["built"], early["next_ms"] > 0) == ([], True)
    engine.set_setting("session_idle_minutes", "0")
    assert engine.commit_idle()["built"] == [moved]
    engine.set_prearchive_state(moved, "ERROR")
    row = engine.set_prearchive_state(moved)
    assert (row["state"], row["project"]) == ("READY", "Q")
    engine.build(moved, {"xnat:mrSessionData/note": "seen"}, user="ann")
    engine.build(moved)
    with engine.document(moved) as document:
        assert document.get("note") == "seen"
    with pytest.raises(xna.InvalidArgumentError) as no_path:
        engine.build(moved, fields={"no path": "seen"})
    assert no_path.value.reason == "build.bad-field"


def test_quarantine_audit_recovery_and_reindex(engine: xna.Engine, received: str) -> None:
    report = engine.archive(
        xna.ArchiveRequest(received, quarantine=True, pipelines=False),
        user="ann",
        origin="10.0.0.1",
    )
    assert report["status"] == "quarantine"
    assert engine.activate(report["uri"])
    assert not engine.activate(report["uri"])
    row = next(row for row in engine.audit(report["uri"]) if "ann" in row.values())
    assert "10.0.0.1" in row.values()
    assert engine.recover() == {"finished": [], "discarded": [], "busy": [], "failed": []}
    rebuilt = engine.reindex()
    assert (rebuilt["experiments"], rebuilt["differences"]) == (1, [])


def test_jobs_are_submitted_found_run_and_waited_for(
    engine: xna.Engine, make_zip: MakeZip, root: Path
) -> None:
    uris = [engine.import_(to_p(make_zip(label)))["uris"][0] for label in ("A", "B")]
    job = engine.submit([xna.ArchiveRequest(uri) for uri in uris], user="ann")
    assert engine.job(job)["state"] == "queued"
    assert [row["ID"] for row in engine.jobs()] == [job]
    with pytest.raises(xna.LockedError) as running:
        engine.wait_for_job(job, timeout=0)
    assert running.value.reason == "job.timeout"
    assert engine.run_job()
    with xna.Engine(root, job_workers=1):
        done = engine.wait_for_job(job, timeout=30)
    assert (done["state"], done["items_done"], done["user"]) == ("done", 2, "ann")
    assert not engine.run_job()

    [uri] = engine.import_(to_p(make_zip("C")))["uris"]
    cancelled = engine.submit([xna.ArchiveRequest(uri)])
    engine.cancel_job(cancelled)
    assert engine.wait_for_job(cancelled)["state"] == "cancelled"
    with pytest.raises(xna.NotFoundError) as missing:
        engine.job("no-such")
    assert missing.value.reason == "job.not-found"
    with pytest.raises(xna.InvalidArgumentError) as empty:
        engine.submit([])
    assert empty.value.reason == "job.empty"


def test_reports_have_the_members_that_their_types_have(
    engine: xna.Engine, received: str, make_zip: MakeZip, tmp_path: Path
) -> None:
    request = xna.ArchiveRequest(received)
    job = engine.submit([request])
    engine.cancel_job(job)
    made: list[tuple[Any, type[Any]]] = [
        (engine.job(job), reports.Job),
        (engine.prearchive_session(received), reports.PrearchiveSession),
        (engine.validate(request), reports.ValidationReport),
    ]
    archived = engine.archive(request)
    uri = archived["uri"]
    made += [
        (archived, reports.ArchiveReport),
        (archived["counts"], reports.Counts),
        (engine.import_(to_p(make_zip("T"))), reports.ImportReport),
        (engine.refresh(xna.RefreshRequest([uri])), reports.RefreshReport),
        (engine.verify(xna.VerifyRequest()), reports.VerifyReport),
        (engine.export(xna.ExportRequest(uri, tmp_path / "out")), reports.ExportReport),
        (engine.recover(), reports.RecoveryReport),
        (engine.reindex(), reports.ReindexReport),
    ]
    for report, kind in made:
        assert set(report) == set(kind.__annotations__), kind


def test_an_error_of_the_system_tells_its_number(tmp_path: Path) -> None:
    root = tmp_path / "none" / "root"
    with pytest.raises(xna.ArchiveError) as failure:
        xna.create_root(root)
    assert failure.value.os_errno == errno.ENOENT
    assert failure.value.path == str(root.parent)
    assert os.listdir(tmp_path) == []
