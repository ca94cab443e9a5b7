"""report.py - what abidiff says about the C interface of today against that of an earlier ABI release.

    report.py CC OLD_HEADER NEW_HEADER REPORT

Prints it, and leaves it in the file REPORT, which tests/run.sh shows at its end. Of each header a library is made whose functions do nothing, with debug information: then the report is
about what programs see, and not about what is behind it. It is a report for people: a member added at
the end of a struct, which is allowed, and one in the middle, which is not, look alike to abidiff. Ends
with 77 where there is no abidiff, and fails only when the tools do."""

import pathlib
import re
import shutil
import subprocess
import sys
import tempfile


def stubs(header):
    """C source with a definition of every function the header declares."""
    text = re.sub(r'/\*.*?\*/', '', header, flags=re.S)
    lines = ['#include "xnatarchive.h"']
    for prototype in re.findall(r'^XNA_API ([^;]+);', text, re.M):
        void = re.match(r'void xna_', prototype)
        lines.append(f'{prototype} {{ {"" if void else "return 0;"} }}')
    return '\n'.join(lines) + '\n'


def library(compiler, header, folder):
    """Makes the library of one header."""
    folder.mkdir()
    shutil.copy(header, folder / 'xnatarchive.h')
    (folder / 'stubs.c').write_text(stubs(header.read_text()))
    path = folder / 'libxnatarchive.so'
    subprocess.run([compiler, '-g', '-w', '-shared', '-fPIC', '-o', path, folder / 'stubs.c'],
                   check=True)
    return path


def main():
    if shutil.which('abidiff') is None:
        print('skipped: no abidiff here (Debian: abigail-tools)')
        return 77
    compiler, *headers, report = sys.argv[1:]
    with tempfile.TemporaryDirectory() as folder:
        old, new = (library(compiler, pathlib.Path(header), pathlib.Path(folder) / name)
                    for header, name in zip(headers, ('old', 'new')))
        said = subprocess.run(['abidiff', '--no-show-locs', old, new], check=False, text=True,
                              stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
    status = said.returncode
    text = said.stdout or 'no change of the C interface\n'
    pathlib.Path(report).write_text(text)
    print(f'{text}abidiff ended with {status}')
    return 1 if status & 3 else 0  # 1 and 2 are its own failures; 4 and 8 tell of changes


if __name__ == '__main__':
    sys.exit(main())
