#!/usr/bin/env bash
# run_tests.sh - checks the format of the Go package, vets it, and runs its tests with the race
# detector.
#
# usage: run_tests.sh WORK_DIR
# Set-up stays in WORK_DIR, except for Go's own cache. Takes from the environment
#   XNATARCHIVE_LIBRARY  path of libxnatarchive.so
#   XNATARCHIVE_HEADER   path of xnatarchive.h
#   MAKE_DICOM           path of the program make_dicom
# which a build of the library makes (targets xnatarchive_capi and make_dicom). Exit status 77 where
# there is no Go, or none that can call C.
set -euo pipefail

if (($# != 1)) || [[ -z "${XNATARCHIVE_LIBRARY:-}" || -z "${XNATARCHIVE_HEADER:-}" ||
  -z "${MAKE_DICOM:-}" ]]; then
  sed -n '5,/^set /{/^set /d;s/^# \{0,1\}//p}' "${BASH_SOURCE[0]}" >&2
  exit 2
fi

skip() {
  echo "skipped: $*"
  exit 77
}

command -v go >/dev/null || skip "no Go here"
minor="$(go env GOVERSION | sed -n 's/^go1\.\([0-9]*\).*/\1/p')"
((${minor:-99} >= 21)) || skip "no Go 1.21 here"
[[ "$(CGO_ENABLED=1 go env CGO_ENABLED)" == 1 ]] && command -v "$(go env CC)" >/dev/null ||
  skip "no C compiler here"

mkdir -p "$1"
# The linker finds a library by its development name, which the one in XNATARCHIVE_LIBRARY may lack.
ln -sf "$(realpath -- "$XNATARCHIVE_LIBRARY")" "$1/libxnatarchive.so"
ln -sf libxnatarchive.so "$1/libxnatarchive.so.1"
work_dir="$(cd -- "$1" && pwd)"
CGO_CFLAGS="'-I$(cd -- "$(dirname -- "$XNATARCHIVE_HEADER")" && pwd)'"
CGO_LDFLAGS="'-L$work_dir' '-Wl,-rpath,$work_dir'"
export CGO_ENABLED=1 CGO_CFLAGS CGO_LDFLAGS MAKE_DICOM
# Nothing but what is here and what Go brings along.
export GOFLAGS="-mod=readonly -buildvcs=false" GOPROXY=off GOTOOLCHAIN=local

cd -- "$(dirname -- "${BASH_SOURCE[0]}")"
unformatted="$(gofmt -l .)"
[[ -z "$unformatted" ]] || {
  printf 'not formatted by gofmt: %s\n' "$unformatted" >&2
  exit 1
}
go vet ./...
go test -race -count=1 ./...
