#!/usr/bin/env bash
# run.sh - the main job from end to end: DICOM files in, archived sessions out. On a fresh Debian 12
# or Ubuntu machine it first installs what is missing and builds the xnatarchive command.
#
# usage: examples/run.sh [--root DIRECTORY] [DICOM...]
#   --root DIRECTORY  where the demonstration is left (default ./xnat-demo); replaced when an
#                     earlier run of this script made it
#   DICOM             a zip, tar or folder to import; without it, a zip of real CT, CR and MR files
#                     that come with Debian's python3-pydicom
#
# Everything runs on defaults; stdout reads like a shell session, progress goes to stderr.
set -euo pipefail

source_dir="$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)"
# shellcheck source=tests/support/setup.sh
source "$source_dir/tests/support/setup.sh"

usage() { sed -n '2,/^set /{/^set /d;s/^# \{0,1\}//p}' "${BASH_SOURCE[0]}"; }

demo_dir=xnat-demo
inputs=()
while (($#)); do
  case "$1" in
    --root)
      (($# > 1)) || fail "--root needs a directory"
      demo_dir="$2"
      shift
      ;;
    -h | --help)
      usage
      exit 0
      ;;
    -*)
      usage >&2
      exit 2
      ;;
    *) inputs+=("$(realpath -- "$1")") ;;
  esac
  shift
done

# Holds this name in a directory that this script made, and may therefore replace.
readonly marker=.made-by-examples-run

# prepare_directory - makes an empty $demo_dir and turns it into an absolute path.
prepare_directory() {
  if [[ -e "$demo_dir/$marker" ]]; then
    rm -rf -- "$demo_dir"
  elif [[ -d "$demo_dir" && -n "$(ls -A -- "$demo_dir")" ]]; then
    fail "$demo_dir holds something else; name another directory with --root"
  fi
  mkdir -p -- "$demo_dir"
  demo_dir="$(cd -- "$demo_dir" && pwd)"
  touch -- "$demo_dir/$marker"
}

# make_study_zip FILE - packs real DICOM files of four patients, with a DICOMDIR and a text file
# among them, as an upload from a CD has.
make_study_zip() {
  local zip="$1" data
  data="$(dpkg -L python3-pydicom | sed -n 's,/MR_small\.dcm$,,p' | head -n 1)"
  [[ -d "$data/dicomdirtests" ]] ||
    fail "this python3-pydicom brings no DICOM files; name a zip or folder of your own"
  (cd "$data" && zip --quiet --recurse-paths "$zip" MR_small.dcm CT_small.dcm \
    dicomdirtests/98892001 dicomdirtests/77654033/CR{1,2,3} dicomdirtests/DICOMDIR README.txt)
}

# run COMMAND... - prints it as at a prompt, runs it, and leaves its output's lines in `output`.
run() {
  printf '\n$'
  printf ' %s' "$@"
  printf '\n'
  "$@" | tee "$demo_dir/.output"
  mapfile -t output <"$demo_dir/.output"
}

install_packages "${build_packages[@]}"
((${#inputs[@]})) || install_packages "${example_packages[@]}"
need_cmake "$source_dir"
say "building the xnatarchive command"
configure "$source_dir" release -D XNATARCHIVE_BUILD_TESTS=OFF -D XNATARCHIVE_BUILD_BENCHMARKS=OFF \
  -D XNATARCHIVE_WERROR=OFF
build "$source_dir" release --target xnatarchive_cli
PATH="$(dirname "$(find "$source_dir/build/release" -name xnatarchive -type f -perm -u+x |
  head -n 1)"):$PATH"

prepare_directory
cd "$demo_dir"
if ((${#inputs[@]} == 0)); then
  make_study_zip "$PWD/study.zip"
  inputs=(study.zip)
fi

run xnatarchive --root xnat init
run xnatarchive --root xnat project add DEMO
run xnatarchive --root xnat import --project DEMO --ignore-unparsable "${inputs[@]}"
received=("${output[@]}")
run xnatarchive --root xnat prearchive list
for session in "${received[@]}"; do
  run xnatarchive --root xnat prearchive build "$session"
done
run xnatarchive --root xnat archive "${received[@]}"
archived=("${output[@]}")
run xnatarchive --root xnat prearchive list
run xnatarchive --root xnat list /projects/DEMO/experiments
for session in "${archived[@]}"; do
  run xnatarchive --root xnat list "$session"
done
run xnatarchive --root xnat show "${archived[0]}"
run find xnat/archive/DEMO -type f
mapfile -t catalogs < <(printf '%s\n' "${output[@]}" | grep '_catalog\.xml$')
run cat "${catalogs[0]}"
run md5sum "$(dirname "${catalogs[0]}")"/*

printf '\nThe archive is in %s\n' "$demo_dir/xnat"
