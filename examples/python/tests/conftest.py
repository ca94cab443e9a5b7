"""A root of its own for each test, and real DICOM to import."""

from __future__ import annotations

import gc
import hashlib
import json
import os
import subprocess
import zipfile
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

import xnatarchive as xna
from xnatarchive import _callbacks

# Makes a zip of one study: (label, series, instances, rows).
MakeZip = Callable[..., Path]


def files_below(folder: Path) -> dict[str, str]:
    """Digests of the files, by their paths."""
    return {
        str(path.relative_to(folder)): hashlib.md5(path.read_bytes()).hexdigest()
        for path in sorted(folder.rglob("*"))
        if path.is_file()
    }


def sessions_below(root: Path) -> dict[str, str]:
    """Those of the archive and the prearchive of a root, without what engines keep there."""
    found = {**files_below(root / "archive"), **files_below(root / "prearchive")}
    return {path: digest for path, digest in found.items() if not path.startswith(".xa")}


@pytest.fixture(scope="session")
def make_zip(tmp_path_factory: pytest.TempPathFactory) -> MakeZip:
    """Studies are made once: equal arguments give the same file."""
    made: dict[tuple[object, ...], Path] = {}

    def make(label: str = "S", series: int = 2, instances: int = 3, rows: int = 64) -> Path:
        key = (label, series, instances, rows)
        if key not in made:
            folder = tmp_path_factory.mktemp("dicom")
            numbers = {"series": series, "instances": instances, "rows": rows}
            options = [f"--{name}={value}" for name, value in numbers.items()]
            command = [os.environ["MAKE_DICOM"], "--out", str(folder), "--label-prefix", label]
            subprocess.run(
                command + [word for option in options for word in option.split("=")],
                check=True,
                stdout=subprocess.DEVNULL,
            )
            made[key] = folder.with_suffix(".zip")
            with zipfile.ZipFile(made[key], "w") as archive:
                for path in sorted(folder.rglob("*.dcm")):
                    archive.write(path, path.relative_to(folder))
        return made[key]

    return make


@pytest.fixture(autouse=True)
def nothing_is_kept() -> Iterator[None]:
    """Every callback of a test has been released when the test is over."""
    yield
    gc.collect()
    assert _callbacks.wait_until_none_is_kept(10), f"{_callbacks.kept_count()} were not released"


@pytest.fixture
def root(tmp_path: Path) -> Path:
    """A root with a project P."""
    root = tmp_path / "root"
    xna.create_root(root)
    with xna.Engine(root) as engine:
        engine.add_project("P")
    return root


@pytest.fixture
def engine(root: Path) -> Iterator[xna.Engine]:
    with xna.Engine(root) as engine:
        yield engine


@pytest.fixture
def received(engine: xna.Engine, make_zip: MakeZip) -> str:
    """URI of a session in the prearchive, built."""
    [uri] = engine.import_(to_p(make_zip()))["uris"]
    engine.build(uri)
    return uri


@pytest.fixture
def archived(engine: xna.Engine, received: str) -> str:
    """URI of the same session in the archive."""
    return engine.archive(xna.ArchiveRequest(received))["uri"]


def to_p(source: Any) -> xna.ImportRequest:
    """An import into project P."""
    return xna.ImportRequest(source, parameters={"project": "P"})


@pytest.fixture
def nifti(tmp_path: Path) -> Path:
    """A folder of images with a side-car, and other files."""
    folder = tmp_path / "nifti"
    folder.mkdir()
    sidecar = {"subject": "S01", "session": "S01_MR1", "series_description": "T1w"}
    (folder / "scan.json").write_text(json.dumps(sidecar))
    (folder / "scan.nii.gz").write_bytes(b"\x1f\x8b image")
    (folder / "run.log").write_text("done")
    (folder / "notes.txt").write_text("x")
    (folder / "empty.log").write_text("")
    return folder
