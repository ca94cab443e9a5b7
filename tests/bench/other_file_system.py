"""other_file_system.py - a second file system for the time of one benchmark."""

import contextlib
import os
import shutil
import subprocess
import tempfile
from pathlib import Path

IMAGE_BYTES = 7 << 30  # twice what one benchmark keeps there


def _mkfs():
    for command in (['mkfs.xfs', '-q', '-K'], ['mkfs.ext4', '-q', '-F', '-E', 'nodiscard']):
        if shutil.which(command[0]):
            return command
    return None


def _fill(image):
    """Writes every block: a sparse image would make whoever comes first pay for its growth."""
    block = bytes(16 << 20)
    with open(image, 'wb', buffering=0) as file:
        for _ in range(IMAGE_BYTES // len(block)):
            file.write(block)
        os.fsync(file.fileno())


@contextlib.contextmanager
def other_file_system(directory, may_mount):
    """Gives (directory on another file system, what that is). A journaling file system on a
    loop device in `directory` when that can be made: only there does durability cost what it costs.
    Otherwise memory."""
    mkfs = _mkfs()
    if may_mount and os.geteuid() == 0 and mkfs:
        image = Path(directory) / 'disk.image'
        _fill(image)
        # Past the page cache of the file, as a disk is.
        loop = subprocess.run(['losetup', '--find', '--show', '--direct-io=on', str(image)],
                              capture_output=True, text=True)
        device = loop.stdout.strip()
        if loop.returncode == 0:
            place = Path(directory) / 'mount'
            place.mkdir()
            try:
                subprocess.run([*mkfs, device], check=True, stdout=subprocess.DEVNULL)
                subprocess.run(['mount', device, str(place)], check=True)
                try:
                    yield place, mkfs[0].removeprefix('mkfs.') + ', loop device'
                finally:
                    subprocess.run(['umount', str(place)], check=True)
            finally:
                subprocess.run(['losetup', '--detach', device], check=True)
                image.unlink()
            return
        image.unlink()
    with tempfile.TemporaryDirectory(prefix='xnatarchive-bench-', dir='/dev/shm') as place:
        yield Path(place), 'memory (/dev/shm): no loop device to be had; syncing costs nothing there'
