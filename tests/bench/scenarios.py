"""scenarios.py - what is measured: each function is one scenario and gives its rows.

Limits are those of the project's first milestone. A row without a limit is information."""

import shutil
import subprocess
import sys
import zipfile
from dataclasses import dataclass, field
from pathlib import Path

from archive_root import Root, Waiting
from measure import Run, alternate, run, shell
from other_file_system import other_file_system

SIZES = {
    'full': {
        'study': (20, 100), 'series': 1000, 'studies': 1000, 'commands': 50,
        'large': (50, 200), 'many': (250, 400), 'growth': [1_000, 10_000, 100_000],
        'per_series': 400, 'one_catalog': 100_000, 'tenth': 10_000, 'million': 1_000_000,
        'import': (20, 100), 'repeats': 5,
    },
    'small': {
        'study': (4, 10), 'series': 20, 'studies': 10, 'commands': 3,
        'large': (4, 10), 'many': (10, 20), 'growth': [100, 400],
        'per_series': 20, 'one_catalog': 500, 'tenth': 50, 'million': 1_000,
        'import': (4, 10), 'repeats': 1,
    },
}
SIDE_190_KB, SIDE_300_KB, SIDE_20_KB, SIDE_TINY = 308, 387, 95, 16  # of square 16 bit images

FILES = 'find "$1" -name "*.dcm" -print0 | '
MD5SUM = FILES + 'xargs -0 -n 64 -P 2 md5sum >"$2"'
XXHSUM = FILES + 'xargs -0 xxhsum -H2 >"$2"'


@dataclass
class Row:
    what: str
    ours: float = None     # seconds, or bytes; None: it could not be measured
    unit: str = 's'        # 's', 'MB'
    peer_name: str = ''
    peer: float = None     # in the same unit
    limit: float = None    # of ours / peer when there is a peer, else of ours
    details: dict = field(default_factory=dict)

    @property
    def value(self):
        if self.ours is None:
            return None
        return self.ours if self.peer is None else self.ours / self.peer


class Bench:
    """What all scenarios share."""

    def __init__(self, programs, directory, scale, repeats):
        self.programs = programs
        self.directory = Path(directory)
        self.scale = scale
        self.size = SIZES[scale]
        self.repeats = repeats or self.size['repeats']
        self.made = {}
        self.places = 0
        # For five minutes ext4 looks at every inode that was freed before it takes another, so that
        # what is made beside a tree just removed takes up to twice as long. With +T each place is
        # in a block group of its own, as places of different disks would be.
        subprocess.run(['chattr', '+T', self.directory], check=False, capture_output=True)

    def place(self, name):
        """A new empty directory."""
        self.places += 1
        path = self.directory / f'{self.places}-{name}'
        path.mkdir()
        return path

    def dicom(self, series, instances, side, studies=1):
        """Directory of generated images, made once."""
        key = (studies, series, instances, side)
        if key not in self.made:
            self.made[key] = self.place('dicom')
            run(self.programs.make_dicom, '--out', self.made[key], '--studies', studies,
                '--series', series, '--instances', instances, '--rows', side, '--cols', side,
                '--label-prefix', 'S')
        return self.made[key]

    def root(self, checksum='md5+xxh3', archive=None):
        return Root(self.programs, self.place('root') / 'root', checksum, archive)

    def waiting(self, root, *dicom):
        """A session that is received."""
        return Waiting(root, root.receive(self.dicom(*dicom)).out.strip())

    def built(self, root, *dicom):
        """A session whose catalogs know every digest."""
        session = self.waiting(root, *dicom)
        root.build(session.uri)
        return Waiting(root, session.uri)

    def archive_beside(self, session, **peers):
        """Archives it beside peers that work on the same files."""
        sides = {'ours': (session.restore, lambda: session.root.archive(session.uri))}
        for name, work in peers.items():
            sides[name] = (session.restore, work)
        return alternate(self.repeats, **sides)

    def hashing(self, script, session):
        return lambda: shell(script, session.directory, self.directory / 'sums')


def rows_of(what, measured, limit=None, peers=()):
    """A row for ours alone, and one for each (peer, its name, limit of the ratio)."""
    ours = measured['ours']
    details = {'cpu_seconds': ours.cpu_seconds, 'peak_bytes': ours.peak_bytes,
               'runs': ours.all_seconds}
    rows = [] if limit is None and peers else [Row(what, ours.seconds, limit=limit,
                                                   details=details)]
    for peer, name, ratio in peers:
        if peer in measured:
            other = measured[peer]
            more = {'peer_cpu_seconds': other.cpu_seconds, 'peer_runs': other.all_seconds}
            rows.append(Row(what, ours.seconds, peer_name=name, peer=other.seconds, limit=ratio,
                            details={**details, **more}))
    return rows


def build_and_archive(session):
    return session.root.build(session.uri) + session.root.archive(session.uri)


def study(bench):
    """One study of 2,000 images: build and archive."""
    session = bench.waiting(bench.root(), *bench.size['study'], SIDE_190_KB)
    measured = alternate(
        bench.repeats, ours=(session.restore, lambda: build_and_archive(session)),
        md5sum=(session.restore, bench.hashing(MD5SUM, session)))
    return rows_of('study of 2,000 images: build + archive', measured, 1.0,
                   [('md5sum', 'md5sum, 2 processes', 1.5)])


def series(bench):
    """One study of 1,000 series of one image: build and archive."""
    session = bench.waiting(bench.root(), bench.size['series'], 1, SIDE_190_KB)
    measured = alternate(bench.repeats, ours=(session.restore, lambda: build_and_archive(session)))
    return rows_of('1,000 series of one image: build + archive', measured, 2.0)


def studies(bench):
    """1,000 studies of one image, imported and archived one after the other."""
    source = bench.dicom(1, 1, SIDE_190_KB, bench.size['studies'])
    inputs = sorted(source.iterdir())
    roots = []

    def one_engine():
        return run(bench.programs.bench_driver, roots[-1].path, 'BENCH', *inputs)

    def commands():
        done = Run()
        for path in inputs[:bench.size['commands']]:
            received = roots[-1].receive(path)
            done += received + roots[-1].archive(received.out.strip())
        return done

    def new_root():
        roots.append(bench.root())

    measured = alternate(bench.repeats, ours=(new_root, one_engine), command=(new_root, commands))
    rows = []
    for side, count, what in (
            ('ours', len(inputs), 'study of one image: import + archive, each of 1,000'),
            ('command', bench.size['commands'], 'the same by two commands each')):
        each = measured[side]
        rows.append(Row(what, each.seconds / count, limit=0.020 if side == 'ours' else None,
                        details={'cpu_seconds': each.cpu_seconds / count,
                                 'peak_bytes': each.peak_bytes, 'runs': each.all_seconds}))
    return rows


def bagit_rows(bench, session):
    """Archiving beside bagit-python, which comes from the package index."""
    what, name, limit = 'the same, computing MD5 + XXH3', 'bagit.py, 2 processes', 1.0
    place = bench.place('bagit')
    try:
        run(sys.executable, '-m', 'pip', 'install', '--quiet', '--target', place, 'bagit')
    except subprocess.CalledProcessError as error:
        return [Row(what, peer_name=name, limit=limit, details={'failure': str(error)})]

    def prepare():
        payload = session.directory / 'data'
        if payload.exists():  # undoes the bag
            for path in session.directory.glob('*.txt'):
                path.unlink()
            for path in payload.iterdir():
                path.rename(session.directory / path.name)
            payload.rmdir()
        session.restore()

    def work():
        return run(sys.executable, '-m', 'bagit', '--processes', '2', '--md5', session.directory,
                   env={'PYTHONPATH': str(place)})

    measured = alternate(bench.repeats, ours=(prepare, lambda: session.root.archive(session.uri)),
                         bagit=(prepare, work))
    prepare()
    return rows_of(what, measured, None, [('bagit', name, limit)])


def digests(bench):
    """Archiving by rename: digests known, and computed."""
    root = bench.root()
    session = bench.built(root, *bench.size['large'], SIDE_300_KB)
    rows = rows_of('10,000 files of 300 kB: archive, digests known', bench.archive_beside(session),
                   0.15)
    session.restore()
    session.without_digests()
    measured = bench.archive_beside(session, md5sum=bench.hashing(MD5SUM, session))
    rows += rows_of('the same, computing MD5 + XXH3', measured, None,
                    [('md5sum', 'md5sum, 2 processes', 1.1)])
    rows += bagit_rows(bench, session)
    moved = session.move_to(bench.root('xxh3'))
    measured = bench.archive_beside(moved, xxhsum=bench.hashing(XXHSUM, moved))
    rows += rows_of('the same, computing XXH3', measured, None,
                    [('xxhsum', 'xxhsum -H2', 0.9)])
    return rows


def many(bench):
    """Archiving 100,000 files by rename, digests known."""
    session = bench.built(bench.root(), *bench.size['many'], SIDE_20_KB)
    measured = bench.archive_beside(session)
    return rows_of('100,000 files of 20 kB: archive, digests known', measured, 0.8) + [
        memory('100,000 files: archive, digests known', measured['ours'])]


def across(bench):
    """Archiving to another file system."""
    with other_file_system(bench.place('disk'), bench.scale == 'full') as (place, kind):
        (place / 'archive').mkdir()
        root = bench.root(archive=place / 'archive')
        session = bench.built(root, *bench.size['large'], SIDE_300_KB)
        session.keep_copy(bench.place('copy'))
        target = place / 'copied'

        def prepare():
            session.restore()
            shutil.rmtree(target, ignore_errors=True)

        measured = alternate(
            bench.repeats, ours=(prepare, lambda: root.archive(session.uri)),
            cp=(prepare, lambda: shell('cp -a "$1" "$2" && sync -f "$2"', session.directory,
                                       target)))
        return rows_of(f'10,000 files of 300 kB to another file system ({kind})', measured, None,
                       [('cp', 'cp -a and sync -f', 1.25)])


def importing(bench):
    """Importing a zip."""
    rows = []
    source = bench.dicom(*bench.size['import'], SIDE_190_KB)
    for method, name in ((zipfile.ZIP_DEFLATED, 'deflated'), (zipfile.ZIP_STORED, 'stored')):
        archive = bench.place('zip') / 'study.zip'
        with zipfile.ZipFile(archive, 'w', method) as file:
            for path in sorted(source.glob('**/*.dcm')):
                file.write(path, path.relative_to(source))
        places = []

        def new_root():
            places.append(bench.root())

        def new_directory():
            places.append(bench.place('unpacked'))

        measured = alternate(
            bench.repeats, ours=(new_root, lambda: places[-1].receive(archive)),
            bsdtar=(new_directory, lambda: shell('bsdtar -x -f "$1" -C "$2" && sync -f "$2"',
                                                 archive, places[-1])))
        rows += rows_of(f'import of a zip of 2,000 images, {name}', measured, None,
                        [('bsdtar', 'bsdtar -x and sync -f', 1.5)])
    return rows


def verifying(bench):
    """Verifying an archived session of 10,000 files of 300 kB, warm."""
    root = bench.root()
    session = bench.built(root, *bench.size['large'], SIDE_300_KB)
    root.archive(session.uri)

    def nothing():
        pass

    def verify(*options):
        return nothing, lambda: root.command('verify', *options)

    measured = alternate(
        bench.repeats, ours=verify(),
        xxhsum=(nothing, lambda: shell(XXHSUM, session.archived, bench.directory / 'sums')))
    rows = rows_of('10,000 files of 300 kB: verify', measured, None,
                   [('xxhsum', 'xxhsum -H2', 0.75)])
    measured = alternate(
        bench.repeats, ours=verify('--all-digests'),
        md5sum=(nothing, lambda: shell(MD5SUM, session.archived, bench.directory / 'sums')))
    return rows + rows_of('the same, MD5 and XXH3', measured, None,
                          [('md5sum', 'md5sum, 2 processes', 1.1)])


def memory(what, measured, limit=200):
    return Row(f'peak memory, {what}', measured.peak_bytes / 1e6, unit='MB', limit=limit,
               details={'runs': measured.all_seconds})


def import_often(bench, source):
    """Imports into one new root after the other; returns what that took, and the last session."""
    roots, uris = [], []

    def new_root():
        if roots:
            shutil.rmtree(roots[-1].path)
        roots.append(bench.root())

    def work():
        received = roots[-1].receive(source)
        uris.append(received.out.strip())
        return received

    return alternate(bench.repeats, ours=(new_root, work))['ours'], Waiting(roots[-1], uris[-1])


def growth(bench):
    """Memory, and time for each file, from 1,000 files to 100,000."""
    rows, per_file = [], {}
    for count in bench.size['growth']:
        dicom = (count // bench.size['per_series'] or 1, bench.size['per_series'], SIDE_20_KB)
        total = dicom[0] * dicom[1]
        received, session = import_often(bench, bench.dicom(*dicom))
        root = session.root
        work = alternate(bench.repeats, ours=(session.restore, lambda: build_and_archive(session)))
        session.restore()
        root.build(session.uri)
        unknown = Waiting(root, session.uri).without_digests()
        hashed = bench.archive_beside(unknown)
        # On the clock an import is mostly the disk's: it writes two gigabytes and waits for them.
        steps = (('CPU time', 'import', received, received.cpu_seconds),
                 ('time', 'build + archive', work['ours'], work['ours'].seconds),
                 ('time', 'archive, computing digests', hashed['ours'], hashed['ours'].seconds))
        for kind, step, measured, seconds in steps:
            per_file.setdefault(f'{kind} per file: {step}', []).append(seconds / total)
            if count == bench.size['growth'][-1]:
                rows.append(memory(f'100,000 files: {step}', measured))
    for what, times in per_file.items():
        rows.append(Row(what, times[-1], peer_name='the same of 1,000 files',
                        peer=times[0], limit=1.25,
                        details={'seconds_per_file': times}))
    return rows


def one_catalog(bench):
    """One series of 100,000 files."""
    root = bench.root()
    received = root.receive(bench.dicom(1, bench.size['one_catalog'], SIDE_TINY))
    session = Waiting(root, received.out.strip())
    work = alternate(bench.repeats, ours=(session.restore, lambda: build_and_archive(session)))
    session.restore()
    root.build(session.uri)
    unknown = bench.archive_beside(Waiting(root, session.uri).without_digests())
    return [
        Row('peak memory, one catalog of 100,000: import', received.peak_bytes / 1e6, 'MB',
            limit=200),
        memory('one catalog of 100,000: build + archive', work['ours']),
        memory('one catalog of 100,000: archive, computing digests', unknown['ours']),
        Row('one catalog of 100,000: build + archive', work['ours'].seconds,
            details={'runs': work['ours'].all_seconds}),
    ]


ALL = {scenario.__name__: scenario for scenario in
       (study, series, studies, digests, many, across, importing, verifying, growth,
        one_catalog)}
