"""exports_test.py - what the built libxnatarchive.so shows of itself: its names, its SONAME, and the
libraries that have to be there for it to load.

usage: exports_test.py LIBRARY MAP            (nm and readelf of binutils)
"""

import re
import subprocess
import sys
import unittest
from pathlib import Path

LIBRARY, MAP = None, None

# A new name here is a new dependency of everybody who has the library.
NEEDED = {
    'libboost_filesystem', 'libboost_system', 'libtinyxml2', 'libcrypto', 'libdcmdata', 'liboflog',
    'libofstd', 'libarchive', 'libz', 'libsoci_core', 'libsoci_sqlite3', 'libsqlite3', 'libstdc++',
    'libgcc_s', 'libm', 'libc', 'libpthread', 'ld-linux-x86-64', 'ld-linux-aarch64',
}


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


if __name__ == '__main__':
    LIBRARY, MAP = sys.argv[1:3]
    unittest.main(argv=sys.argv[:1])
