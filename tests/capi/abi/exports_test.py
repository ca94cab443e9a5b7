"""exports_test.py - what the built libxnatarchive.so shows of itself: its names, its SONAME, the
libraries that have to be there for it to load, and that loading it does nothing else.

usage: exports_test.py LIBRARY MAP            (nm and readelf of binutils; strace)
"""

import re
import shutil
import subprocess
import sys
import tempfile
import unittest
from pathlib import Path

LIBRARY, MAP = None, None

# A new name here is a new dependency of everybody who has the library.
NEEDED = {
    'libboost_filesystem', 'libboost_system', 'libtinyxml2', 'libcrypto', 'libdcmdata', 'liboflog',
    'libofstd', 'libarchive', 'libz', 'libsoci_core', 'libsoci_sqlite3', 'libsqlite3', 'libstdc++',
    'libgcc_s', 'libm', 'libc', 'libpthread', 'ld-linux-x86-64', 'ld-linux-aarch64',
}

# What a loader asks the system for beside looking for libraries.
LOADERS_CALLS = {
    'read', 'pread64', 'close', 'fstat', 'mmap', 'mprotect', 'munmap', 'brk', 'madvise', 'futex', 'getrandom',
    'uname', 'getcwd', 'prlimit64',
}
LOOKING = re.compile(r'open(?:at)?\((?:AT_FDCWD, )?"(?:[^"]*\.so[.0-9]*|/etc/ld\.so\.cache)", O_RDONLY|'
                     r'newfstatat\((?:\d+, "", |AT_FDCWD, "[^"]*/lib)|stat\("[^"]*/lib')


def calls_of_initialisers(trace):
    """Lines of strace that are not the loader's."""
    return [line for line in trace
            if line.split('(')[0] not in LOADERS_CALLS and not LOOKING.match(line)]


def trace_of_loading(library):
    """Calls of the system while it is loaded; None where no process may be traced."""
    load = ('import os, sys, _ctypes\n'
            'os.access("/begin", 0)\n'
            '_ctypes.dlopen(sys.argv[1], os.RTLD_NOW)\n'
            'os.access("/end", 0)\n')
    with tempfile.NamedTemporaryFile('r') as log:
        traced = subprocess.run(
            ['strace', '-qq', '-o', log.name, sys.executable, '-c', load, library],
            capture_output=True, text=True)
        if 'ptrace' in traced.stderr.lower():
            return None
        traced.check_returncode()
        lines = log.read().splitlines()
    begin, end = ([i for i, line in enumerate(lines) if f'"/{mark}"' in line][0]
                  for mark in ('begin', 'end'))
    return lines[begin + 1:end]


def output_of(*command):
    return subprocess.run(command, check=True, capture_output=True, text=True).stdout


def dynamic_section():
    """Pairs of tag and value, as [('SONAME', 'libxnatarchive.so.1'), ...]."""
    lines = output_of('readelf', '--wide', '--dynamic', LIBRARY)
    return re.findall(r'\((\w+)\)\s+(?:[\w ]+: \[)?([^\]\n]*)', lines)


def values(tag):
    return [value for name, value in dynamic_section() if name == tag]


class Exports(unittest.TestCase):
    maxDiff = None

    def test_the_library_exports_the_recorded_names_and_nothing_else(self):
        recorded = Path(__file__).with_name('symbols.txt').read_text().split()
        lines = output_of('nm', '--dynamic', '--defined-only', LIBRARY).splitlines()
        names = [line.split()[-1].split('@')[0] for line in lines if ' A ' not in line]
        self.assertEqual(sorted(names), recorded)

    def test_the_map_lists_the_recorded_names(self):
        recorded = Path(__file__).with_name('symbols.txt').read_text().split()
        listed = re.findall(r'^\s*(\w+);', Path(MAP).read_text().partition('local:')[0], re.MULTILINE)
        self.assertEqual(sorted(listed), recorded)

    def test_every_name_has_the_version_of_the_interface(self):
        lines = output_of('nm', '--dynamic', '--defined-only', '--with-symbol-versions', LIBRARY)
        unversioned = [line for line in lines.splitlines()
                       if ' A ' not in line and '@@XNATARCHIVE_' not in line]
        self.assertEqual(unversioned, [])

    def test_the_soname_is_that_of_the_interface(self):
        self.assertEqual(values('SONAME'), ['libxnatarchive.so.1'])

    def test_the_code_is_not_changed_when_it_is_loaded(self):
        self.assertEqual(values('TEXTREL'), [])
        self.assertNotIn('TEXTREL', ' '.join(values('FLAGS')))

    def test_only_known_libraries_have_to_be_there(self):
        needed = {value.partition('.so')[0] for value in values('NEEDED')}
        self.assertIn('libc', needed)
        self.assertEqual(needed - NEEDED, set())

    def test_loading_it_reads_and_writes_nothing_but_libraries(self):
        if shutil.which('strace') is None:
            self.skipTest('no strace here (Debian: strace)')
        trace = trace_of_loading(str(Path(LIBRARY).resolve()))
        if trace is None:
            self.skipTest('processes may not be traced here')
        self.assertIn(Path(LIBRARY).resolve().name, ' '.join(trace))
        self.assertEqual(calls_of_initialisers(trace), [])

    def test_an_initialiser_that_does_would_be_found(self):
        found = ['openat(AT_FDCWD, "/etc/passwd", O_RDONLY|O_CLOEXEC) = 3',
                 'openat(AT_FDCWD, "/srv/a.so.1", O_WRONLY|O_CREAT, 0600) = 3',
                 'write(2, "hello", 5) = 5', 'socket(AF_UNIX, SOCK_STREAM, 0) = 3',
                 'clone3({flags=CLONE_VM}) = 5', 'access("/etc/dcmtk", R_OK) = -1 ENOENT']
        passed = ['openat(AT_FDCWD, "/lib/x86_64-linux-gnu/libz.so.1", O_RDONLY|O_CLOEXEC) = 3',
                  'openat(AT_FDCWD, "/etc/ld.so.cache", O_RDONLY|O_CLOEXEC) = 3',
                  'read(3, "\\177ELF"..., 832) = 832', 'close(3) = 0']
        self.assertEqual(calls_of_initialisers(found + passed), found)


if __name__ == '__main__':
    LIBRARY, MAP = sys.argv[1:3]
    unittest.main(argv=sys.argv[:1], verbosity=2)
