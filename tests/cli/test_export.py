"""export: directories, zips, standard output, bags that other programs accept and import takes."""

import hashlib
import io
import subprocess
import sys
import unittest
import zipfile

from command_test import (CommandTest, CONFLICT, DONE, FAILED, INVALID, NOT_FOUND, study_files,
                          tar_bytes)

try:
    import bagit
except ImportError:
    bagit = None

URI = '/projects/BRAINDEV/experiments/BD0001_MR1'


def digests(files):
    return sorted(hashlib.md5(content).hexdigest() for content in files)


class ExportTest(CommandTest):

    def setUp(self):
        super().setUp()
        self.make_root()
        self.succeed('archive', self.receive(series=2, SeriesDescription='t1 (fast)'))
        self.archived = digests(path.read_bytes() for path in self.root.glob('archive/**/*.dcm'))
        self.assertEqual(len(self.archived), 4)

    def files(self, folder):
        return {str(path.relative_to(folder)): path.read_bytes()
                for path in folder.rglob('*') if path.is_file()}

    def test_a_directory_a_zip_and_stdout_hold_the_same(self):
        target = self.folder / 'out'
        self.assertEqual(self.succeed('export', URI, target).lines, [str(target)])
        files = self.files(target)
        self.assertEqual(digests(files.values()), self.archived)
        for name in files:
            self.assertRegex(name, r'^scans/[12]-t1__fast_/resources/DICOM/files/[^/]+\.dcm$')
        self.succeed('export', URI, self.folder / 'out.zip')
        expected = {'BD0001_MR1/' + name: content for name, content in files.items()}
        with zipfile.ZipFile(self.folder / 'out.zip') as archive:
            self.assertIsNone(archive.testzip())
            self.assertEqual({name: archive.read(name) for name in archive.namelist()}, expected)
        done = subprocess.run(self.arguments('export', URI, '-'), capture_output=True, check=True,
                              env=self.environment())
        self.assertEqual(done.stderr, b'')
        with zipfile.ZipFile(io.BytesIO(done.stdout)) as archive:
            self.assertEqual({name: archive.read(name) for name in archive.namelist()}, expected)

    def test_a_session_that_waits_is_written_as_it_lies(self):
        uri = self.receive_built(study=2)
        place = self.prearchive_path(uri)
        expected = {f'{place.name}/{name}': content for name, content in self.files(place).items()}
        expected[place.name + '.xml'] = (place.parent / (place.name + '.xml')).read_bytes()
        # That is a catalog: the index knows files that were received.
        unchecked = (DONE, 'xnatarchive: 1 file without a digest to compare with\n')
        for target in ('out', 'out.zip'):
            run = self.run_command('export', uri, self.folder / target)
            self.assertEqual((run.status, run.err), unchecked, target)
        self.assertEqual(self.files(self.folder / 'out'), expected)
        with zipfile.ZipFile(self.folder / 'out.zip') as archive:
            self.assertEqual({name: archive.read(name) for name in archive.namelist()}, expected)
        self.fail_with(FAILED, r'export\.bag-of-waiting', 'export', uri, self.folder / 'bag', '--bag')

    def test_the_report_as_json(self):
        report = self.succeed('export', URI, self.folder / 'out', '--format', 'json').json
        self.assertEqual(report['files'], 4)
        self.assertEqual(report['files_unchecked'], 0)

    def test_refusals(self):
        self.write('there.zip', b'mine')
        self.fail_with(CONFLICT, r'export\.target-exists', 'export', URI,
                       self.folder / 'there.zip')
        self.fail_with(NOT_FOUND, r'export\.no-parent', 'export', URI, self.folder / 'no/x.zip')
        self.fail_with(NOT_FOUND, r'uri\.not-found', 'export', URI + '9', self.folder / 'x.zip')
        self.fail_with(INVALID, r'uri\.not-an-experiment', 'export', '/projects/BRAINDEV',
                       self.folder / 'x.zip')
        self.fail_with(INVALID, r'export\.inside-root', 'export', URI, self.root / 'archive/x')
        path = next(self.root.glob('archive/**/*.dcm'))
        path.write_bytes(path.read_bytes()[:-1] + b'!')
        error = self.fail_with(INVALID, r'export\.digest-differs', 'export', URI,
                               self.folder / 'x.zip')
        self.assertTrue(error['path'].endswith(path.name))
        self.assertFalse((self.folder / 'x.zip').exists())

    def test_a_zip_is_received_like_any_other(self):
        self.succeed('export', URI, self.folder / 'out.zip')
        self.root = self.folder / 'other'
        self.make_root()
        uri, = self.succeed('import', '--project', 'BRAINDEV', self.folder / 'out.zip').lines
        self.succeed('archive', uri)
        self.assertEqual(digests(path.read_bytes() for path in self.root.glob('archive/**/*.dcm')),
                         self.archived)

    @unittest.skipIf(bagit is None, 'the Python package bagit is not installed')
    def test_bags_are_valid_to_another_program(self):
        for target in ['bag', 'bag.zip']:
            self.succeed('export', URI, self.folder / target, '--bag')
        with zipfile.ZipFile(self.folder / 'bag.zip') as archive:
            archive.extractall(self.folder / 'unpacked')
        for folder in ['bag', 'unpacked/BD0001_MR1']:
            done = subprocess.run([sys.executable, '-m', 'bagit', '--validate',
                                   str(self.folder / folder)], capture_output=True, check=False)
            self.assertEqual(done.returncode, DONE, done.stderr)


class BagTest(CommandTest):

    def setUp(self):
        super().setUp()
        self.make_root()
        self.succeed('archive', self.receive(series=2))
        self.archived = self.contents()

    def contents(self):
        return digests(path.read_bytes() for path in self.root.glob('archive/**/*.dcm'))

    def check_round(self, *arguments, **options):
        self.root = self.folder / f'root{len(list(self.folder.iterdir()))}'
        self.make_root()
        uri, = self.succeed('import', *arguments, **options).lines
        self.assertEqual(self.succeed('archive', uri).lines,
                         ['/data/archive/projects/BRAINDEV/subjects/BD0001/experiments/BD0001_MR1'])
        self.assertEqual(self.contents(), self.archived)

    def test_a_bag_comes_back_as_it_was_from_a_folder_a_zip_a_tar_and_a_pipe(self):
        self.succeed('export', URI, self.folder / 'bag', '--bag')
        self.succeed('export', URI, self.folder / 'bag.zip', '--bag')
        piped = subprocess.run(self.arguments('export', URI, '-', '--bag'), capture_output=True,
                               check=True, env=self.environment()).stdout
        files = {'bag/' + str(path.relative_to(self.folder / 'bag')): path.read_bytes()
                 for path in (self.folder / 'bag').rglob('*') if path.is_file()}
        self.write('bag.tar.gz', tar_bytes(files, 'w:gz'))
        for name in ['bag', 'bag.zip', 'bag.tar.gz']:
            self.check_round(self.folder / name)
        self.check_round('-', stdin=piped)

    @unittest.skipIf(bagit is None, 'the Python package bagit is not installed')
    def test_a_bag_another_program_made_is_received(self):
        folder = self.folder / 'other'
        for name, content in study_files(study=2).items():
            self.write('other/' + name, content)
        bagit.make_bag(str(folder), checksums=['sha256', 'sha512'])
        self.succeed('import', '--project', 'BRAINDEV', folder)
        self.assertEqual(len(self.prearchive_rows()), 1)

    def test_a_damaged_bag_is_refused(self):
        self.succeed('export', URI, self.folder / 'bag', '--bag')
        path = next((self.folder / 'bag/data').rglob('*.dcm'))
        content = path.read_bytes()
        path.write_bytes(content[:-1] + b'!')
        error = self.fail_with(INVALID, r'bag\.digest-differs', 'import', self.folder / 'bag')
        self.assertEqual(error['path'], str(path.relative_to(self.folder / 'bag')))
        path.unlink()
        self.fail_with(INVALID, r'bag\.file-missing', 'import', self.folder / 'bag')
        path.write_bytes(content)
        self.write('bag/data/BD0001_MR1/more.txt', b'x')
        self.fail_with(INVALID, r'bag\.file-not-listed', 'import', '--handler', 'SI',
                       self.folder / 'bag', '--ignore-unparsable')
