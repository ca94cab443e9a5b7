#!/usr/bin/env bash
# run_tests.sh - checks the format of this package, compiles it with all warnings, and runs its tests.
#
# usage: run_tests.sh WORK_DIR        everything is made there, nothing in the source tree
#   XNATARCHIVE_LIBRARY   path of libxnatarchive.so (needed)
#   MAKE_DICOM            the program that makes test studies (needed), built as make_dicom
#   XNATARCHIVE_HEADER    xnatarchive.h, which the declarations are compared with
#   JAVA_HOME             a JDK of 22 or newer; by default one of those in /usr/lib/jvm
#
# Ends with 77 where there is no such JDK, or no Maven.
set -euo pipefail

source_dir="$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)"
readonly java_version_min=22
readonly formatter_version=1.37.0

if (($# != 1)) || [[ -z "${XNATARCHIVE_LIBRARY:-}" || -z "${MAKE_DICOM:-}" ]]; then
  sed -n '2,/^set /{/^set /d;s/^# \{0,1\}//p}' "${BASH_SOURCE[0]}" >&2
  exit 2
fi

# version_of JDK - its major version; 0 when it is none.
version_of() {
  local version
  version="$("$1/bin/javac" -version 2>/dev/null | sed -n 's/^javac \([0-9]*\).*/\1/p')" || true
  echo "${version:-0}"
}

# find_jdk - the first that is new enough.
find_jdk() {
  local jdk
  for jdk in "${JAVA_HOME:-}" /usr/lib/jvm/*; do
    if [[ -n "$jdk" ]] && (($(version_of "$jdk") >= java_version_min)); then
      echo "$jdk"
      return
    fi
  done
}

JAVA_HOME="$(find_jdk)"
if [[ -z "$JAVA_HOME" ]]; then
  echo "skipped: no JDK $java_version_min here"
  exit 77
fi
if ! command -v mvn >/dev/null; then
  echo "skipped: no Maven here"
  exit 77
fi
export JAVA_HOME

# check_format FILE... - as google-java-format has it.
check_format() {
  local formatter=com.google.googlejavaformat:google-java-format:$formatter_version:jar:all-deps
  local jar="$package_dir/../google-java-format-$formatter_version-all-deps.jar"
  [[ -f "$jar" ]] || mvn --quiet --batch-mode \
    org.apache.maven.plugins:maven-dependency-plugin:3.11.0:copy -Dartifact="$formatter" \
    -DoutputDirectory="$package_dir/.."
  local exports=() package
  for package in api code file parser tree util; do
    exports+=("--add-exports=jdk.compiler/com.sun.tools.javac.$package=ALL-UNNAMED")
  done
  "$JAVA_HOME/bin/java" "${exports[@]}" -jar "$jar" --dry-run --set-exit-if-changed "$@"
}

mkdir -p "$1/package"
package_dir="$(cd "$1/package" && pwd)"
find "$package_dir" -mindepth 1 -maxdepth 1 -exec rm -rf {} +
cp -R "$source_dir/." "$package_dir"
cd "$package_dir"

mapfile -t sources < <(find src -name '*.java')
check_format "${sources[@]}" || {
  echo "run_tests.sh: these files are not formatted" >&2
  exit 1
}
exec mvn --batch-mode --no-transfer-progress -Dstyle.color=never verify
