"""binding_scenarios.py - what the C interface costs beside the C++ one."""

import json
import statistics
import sys

from measure import run
from scenarios import Row

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


BINDING = {'calls': calls, 'loading': loading}
