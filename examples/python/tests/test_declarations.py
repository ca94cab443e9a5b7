"""declarations.py and enums.py say what the header says."""

from __future__ import annotations

import os
import re
import runpy
from pathlib import Path

from xnatarchive import enums
from xnatarchive._library import ffi, lib

HEADER = Path(os.environ["XNATARCHIVE_HEADER"]).read_text()
BESIDE_TESTS = Path(__file__).resolve().parents[1]


def words(text: str) -> str:
    return " ".join(text.split())


def test_every_declaration_is_the_headers() -> None:
    code = re.sub(r"/\*.*?\*/", "", HEADER, flags=re.DOTALL)
    code = code.split('extern "C" {\n#endif', 1)[1].rsplit("}", 1)[0]
    code = re.sub(r"^#.*$", "", code, flags=re.MULTILINE).replace("XNA_API ", "")
    declared = runpy.run_path(str(BESIDE_TESTS / "declarations.py"))["DECLARATIONS"]
    assert words(declared) == words(code)


def test_every_function_of_the_header_is_in_the_library() -> None:
    for name in re.findall(r"\b(xna_\w+)\(", re.sub(r"/\*.*?\*/", "", HEADER, flags=re.DOTALL)):
        assert getattr(lib, name), name


def test_every_constant_is_the_headers() -> None:
    groups = {
        "E": enums.Status,
        "DISK": enums.DiskState,
        "PERMISSION": enums.Permission,
        "EVENT": enums.EventKind,
        "SOURCE": enums.SourceKind,
        "OVERWRITE": enums.Overwrite,
        "FINDING": enums.Finding,
    }
    ours = {
        f"XNA_{group}_{name}": int(value)
        for group, enum in groups.items()
        for name, value in enum.__members__.items()
    }
    ours.update({f"XNA_{k}": v for k, v in vars(enums.Flag).items() if not k.startswith("_")})
    ours.update({f"XNA_LOG_{name}": i for i, name in enumerate(("INFO", "WARNING", "ERROR"))})
    ours.update(
        XNA_OK=enums.OK,
        XNA_HOST_STATUS_MIN=enums.HOST_STATUS_MIN,
        XNA_PASSTHROUGH=enums.PASSTHROUGH_STATUS,
        XNA_ABI_VERSION=enums.ABI_VERSION,
    )
    found = re.findall(r"^#define (XNA_\w+) \(?(-?\d+)u?\)?", HEADER, re.MULTILINE)
    assert ours == {name: int(value) for name, value in found}


def test_every_struct_has_the_size_that_the_library_gives_it() -> None:
    for name in re.findall(r"^XNA_API xna_status (xna_\w+)_init\(", HEADER, re.MULTILINE):
        struct = ffi.new(f"{name} *")
        assert getattr(lib, f"{name}_init")(struct, ffi.sizeof(name)) == enums.OK
        assert struct.struct_size == ffi.sizeof(name)
