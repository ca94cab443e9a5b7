#!/usr/bin/env python3
"""Receives a DICOM zip and a folder of NIfTI images, archives both, and meets a conflict.

    archive_study.py ROOT PROJECT STUDY.zip NIFTI_FOLDER

The folder holds images and one side-car, such as
    scan.json    {"subject": "S01", "session": "S01_MR1", "series_description": "T1w"}
    scan.nii.gz
"""

from __future__ import annotations

import contextlib
import json
import sys
from pathlib import Path

import xnatarchive as xna


class NiftiFolder(xna.ImportHandler):
    """A folder of NIfTI images with one JSON side-car is a session with one scan."""

    name = "NIfTI-folder"

    def accepts(self, input_name: str, kind: xna.SourceKind) -> bool:
        return kind is xna.SourceKind.FOLDER

    def describe(self, source: xna.Source) -> None:
        session = source.add_session()
        sidecar: dict[str, str] = {}

        def visit(file: xna.File) -> None:
            if file.path.endswith(".json"):
                sidecar.update(json.loads(file.head(1 << 20)))
                file.keep(session, "NIFTI", scan_id="1", format="JSON")
            elif file.path.endswith((".nii", ".nii.gz")):
                file.keep(session, "NIFTI", scan_id="1", format="NIFTI")
            else:
                file.skip("nifti.other-file", "not NIfTI, not JSON")

        source.each_file(visit)
        document = session.document
        document.set("xsi_type", "xnat:mrSessionData")
        document.set("label", sidecar["session"])
        document.set("subject_ID", sidecar["subject"])
        document.add_scan("1", "xnat:mrScanData")
        document.set("series_description", sidecar.get("series_description", ""), scan_id="1")


def show(progress: xna.Progress) -> None:
    print(f"  {progress.phase}: {progress.files_done}/{progress.files_total}", file=sys.stderr)


def receive(engine: xna.Engine, project: str, source: Path) -> list[str]:
    """URIs of the sessions that are in the prearchive now."""
    request = xna.ImportRequest(source, parameters={"project": project})
    report = engine.import_(request, progress=show)
    print(f"received {report['files_received']} files of {source.name}")
    return report["uris"]


def run(root: Path, project: str, study: Path, folder: Path) -> None:
    with contextlib.suppress(xna.AlreadyExistsError):  # An existing root is fine.
        xna.create_root(root)
    with xna.Engine(root) as engine:
        engine.register(NiftiFolder())
        with contextlib.suppress(xna.AlreadyExistsError):
            engine.add_project(project)
        for uri in receive(engine, project, study) + receive(engine, project, folder):
            report = engine.archive(xna.ArchiveRequest(uri), progress=show)
            print(f"archived {report['uri']}: {report['files']} files")

        # The same study again is a conflict, until one says how the two are to be one.
        for uri in receive(engine, project, study):
            try:
                engine.archive(xna.ArchiveRequest(uri))
            except xna.ConflictError as conflict:
                print(f"conflict {conflict.reason}")
                request = xna.ArchiveRequest(uri, overwrite=xna.Overwrite.APPEND)
                counts = engine.archive(request)["counts"]
                print(f"merged: {counts['added']} added, {counts['identical']} identical")


def main() -> int:
    if len(sys.argv) != 5:
        print(__doc__, file=sys.stderr)
        return 2
    try:
        run(Path(sys.argv[1]), sys.argv[2], Path(sys.argv[3]), Path(sys.argv[4]))
    except (xna.ArchiveError, KeyError, ValueError) as error:
        print(f"archive_study: {error}", file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
