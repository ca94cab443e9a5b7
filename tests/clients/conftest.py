"""What the tests share: one server, and studies that no other test has."""

import itertools
import os
import subprocess
import zipfile

import pytest
from archive_server import ArchiveServer

_seeds = itertools.count(1)
_labels = itertools.count(1)


class Study:
    """Generated DICOM files of one session, and the zip of them."""

    def __init__(self, directory, seed, series=2, instances=2, private_bytes=0):
        self.seed = seed
        self.directory = directory / f'study-{seed}-{instances}-{private_bytes}'
        subprocess.run([os.environ['MAKE_DICOM'], '--out', self.directory, '--modality', 'MR',
                        '--seed', str(seed), '--series', str(series), '--instances', str(instances),
                        '--private-bytes', str(private_bytes)], check=True)
        paths = sorted(self.directory.rglob('*.dcm'))
        self.zip_path = self.directory.with_suffix('.zip')
        with zipfile.ZipFile(self.zip_path, 'w') as archive:
            for path in paths:
                archive.write(path, path.relative_to(self.directory))
        # As the archive lays them out: SCAN/DICOM/NAME.
        self.files = {f'{path.parent.name.removeprefix("series")}/DICOM/{path.name}':
                      path.read_bytes() for path in paths}

    @property
    def contents(self):
        """The bytes alone, whatever the files are called."""
        return sorted(self.files.values())


@pytest.fixture(scope='session')
def server(tmp_path_factory):
    with ArchiveServer(tmp_path_factory.mktemp('server')) as started:
        for project in ('DEMO', 'OTHER', 'CLOSED'):
            assert started.ask('PUT', f'/data/projects/{project}').status == 201
        yield started


@pytest.fixture
def make_study(tmp_path):
    """Makes studies; one with the `seed` of another is the same study again."""
    return lambda seed=None, **more: Study(tmp_path, seed or next(_seeds), **more)


@pytest.fixture
def study(make_study):
    return make_study()


@pytest.fixture
def label():
    """A session's label that no other test has."""
    return f'Session{next(_labels)}'
