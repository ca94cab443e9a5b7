#!/usr/bin/env python3
"""run.py - measures whole commands beside what a user would run instead, in turns on one machine,
page cache warm, and holds the medians against the project's limits.

Prints a table; --json also writes everything measured. Status 1 when a scenario failed (the others are
measured all the same), a limit is not kept or something could not be measured (of these two never at
--scale small, which only shows that everything runs). The full scale takes about 75 GB of disk and half
an hour; a busy machine makes it wrong. Python's standard library only; peers that are not
installed (md5sum, xxhsum, bsdtar, cp, curl, ab, Orthanc) are an error. bagit-python is fetched with
pip; where that is impossible its row says "not measured", and its limit is not kept."""

import argparse
import json
import os
import platform
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path
from types import SimpleNamespace

sys.dont_write_bytecode = True  # The source tree stays as it is.
sys.path.insert(0, str(Path(__file__).parent))

from binding_scenarios import BINDING  # noqa: E402
from http_scenarios import HTTP  # noqa: E402
from merge_scenarios import MERGING  # noqa: E402
from refresh_scenarios import REFRESHING  # noqa: E402
from scenarios import ALL as ARCHIVING, Bench  # noqa: E402

ALL = {**ARCHIVING, **MERGING, **REFRESHING, **BINDING, **HTTP}


def find_programs(build):
    programs = {'xnatarchive': 'examples/xnatarchive', 'make_dicom': 'tests/support/make_dicom',
                'bench_driver': 'tests/bench/bench_driver', 'capi_bench': 'tests/bench/capi_bench',
                'capi_library': 'capi/libxnatarchive.so',
                'xnatarchive_server': 'examples/server/xnatarchive-server'}
    found = {name: Path(build).resolve() / path for name, path in programs.items()}
    missing = [str(path) for path in found.values() if not path.exists()]
    missing += [name for name in ('md5sum', 'xxhsum', 'bsdtar', 'cp', 'curl', 'ab', 'Orthanc')
                if not shutil.which(name)]
    if missing:
        sys.exit('run.py: not found: ' + ', '.join(missing))
    return SimpleNamespace(**found)


def amount(value, unit):
    if unit == 's' and value < 1e-4:
        return f'{value * 1e6:.3g} us'
    if unit == 's' and value < 0.1:
        return f'{value * 1000:.3g} ms'
    return f'{value:.3g} {unit}' if unit == 's' else f'{value:.0f} {unit}'


def verdict(row, judge):
    if row.limit is None or not judge:
        return '-'
    return 'pass' if row.value is not None and row.value <= row.limit else 'FAIL'


def cells(row, judge):
    if row.value is None:
        return [row.what, '', 'not measured', row.peer_name, '', verdict(row, judge)]
    has_peer = row.peer is not None
    limit = '' if row.limit is None else (
        f'{row.limit:.2f} x' if has_peer else amount(row.limit, row.unit))
    return [row.what, f'{row.value:.2f}' if has_peer else '', amount(row.ours, row.unit),
            f'{amount(row.peer, row.unit)}  {row.peer_name}' if has_peer else '', limit,
            verdict(row, judge)]


def print_table(rows, judge):
    table = [['benchmark', 'ratio', 'ours', 'peer', 'limit', 'result']]
    table += [cells(row, judge) for row in rows]
    widths = [max(len(line[i]) for line in table) for i in range(len(table[0]))]
    for line in table:
        print('  '.join(cell.ljust(width) for cell, width in zip(line, widths)).rstrip())


def write_json(path, rows, options):
    result = {
        'machine': {'system': platform.release(), 'processors': os.cpu_count()},
        'scale': options.scale,
        'rows': [{**vars(row), 'ratio': row.value if row.peer is not None else None,
                  'result': verdict(row, options.scale == 'full')} for row in rows],
    }
    Path(path).write_text(json.dumps(result, indent=1) + '\n')


def main():
    parser = argparse.ArgumentParser(description=__doc__,
                                     formatter_class=argparse.RawDescriptionHelpFormatter)
    root = Path(__file__).resolve().parents[2]
    parser.add_argument('--build', default=root / 'build/release', help='build tree [%(default)s]')
    parser.add_argument('--scale', choices=['full', 'small'], default='full')
    parser.add_argument('--only', action='append', choices=list(ALL), metavar='NAME',
                        help='one scenario; may be repeated: ' + ', '.join(ALL))
    parser.add_argument('--repeats', type=int, help='counted runs of each side [5; small: 1]')
    parser.add_argument('--dir', help='where to put the data [a new directory in $TMPDIR]; what '
                        'is put there is removed')
    parser.add_argument('--json', metavar='FILE')
    options = parser.parse_args()
    programs = find_programs(options.build)
    rows, left_out, broken = [], [], False
    with tempfile.TemporaryDirectory(prefix='xnatarchive-bench-', dir=options.dir) as directory:
        bench = Bench(programs, directory, options.scale, options.repeats)
        for name in options.only or ALL:
            print(f'{name}: {ALL[name].__doc__}', file=sys.stderr, flush=True)
            try:
                measured = ALL[name](bench)
            except (OSError, subprocess.CalledProcessError) as failure:  # the others are worth having
                print(f'{name}: {failure}', file=sys.stderr, flush=True)
                measured, broken = [], True
            rows += measured
            left_out += [] if measured else [name]
    judge = options.scale == 'full'
    print_table(rows, judge)
    if options.json:
        write_json(options.json, rows, options)
    if left_out:
        print('not measured: ' + ', '.join(left_out))
    failed = any(verdict(row, judge) == 'FAIL' for row in rows)
    return 1 if failed or broken or (judge and left_out) else 0


if __name__ == '__main__':
    sys.exit(main())
