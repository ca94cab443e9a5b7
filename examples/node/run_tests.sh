#!/usr/bin/env bash
# run_tests.sh - checks the format and the types of this package, and runs its tests.
#
# usage: run_tests.sh WORK_DIR        everything is made there, nothing in the source tree
#   XNATARCHIVE_LIBRARY   path of libxnatarchive.so (needed)
#   MAKE_DICOM            the program that makes test studies (needed), built as make_dicom
#   XNATARCHIVE_HEADER    xnatarchive.h, which the declarations are compared with
#
# Ends with 77 where there is no Node 20 with npm.
set -euo pipefail

source_dir="$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)"

if (($# != 1)) || [[ -z "${XNATARCHIVE_LIBRARY:-}" || -z "${MAKE_DICOM:-}" ]]; then
  sed -n '2,/^set /{/^set /d;s/^# \{0,1\}//p}' "${BASH_SOURCE[0]}" >&2
  exit 2
fi
if ! command -v node >/dev/null || ! command -v npm >/dev/null; then
  echo "skipped: no Node here"
  exit 77
fi
if (($(node --print 'process.versions.node.split(".")[0]') < 20)); then
  echo "skipped: no Node 20 here"
  exit 77
fi

mkdir -p "$1"
package_dir="$(cd "$1" && pwd)/package"
mkdir -p "$package_dir"
find "$package_dir" -mindepth 1 -maxdepth 1 ! -name node_modules ! -name .installed -exec rm -rf {} +
cp -R "$source_dir/." "$package_dir"
cd "$package_dir"

# The versions are exact, so what is installed for a package.json stays right.
if ! cmp -s package.json .installed; then
  npm install --no-package-lock --no-audit --no-fund --ignore-scripts --loglevel=error
  cp package.json .installed
fi
# The program imports the package by its name, as a user's does.
ln -sfn .. node_modules/xnatarchive

npx --no-install biome ci --colors=off --vcs-enabled=false .
npx --no-install tsc --project test/tsconfig.json
exec node --expose-gc --test --test-reporter=spec test/*.test.js
