#!/usr/bin/env bash
# run.sh - builds and runs every test. On a fresh Debian 12 or Ubuntu machine it first installs what
# is missing.
#
# usage: tests/run.sh [--quick] [--full] [--strict] [--preset NAME]...
#   --quick         preset dev only
#   --full          many more power cuts, kills and races, and the Debian packages in a fresh Debian;
#                   takes an hour or more
#   --strict        a compiler warning is an error, as in continuous integration; without it,
#                   another compiler than ours may warn about what ours does not
#   --preset NAME   that preset only; may be repeated: dev, asan, tsan, release
#
# Without options: dev (everything), asan (everything that runs our code), tsan (the tests labelled
# "threads"). Exit status 0 when every test of every preset passed.
set -euo pipefail

source_dir="$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)"
# shellcheck source=tests/support/setup.sh
source "$source_dir/tests/support/setup.sh"

usage() { sed -n '2,/^set /{/^set /d;s/^# \{0,1\}//p}' "${BASH_SOURCE[0]}"; }

presets=()
warnings=(-D XNATARCHIVE_WERROR=OFF)
while (($#)); do
  case "$1" in
    --quick) presets+=(dev) ;;
    --full) export XNATARCHIVE_TEST_FULL=1 ;;
    --strict) warnings=(-D XNATARCHIVE_WERROR=ON) ;;
    --preset)
      (($# > 1)) || fail "--preset needs a name"
      presets+=("$2")
      shift
      ;;
    -h | --help)
      usage
      exit 0
      ;;
    *)
      usage >&2
      exit 2
      ;;
  esac
  shift
done
((${#presets[@]})) || presets=(dev asan tsan)

# The sanitizers' fixed shadow addresses collide with the wide address randomisation of recent
# kernels; run without it where the system lets us.
fixed_addresses=()
if setarch "$(uname -m)" --addr-no-randomize true 2>/dev/null; then
  fixed_addresses=(setarch "$(uname -m)" --addr-no-randomize)
fi

# test_selection PRESET - prints ctest's selecting arguments, one per line. Layout, installation, what
# the library exports, what reaches a disk in which order and what a browser shows or a client makes of
# answers do not depend on a sanitizer; of the languages' packages Python's and Rust's can load a library
# with one.
test_selection() {
  case "$1" in
    asan) printf '%s\n' --label-exclude '^(tidy|install|powercut|abi|ffi|page|clients)$' ;;
    tsan) printf '%s\n' --label-regex '^threads$' ;;
    *) [[ -n "${XNATARCHIVE_TEST_FULL:-}" ]] || printf '%s\n' --label-exclude '^full$' ;;
  esac
}

# build_for PRESET SELECTION... - everything, or for tsan only the selected tests' programs, which
# have the names of their tests.
build_for() {
  local preset="$1" targets
  shift
  [[ "$preset" == tsan ]] || {
    build "$source_dir" "$preset"
    return
  }
  mapfile -t targets < <(ctest --test-dir "$source_dir/build/$preset" "$@" --show-only |
    sed -n 's/^ *Test *#[0-9]*: *//p')
  ((${#targets[@]})) || fail "no test is labelled threads"
  build "$source_dir" "$preset" --target "${targets[@]}"
}

# run_preset PRESET - configures, builds, tests. Its ctest output goes to stdout.
run_preset() {
  local preset="$1" selection
  mapfile -t selection < <(test_selection "$preset")
  say "$preset: configuring and building"
  configure "$source_dir" "$preset" "${warnings[@]}" &&
    build_for "$preset" "${selection[@]}" || return 1
  # Threads race on any file system, and memory is the fastest.
  local folder="${TMPDIR:-/tmp}" shm_kib
  shm_kib="$(df --output=avail --block-size=1K /dev/shm 2>/dev/null | tail -n 1 || true)"
  [[ "$preset" != tsan ]] || ((${shm_kib:-0} < 1048576)) || folder=/dev/shm
  say "$preset: testing"
  TMPDIR="$folder" "${fixed_addresses[@]}" ctest --test-dir "$source_dir/build/$preset" --parallel "$(nproc)" \
    --output-on-failure --no-tests=error "${selection[@]}" </dev/null
}

install_packages "${build_packages[@]}" "${test_packages[@]}" "${page_packages[@]}" \
  "${client_packages[@]}" "${powercut_tools[@]}"
[[ -z "${XNATARCHIVE_TEST_FULL:-}" ]] || install_packages "${packaging_tools[@]}"
! grep -qsx 'ID=debian' /etc/os-release || install_packages "${browser_packages[@]}"
if [[ " ${presets[*]} " == *" release "* ]]; then install_packages "${bench_packages[@]}"; fi
need_cmake "$source_dir"

# show_abi_report PRESET - what abidiff says of the C interface since its last release, if it was asked.
show_abi_report() {
  local report="$source_dir/build/$1/tests/capi/abi_report.txt"
  [[ ! -e "$report" ]] || {
    say "$1: the C interface against ABI 1.0 (tests/capi/abi/README.md)"
    cat "$report"
  }
}

summary=()
status=0
for preset in "${presets[@]}"; do
  log="$source_dir/build/$preset.log"
  mkdir -p "$source_dir/build"
  SECONDS=0
  # A pipeline, so that the summary can quote what ctest says; pipefail keeps ctest's status.
  if run_preset "$preset" | tee "$log"; then outcome=passed; else
    outcome=FAILED
    status=1
  fi
  counts="$(sed -n '/tests passed\|tests failed/p' "$log" | tail -n 1)"
  summary+=("$(printf '%-8s %s  %s (%d s)' "$preset" "$outcome" "${counts:-not tested}" \
    "$SECONDS")")
done

printf '\n'
show_abi_report "${presets[0]}"
printf '%s\n' "${summary[@]}"
exit "$status"
