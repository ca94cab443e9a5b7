# setup.sh - what examples/run.sh and tests/run.sh share: a machine that has the needed packages,
# and a configured, built tree. Sourced, not run; needs bash and `set -euo pipefail`.
#
# Debian 12, Ubuntu 22.04 and later. Packages that are missing are installed by apt, through sudo
# when not root. When nothing is missing no command that changes the machine is run.

# Packages to build the library and its programs.
build_packages=(
  g++ cmake ninja-build
  libboost-filesystem-dev libtinyxml2-dev libxxhash-dev libssl-dev libdcmtk-dev libarchive-dev
  zlib1g-dev libsoci-dev libsqlite3-dev libcli11-dev nlohmann-json3-dev libcpp-httplib-dev pkg-config
)
# Real DICOM files, and what packs them.
example_packages=(python3-pydicom zip)
# What the tests need beyond that: their framework, python3 for
# tests/tidy, strace for what loading the library does, ccache because every source file is compiled
# under several presets.
test_packages=(doctest-dev abigail-tools python3 python3-pydicom strace ccache)
# tests/clients, whose other clients come from Python's package index.
client_packages=(curl python3-venv)
# Who reads the manual page and the completions (tests/cli), and the headers (the target docs).
page_packages=(mandoc zsh fish doxygen)
# tests/page: Debian's; Ubuntu has no such packages, and there these tests are skipped.
browser_packages=(chromium chromium-driver python3-selenium)
# cmake/packaging/debian_test.sh.
packaging_tools=(dpkg-dev lintian debootstrap)
# tests/powercut: file systems on disks that record what is written.
powercut_tools=(libfuse3-dev e2fsprogs xfsprogs btrfs-progs)
# tests/bench: its framework, and the programs it compares with.
bench_packages=(libbenchmark-dev xxhash libarchive-tools curl apache2-utils orthanc)

readonly cmake_version_min=3.25

say() { printf '== %s\n' "$*" >&2; }

fail() {
  printf '%s: error: %s\n' "${0##*/}" "$*" >&2
  exit 1
}

# missing_packages PACKAGE... - prints those that are not installed, one per line.
missing_packages() {
  local package
  for package in "$@"; do
    dpkg-query -W -f '${db:Status-Status}\n' "$package" 2>/dev/null | grep -qx installed ||
      printf '%s\n' "$package"
  done
}

# as_root COMMAND... - runs it as root. Never waits for a password that nobody can type.
as_root() {
  if ((EUID == 0)); then
    "$@"
  elif ! command -v sudo >/dev/null; then
    fail "not root, and sudo is not installed; as root, run: $*"
  elif [[ -t 0 ]]; then
    sudo "$@"
  else
    sudo -n "$@"
  fi
}

apt_get() {
  # A freshly started machine may still be updating itself: wait for its lock.
  as_root env DEBIAN_FRONTEND=noninteractive \
    apt-get -q -o DPkg::Lock::Timeout=300 -o Acquire::Retries=3 "$@" </dev/null >&2
}

# install_packages PACKAGE... - installs those that are missing.
install_packages() {
  if ! command -v dpkg-query >/dev/null; then
    say "not a Debian or Ubuntu machine: assuming that these are there: $*"
    return
  fi
  local missing
  mapfile -t missing < <(missing_packages "$@")
  ((${#missing[@]})) || return 0
  say "installing ${missing[*]}"
  if ! apt_get update; then
    say "apt-get update failed, trying once more"
    sleep 5
    apt_get update || say "apt-get update failed again; going on with the package lists there are"
  fi
  apt_get install --yes --no-install-recommends "${missing[@]}" ||
    fail "apt-get could not install: ${missing[*]}"
  mapfile -t missing < <(missing_packages "$@")
  ((${#missing[@]} == 0)) || fail "still not installed after apt-get install: ${missing[*]}"
}

# version_at_least FOUND MINIMUM
version_at_least() {
  [[ "$(printf '%s\n%s\n' "$2" "$1" | sort --version-sort | head -n 1)" == "$2" ]]
}

cmake_is_new_enough() {
  local found
  found="$(cmake --version 2>/dev/null | sed -n '1s/^cmake version //p')"
  [[ -n "$found" ]] && version_at_least "$found" "$cmake_version_min"
}

# need_cmake SOURCE_DIR - puts a new enough CMake on PATH. Ubuntu 22.04 has 3.22: there, PyPI's
# CMake goes into a private environment below build/, and nothing outside the tree changes.
need_cmake() {
  cmake_is_new_enough && return
  local venv="$1/build/cmake"
  PATH="$venv/bin:$PATH"
  cmake_is_new_enough && return
  say "CMake $cmake_version_min or later is needed: installing it in $venv"
  install_packages python3-venv
  python3 -m venv "$venv" || fail "cannot make a Python environment in $venv"
  "$venv/bin/pip" install --quiet --disable-pip-version-check "cmake>=$cmake_version_min,<4" >&2 ||
    fail "pip could not install CMake $cmake_version_min or later"
  hash -r
  cmake_is_new_enough || fail "no CMake $cmake_version_min or later after installing it in $venv"
}

# configure SOURCE_DIR PRESET [CMAKE_ARGUMENT...] - configures build/PRESET.
configure() {
  local source="$1" preset="$2" launcher=()
  shift 2
  ! command -v ccache >/dev/null ||
    launcher=(-D CMAKE_C_COMPILER_LAUNCHER=ccache -D CMAKE_CXX_COMPILER_LAUNCHER=ccache)
  (cd "$source" && cmake --preset "$preset" "${launcher[@]}" "$@" </dev/null >&2)
}

# build SOURCE_DIR PRESET [--target TARGET...] - builds build/PRESET on all processors. What was compiled
# in another checkout, or as part of another project (tests/install), is not compiled again.
build() {
  local source="$1" preset="$2"
  shift 2
  CCACHE_BASEDIR="$source" CCACHE_NOHASHDIR=1 \
    cmake --build "$source/build/$preset" --parallel "$(nproc)" "$@" </dev/null >&2
}
