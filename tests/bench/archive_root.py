"""archive_root.py - roots to archive in, and sessions that can be archived again and again."""

import os
import shutil
from pathlib import Path

from measure import run

PROJECT = 'BENCH'
STORE = 'store.sqlite3'


class Root:
    """A root with one project. `archive`: an empty directory elsewhere that holds the archive."""

    def __init__(self, programs, path, checksum='md5+xxh3', archive=None):
        self.programs = programs
        self.path = Path(path)
        self.command('init', '--checksum', checksum)
        if archive is not None:
            (self.path / 'archive').rmdir()
            (self.path / 'archive').symlink_to(archive)
        self.command('project', 'add', PROJECT)

    def command(self, *arguments):
        return run(self.programs.xnatarchive, '--root', self.path, *arguments)

    def receive(self, source):
        return self.command('import', source, '--project', PROJECT)

    def build(self, uri):
        return self.command('prearchive', 'build', uri)

    def archive(self, uri):
        return self.command('archive', uri)


class Waiting:
    """A session that waits in the prearchive, as it is now: archive it, and restore() brings it
    back. Its files are moved and stay what they are; catalogs, document, index and store, which
    archiving changes, are written anew."""

    def __init__(self, root, uri):
        self.root = root
        self.uri = uri
        timestamp, self.folder = uri.split('/')[-2:]
        self.beside = root.path / 'prearchive' / PROJECT / timestamp
        self.directory = self.beside / self.folder
        self.archived = root.path / 'archive' / PROJECT / 'arc001' / self.folder
        self.copy = None
        self.small = {path: path.read_bytes() for path in self._small_files()}

    def _small_files(self):
        """Every file that archiving or building writes or removes."""
        names = [f'{self.folder}.xml', f'.xa-{self.folder}.index']
        found = [self.beside / name for name in names] + [self.root.path / STORE]
        found += self.directory.glob('*/*/*/*_catalog.xml')
        found.append(self.directory / 'session.xml')
        return [path for path in found if path.exists()]

    def files(self):
        return [path for path in self.directory.glob('SCANS/*/*/*')
                if not path.name.endswith('_catalog.xml')]

    def without_digests(self):
        """As when the session was placed by another program, which knows none."""
        for path, data in self.small.items():
            if path.name.endswith('_catalog.xml'):
                self.small[path] = _strip_digests(data)
        self.small = {path: data for path, data in self.small.items() if path.suffix != '.index'}
        return self

    def keep_copy(self, place):
        """For an archive on another file system, where archiving removes the files for good."""
        self.copy = Path(place) / 'copy'
        run('cp', '-a', self.directory, self.copy)
        return self

    def move_to(self, root):
        """Carries the session to another root, whose store learns of it by reindex."""
        self.restore()
        beside = root.path / 'prearchive' / PROJECT / self.beside.name
        beside.mkdir(parents=True)
        os.rename(self.directory, beside / self.folder)
        os.rename(self.beside / f'{self.folder}.xml', beside / f'{self.folder}.xml')
        root.command('reindex')
        return Waiting(root, self.uri)

    def restore(self):
        if not self.directory.exists():
            self.beside.mkdir(parents=True, exist_ok=True)
            if self.copy is None:
                os.rename(self.archived, self.directory)
            else:
                shutil.rmtree(self.archived)
                run('cp', '-a', self.copy, self.directory)
        shutil.rmtree(self.root.path / 'archive' / PROJECT / 'subjects', ignore_errors=True)
        for name in (f'{STORE}-wal', f'{STORE}-shm'):
            (self.root.path / name).unlink(missing_ok=True)
        for path in self._small_files():
            path.unlink()
        for path, data in self.small.items():
            path.write_bytes(data)


def _strip_digests(catalog):
    """The catalog of a session build without what it knows of the bytes."""
    lines = []
    for line in catalog.split(b'\n'):
        if b'<cat:metaField' in line or b'</cat:metaField' in line:
            continue
        begin = line.find(b' digest="')
        if begin >= 0:
            line = line[:begin] + line[line.index(b'"', begin + 9) + 1:]
        lines.append(line)
    return b'\n'.join(lines)
