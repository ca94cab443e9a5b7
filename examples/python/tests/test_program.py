"""archive_study.py does what README.md shows."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

from conftest import MakeZip

BESIDE_TESTS = Path(__file__).resolve().parents[1]


def run(*arguments: object) -> subprocess.CompletedProcess[str]:
    program = str(BESIDE_TESTS / "archive_study.py")
    command = [sys.executable, program, *map(str, arguments)]
    return subprocess.run(command, capture_output=True, text=True, timeout=60)


def test_the_program_prints_what_the_readme_shows(
    tmp_path: Path, make_zip: MakeZip, nifti: Path
) -> None:
    study = tmp_path / "study.zip"
    study.write_bytes(make_zip().read_bytes())
    done = run(tmp_path / "xnat", "DEMO", study, nifti)
    assert done.returncode == 0, done.stderr
    shown = (BESIDE_TESTS / "README.md").read_text().split("$ python3 archive_study.py", 1)[1]
    assert done.stdout == shown.split("\n", 1)[1].split("```", 1)[0]
    assert "receive: " in done.stderr


def test_the_program_tells_what_is_wrong(tmp_path: Path, nifti: Path) -> None:
    assert run("too few").returncode == 2
    failed = run(tmp_path / "xnat", "DEMO", tmp_path / "none.zip", nifti)
    assert (failed.returncode, failed.stdout) == (1, "")
    assert failed.stderr.startswith("archive_study: import.no-input: ")
