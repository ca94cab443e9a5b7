#!/bin/sh
# reference.sh - makes the API reference; a warning of Doxygen is a failure. Only these may be without
# a comment: members of structs and constants, of which a name such as "bytes" says it all, and the
# functions xna_*_init and xna_*_free, of which the beginning of xnatarchive.h tells.
#
# usage: reference.sh DOXYFILE WARNINGS     (its WARN_LOGFILE); status 77 when there is no Doxygen
set -eu

command -v doxygen >/dev/null || {
  echo "doxygen is not installed"
  exit 77
}
mkdir -p "$(dirname "$2")"
doxygen "$1"
named='\(variable\) of struct|\(macro definition\) of file|Member xna_[a-z_]+_(init|free)\(.*\(function\)'
if grep -vE "($named).* is not documented" "$2"; then
  exit 1
fi
