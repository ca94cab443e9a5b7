#!/usr/bin/env python3
"""run_tests.py - end-to-end tests of the xnatarchive command and the C++ examples.

usage: run_tests.py NAME=PROGRAM ... [-- UNITTEST_ARGUMENT ...]
  NAME is xnatarchive, archive_one, custom_handler, mount_rest or make_dicom
  example: run_tests.py xnatarchive=build/dev/examples/xnatarchive ... -- -v test_refusals
Python's standard library only; the tests make their own data."""

import sys
import unittest
from pathlib import Path

sys.dont_write_bytecode = True  # The source tree stays as it is.
sys.path.insert(0, str(Path(__file__).parent))

import command_test  # noqa: E402


def main():
    arguments = sys.argv[1:]
    split = arguments.index('--') if '--' in arguments else len(arguments)
    for argument in arguments[:split]:
        name, _, program = argument.partition('=')
        command_test.PROGRAMS[name] = str(Path(program).resolve())
    chosen = arguments[split + 1:] or ['discover', '--start-directory', str(Path(__file__).parent)]
    unittest.main(module=None, argv=[sys.argv[0], *chosen])


if __name__ == '__main__':
    main()
