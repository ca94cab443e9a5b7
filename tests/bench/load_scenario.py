"""load_scenario.py - what a program pays for loading the C library."""

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


def loading(bench):
    """libxnatarchive.so into a process that has none of its libraries, page cache warm"""
    def once():
        return float(run(sys.executable, '-S', '-E', '-c', LOAD, bench.programs.library).out)

    once()
    all_seconds = [once() for _ in range(bench.size['loads'])]
    return [Row('dlopen of libxnatarchive.so', statistics.median(all_seconds), limit=0.020,
                details={'all_seconds': all_seconds})]


LOADING = {'loading': loading}
