"""binding_scenarios.py - what the C interface costs beside the C++ one."""

import json
import shutil
import statistics
import subprocess
import sys
from pathlib import Path

from measure import alternate, run
from scenarios import SIDE_300_KB, Row, rows_of

# All symbols are bound at once, so that none is left for later.
LOAD = '''
import ctypes, sys, time
begin = time.perf_counter()
ctypes.CDLL(sys.argv[1])
print(time.perf_counter() - begin)
'''


def calls(bench):
    """One call through the C interface against the same call in C++."""
    out = run(bench.programs.capi_bench, '--benchmark_format=json',
              f'--benchmark_repetitions={bench.repeats * 2 + 1}',
              f'--benchmark_min_time={0.05 if bench.scale == "full" else 0.001}').out
    nanoseconds = {entry['run_name']: entry['cpu_time']
                   for entry in json.loads(out)['benchmarks']
                   if entry.get('aggregate_name') == 'median'}
    return [Row(f'C interface: {what}, more than in C++',
                max(0.0, (nanoseconds[f'{name}InC'] - nanoseconds[f'{name}InCpp']) * 1e-9),
                limit=1e-6, details=nanoseconds)
            for what, name in (('a setting read', 'Setting'), ('a refused call', 'Refusal'))]


def loading(bench):
    """libxnatarchive.so into processes that have none of its libraries, page cache warm."""
    def once():
        return float(run(sys.executable, '-S', '-E', '-c', LOAD, bench.programs.capi_library).out)

    once()
    seconds = [once() for _ in range(bench.repeats * 4)]
    return [Row('libxnatarchive.so: loading', statistics.median(seconds), limit=0.02,
                details={'runs': seconds})]


# What a host does that runs anyway: its start is not counted, opening the root is.
ARCHIVE = '''
import sys, time
import xnatarchive as xna
begin = time.perf_counter()
with xna.Engine(sys.argv[1], threads=0) as engine:
    engine.archive(xna.ArchiveRequest(sys.argv[2]), progress=lambda progress: None)
print(time.perf_counter() - begin)
'''


def installed_package(bench):
    """A Python that has the package of examples/python; None without a registry to install from."""
    place = bench.place('python')
    source = Path(__file__).resolve().parents[2] / 'examples/python'
    try:
        run(sys.executable, '-m', 'venv', place / 'venv')
        shutil.copytree(source, place / 'source')  # building leaves files in it
        run(place / 'venv/bin/pip', 'install', '--quiet', place / 'source')
    except subprocess.CalledProcessError as error:
        print(f'Python is left out: {error}', file=sys.stderr)
        return None
    return place / 'venv/bin/python'


def python(bench):
    """Archiving through Python beside the command, digests computed."""
    interpreter = installed_package(bench)
    if interpreter is None:
        return []
    session = bench.built(bench.root(), *bench.size['large'], SIDE_300_KB)
    session.without_digests()
    environment = {'XNATARCHIVE_LIBRARY': str(bench.programs.capi_library)}

    def archive():
        one = run(interpreter, '-c', ARCHIVE, session.root.path, session.uri, env=environment)
        one.seconds = float(one.out)
        return one

    measured = alternate(bench.repeats, ours=(session.restore, archive), command=(
        session.restore, lambda: session.root.archive(session.uri)))
    return rows_of('10,000 files of 300 kB: archive through Python', measured, None,
                   [('command', 'xnatarchive archive', 1.05)])


BINDING = {'calls': calls, 'loading': loading, 'python': python}
