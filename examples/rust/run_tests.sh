#!/usr/bin/env bash
# run_tests.sh - checks the format of the Rust packages and the declarations against the header, and
# runs clippy and the tests.
#
# usage: run_tests.sh WORK_DIR
# Everything that is built stays in WORK_DIR; packages are kept where cargo keeps them. Takes from
# the environment
#   XNATARCHIVE_LIBRARY  path of libxnatarchive.so
#   XNATARCHIVE_HEADER   path of xnatarchive.h
#   MAKE_DICOM           path of the program make_dicom
# which a build of the library makes (targets xnatarchive_capi and make_dicom). Exit status 77 where
# there is no Rust, or no way to get the packages it needs. The declarations are checked where there
# is libclang (Debian: libclang-dev; any other: LIBCLANG_PATH).
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

# has_libclang - whether bindgen would find one.
has_libclang() {
  [[ -n "${LIBCLANG_PATH:-}" ]] && return
  compgen -G '/usr/lib/llvm-*/lib/libclang[-.][0-9s]*' >/dev/null ||
    compgen -G '/usr/lib/*/libclang[-.][0-9s]*' >/dev/null
}

command -v cargo >/dev/null && cargo --version >/dev/null 2>&1 || skip "no Rust here"
command -v cc >/dev/null || skip "no C compiler here"

mkdir -p "$1"
work_dir="$(cd -- "$1" && pwd)"
# The linker finds a library by its development name, which the one in XNATARCHIVE_LIBRARY may lack.
ln -sf "$(realpath -- "$XNATARCHIVE_LIBRARY")" "$work_dir/libxnatarchive.so"
ln -sf libxnatarchive.so "$work_dir/libxnatarchive.so.1"
XNATARCHIVE_HEADER="$(realpath -- "$XNATARCHIVE_HEADER")"
export XNATARCHIVE_LIBRARY="$work_dir/libxnatarchive.so" XNATARCHIVE_HEADER MAKE_DICOM
export CARGO_TARGET_DIR="$work_dir/target"
MAKE_DICOM="$(realpath -- "$MAKE_DICOM")"

cd -- "$(dirname -- "${BASH_SOURCE[0]}")"
cargo fetch --locked --quiet 2>"$work_dir/fetch.log" || {
  cat "$work_dir/fetch.log" >&2
  ! grep -q -e --locked "$work_dir/fetch.log" || exit 1 # Cargo.lock is not what Cargo.toml asks for
  skip "no packages from crates.io here"
}
if cargo fmt --version >/dev/null 2>&1; then cargo fmt --check; else echo "no rustfmt here"; fi
if cargo clippy --version >/dev/null 2>&1; then
  cargo clippy --locked --quiet --all-targets -- -D warnings
else
  echo "no clippy here"
fi
if has_libclang; then
  # A libclang without a clang lacks the compiler's own headers: another compiler's do.
  BINDGEN_EXTRA_CLANG_ARGS="-idirafter $(cc -print-file-name=include)" cargo run --locked --quiet \
    --package declarations check "$XNATARCHIVE_HEADER" xnatarchive-sys/src/declarations.rs
  echo "the declarations are those of the header"
else
  echo "the declarations were not checked: no libclang here"
fi
# The panics of tests whose subject they are would fill the log.
# A library with the address sanitizer needs it, and the C++ library it watches, loaded first.
under=()
mapfile -t first < <(ldd "$XNATARCHIVE_LIBRARY" | awk '/libasan|libstdc\+\+/ { print $3 }')
if [[ "${first[*]}" == *libasan* ]]; then
  under=(--config "target.'cfg(all())'.runner=['env', 'LD_PRELOAD=${first[*]}', 'ASAN_OPTIONS=detect_leaks=0']")
fi
RUST_BACKTRACE=0 cargo test --locked --quiet ${under[@]+"${under[@]}"}
