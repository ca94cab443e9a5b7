#!/usr/bin/env bash
# run_tests.sh - checks the Python package: format, lint, types, tests.
#
# usage: XNATARCHIVE_LIBRARY=... XNATARCHIVE_HEADER=... MAKE_DICOM=... run_tests.sh WORK_DIR [PYTEST...]
#   XNATARCHIVE_LIBRARY  libxnatarchive.so of a build, as build/dev/capi/libxnatarchive.so
#   XNATARCHIVE_HEADER   capi/xnatarchive.h
#   MAKE_DICOM           the program make_dicom of the same build
#   WORK_DIR             where everything is put; a second run is faster
#   PYTEST               arguments for pytest
#   PYTHON               python3.9 or later (default: python3)
#
# Ends with 77 and a line "skipped: ..." where there is no Python to test with.
set -euo pipefail

usage() { sed -n '2,/^set /{/^set /d;s/^# \{0,1\}//p}' "${BASH_SOURCE[0]}" >&2; }
skip() {
  printf 'skipped: %s\n' "$1"
  exit 77
}

(($#)) || { usage; exit 2; }
for name in XNATARCHIVE_LIBRARY XNATARCHIVE_HEADER MAKE_DICOM; do
  [[ -n "${!name:-}" && -e "${!name}" ]] || {
    printf 'set %s to a file\n\n' "$name" >&2
    usage
    exit 2
  }
done

source_dir="$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)"
mkdir -p "$1"
work_dir="$(cd "$1" && pwd)"
shift
python="${PYTHON:-python3}"
command -v "$python" >/dev/null || skip "no python3 here"
"$python" -c 'import sys; sys.exit(sys.version_info < (3, 9))' || skip "no Python 3.9 or later here"
"$python" -c 'import venv, ensurepip' 2>/dev/null || skip "no Python module venv here"

export PYTHONDONTWRITEBYTECODE=1 PIP_DISABLE_PIP_VERSION_CHECK=1
bin="$work_dir/venv/bin"
requirements="$source_dir/tests/requirements.txt"
if ! cmp -s "$requirements" "$work_dir/requirements.txt"; then
  rm -rf "$work_dir/venv"
  "$python" -m venv "$work_dir/venv"
  "$bin/pip" install --quiet --requirement "$requirements" || skip "no package index reached here"
  cp "$requirements" "$work_dir/requirements.txt"
fi

# A copy, for building leaves files beside the source.
rm -rf "$work_dir/source"
cp -R "$source_dir" "$work_dir/source"
cd "$work_dir/source"
"$bin/ruff" --version >/dev/null
"$bin/ruff" format --no-cache --diff .
"$bin/ruff" check --no-cache .
"$bin/mypy" --cache-dir "$work_dir/mypy" src archive_study.py tests
"$bin/pip" wheel --quiet --no-deps --no-build-isolation --wheel-dir "$work_dir/wheel" .
"$bin/pip" install --quiet --no-deps --force-reinstall "$work_dir"/wheel/xnatarchive-*.whl
# A library with the address sanitizer needs it, and the C++ library it watches, loaded first.
sanitized=()
mapfile -t first < <(ldd "$XNATARCHIVE_LIBRARY" | awk '/libasan|libstdc\+\+/ { print $3 }')
if [[ "${first[*]}" == *libasan* ]]; then
  sanitized=(env "LD_PRELOAD=${first[*]}" ASAN_OPTIONS=detect_leaks=0 PYTHONMALLOC=malloc)
fi
exec ${sanitized[@]+"${sanitized[@]}"} "$bin/python" -m pytest "$@" tests
