"""Bad input: a clear error, the right exit status, nothing lost. `fail_with` compares the trees."""

import os
import shutil

from command_test import (CommandTest, INVALID, NOT_FOUND, NOT_PERMITTED, PROGRAMS, study_files,
                          zip_bytes)
from dicom_file import dicom_bytes

BOMB = ('<?xml version="1.0"?><!DOCTYPE b [<!ENTITY a "aaaaaaaaaa">' +
        ''.join(f'<!ENTITY {chr(98 + i)} "{f"&{chr(97 + i)};" * 10}">' for i in range(9)) +
        ']><b>&j;</b>').encode()
DEEP = b'<a>' * 100_000 + b'</a>' * 100_000


def damaged(content):
    """What can happen to a document: {what: bytes}."""
    return {'empty': b'', 'truncated': content[:len(content) // 2],
            '10 MB of garbage': (bytes(range(256)) * 40_960)[:10_000_000],
            'entity bomb': BOMB, 'deep nesting': DEEP, 'another document': b'<html/>'}


class DicomTest(CommandTest):

    def setUp(self):
        super().setUp()
        self.make_root()

    def refuse(self, name, content):
        return self.fail_with(INVALID, r'\S+', 'import', '--project', 'BRAINDEV',
                              self.write(name, content))

    def test_a_file_that_is_empty_cut_or_something_else(self):
        whole = dicom_bytes()
        for content in [b'', whole[:100], whole[:132], whole[:200], whole[:400],
                        b'\0' * 128 + b'DICM' + b'\xff' * 1000, b'%PDF-1.4 ' * 100]:
            self.refuse('x.dcm', content)

    def test_a_dicom_file_that_names_no_study_or_instance(self):
        for keyword in ['StudyInstanceUID', 'SOPInstanceUID', 'SOPClassUID']:
            attributes = {keyword: ''}
            self.refuse('x.dcm', dicom_bytes(**attributes))

    def test_a_label_of_only_forbidden_characters(self):
        self.refuse('x.zip', zip_bytes(study_files(PatientID='^^^', PatientName='^^^')))

    def test_a_name_of_300_bytes_is_no_label_but_for_a_file_there_is_another(self):
        error = self.refuse('x.zip', zip_bytes(study_files(PatientID='N' * 300)))
        self.assertNotIn('NNN', error['message'])
        self.fail_with(INVALID, r'\S+', 'import', '--project', 'BRAINDEV', '--session', 'L' * 300,
                       self.write_study('y.zip'))
        for study, name in enumerate(['d' * 300 + '.dcm', 'd' * 300 + '/1.dcm'], start=1):
            content = dicom_bytes(study)
            uri, = self.succeed('import', '--project', 'BRAINDEV',
                                self.write('z.zip', zip_bytes({name: content}))).lines
            stored, = self.prearchive_path(uri).glob('SCANS/1/DICOM/*')
            self.assertEqual(stored.read_bytes(), content)
            if '/' in name:
                self.assertEqual(stored.name, '1.dcm')
            else:  # that of its UIDs
                self.assertRegex(stored.name, rf'^1\.2\.826\.0\.1\.3680043\.10\.1234\.{study}-1-1-'
                                              r'[0-9a-z]+\.dcm$')

    def test_inputs_that_are_not_there_or_no_files(self):
        missing = self.folder / 'none.zip'
        self.fail_with(NOT_FOUND, r'\S+', 'import', '--project', 'BRAINDEV', missing)
        os.mkfifo(self.folder / 'fifo')
        self.fail_with(INVALID, r'\S+', 'import', '--project', 'BRAINDEV', self.folder / 'fifo')
        path = self.write_study('study.zip')
        self.fail_with(NOT_FOUND, r'import\.unknown-handler', 'import', '--handler', 'XAR', path)
        self.fail_with(INVALID, r'uri\.\S+', 'import', '--dest', 'nowhere', path)


class UriTest(CommandTest):

    def setUp(self):
        super().setUp()
        self.make_root()
        self.uri = self.receive()

    def test_what_is_not_there_is_not_found(self):
        missing = '/data/prearchive/projects/BRAINDEV/20200101_000000000/NONE'
        for command in ['prearchive show', 'prearchive build', 'prearchive delete',
                        'prearchive log', 'archive', 'show']:
            self.fail_with(NOT_FOUND, r'\S+\.not-found', *command.split(), missing)
        for uri in ['/projects/NOBODY', '/projects/BRAINDEV/subjects/NONE', '/experiments/NONE',
                    '/projects/BRAINDEV/subjects/NONE/experiments/NONE']:
            self.fail_with(NOT_FOUND, r'\S+', 'list', uri)
        archived, = self.succeed('archive', self.uri).lines
        self.fail_with(NOT_FOUND, r'\S+', 'list', archived + '/scans/99')
        self.fail_with(NOT_FOUND, r'\S+', 'list', archived + '/scans/1/resources/NONE')
        self.fail_with(NOT_FOUND, r'\S+', 'show', archived + 'x')

    def test_what_is_malformed_or_leaves_the_tree_is_invalid(self):
        for uri in ['nonsense', '', '/prearchive/projects/BRAINDEV/../..',
                    '/prearchive/projects/A/B', '/archive/projects/BRAINDEV',
                    '/prearchive/projects/BRAINDEV/20200101_000000000/..',
                    '/prearchive/projects/BRAINDEV/20200101_000000000/a%2f..%2fb']:
            for command in ['prearchive show', 'prearchive delete', 'archive']:
                self.fail_with(INVALID, r'uri\.\S+', *command.split(), uri)
        self.fail_with(INVALID, r'uri\.\S+', 'list', '/projects/../../etc')


class PrearchiveDamageTest(CommandTest):
    """The session document and the catalogs of a waiting session, damaged by somebody."""

    def setUp(self):
        super().setUp()
        self.make_root()
        self.uri = self.receive_built()
        self.session = self.prearchive_path(self.uri)

    def test_a_damaged_session_document(self):
        document = self.session.with_suffix('.xml')
        for what, content in damaged(document.read_bytes()).items():
            with self.subTest(what):
                document.write_bytes(content)
                self.fail_with(INVALID, r'\S+', 'archive', self.uri)
                self.assertEqual(document.read_bytes(), content)
                run = self.run_command('show', self.uri, '--format', 'json')
                self.assertEqual((run.status, run.out), (INVALID, ''), run.err)

    def test_a_rebuild_repairs_a_damaged_session_document(self):
        document = self.session.with_suffix('.xml')
        whole = document.read_bytes()
        document.write_bytes(whole[:100])
        self.fail_with(INVALID, r'\S+', 'archive', self.uri)
        self.succeed('prearchive', 'build', self.uri)
        self.assertEqual(document.read_bytes(), whole)
        self.succeed('archive', self.uri)

    def test_a_damaged_catalog(self):
        catalog = self.session / 'SCANS/1/DICOM/scan_1_catalog.xml'
        for what, content in damaged(catalog.read_bytes()).items():
            with self.subTest(what):
                catalog.write_bytes(content)
                error = self.fail_with(INVALID, r'\S+', 'archive', self.uri)
                self.assertIn('scan 1, resource DICOM: catalog.', error['message'])
        self.succeed('prearchive', 'build', self.uri)
        self.succeed('archive', self.uri)

    def test_a_session_that_lost_a_file(self):
        next(self.session.glob('SCANS/1/DICOM/*.dcm')).unlink()
        self.fail_with(INVALID, r'\S+', 'archive', self.uri)

    def test_a_file_that_became_a_link(self):
        path = next(self.session.glob('SCANS/1/DICOM/*.dcm'))
        path.unlink()
        path.symlink_to('/etc/passwd')
        self.fail_with(INVALID, r'\S+', 'archive', self.uri)


def may_be_nobody():
    """Root may do everything: to be refused, the command must run as somebody else."""
    return os.geteuid() == 0 and shutil.which('setpriv') is not None


class ReadOnlyTest(CommandTest):

    def setUp(self):
        super().setUp()
        self.prefix = []
        if os.geteuid() == 0:
            if not may_be_nobody():
                self.skipTest('root may write everywhere, and there is no setpriv')
            self.prefix = ['setpriv', '--reuid=65534', '--regid=65534', '--clear-groups']
            self.folder.chmod(0o755)
            # The build directory may be closed to others.
            program = shutil.copy(PROGRAMS['xnatarchive'], self.folder / 'xnatarchive')
            if self.run_program([*self.prefix, program, '--version']).status != 0:
                self.skipTest('the command cannot be run by another user here')
            self.program = program
            os.chown(self.folder, 65534, 65534)
        else:
            self.program = PROGRAMS['xnatarchive']
        self.make_root()
        self.uri = self.receive_built()

    def arguments(self, *arguments):
        return [*self.prefix, self.program, '--root', str(self.root), *map(str, arguments)]

    def write(self, name, content):
        path = super().write(name, content)
        path.chmod(0o644)
        return path

    def close(self, path):
        """Makes a tree read-only, as a read-only mount is."""
        self.addCleanup(self.open, path)
        for folder, _, _ in os.walk(path):
            os.chmod(folder, 0o555)

    def open(self, path):
        for folder, _, _ in os.walk(path):
            os.chmod(folder, 0o755)

    def refuse(self, tree, *arguments):
        """The command is not permitted while the tree is closed, and both trees stay as they are."""
        before = self.state()
        self.close(self.root / tree)
        run = self.run_command('--format', 'json', *arguments)
        self.open(self.root / tree)
        error, = run.errors
        self.assertEqual((run.status, error['code'], error['disk_state']),
                         (NOT_PERMITTED, 'permission', 'unchanged'))
        self.assertEqual((self.state(), self.leftovers()), (before, []))

    def test_a_read_only_archive_takes_nothing_and_the_session_stays(self):
        self.refuse('archive', 'archive', self.uri)
        self.succeed('archive', self.uri)

    def test_a_read_only_prearchive_takes_and_gives_nothing(self):
        path = self.write_study('another.zip', 2)
        self.refuse('prearchive', 'import', '--project', 'BRAINDEV', path)
        self.refuse('prearchive', 'prearchive', 'delete', self.uri)
        self.refuse('prearchive', 'archive', self.uri)
        self.succeed('archive', self.uri)

    def test_what_is_read_only_can_be_listed(self):
        archived, = self.succeed('archive', self.uri).lines
        for tree in 'archive', 'prearchive':
            self.close(self.root / tree)
        self.assertEqual(len(self.list_column(archived, 'ID')), 1)
        self.succeed('show', archived)
        self.succeed('prearchive', 'list')

    def test_an_input_that_may_not_be_read(self):
        path = self.write_study('another.zip', 2)
        path.chmod(0)
        self.fail_with(NOT_PERMITTED, r'\S+', 'import', '--project', 'BRAINDEV', path)
