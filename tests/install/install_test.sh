#!/usr/bin/env bash
# install_test.sh - uses the libraries as strangers do: installed, through find_package and
# pkg-config; as a subproject, through add_subdirectory and FetchContent; static and shared; in C++
# and in C; and each public header on its own under strict warnings.
#
# usage: install_test.sh SOURCE_DIR BUILD_DIR CMAKE
# (CC, CXX, CXXFLAGS, LDFLAGS as CMake reads them, LAUNCHER: the compiler's)
set -euo pipefail

source_dir="$1" build_dir="$2" cmake="$3"
consumer_dir="$source_dir/tests/install/consumer"
consumer_c_dir="$source_dir/tests/install/consumer_c"
# Subprojects are built here: the same place in every run, so that ccache knows what was compiled
# before. Static ones are compiled as BUILD_DIR was, which may have been a moment ago.
subproject_dir="$build_dir-subproject"
export CCACHE_BASEDIR="$source_dir" CCACHE_NOHASHDIR=1
mapfile -t as_built < <(sed -nE \
  's/^(CMAKE_BUILD_TYPE|CMAKE_CXX_FLAGS_DEBUG|XNATARCHIVE_CHECK_STATUS|XNATARCHIVE_WERROR):/-D&/p' \
  "$build_dir/CMakeCache.txt")
work_dir="$(mktemp -d)"
trap 'rm -rf -- "$work_dir" "$subproject_dir"-*' EXIT
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

# check_runs PROGRAM... - each makes and opens a root.
check_runs() {
  local root program
  for program in "$@"; do
    root="$(mktemp -d "$work_dir/root.XXXXXX")/xnat"
    "$program" "$root" || fail "$program failed"
  done
}

# build_consumer SOURCE_DIR BINARY_DIR CMAKE_ARGUMENT...
build_consumer() {
  local from="$1" to="$2"
  shift 2
  quietly "$cmake" -S "$from" -B "$to" -G Ninja "$@"
  quietly "$cmake" --build "$to"
}

# build_subproject BINARY_DIR CMAKE_ARGUMENT... - the consumer with our sources in it.
build_subproject() {
  local to="$1"
  shift
  rm -rf -- "$to"
  build_consumer "$consumer_dir" "$to" \
    ${LAUNCHER:+-D CMAKE_CXX_COMPILER_LAUNCHER="$LAUNCHER"} "$@"
}

# files_below DIR... - their names, relative and sorted.
files_below() { find "$@" -type f -printf '%P\n' | sort; }

install_and_move() {
  step "install, then move the installed tree"
  local public_headers=("$source_dir/include")
  quietly "$cmake" --install "$build_dir" --prefix "$work_dir/prefix"
  mv "$work_dir/prefix" "$prefix"
  mkdir "$work_dir/c_header"
  cp "$source_dir/capi/xnatarchive.h" "$work_dir/c_header"
  public_headers+=("$work_dir/c_header")
  [[ "$(files_below "$prefix/include")" == "$(files_below "${public_headers[@]}")" ]] ||
    fail "installed headers are not the public headers: $(files_below "$prefix/include")"
  "$prefix/bin/xnatarchive" --help >/dev/null || fail "the installed command does not run"
}

use_find_package() {
  step "find_package: C++ and C"
  build_consumer "$consumer_dir" "$work_dir/package" -D CMAKE_PREFIX_PATH="$prefix"
  check_runs "$work_dir/package/consumer" "$work_dir/package/consumer_c"
}

use_find_package_in_c() {
  step "find_package in a project that has C only, on a machine without what C++ needs"
  CXX=/bin/false build_consumer "$consumer_c_dir" "$work_dir/package_c" \
    -D CMAKE_PREFIX_PATH="$prefix" \
    -DCMAKE_DISABLE_FIND_PACKAGE_{Threads,Boost,tinyxml2,OpenSSL,DCMTK,LibArchive,SOCI}=ON
  check_runs "$work_dir/package_c/consumer_c"
}

build_examples() {
  step "examples/c and examples/cpp by themselves, through find_package: a study goes in"
  local example program
  quietly "$build_dir/tests/support/make_dicom" --out "$work_dir/study"
  for example in c cpp; do
    build_consumer "$source_dir/examples/$example" "$work_dir/examples_$example" \
      -D CMAKE_PREFIX_PATH="$prefix"
    program="$(find "$work_dir/examples_$example" -maxdepth 1 -name 'archive_one*' -type f)"
    quietly "$program" "$work_dir/archive_$example" DEMO "$work_dir/study"
    grep -q '^/data/archive/projects/DEMO/' "$work_dir/log" ||
      fail "$program does not tell what it archived"
  done
}

# pc PREFIX ARGUMENT... - asks the pkg-config files of an installed tree.
pc() {
  local pc_dir
  pc_dir="$(dirname "$(find "$1" -name xnatarchive-cxx.pc)")"
  shift
  PKG_CONFIG_PATH="$pc_dir" pkg-config "$@"
}

# use_pkg_config PREFIX - the C++ library, static or shared.
use_pkg_config() {
  local flags
  read -ra flags < <(pc "$1" --cflags --libs xnatarchive-cxx)
  "$CXX" "${cxx_flags[@]}" "${ld_flags[@]}" -std=c++17 "$consumer_dir/main.cc" \
    -o "$work_dir/with_pc" "${flags[@]}" -Wl,-rpath,"$(pc "$1" --variable=libdir xnatarchive-cxx)"
  check_runs "$work_dir/with_pc"
}

use_pkg_config_in_c() {
  step "pkg-config: C"
  local flags lib_dir
  read -ra flags < <(pc "$prefix" --cflags --libs xnatarchive)
  lib_dir="$(pc "$prefix" --variable=libdir xnatarchive)"
  [[ "${flags[*]}" == "-I"*"/include -L$lib_dir -lxnatarchive" ]] ||
    fail "the C library is more than one library: ${flags[*]}"
  "$CC" "${cxx_flags[@]}" "${ld_flags[@]}" -std=c99 -Wall -Wextra -pedantic-errors -Werror \
    "$consumer_c_dir/main.c" -o "$work_dir/with_pc_c" "${flags[@]}" -Wl,-rpath,"$lib_dir"
  check_runs "$work_dir/with_pc_c"
}

use_as_static_subproject() {
  step "add_subdirectory, static, with the C library: the libraries and nothing else"
  local dir="$subproject_dir-static" more
  build_subproject "$dir" "${as_built[@]}" \
    -D SUBDIRECTORY="$source_dir" -D XNATARCHIVE_BUILD_CAPI=ON
  check_runs "$dir/consumer" "$dir/consumer_c"
  more="$("$cmake" --build "$dir" --target help | grep -E '_cli|unit_|xa_test' || true)"
  [[ -z "$more" ]] || fail "the subproject adds more than the libraries: $more"
  quietly "$cmake" --install "$dir" --prefix "$work_dir/nothing"
  [[ ! -e "$work_dir/nothing" ]] || fail "the subproject installs files into its host's prefix"
}

# Installed from there, because what BUILD_DIR installs is static.
use_as_shared_subproject() {
  step "FetchContent, shared; then installed, find_package and pkg-config"
  local dir="$subproject_dir-shared" shared_prefix="$work_dir/shared"
  build_subproject "$dir" -D FETCH=ON -D FETCHCONTENT_SOURCE_DIR_XNATARCHIVE="$source_dir" \
    -D BUILD_SHARED_LIBS=ON -D XNATARCHIVE_INSTALL=ON
  [[ ! -e "$dir/consumer_c" ]] || fail "the C library is built unasked"
  check_runs "$dir/consumer"
  quietly "$cmake" --install "$dir" --prefix "$shared_prefix"
  build_consumer "$consumer_dir" "$work_dir/shared_package" -D CMAKE_PREFIX_PATH="$shared_prefix"
  check_runs "$work_dir/shared_package/consumer"
  use_pkg_config "$shared_prefix"
}

# check_library_is DIR SUFFIX - the subproject built there made that kind of library alone.
check_library_is() {
  [[ "$(find "$1" -name 'libxnatarchive_cxx.*' -type f -printf '%f\n')" == libxnatarchive_cxx.$2 ]] ||
    fail "the subproject in $1 made another library"
}

use_in_the_other_ways() {
  step "add_subdirectory, shared"
  local dir="$subproject_dir-subdirectory-shared"
  build_subproject "$dir" -D SUBDIRECTORY="$source_dir" -D BUILD_SHARED_LIBS=ON
  check_library_is "$dir" 'so*'
  check_runs "$dir/consumer"
  step "FetchContent, static, with the C library"
  dir="$subproject_dir-fetched-static"
  build_subproject "$dir" "${as_built[@]}" \
    -D FETCH=ON -D FETCHCONTENT_SOURCE_DIR_XNATARCHIVE="$source_dir" -D XNATARCHIVE_BUILD_CAPI=ON
  check_library_is "$dir" a
  check_runs "$dir/consumer" "$dir/consumer_c"
}

compile_each_header() {
  step "each public header alone, twice: C++17 and C++20; the C header also C99"
  local header standard
  while read -r header; do
    for standard in c++17 c++20; do
      printf '#include "%s"\n#include "%s"\n' "$header" "$header" |
        "$CXX" -std="$standard" -Wall -Wextra -Wpedantic -Wshadow -Wconversion -Werror \
          -I "$prefix/include" -fsyntax-only -x c++ - || fail "$header alone, as $standard"
    done
  done < <(files_below "$prefix/include")
  printf '#include "xnatarchive.h"\n#include "xnatarchive.h"\n' |
    "$CC" -std=c99 -Wall -Wextra -pedantic-errors -Wconversion -Wstrict-prototypes -Werror \
      -I "$prefix/include" -fsyntax-only -x c - || fail "xnatarchive.h alone, as C99"
}

install_and_move
use_find_package
use_find_package_in_c
build_examples
step "pkg-config: C++"
use_pkg_config "$prefix"
use_pkg_config_in_c
use_as_static_subproject
use_as_shared_subproject
use_in_the_other_ways
compile_each_header
