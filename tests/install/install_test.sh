#!/usr/bin/env bash
# install_test.sh - uses the library as strangers do: installed, through find_package and pkg-config;
# as a subproject; and each public header on its own under strict warnings.
#
# usage: install_test.sh SOURCE_DIR BUILD_DIR CMAKE    (CXX, CXXFLAGS, LDFLAGS as CMake reads them)
set -euo pipefail

source_dir="$1" build_dir="$2" cmake="$3"
consumer_dir="$source_dir/tests/install/consumer"
work_dir="$(mktemp -d)"
trap 'rm -rf -- "$work_dir"' EXIT
prefix="$work_dir/moved"
read -ra cxx_flags <<<"${CXXFLAGS:-}"
read -ra ld_flags <<<"${LDFLAGS:-}"

fail() {
  printf 'install_test: %s\n' "$*" >&2
  exit 1
}

step() { printf -- '-- %s\n' "$*"; }

# quietly COMMAND... - shows what it prints only when it fails.
quietly() {
  "$@" >"$work_dir/log" 2>&1 || {
    tail -n 60 "$work_dir/log" >&2
    fail "failed: $*"
  }
}

# check_runs PROGRAM - it makes and opens a root.
check_runs() {
  local root
  root="$(mktemp -d "$work_dir/root.XXXXXX")/xnat"
  "$1" "$root" || fail "$1 failed"
}

install_and_move() {
  step "install, then move the installed tree"
  quietly "$cmake" --install "$build_dir" --prefix "$work_dir/prefix"
  mv "$work_dir/prefix" "$prefix"
  local have want
  want="$(cd "$source_dir/include" && find . -type f | sort)"
  have="$(cd "$prefix/include" && find . -type f | sort)"
  [[ "$have" == "$want" ]] || fail "installed headers are not the public headers: $have"
  "$prefix/bin/xnatarchive" --help >/dev/null || fail "the installed command does not run"
}

use_find_package() {
  step "find_package"
  quietly "$cmake" -S "$consumer_dir" -B "$work_dir/package" -G Ninja \
    -D CMAKE_PREFIX_PATH="$prefix"
  quietly "$cmake" --build "$work_dir/package"
  check_runs "$work_dir/package/consumer"
}

use_pkg_config() {
  step "pkg-config"
  local pc_dir pc_flags
  pc_dir="$(dirname "$(find "$prefix" -name xnatarchive.pc)")"
  read -ra pc_flags < <(PKG_CONFIG_PATH="$pc_dir" pkg-config --cflags --libs xnatarchive)
  "$CXX" "${cxx_flags[@]}" "${ld_flags[@]}" -std=c++17 "$consumer_dir/main.cc" -o "$work_dir/with_pc" \
    "${pc_flags[@]}" -Wl,-rpath,"$(dirname "$pc_dir")"
  check_runs "$work_dir/with_pc"
}

# As a shared library, because the installed one is static.
use_as_subproject() {
  step "add_subdirectory, shared: the library and nothing else"
  local dir="$work_dir/subproject" more
  quietly "$cmake" -S "$consumer_dir" -B "$dir" -G Ninja -D SUBPROJECT="$source_dir" \
    -D BUILD_SHARED_LIBS=ON ${LAUNCHER:+-D CMAKE_CXX_COMPILER_LAUNCHER="$LAUNCHER"}
  quietly "$cmake" --build "$dir"
  check_runs "$dir/consumer"
  more="$("$cmake" --build "$dir" --target help | grep -E '_cli|unit_|xa_test' || true)"
  [[ -z "$more" ]] || fail "the subproject adds more than the library: $more"
  quietly "$cmake" --install "$dir" --prefix "$work_dir/nothing"
  [[ ! -e "$work_dir/nothing" ]] || fail "the subproject installs files into its host's prefix"
}

compile_each_header() {
  step "each public header alone, twice, as C++17 and C++20"
  local header standard
  while read -r header; do
    for standard in c++17 c++20; do
      printf '#include "%s"\n#include "%s"\n' "$header" "$header" |
        "$CXX" -std="$standard" -Wall -Wextra -Wpedantic -Wshadow -Wconversion -Werror \
          -I "$prefix/include" -fsyntax-only -x c++ - || fail "$header alone, as $standard"
    done
  done < <(cd "$prefix/include" && find xnatarchive -name '*.hpp' | sort)
}

install_and_move
use_find_package
use_pkg_config
use_as_subproject
compile_each_header
