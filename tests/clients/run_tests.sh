#!/usr/bin/env bash
# run_tests.sh - runs xnatpy, pyxnat, xnatctl and curl, as they are, against xnatarchive-server.
#
# usage: XNATARCHIVE_SERVER=... MAKE_DICOM=... run_tests.sh WORK_DIR [PYTEST...]
#   XNATARCHIVE_SERVER  the program xnatarchive-server of a build
#   MAKE_DICOM          the program make_dicom of the same build
#   WORK_DIR            where the clients are installed; a second run is faster
#   PYTEST              arguments for pytest
#   PYTHON              python3.11 or later (default: python3)
#
# Ends with 77 and a line "skipped: ..." where the clients can not be had.
set -euo pipefail

usage() { sed -n '2,/^set /{/^set /d;s/^# \{0,1\}//p}' "${BASH_SOURCE[0]}" >&2; }
skip() {
  printf 'skipped: %s\n' "$1"
  exit 77
}

(($#)) || { usage; exit 2; }
for name in XNATARCHIVE_SERVER MAKE_DICOM; do
  [[ -n "${!name:-}" && -x "${!name}" ]] || {
    printf 'set %s to a program\n\n' "$name" >&2
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
command -v curl >/dev/null || skip "no curl here"
"$python" -c 'import sys; sys.exit(sys.version_info < (3, 11))' || skip "no Python 3.11 or later here"
"$python" -c 'import venv, ensurepip' 2>/dev/null || skip "no Python module venv here"

export PYTHONDONTWRITEBYTECODE=1 PIP_DISABLE_PIP_VERSION_CHECK=1

# install NAME REQUIREMENTS - a Python environment of its own; made again when they have changed.
install() {
  cmp -s "$source_dir/$2" "$work_dir/$2" && return
  rm -rf "${work_dir:?}/$1"
  "$python" -m venv "$work_dir/$1"
  "$work_dir/$1/bin/pip" install --quiet --requirement "$source_dir/$2" ||
    skip "no package index reached here"
  cp "$source_dir/$2" "$work_dir/$2"
}
install clients requirements.txt
install xnat-0.7 requirements-xnat-0.7.txt

cd "$source_dir"
"$work_dir/xnat-0.7/bin/python" -m pytest -q -p no:cacheprovider test_xnatpy.py
exec "$work_dir/clients/bin/python" -m pytest -q -p no:cacheprovider "$@" .
