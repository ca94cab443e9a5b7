"""archive: its options, its dry run, what happens by itself, and several sessions at once."""

import contextlib
import re
import shutil
import sqlite3
import tempfile
import xml.etree.ElementTree as ElementTree
from pathlib import Path

from command_test import CommandTest, CONFLICT, INVALID, NOT_FOUND, zip_bytes
from dicom_file import dicom_bytes

XNAT = '{http://nrg.wustl.edu/xnat}'
EXPERIMENT = '/data/archive/projects/BRAINDEV/subjects/{}/experiments/{}'


class ArchiveTest(CommandTest):

    def setUp(self):
        super().setUp()
        self.make_root()

    def document(self, uri):
        return ElementTree.fromstring(self.succeed('show', uri).out)

    def test_a_session_lands_where_dest_says_and_is_built_on_the_way(self):
        dest = EXPERIMENT.format('SUBJ', 'LAB')
        for number, (dest, expected) in enumerate([
                ('/archive/projects/BRAINDEV', EXPERIMENT.format('BD0001', 'BD0001_MR1')),
                ('/data/archive/projects/BRAINDEV/subjects/SUBJ',
                 EXPERIMENT.format('SUBJ', 'BD0002_MR1')),
                (dest, dest)], start=1):
            run = self.succeed('archive', self.receive(study=number), '--dest', dest)
            self.assertEqual(run.lines, [expected])

    def test_the_source_is_named_with_or_without_data(self):
        uri = self.receive()
        self.assertTrue(uri.startswith('/data/prearchive/'))
        self.assertEqual(self.succeed('archive', uri[len('/data'):]).lines,
                         [EXPERIMENT.format('BD0001', 'BD0001_MR1')])

    def test_an_unassigned_session_goes_to_the_project_of_dest(self):
        uri, = self.succeed('import', self.write_study('study.zip')).lines
        self.assertIn('/Unassigned/', uri)
        self.succeed('prearchive', 'build', uri)
        self.fail_with(INVALID, r'archive\.no-project', 'archive', uri)
        self.succeed('archive', uri, '--dest', '/archive/projects/BRAINDEV')
        self.assertEqual(self.prearchive_rows(), [])

    def test_the_report_as_json(self):
        report, = self.succeed('archive', self.receive(series=2), '--format', 'json').json
        size = sum(path.stat().st_size for path in self.root.glob('archive/**/*.dcm'))
        for name, value in {'uri': EXPERIMENT.format('BD0001', 'BD0001_MR1'),
                            'experiment_id': 'XNAT_E00001', 'project': 'BRAINDEV',
                            'subject': 'BD0001', 'label': 'BD0001_MR1', 'status': 'active',
                            'scans': 2, 'files': 4, 'bytes': size, 'pipeline': None}.items():
            self.assertEqual(report[name], value, name)

    def test_fields_are_set_before_archiving(self):
        uri, = self.succeed('archive', self.receive(), '--set', 'xnat:mrSessionData/note=a=b c',
                            '--set', 'xnat:mrSessionData/operator=KT').lines
        document = self.document(uri)
        self.assertEqual(document.findtext(XNAT + 'note'), 'a=b c')
        self.assertEqual(document.findtext(XNAT + 'operator'), 'KT')
        self.fail_with(INVALID, r'archive\.\S+', 'archive', self.receive_built(study=2), '--set',
                       'xnat:mrSessionData/no such/field=1')

    def test_quarantine_by_option_and_by_project(self):
        self.succeed('project', 'add', 'STRICT', '--quarantine-code', '1')
        report, = self.succeed('archive', '--quarantine', self.receive(study=1), '--format',
                               'json').json
        self.assertEqual(report['status'], 'quarantine')
        path = self.write_study('study.zip', 2)
        source, = self.succeed('import', '--project', 'STRICT', path).lines
        report, = self.succeed('archive', source, '--format', 'json').json
        self.assertEqual(report['status'], 'quarantine')

    def test_several_sessions_are_each_tried_and_the_first_failure_gives_the_status(self):
        missing = '/data/prearchive/projects/BRAINDEV/20200101_000000000/NONE'
        first, second = self.receive(study=1), self.receive(study=2)
        run = self.run_command('archive', first, missing, 'malformed', second)
        self.assertEqual(run.status, NOT_FOUND)
        self.assertEqual(run.lines, [EXPERIMENT.format('BD0001', 'BD0001_MR1'),
                                     EXPERIMENT.format('BD0002', 'BD0002_MR1')])
        self.assertEqual(len(run.err.splitlines()), 2)
        run = self.run_command('archive', 'malformed', missing, '--format', 'json')
        self.assertEqual((run.status, run.json, len(run.errors)), (INVALID, [], 2))

    def test_a_label_that_is_archived_already_is_a_conflict(self):
        self.succeed('archive', self.receive())
        again = self.receive_built()
        error = self.fail_with(CONFLICT, r'archive\.session-exists', 'archive', again)
        self.assertEqual(error['code'], 'conflict')
        row, = self.prearchive_rows()
        self.assertEqual(row['status'], 'CONFLICT')
        self.assertIn('already exists', self.succeed('prearchive', 'log', again).out)
        other = self.receive_built(study=2)
        self.fail_with(CONFLICT, r'archive\.session-exists', 'archive', other, '--dest',
                       EXPERIMENT.format('BD0001', 'BD0001_MR1'))

    def test_two_studies_of_one_label_are_two_sessions_of_which_one_can_be_archived(self):
        first = self.receive(study=1, PatientID='SAME')
        second = self.receive_built(study=2, PatientID='SAME')
        self.assertNotEqual(first, second)
        self.succeed('archive', first)
        self.fail_with(CONFLICT, r'archive\.\S+', 'archive', second)


class DryRunTest(CommandTest):

    def setUp(self):
        super().setUp()
        self.make_root()

    def dry_run(self, *arguments):
        """A dry run never changes anything, nor marks the session."""
        before = self.state(), self.prearchive_rows()
        run = self.run_command('archive', '--dry-run', *arguments)
        self.assertEqual((self.state(), self.prearchive_rows()), before)
        self.assertEqual(self.leftovers(), [])
        return run

    def test_it_says_where_a_session_would_land_and_with_how_much(self):
        uri = self.receive_built(series=2)
        run = self.dry_run(uri)
        self.assertEqual(run.status, 0, run.err)
        self.assertEqual(run.lines[0],
                         'would be archived: ' + EXPERIMENT.format('BD0001', 'BD0001_MR1'))
        self.assertRegex(run.lines[1], r'^2 scans, 4 files, [\d.]+ kB, \d+ files to hash$')
        report, = self.dry_run(uri, '--format', 'json').json
        self.assertEqual((report['src'], report['blocked'], report['findings'], report['files']),
                         (uri, False, [], 4))
        self.assertEqual(self.dry_run(uri, '--format', 'csv').out, 'code,type,message\r\n')

    def test_a_conflict_is_status_4_and_code_1(self):
        self.succeed('archive', self.receive())
        run = self.dry_run(self.receive_built())
        self.assertEqual(run.status, CONFLICT, run.err)
        self.assertEqual(run.lines[0].split(), ['CODE', 'TYPE', 'MESSAGE'])
        self.assertRegex(run.lines[1], r'^1     CONFLICT  \S')
        self.assertIn('would be refused: ', run.out)

    def test_a_fail_is_status_6(self):
        uri, = self.succeed('import', self.write_study('study.zip')).lines
        self.succeed('prearchive', 'build', uri)
        run = self.dry_run(uri, '--format', 'json')
        self.assertEqual(run.status, INVALID, run.err)
        report, = run.json
        self.assertTrue(report['blocked'])
        self.assertIn((6, 'FAIL'), [(f['code'], f['type']) for f in report['findings']])

    def test_what_is_not_there_or_malformed_is_an_error_not_a_finding(self):
        self.fail_with(NOT_FOUND, r'prearchive\.not-found', 'archive', '--dry-run',
                       '/prearchive/projects/BRAINDEV/20200101_000000000/NONE')
        self.fail_with(INVALID, r'uri\.\S+', 'archive', '--dry-run', 'malformed')
        self.fail_with(INVALID, r'uri\.\S+', 'archive', '--dry-run', '/archive/projects/BRAINDEV')


class MergeTest(CommandTest):
    """--overwrite, validate, and the history of what delete replaced."""

    SESSION = EXPERIMENT.format('BD0001', 'BD0001_MR1')

    def setUp(self):
        super().setUp()
        self.make_root()

    def send(self, overwrite, files):
        """Receives and builds files, {name: bytes}, as one session; the arguments to archive it."""
        path = self.write('part.zip', zip_bytes(files))
        uri, = self.succeed('import', '--project', 'BRAINDEV', path).lines
        self.succeed('prearchive', 'build', uri)
        return uri, '--overwrite', overwrite

    def archived(self):
        """{path below SCANS: bytes} of all archived DICOM files."""
        scans = self.root / 'archive/BRAINDEV/arc001/BD0001_MR1/SCANS'
        return {str(path.relative_to(scans)): path.read_bytes() for path in scans.rglob('*.dcm')}

    def history(self):
        return self.succeed('history', 'list', '--format', 'json').rows

    def whole_state(self):
        """Every path with its times and bytes, and all rows of the store."""
        paths = {str(path): (path.lstat().st_mtime_ns, path.is_file() and path.read_bytes())
                 for tree in ('archive', 'prearchive')
                 for path in (self.root / tree).rglob('*') if '/.xa/locks' not in str(path)}
        with contextlib.closing(sqlite3.connect(self.root / 'store.sqlite3')) as store:
            return paths, list(store.iterdump())

    def validate(self, status, *arguments):
        before = self.whole_state()
        run = self.run_command('validate', *arguments)
        self.assertEqual(self.whole_state(), before)
        self.assertEqual((run.status, run.err), (status, ''))
        return run

    def test_five_objects_of_one_number_and_two_series_become_two_scans(self):
        def objects(series, *names):
            return {name + '.dcm': dicom_bytes(1, series, 'abcde'.index(name) + 1, SeriesNumber='1')
                    for name in names}
        self.succeed('archive', *self.send('none', objects(1, 'a')))
        for part in [objects(2, 'b'), objects(2, 'c'), objects(1, 'd', 'e')]:
            self.succeed('archive', *self.send('delete', part))
        self.assertEqual(sorted(self.archived()), [
            '1-MR1/DICOM/b.dcm', '1-MR1/DICOM/c.dcm', '1/DICOM/a.dcm', '1/DICOM/d.dcm',
            '1/DICOM/e.dcm'])
        self.assertEqual([path.name for path in sorted(self.root.glob('archive/**/*_catalog.xml'))],
                         ['scan_1_catalog.xml', 'scan_1-MR1_catalog.xml'])
        self.assertEqual(self.history(), [])
        self.succeed('verify')

    def test_other_bytes_are_refused_replaced_put_back_and_pruned(self):
        old, new = dicom_bytes(), dicom_bytes(StudyDescription='changed')
        self.succeed('archive', *self.send('none', {'a.dcm': old}))
        again = self.send('append', {'a.dcm': new, 'b.dcm': dicom_bytes(instance=2)})
        error = self.fail_with(CONFLICT, r'archive\.merge-conflict', 'archive', *again)
        self.assertIn('scan 1, resource DICOM: a.dcm', error['message'])
        uri = again[0]
        self.assertEqual(self.succeed('archive', uri, '--overwrite', 'delete').lines,
                         [self.SESSION])
        self.assertEqual(self.archived()['1/DICOM/a.dcm'], new)
        record, = self.history()
        self.assertEqual((record['session'], record['files'], record['bytes']),
                         ('BD0001_MR1', '1', str(len(old))))
        self.assertEqual(self.succeed('history', 'restore', record['ID']).lines, [self.SESSION])
        self.assertEqual(self.archived()['1/DICOM/a.dcm'], old)
        self.assertEqual(len(self.archived()), 2)
        self.fail_with(NOT_FOUND, r'history\.not-found', 'history', 'restore', record['ID'])
        other, = self.history()
        self.assertEqual(self.succeed('history', 'prune', '--older-than', '1').out, '')
        self.assertEqual(self.succeed('history', 'prune', '--older-than', '0').lines, [other['ID']])
        self.assertEqual(self.history(), [])
        self.fail_with(NOT_FOUND, r'history\.not-found', 'history', 'prune', other['ID'])
        self.succeed('verify')

    def test_validate_tells_every_finding_and_the_plan_and_changes_nothing(self):
        self.succeed('archive', *self.send('none', {
            'a.dcm': dicom_bytes(), 'b.dcm': dicom_bytes(instance=2)}))
        uri, *_ = self.send('none', {'a.dcm': dicom_bytes(StudyDescription='changed'),
                                     'b.dcm': dicom_bytes(instance=2),
                                     'c.dcm': dicom_bytes(instance=3)})
        codes = {overwrite: re.findall(r'^(\d+) +(\w+)  ', self.validate(
                     status, uri, '--overwrite', overwrite).out, re.MULTILINE)
                 for overwrite, status in [('none', CONFLICT), ('append', CONFLICT), ('delete', 0)]}
        self.assertEqual(codes, {'none': [(code, 'CONFLICT') for code in ('1', '14', '16')],
                                 'append': [('14', 'CONFLICT')], 'delete': []})
        for overwrite, status, action in [('append', CONFLICT, 'conflict'),
                                          ('delete', 0, 'replace')]:
            run = self.validate(status, uri, '--overwrite', overwrite, '--plan', '--format', 'json')
            report, = run.json
            resource, = report['plan']['resources']
            self.assertEqual([(file['path'], file['action']) for file in resource['files']],
                             [('a.dcm', action), ('b.dcm', 'keep'), ('c.dcm', 'add')])
        self.fail_with(CONFLICT, r'archive\.session-exists', 'archive', uri)

    def test_a_name_belongs_to_its_object_unless_the_site_goes_by_names(self):
        first, second = dicom_bytes(), dicom_bytes(instance=2)
        self.succeed('archive', *self.send('none', {'a.dcm': first}))
        again = self.send('delete', {'a.dcm': second})
        self.fail_with(CONFLICT, r'archive\.name-taken', 'archive', *again)
        self.succeed('config', 'set', 'use_sop_instance_uid', 'false')
        report, = self.succeed('archive', *again, '--quarantine', '--format', 'json').json
        self.assertEqual((report['status'], report['counts']['replaced']), ('quarantine', 1))
        self.assertEqual(self.archived(), {'1/DICOM/a.dcm': second})
        record, = self.history()
        self.succeed('history', 'restore', record['ID'])
        self.assertEqual(self.archived(), {'1/DICOM/a.dcm': first})
        self.assertEqual(self.list_column('/projects/BRAINDEV/experiments', 'status'),
                         ['quarantine'])
        self.succeed('verify')


class ByItselfTest(CommandTest):
    """Sessions that are archived when they are received, and what runs afterwards."""

    def test_a_project_with_code_4_archives_what_it_receives(self):
        self.make_root(prearchive_code=4)
        self.assertEqual(self.receive(), EXPERIMENT.format('BD0001', 'BD0001_MR1'))
        self.assertEqual(self.prearchive_rows(), [])

    def test_an_archive_uri_as_dest_archives_at_once(self):
        self.make_root()
        path = self.write_study('study.zip')
        run = self.succeed('import', path, '--dest', '/archive/projects/BRAINDEV/subjects/SUBJ')
        self.assertEqual(run.lines, [EXPERIMENT.format('SUBJ', 'BD0001_MR1')])

    def test_what_cannot_be_archived_at_once_waits_and_the_reason_is_told(self):
        self.make_root(prearchive_code=4)
        self.receive()
        path = self.write_study('study.zip')
        other = ('import', '--project', 'BRAINDEV', '--subject', 'SOMEONE_ELSE', path)
        run = self.run_command(*other)
        self.assertEqual(run.status, CONFLICT)
        self.assertRegex(run.lines[0], r'^/data/prearchive/projects/BRAINDEV/')
        self.assertIn('[archive.subject-changes]', run.err)
        self.assertEqual([row['status'] for row in self.prearchive_rows()], ['CONFLICT'])
        run = self.run_command(*other, '--format', 'json')
        self.assertEqual(run.status, CONFLICT)
        self.assertEqual([error['reason'] for error in run.errors], ['archive.subject-changes'])
        self.assertEqual(run.json[0]['not_archived'], run.errors)

    def test_autorun_gets_the_session_and_its_failure_changes_nothing(self):
        told = self.folder / 'told'
        self.make_root(autorun=f'env | grep ^XNAT_ | sort > {told}; pwd >> {told}')
        uri, = self.succeed('archive', self.receive(), '--user', 'kt').lines
        session = self.root / 'archive/BRAINDEV/arc001/BD0001_MR1'
        self.assertEqual(told.read_text().splitlines(), [
            'XNAT_EXPERIMENT_ID=XNAT_E00001', 'XNAT_PROJECT=BRAINDEV', 'XNAT_SESSION=BD0001_MR1',
            f'XNAT_SESSION_DIR={session}', 'XNAT_SUBJECT=BD0001', f'XNAT_URI={uri}',
            'XNAT_USER=kt', str(session)])
        told.unlink()
        self.succeed('archive', '--no-trigger-pipelines', self.receive(study=2))
        self.assertFalse(told.exists())

        self.succeed('project', 'add', 'FAILING', '--autorun', 'echo oops >&2; exit 3')
        source, = self.succeed('import', '--project', 'FAILING',
                               self.write_study('study.zip', 3)).lines
        run = self.run_command('archive', source)
        self.assertEqual((run.status, len(run.lines)), (0, 1))
        self.assertRegex(run.err, r'^xnatarchive: warning: .*\[pipeline\.failed\]\n$')

    def test_the_user_is_recorded(self):
        self.make_root()
        self.succeed('archive', self.receive(), '--user', 'kt')
        catalogs = [path.read_text() for path in self.root.glob('archive/**/*_catalog.xml')]
        users = {name for text in catalogs for name in re.findall('createdBy="([^"]*)"', text)}
        self.assertEqual(users, {'kt'})

    def test_the_archive_may_be_on_another_file_system(self):
        memory = Path('/dev/shm')
        if not memory.is_dir() or memory.stat().st_dev == self.folder.stat().st_dev:
            self.skipTest('no second file system')
        with tempfile.TemporaryDirectory(dir=memory) as other:
            self.make_root()
            shutil.rmtree(self.root / 'prearchive')
            (self.root / 'prearchive').symlink_to(other)
            self.succeed('archive', self.receive())
            self.assertEqual(len(list(self.root.glob('archive/**/*.dcm'))), 2)
