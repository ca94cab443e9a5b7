#!/usr/bin/env python3
"""run_tests.py - the server over real sockets.

usage: run_tests.py PROGRAM [UNITTEST_ARGUMENT ...]
  example: run_tests.py build/dev/examples/server/xnatarchive-server -v test_limits
Python's standard library only; the tests make their own data."""

import sys
import unittest
from pathlib import Path

sys.dont_write_bytecode = True  # The source tree stays as it is.
HERE = Path(__file__).parent
sys.path[:0] = [str(HERE), str(HERE.parent / 'cli')]

import server_case  # noqa: E402


def main():
    server_case.PROGRAM = str(Path(sys.argv[1]).resolve())
    chosen = sys.argv[2:] or ['discover', '--start-directory', str(HERE)]
    unittest.main(module=None, argv=[sys.argv[0], *chosen])


if __name__ == '__main__':
    main()
