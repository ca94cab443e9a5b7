#!/usr/bin/env bash
# debian_test.sh - makes the Debian packages, has lintian judge them, installs them into a fresh Debian
# or Ubuntu of this release, and uses them there: the command from import to list, and a C program.
#
# usage: debian_test.sh SOURCE_DIR BUILD_DIR
#   BUILD_DIR   made or continued; the packages are left in BUILD_DIR/packages
#
# Needs what the library is built with, and dpkg-dev, lintian, debootstrap: status 77 without them. Who
# is not root, or has no archive that apt uses, gets status 77 after lintian.
set -euo pipefail

source_dir="$(realpath "$1")" build_dir="$(realpath --canonicalize-missing "$2")"
work_dir="$(mktemp -d)"
root="$work_dir/root"
trap 'rm -rf -- "$work_dir"' EXIT

fail() {
  printf 'debian_test: %s\n' "$*" >&2
  exit 1
}

step() { printf -- '-- %s (%d s)\n' "$*" "$SECONDS"; }

# quietly COMMAND... - shows what it prints only when it fails.
quietly() {
  "$@" </dev/null >"$work_dir/log" 2>&1 || {
    tail -n 60 "$work_dir/log" >&2
    fail "failed: $*"
  }
}

for tool in dpkg-buildflags dpkg-shlibdeps lintian debootstrap; do
  command -v "$tool" >/dev/null || {
    step "$tool is not installed"
    exit 77
  }
done

# Debian's flags, but for debugging information and the optimization, which the preset chooses.
make_packages() {
  step "building with the preset release and Debian's flags"
  local flags
  export DEB_BUILD_MAINT_OPTIONS=hardening=+bindnow
  export DEB_CFLAGS_MAINT_STRIP="-g -O2" DEB_CXXFLAGS_MAINT_STRIP="-g -O2"
  flags="$(cd "$source_dir" && dpkg-buildflags --get CPPFLAGS)"
  export CFLAGS CXXFLAGS LDFLAGS
  CFLAGS="$(cd "$source_dir" && dpkg-buildflags --get CFLAGS) $flags"
  CXXFLAGS="$(cd "$source_dir" && dpkg-buildflags --get CXXFLAGS) $flags"
  LDFLAGS="$(dpkg-buildflags --get LDFLAGS)"
  cd "$source_dir"
  quietly cmake --preset release -B "$build_dir" -D CMAKE_INSTALL_PREFIX=/usr \
    -D XNATARCHIVE_ZSH_DIR=share/zsh/vendor-completions -D XNATARCHIVE_WERROR=OFF \
    -D XNATARCHIVE_BUILD_TESTS=OFF -D XNATARCHIVE_BUILD_BENCHMARKS=OFF \
    ${LAUNCHER:+-D CMAKE_CXX_COMPILER_LAUNCHER="$LAUNCHER"}
  quietly cmake --build "$build_dir" --parallel "$(nproc)"
  rm -rf -- "$build_dir/packages"
  mkdir "$build_dir/packages"
  (cd "$build_dir" && quietly cpack -B "$build_dir/packages")
  packages=("$build_dir"/packages/{libxnatarchive1,libxnatarchive-dev,xnatarchive-tools}_*.deb)
  for package in "${packages[@]}"; do
    [[ -f "$package" ]] || fail "no package $package"
  done
}

judge_packages() {
  step "lintian"
  lintian --fail-on error,warning --tag-display-limit 0 --allow-root "${packages[@]}" ||
    fail "lintian has objections"
  [[ "$(dpkg-deb --field "${packages[0]}" Depends)" == *libdcmtk* ]] ||
    fail "libxnatarchive1 does not name the libraries it needs"
}

in_root() { chroot "$root" env -i PATH=/usr/sbin:/usr/bin:/sbin:/bin DEBIAN_FRONTEND=noninteractive "$@"; }

# Only the archive of this release: what others have installed here is not on a fresh machine.
make_root() {
  local codename mirror
  codename="$(. /etc/os-release && printf '%s' "$VERSION_CODENAME")"
  mirror="$(apt-get indextargets --format '$(REPO_URI)' "Codename: $codename" "Component: main" |
    head -n 1)"
  ((EUID == 0)) && [[ -n "$mirror" ]] || {
    step "not root, or no archive: the packages are not installed"
    exit 77
  }
  step "a fresh $codename from $mirror"
  quietly debootstrap --variant=minbase "$codename" "$root" "$mirror"
  cp /etc/resolv.conf "$root/etc/resolv.conf"
}

install_packages() {
  step "installing"
  mkdir "$root/packages"
  cp "${packages[@]}" "$root/packages"
  quietly in_root sh -c 'apt-get -q update && apt-get -qy install --no-install-recommends \
    gcc libc6-dev pkg-config man-db /packages/*.deb'
}

use_the_command() {
  step "the command: init, import, archive, list"
  python3 -B - "$source_dir" "$root/study" <<'PYTHON'
import pathlib, sys
sys.path.insert(0, sys.argv[1] + '/tests/cli')
from dicom_file import dicom_bytes
study = pathlib.Path(sys.argv[2])
study.mkdir()
for instance in (1, 2, 3):
    (study / f'{instance}.dcm').write_bytes(dicom_bytes(1, 1, instance))
PYTHON
  in_root sh -euc '
    export XNATARCHIVE_ROOT=/xnat
    xnatarchive init
    xnatarchive project add P
    session="$(xnatarchive import --project P /study)"
    xnatarchive archive "$session"
    xnatarchive list /projects/P/experiments
    man -w xnatarchive || zcat /usr/share/man/man1/xnatarchive.1.gz >/dev/null
  ' >"$work_dir/out"
  grep -q '^/data/archive/projects/P/' "$work_dir/out" || fail "nothing was archived"
  [[ "$(find "$root/xnat/archive/P" -name '*.dcm' | wc -l)" == 3 ]] || fail "files are missing"
}

use_the_library() {
  step "a C program, compiled there"
  cp "$source_dir/tests/install/consumer_c/main.c" "$root"
  in_root sh -euc '
    gcc -std=c99 -Wall -Werror main.c -o consumer $(pkg-config --cflags --libs xnatarchive)
    ./consumer /made-by-c
    test -f /made-by-c/store.sqlite3'
}

remove_packages() {
  step "removing them leaves nothing"
  quietly in_root dpkg --purge xnatarchive-tools libxnatarchive-dev libxnatarchive1
  local left
  left="$(find "$root/usr" -name '*xnatarchive*')"
  [[ -z "$left" ]] || fail "left behind: $left"
}

make_packages
judge_packages
make_root
install_packages
use_the_command
use_the_library
remove_packages
step "done"
