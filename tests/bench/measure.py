"""measure.py - runs commands and says what they took."""

import os
import statistics
import subprocess
import sys
import tempfile
import time
from dataclasses import dataclass


@dataclass
class Run:
    """What one or several processes took."""
    seconds: float = 0.0      # on the clock
    cpu_seconds: float = 0.0  # user and system, all processes
    peak_bytes: int = 0       # resident memory of the largest process
    out: str = ''             # standard output of the last one

    def __add__(self, other):
        return Run(self.seconds + other.seconds, self.cpu_seconds + other.cpu_seconds,
                   max(self.peak_bytes, other.peak_bytes), other.out)


def run(*command, env=None):
    """Runs one command; a failure ends the benchmark."""
    command = [str(part) for part in command]
    environment = {**os.environ, **(env or {})}
    with tempfile.TemporaryFile() as out, tempfile.TemporaryFile() as err:
        # A process counts the memory of the one that started it as its own: a small one does that.
        starter = [sys.executable, '-S', '-E', __file__]
        with tempfile.NamedTemporaryFile('r') as report:
            subprocess.run([*starter, report.name, *command], stdin=subprocess.DEVNULL, stdout=out,
                           stderr=err, env=environment, check=True)
            status, *figures = report.read().split()
        if status != '0':
            err.seek(0)
            sys.stderr.write(err.read().decode('utf-8', 'replace'))
            raise subprocess.CalledProcessError(int(status), command[:8])
        out.seek(0)
        return Run(float(figures[0]), float(figures[1]), int(figures[2]), out.read().decode())


def start(report, *command):
    """What run() has a process of its own do."""
    begin = time.perf_counter()
    pid = os.posix_spawnp(command[0], command, os.environ)
    _, status, usage = os.wait4(pid, 0)
    seconds = time.perf_counter() - begin
    with open(report, 'w') as file:
        print(os.waitstatus_to_exitcode(status), seconds, usage.ru_utime + usage.ru_stime,
              usage.ru_maxrss * 1024, file=file)


def shell(script, *arguments):
    """Runs a pipeline; `arguments` are its $1, $2, ..."""
    return run('bash', '-o', 'pipefail', '-c', script, 'bench', *arguments)


@dataclass
class Measured:
    """The median of several runs."""
    seconds: float
    cpu_seconds: float
    peak_bytes: int
    all_seconds: list


def median(runs):
    return Measured(statistics.median(one.seconds for one in runs),
                    statistics.median(one.cpu_seconds for one in runs),
                    max(one.peak_bytes for one in runs), [one.seconds for one in runs])


def alternate(repeats, **sides):
    """Measures each side `repeats` times, turn by turn, after one turn that is not counted: the
    first touch of a page is slow. A side is a pair: what prepares a run, and the run. What was
    written before is made durable first, so that nobody pays for somebody else's bytes."""
    runs = {name: [] for name in sides}
    for turn in range(repeats + 1):
        for name, (prepare, work) in sides.items():
            prepare()
            os.sync()
            one = work()
            if turn > 0 or repeats == 0:
                runs[name].append(one)
    return {name: median(done) for name, done in runs.items()}


if __name__ == '__main__':
    start(*sys.argv[1:])
