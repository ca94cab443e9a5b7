"""other_file_system.py - a second file system for the time of one benchmark."""

import contextlib
import os
import shutil
import subprocess
import tempfile
from pathlib import Path

IMAGE_BYTES = 24 << 30  # sparse


def _mkfs():
    for command in (['mkfs.xfs', '-q'], ['mkfs.ext4', '-q', '-F', '-E', 'nodiscard']):
        if shutil.which(command[0]):
            return command
    return None


@contextlib.contextmanager
def other_file_system(directory, may_mount):
    """Gives (directory on another file system, what that is). A journaling file system in a loop
    mount below `directory` when that can be made: only there does durability cost what it costs.
    Otherwise memory."""
    mkfs = _mkfs()
    if may_mount and os.geteuid() == 0 and mkfs:
        image = Path(directory) / 'disk.image'
        with open(image, 'wb') as file:
            file.truncate(IMAGE_BYTES)
        subprocess.run([*mkfs, str(image)], check=True, stdout=subprocess.DEVNULL)
        place = Path(directory) / 'mount'
        place.mkdir()
        if subprocess.run(['mount', '-o', 'loop', str(image), str(place)]).returncode == 0:
            try:
                yield place, mkfs[0].removeprefix('mkfs.') + ', loop mount'
            finally:
                subprocess.run(['umount', str(place)], check=True)
                image.unlink()
            return
    with tempfile.TemporaryDirectory(prefix='xnatarchive-bench-', dir='/dev/shm') as place:
        yield Path(place), 'memory (/dev/shm): not root, or no mkfs; syncing costs nothing there'
