#!/bin/sh
# file_comments.sh - prints a header with its comments as Doxygen wants them, on as many lines: the one
# at its beginning describes the file (without that Doxygen leaves out every function that is no
# class's), and in C those beside a constant or a member, or above a member, describe it.
case "$1" in
  *.hpp) sed -e '1,\|^[^/]|s#^//#///#' -e '1s#^/// \([^ ]*\) - #/// @file \1 @brief #' "$1" ;;
  *) sed -e '1s#^/\*#/** @file#' -e 's#^  /\* #  /** #' \
       -e 's#^\(  .*;\) */\* #\1 /**< #' -e 's|^\(#define .*[^ ]\)  */\* |\1 /**< |' "$1" ;;
esac
