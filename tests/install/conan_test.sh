#!/usr/bin/env bash
# conan_test.sh - Conan and a linter read both recipes without complaint.
#
# usage: conan_test.sh SOURCE_DIR WORK_DIR
#   WORK_DIR  where they are installed; a second run is faster
#
# Ends with 77 and a line "skipped: ..." where they can not be had.
set -euo pipefail

(($# == 2)) || { printf 'usage: conan_test.sh SOURCE_DIR WORK_DIR\n' >&2; exit 2; }
skip() {
  printf 'skipped: %s\n' "$1"
  exit 77
}

source_dir="$(cd "$1" && pwd)"
mkdir -p "$2"
work_dir="$(cd "$2" && pwd)"
python3 -c 'import venv, ensurepip' 2>/dev/null || skip "no Python module venv here"
if ! [[ -e "$work_dir/installed" ]]; then
  python3 -m venv "$work_dir/venv"
  "$work_dir/venv/bin/pip" install --quiet --disable-pip-version-check conan==2.9.3 ruff==0.14.5 ||
    skip "no package index reached here"
  touch "$work_dir/installed"
fi

export CONAN_HOME="$work_dir/home" PYTHONDONTWRITEBYTECODE=1
recipes=("$source_dir/conanfile.py" "$source_dir/cmake/packaging/conan/test_package/conanfile.py")
for recipe in "${recipes[@]}"; do
  "$work_dir/venv/bin/conan" inspect "$recipe" >"$work_dir/inspected"
done
"$work_dir/venv/bin/ruff" check --no-cache --isolated --line-length 100 --select E,F,W,B,UP \
  "${recipes[@]}"
# What the recipe exports has to be there, and what it says of itself to be as the project does.
"$work_dir/venv/bin/conan" export "$source_dir" >"$work_dir/exported" 2>&1 || {
  cat "$work_dir/exported" >&2
  exit 1
}
version="$(sed -n 's/^project(xnatarchive VERSION \([0-9.]*\).*/\1/p' "$source_dir/CMakeLists.txt")"
grep -q "xnatarchive/$version" "$work_dir/exported" || {
  printf 'the recipe is not of version %s\n' "$version" >&2
  exit 1
}
