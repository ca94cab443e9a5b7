#!/usr/bin/env python3
"""powercut_test.py - cuts the power while the command works, and looks at what is left.

usage: powercut_test.py ext4|xfs|btrfs [--images N] [--seed N] [--show N] NAME=PROGRAM ...
  NAME is xnatarchive, broken_xnatarchive, make_dicom or recording_disk

The root lies on disks that record every write and flush while a sequence of operations runs. Then,
for many moments of the record: the file system is mounted as the cut left it, `xnatarchive recover`
runs, and the trees and the listings must be exactly those before or after the operation; after it,
if the command had ended with success; and nothing may be left over. The same is done with commands
that break one rule: there something must be found.

Exit status 77: skipped, because this machine cannot do it. Python's standard library only."""

import argparse
import hashlib
import json
import os
import random
import subprocess
import sys
import tempfile
from contextlib import nullcontext
from itertools import chain
from pathlib import Path

sys.dont_write_bytecode = True  # The source tree stays as it is.
sys.path.insert(0, str(Path(__file__).parent))

from recorded_disks import (  # noqa: E402
    FLUSH, WRITE, Disks, Syncing, leave_mounts, run, why_not)

SKIPPED = 77
IMAGES, IMAGES_FULL = 320, 6720  # for each kind of file system
PROJECT = 'DEMO'

# The operations, in order, as command lines; a new operation is a new line. {in}: studies of four
# series of two instances; {more}: the same with four; {changed}: the same instances with other
# bytes. {S1}: the session of that label that waits
# in the prearchive.
OPERATIONS = [
    'import --project DEMO {in}/study1/series1',
    'import --project DEMO {in}/study1/series2',  # joins the session that waits
    'prearchive build {S1}',
    'archive {S1}',
    'import --project DEMO {in}/study2/series1',
    'prearchive build {S2}',
    'prearchive delete {S2}',
    'import --project DEMO {in}/study1/series3',
    'prearchive build {S1}',
    'archive {S1} --overwrite append',
    'import --project DEMO {more}/study1/series3',
    'prearchive build {S1}',
    'archive {S1} --overwrite append',  # new files in a directory that has some
    'import --project DEMO {changed}/study1/series1',
    'prearchive build {S1}',
    'archive {S1} --overwrite delete',  # a whole resource: directories change places
    'import --project DEMO {changed}/study1/series2/1.dcm',
    'prearchive build {S1}',
    'archive {S1} --overwrite delete',  # one file of two
    'config set checksum xxh3',
    'import --project DEMO {in}/study2',
    'prearchive build {S2}',
    'archive {S2}',
    'config set checksum md5+xxh3',
    f'refresh /projects/{PROJECT}/experiments/S2',  # four catalogs get the digests they lack
]

# Rules to break, and on which file systems that shows.
CONTROLS = {
    'no-payload-sync': ('ext4', 'xfs', 'btrfs'),
    'no-plan-sync': ('ext4', 'xfs', 'btrfs'),
    'rewrite-in-place': ('ext4', 'xfs', 'btrfs'),
    'no-directory-sync': ('btrfs',),  # the others write all directories with any of them
}


class Root:
    """A root on such disks: the prearchive on the last one, everything else on the first."""

    def __init__(self, disks, programs, inputs):
        self.disks = disks
        self.programs = programs
        self.inputs = inputs
        self.path = disks.mount_point(0) / 'xnat'

    def command(self, line, program='xnatarchive', environment=None):
        """Runs one command line; returns what it printed. Raises RuntimeError when it fails."""
        places = dict(self.inputs)
        if '{S' in line:
            rows = self.rows('prearchive list')
            places.update({row['name']: '/data' + row['url'] for row in rows})
        words = [self.programs[program], '--root', self.path, *line.format(**places).split()]
        done = subprocess.run([str(word) for word in words], capture_output=True, check=False,
                              env={**os.environ, 'TZ': 'UTC', **(environment or {})})
        if done.returncode:
            said = (done.stdout + done.stderr).decode().strip()
            raise RuntimeError(f'{line}: exit {done.returncode}: {said}')
        return done.stdout.decode()

    def rows(self, line):
        return json.loads(self.command(line + ' --format json'))['ResultSet']['Result']

    def make(self):
        self.command('init')
        if self.disks.count > 1:
            prearchive = self.disks.mount_point(1) / 'prearchive'
            (self.path / 'prearchive').rmdir()
            prearchive.mkdir()
            (self.path / 'prearchive').symlink_to(prearchive)
        self.command(f'project add {PROJECT}')

    def picture(self):
        """Everything a user can see: both trees with the history, and the listings. {name: what}."""
        seen = {}
        for tree in ('archive', 'archive/.xa/history', 'prearchive'):
            top = self.path / tree
            for parent, folders, files in os.walk(top):
                if parent == str(top):
                    folders[:] = [name for name in folders if name != '.xa']
                for name in folders + files:
                    path = Path(parent, name)
                    seen[str(path.relative_to(self.path))] = describe(path)
        for line in ('list /projects', f'list /projects/{PROJECT}/experiments', 'prearchive list'):
            for i, row in enumerate(self.rows(line)):
                row.pop('lastmod', None)  # when the row was changed last: recovery may be that
                seen.update({f'{line}, row {i}, {column}': text for column, text in row.items()})
        return seen

    def leftovers(self):
        """Unfinished operations and removals in progress."""
        return [str(path.relative_to(self.path)) for tree in ('archive', 'prearchive')
                for part in ('ops', 'trash')
                for path in (self.path / tree / '.xa' / part).glob('*')]


def describe(path):
    info = path.lstat()
    if path.is_symlink() or not path.is_file():
        return 'directory' if path.is_dir() else 'something else'
    return info.st_size, info.st_mtime_ns, hashlib.sha1(path.read_bytes()).hexdigest()


def difference(seen, expected):
    """The names that differ, and how."""
    return [f'{name}: {seen.get(name, "absent")} instead of {expected.get(name, "absent")}'
            for name in sorted(seen.keys() | expected.keys())
            if seen.get(name) != expected.get(name)]


class Recorded:
    """One sequence of operations, recorded. `states` has the picture before each and at the end."""

    def __init__(self, root, chance, syncing=False, broken=None):
        self.root = root
        self.disks = root.disks
        self.chance = chance
        self.disks.make()
        self.disks.mount('base')
        root.make()
        self.states = [root.picture()]
        self.disks.unmount()
        self.disks.start_recording('base')
        try:
            with Syncing(self.disks, chance) if syncing else nullcontext():
                for i, line in enumerate(OPERATIONS):
                    self._record(i, line, broken)
        finally:
            self.record = self.disks.stop_recording()
        self.begins = [self.record.marks[f'begin {i}'] for i in range(len(OPERATIONS))]
        self.ends = [self.record.marks[f'end {i}'] for i in range(len(OPERATIONS))]

    def _record(self, i, line, broken):
        program = 'broken_xnatarchive' if broken else 'xnatarchive'
        self.disks.mark(f'begin {i}')
        self.root.command(line, program, {'XNATARCHIVE_TEST_BREAK': broken or ''})
        self.disks.mark(f'end {i}')
        self.states.append(self.root.picture())
        if self.states[i] == self.states[i + 1] and not line.startswith('config '):
            raise RuntimeError(f'{line}: changed nothing, which tests nothing')

    def crashes(self, count):
        return self.record.crashes(self.begins[0], count, self.disks.kind, self.chance)

    def cut(self, count):
        """What is wrong after each of `count` power cuts; None where all is well."""
        for cut, writes in self.crashes(count):
            self.disks.crash('base', writes, 'crashed')
            yield self._check(cut)

    def cut_twice(self, count):
        """The same with a power cut in the recovery that follows a power cut, a few in each."""
        recoveries = 0
        while recoveries < count:
            (cut, writes), = self.crashes(1)
            self.disks.crash('base', writes, 'once')
            self.disks.start_recording('once')
            try:
                self.disks.mark('begin')
                report = self.root.command('recover')
            finally:
                record = self.disks.stop_recording()
            if 'finished' not in report and 'discarded' not in report:
                continue  # the cut fell between two operations
            few = min(8, count - recoveries)
            recoveries += few
            for _, again in record.crashes(record.marks['begin'], few, self.disks.kind,
                                           self.chance):
                self.disks.crash('once', again, 'crashed')
                wrong = self._check(cut)
                yield wrong and f'recovery after {wrong}'

    def _check(self, cut):
        """What is wrong with the crashed disks after recovery; `cut` is where the power was cut."""
        ended = sum(1 for end in self.ends if end < cut)
        begun = sum(1 for begin in self.begins if begin < cut)
        wrong = self._recover_and_compare(ended, begun)
        return wrong and f'{OPERATIONS[max(0, begun - 1)]} (cut at {cut}): {wrong}'

    def _recover_and_compare(self, ended, begun):
        try:
            self.disks.mount('crashed')
            self.root.command('recover')
            left = self.root.leftovers()
            seen = self.root.picture()
        except RuntimeError as error:
            return str(error)
        finally:
            self.disks.unmount()
        if left:
            return f'leftovers: {left}'
        possible = self.states[ended:begun + 1]
        if seen in possible:
            return None
        if seen in self.states[:ended]:
            return 'acknowledged, but undone'
        differences = ['; '.join(difference(seen, state)) for state in possible]
        return f'neither before nor after: {min(differences, key=len)}'


class PowerCuts:
    """All recordings of one kind of file system."""

    def __init__(self, arguments, programs, folder):
        self.arguments = arguments
        self.kind = arguments.file_system
        self.programs = programs
        self.folder = folder
        self.chance = random.Random(arguments.seed)
        self.inputs = {name: folder / name for name in ('in', 'more', 'changed')}
        for name, path in self.inputs.items():
            run(programs['make_dicom'], '--out', path, '--studies', 2, '--series', 4, '--instances',
                4 if name == 'more' else 2, '--rows', 48, '--cols', 48, '--private-bytes',
                64 if name == 'changed' else 0)

    def disks(self, count):
        return Disks(self.folder, self.kind, count, self.programs['recording_disk'])

    def try_disks(self):
        """Raises RuntimeError where the disks cannot be made and mounted at all."""
        disks = self.disks(1)
        disks.make()
        disks.start_recording('base')
        disks.stop_recording()

    def record(self, disk_count, **options):
        root = Root(self.disks(disk_count), self.programs, self.inputs)
        return Recorded(root, self.chance, **options)

    def cut_everywhere(self):
        """True when nothing was found."""
        images, violations, writes, flushes = 0, [], 0, 0
        kinds = [(disks, syncing) for disks in (1, 2) for syncing in (False, True)]
        kinds *= max(1, self.arguments.images // IMAGES)
        count = -(-self.arguments.images // len(kinds))
        for disk_count, syncing in kinds:
            recorded = self.record(disk_count, syncing=syncing)
            writes += recorded.record.count(WRITE)
            flushes += recorded.record.count(FLUSH)
            for wrong in chain(recorded.cut(count - count // 4), recorded.cut_twice(count // 4)):
                images += 1
                if wrong:
                    violations.append(f'{disk_count} disk(s): {wrong}')
        print(f'powercut {self.kind}: {images} images, {len(violations)} violations '
              f'({writes} writes and {flushes} flushes recorded)', flush=True)
        for line in violations[:self.arguments.show]:
            print('  ' + line)
        return not violations

    def break_rule(self, rule):
        """True when the broken rule was noticed."""
        recorded = self.record(1, broken=rule)
        for images, wrong in enumerate(recorded.cut(IMAGES), 1):
            if wrong:
                print(f'powercut {self.kind}, {rule}: found by image {images}: {wrong[:200]}',
                      flush=True)
                return True
        print(f'powercut {self.kind}, {rule}: NOT FOUND in {IMAGES} images', flush=True)
        return False

    def run(self):
        passed = [self.cut_everywhere()]
        for rule, shows_on in CONTROLS.items():
            if self.kind in shows_on:
                passed.append(self.break_rule(rule))
        return all(passed)


def parse_arguments():
    parser = argparse.ArgumentParser()
    parser.add_argument('file_system', choices=['ext4', 'xfs', 'btrfs'])
    parser.add_argument('--images', type=int, help='crashes to try', default=IMAGES_FULL
                        if os.environ.get('XNATARCHIVE_TEST_FULL') == '1' else IMAGES)
    parser.add_argument('--seed', type=int, default=int(
        os.environ.get('XNATARCHIVE_TEST_SEED') or random.SystemRandom().randrange(1 << 30)))
    parser.add_argument('--show', type=int, default=5, help='violations to print')
    parser.add_argument('programs', nargs='+', metavar='NAME=PROGRAM')
    return parser.parse_args()


def main():
    arguments = parse_arguments()
    programs = {name: str(Path(program).resolve()) for name, _, program in
                (text.partition('=') for text in arguments.programs)}
    reason = why_not(arguments.file_system, programs.get('recording_disk'))
    if reason is None and not leave_mounts():
        reason = 'this process may not have mounts of its own'
    if reason:
        print(f'powercut {arguments.file_system}: skipped: {reason}')
        return SKIPPED
    print(f'powercut {arguments.file_system}: --seed {arguments.seed}', flush=True)
    with tempfile.TemporaryDirectory(prefix='xnatarchive-powercut-') as folder:
        run('mount', '-t', 'tmpfs', '-o', 'size=4g', 'tmpfs', folder)
        try:
            cuts = PowerCuts(arguments, programs, Path(folder))
            try:
                cuts.try_disks()
            except RuntimeError as error:
                print(f'powercut {arguments.file_system}: skipped: {error}')
                return SKIPPED
            return 0 if cuts.run() else 1
        finally:
            run('umount', '--recursive', '--lazy', folder)


if __name__ == '__main__':
    sys.exit(main())
