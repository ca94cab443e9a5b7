"""recorded_disks.py - file systems on disks that remember every write, and what a power cut could
have left of them.

A disk keeps what it was told to flush. Of what was written since, any part may have reached the
medium, in any order, and the last sectors of a write may be missing."""

import ctypes
import os
import shutil
import struct
import subprocess
import threading
import time
from pathlib import Path
from typing import NamedTuple

SECTOR = 512


class FileSystemKind(NamedTuple):
    size: str
    make: list
    options: str
    # Sectors that are written whole or not at all, as the file system demands of a disk.
    whole: list


KINDS = {
    'ext4': FileSystemKind('32M', ['mkfs.ext4', '-q', '-F', '-b', '1024', '-J', 'size=4'], '', []),
    'xfs': FileSystemKind('310M', ['mkfs.xfs', '-q', '-f'], ',nouuid', []),
    # The superblock, 4 KB with one checksum, has to be written whole: it is where a commit happens.
    'btrfs': FileSystemKind('120M', ['mkfs.btrfs', '-q', '-f', '-m', 'single'], '',
                            [64 << 10, 64 << 20]),
}

WRITE, FLUSH, MARK = 1, 2, 3
LIBC = ctypes.CDLL(None, use_errno=True)
CLONE_NEWNS = 0x20000


def run(*command):
    done = subprocess.run([str(word) for word in command], capture_output=True, check=False)
    if done.returncode:
        raise RuntimeError(f'{" ".join(map(str, command))}: {done.stderr.decode().strip()}')
    return done.stdout.decode()


def why_not(kind, recording_disk):
    """Why this machine cannot cut the power of such a file system, or None."""
    if not recording_disk:
        return 'libfuse3 was not there when the tests were configured'
    if os.geteuid() != 0:
        return 'only root may mount'
    if not os.path.exists('/dev/fuse'):
        return 'there is no /dev/fuse'
    for program in (KINDS[kind].make[0], 'mount', 'umount'):
        if shutil.which(program) is None:
            return f'there is no {program}'
    return None


def leave_mounts():
    """Mounts of this process are its own from here on: nobody sees them, and they go when it goes.
    False when it may not."""
    if LIBC.unshare(CLONE_NEWNS) != 0:
        return False
    run('mount', '--make-rprivate', '/')
    return True


class Entry(NamedTuple):
    kind: int
    disk: int
    offset: int
    data: bytes


def read_record(path):
    data = Path(path).read_bytes()
    entries = []
    at = 0
    while at < len(data):
        kind, disk, size, offset = struct.unpack_from('<IIQQ', data, at)
        at += 24
        entries.append(Entry(kind, disk, offset, data[at:at + size]))
        at += size
    return entries


class Recording:
    """What was written while something ran. `marks` has the position of each mark."""

    def __init__(self, entries):
        self.entries = entries
        self.marks = {entry.data.decode(): i for i, entry in enumerate(entries)
                      if entry.kind == MARK}

    def count(self, kind):
        return sum(1 for entry in self.entries if entry.kind == kind)

    def crashes(self, first, count, kind, chance):
        """(position, writes) of `count` power cuts after position `first`: a third of them with
        all writes before them, spread evenly, the others with any part of what was not flushed."""
        last = len(self.entries)
        whole = count // 3
        for i in range(whole):
            cut = first + (last - first) * (i + 1) // whole
            yield cut, [entry for entry in self.entries[:cut] if entry.kind == WRITE]
        for _ in range(count - whole):
            cut = chance.randrange(first, last + 1)
            yield cut, self._subset(cut, kind, chance)

    def _subset(self, cut, kind, chance):
        durable, pending = [], []
        for entry in self.entries[:cut]:
            if entry.kind == WRITE:
                pending.append(entry)
            elif entry.kind == FLUSH:
                durable += [write for write in pending if write.disk == entry.disk]
                pending = [write for write in pending if write.disk != entry.disk]
        share = chance.choice([0, 0.2, 0.5, 0.8])
        kept = [write for write in pending if chance.random() < share]
        if share == 0 and pending:  # all but one
            kept = list(pending)
            del kept[chance.randrange(len(kept))]
        if kept and chance.random() < 0.3:
            torn = chance.randrange(len(kept))
            kept[torn] = _tear(kept[torn], KINDS[kind].whole, chance)
        return durable + kept


def _tear(write, whole, chance):
    end = write.offset + len(write.data)
    if any(write.offset < begin + 4096 and begin < end for begin in whole):
        return write
    return write._replace(data=write.data[:chance.randrange(0, len(write.data) + 1, SECTOR)])


class Disks:
    """`count` disks with a file system each, mounted at m0, m1, ... below a directory. Their
    contents are sets of images, by name: "base" is what make() makes."""

    def __init__(self, folder, kind, count, recording_disk):
        self.folder = Path(folder)
        self.kind = kind
        self.count = count
        self.program = recording_disk
        self._daemon = None

    def make(self):
        (self.folder / 'fuse').mkdir(exist_ok=True)
        for disk, image in enumerate(self._images('base')):
            self.mount_point(disk).mkdir(exist_ok=True)
            image.unlink(missing_ok=True)
            run('truncate', '-s', KINDS[self.kind].size, image)
            run(*KINDS[self.kind].make, image)
            run('fallocate', '--dig-holes', image)

    def crash(self, old, writes, new):
        """Makes the images `new`: `old` after these writes."""
        for disk, (source, target) in enumerate(zip(self._images(old), self._images(new))):
            run('cp', '--sparse=always', source, target)
            with open(target, 'r+b') as file:
                for write in writes:
                    if write.disk == disk:
                        os.pwrite(file.fileno(), write.data, write.offset)

    def mount_point(self, disk):
        return self.folder / f'm{disk}'

    def mount(self, name):
        """Mounts the disks themselves; replays journals."""
        self._mount(self._images(name))

    def unmount(self):
        for disk in range(self.count):
            if os.path.ismount(self.mount_point(disk)):
                run('umount', self.mount_point(disk))

    def start_recording(self, name):
        """Mounts copies of the disks, which remember."""
        fuse = self.folder / 'fuse'
        self._daemon = subprocess.Popen(
            [self.program, fuse, self.folder / 'record', *self._images(name)])
        end = time.monotonic() + 30
        while not (fuse / 'disk0').exists():
            if self._daemon.poll() is not None or time.monotonic() > end:
                raise RuntimeError('recording_disk did not start')
            time.sleep(0.01)
        self._mount([fuse / f'disk{disk}' for disk in range(self.count)])

    def mark(self, text):
        (self.folder / 'fuse' / 'mark').write_text(text)

    def stop_recording(self):
        self.mark('stop')
        self.unmount()
        run('umount', self.folder / 'fuse')
        self._daemon.wait()
        entries = read_record(self.folder / 'record')
        return Recording(entries[:Recording(entries).marks['stop']])

    def _mount(self, images):
        for disk, image in enumerate(images):
            run('mount', '-t', self.kind, '-o', 'loop' + KINDS[self.kind].options, image,
                self.mount_point(disk))

    def _images(self, name):
        return [self.folder / f'{name}{disk}.img' for disk in range(self.count)]


class Syncing:
    """Somebody else who syncs the same file systems at any moment, so that what a program writes
    reaches the disk before it asks for that, too."""

    def __init__(self, disks, chance):
        self._folders = [disks.mount_point(disk) for disk in range(disks.count)]
        self._chance = chance
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._run)

    def __enter__(self):
        self._thread.start()

    def __exit__(self, *error):
        self._stop.set()
        self._thread.join()

    def _run(self):
        descriptors = [os.open(folder, os.O_RDONLY) for folder in self._folders]
        while not self._stop.wait(self._chance.uniform(0.001, 0.03)):
            LIBC.syncfs(self._chance.choice(descriptors))
        for descriptor in descriptors:
            os.close(descriptor)
