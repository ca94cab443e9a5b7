"""The whole round, from DICOM to archived session, from outside: files, documents, listings."""

import hashlib
import shutil
import subprocess
import xml.etree.ElementTree as ElementTree
from pathlib import Path

from command_test import CommandTest, PROGRAMS

CATALOG = '{http://nrg.wustl.edu/catalog}'
XNAT = '{http://nrg.wustl.edu/xnat}'
PREARCHIVE_COLUMNS = [
    'project', 'timestamp', 'lastmod', 'uploaded', 'scan_date', 'scan_time', 'subject',
    'folderName', 'name', 'tag', 'status', 'url', 'autoarchive', 'prevent_anon',
    'prevent_auto_commit', 'SOURCE', 'VISIT', 'PROTOCOL', 'TIMEZONE']


class RoundTest(CommandTest):

    def make_dicom(self, folder, **options):
        """Runs the generator; returns the paths of its files."""
        arguments = [PROGRAMS['make_dicom'], '--out', str(folder)]
        for name, value in options.items():
            arguments += ['--' + name.replace('_', '-'), str(value)]
        subprocess.run(arguments, check=True, capture_output=True)
        return sorted(path for path in Path(folder).rglob('*') if path.is_file())

    def check_catalogs(self, session):
        """Every file is named by exactly one catalog entry, with its right MD5 and size."""
        named = []
        for catalog in session.rglob('*_catalog.xml'):
            for entry in ElementTree.parse(catalog).getroot().iter(CATALOG + 'entry'):
                path = catalog.parent / entry.get('URI')
                content = path.read_bytes()
                self.assertEqual(entry.get('digest'), hashlib.md5(content).hexdigest(), path)
                sizes = [field.text for field in entry.iter(CATALOG + 'metaField')
                         if field.get('name') == 'SIZE']
                self.assertEqual(sizes, [str(len(content))])
                named.append(path)
        there = [path for path in session.rglob('*') if path.is_file()
                 and not path.name.endswith('_catalog.xml') and path.name != 'session.xml']
        self.assertEqual(sorted(named), sorted(there))
        return there

    def test_a_study_is_received_built_archived_and_listed(self):
        self.make_root()
        made = self.make_dicom(self.folder / 'dicom', studies=1, series=2, instances=3,
                               modality='MR')
        self.assertEqual(len(made), 6)
        source, = self.succeed('import', '--project', 'BRAINDEV', self.folder / 'dicom').lines
        self.assertRegex(source, r'^/data/prearchive/projects/BRAINDEV/\d{8}_\d{9}/[\w-]+$')
        row, = self.prearchive_rows()
        self.assertEqual(list(row), PREARCHIVE_COLUMNS)
        self.assertEqual((row['project'], row['status']), ('BRAINDEV', 'RECEIVING'))
        self.assertEqual('/data' + row['url'], source)

        self.assertEqual(self.succeed('prearchive', 'build', source).lines, [source])
        row, = self.prearchive_rows()
        self.assertEqual(row['status'], 'READY')
        label = row['name']
        shown = self.succeed('prearchive', 'show', source, '--format', 'json').json
        self.assertEqual(shown['url'], row['url'])
        self.assertEqual([scan['xsi_type'] for scan in shown['scans']], ['xnat:mrScanData'] * 2)
        self.assertIn('SERIES DESCRIPTION', self.succeed('prearchive', 'show', source).out)
        log = self.succeed('prearchive', 'log', source)
        for line in log.lines:
            self.assertRegex(line, r'^\d\d/\d\d/\d{4} \d\d:\d\d:\d\d:.')

        archived, = self.succeed('archive', source).lines
        self.assertRegex(archived, rf'^/data/archive/projects/BRAINDEV/subjects/[\w-]+/'
                                   rf'experiments/{label}$')
        self.assertEqual(self.prearchive_rows(), [])
        self.assertEqual(list((self.root / 'prearchive').glob('[!.]*')), [])
        session = self.root / 'archive' / 'BRAINDEV' / 'arc001' / label
        files = self.check_catalogs(session)
        self.assertEqual(sorted(path.read_bytes() for path in files),
                         sorted(path.read_bytes() for path in made))
        self.check_listings(archived, label)
        self.check_document(archived, session)

    def check_listings(self, archived, label):
        subject = archived.split('/')[-3]
        self.assertEqual(self.list_column('/projects', 'ID'), ['BRAINDEV'])
        self.assertEqual(self.succeed('list').out, self.succeed('list', '/data/projects').out)
        self.assertEqual(self.list_column('/projects/BRAINDEV', 'label'), [subject])
        self.assertEqual(self.list_column('/projects/BRAINDEV/experiments', 'label'), [label])
        self.assertEqual(self.list_column(f'/projects/BRAINDEV/subjects/{subject}', 'label'),
                         [label])
        identifier, = self.list_column('/projects/BRAINDEV/experiments', 'ID')
        self.assertRegex(identifier, r'^XNAT_E\d{5}$')
        scans = self.succeed('list', archived, '--format', 'json').rows
        self.assertEqual([(row['kind'], row['file_count']) for row in scans], [('scan', '3')] * 2)
        self.assertEqual(self.list_column(f'/experiments/{identifier}', 'ID'),
                         [row['ID'] for row in scans])
        resources = self.succeed('list', scans[0]['URI'], '--format', 'json').rows
        self.assertEqual([row['label'] for row in resources], ['DICOM'])
        files = self.succeed('list', resources[0]['URI'], '--format', 'json').rows
        self.assertEqual(len(files), 3)
        for row in files:
            self.assertRegex(row['digest'], r'^[0-9a-f]{32}$')
            self.assertRegex(row['xxh3'], r'^[0-9a-f]{32}$')

    def check_document(self, archived, session):
        shown = self.run_command('show', archived)
        self.assertEqual(shown.out.encode(), (session / 'session.xml').read_bytes())
        root = ElementTree.fromstring(shown.out)
        self.assertEqual(root.tag, XNAT + 'MRSession')
        document = self.succeed('show', archived, '--format', 'json').json
        self.assertEqual((document['xsi_type'], document['id'], document['project']),
                         ('xnat:mrSessionData', root.get('ID'), 'BRAINDEV'))
        self.assertEqual([scan['id'] for scan in document['scans']],
                         [scan.get('ID') for scan in root.iter(XNAT + 'scan')])

    def test_a_lost_store_is_rebuilt_from_the_trees(self):
        self.make_root()
        archived, = self.succeed('archive', self.receive(study=1)).lines
        waiting = self.receive(study=2)
        listing = self.rows_in_trees('/projects/BRAINDEV/experiments')
        for path in self.root.glob('store.sqlite3*'):
            path.unlink()
        self.fail_with(3, r'engine\.no-store', 'list')
        self.succeed('init')
        report = self.succeed('reindex', '--format', 'json').json
        differences = report.pop('differences')
        self.assertEqual({(difference['kind'], difference['change']) for difference in differences},
                         {(kind, 'added') for kind in ('project', 'subject', 'experiment',
                                                       'prearchive-session')})
        self.assertEqual(report, {'projects': 1, 'subjects': 1, 'experiments': 1,
                                  'prearchive_sessions': 1, 'unreadable': []})
        self.assertEqual(self.rows_in_trees('/projects/BRAINDEV/experiments'), listing)
        self.assertEqual(['/data' + row['url'] for row in self.prearchive_rows()], [waiting])
        again, = self.succeed('archive', waiting).lines
        identifiers = self.list_column('/projects/BRAINDEV/experiments', 'ID')
        self.assertEqual(len(set(identifiers)), 2, 'an ID was given out twice')
        self.assertNotEqual(archived, again)
        self.assertEqual(self.succeed('reindex').out.split('\n')[0].split(), ['KIND', 'COUNT'])

    def test_a_session_that_cannot_be_read_does_not_keep_the_others_out_of_the_index(self):
        self.make_root()
        for study in 1, 2:
            self.succeed('archive', self.receive(study=study))
        broken, _ = sorted((self.root / 'archive/BRAINDEV/arc001').iterdir())
        (broken / 'session.xml').write_text('<broken')
        run = self.run_command('reindex')
        self.assertEqual(run.status, 6, run.err)
        self.assertIn(f'BRAINDEV/arc001/{broken.name}', run.err)
        self.assertEqual(len(self.list_column('/projects/BRAINDEV/experiments', 'label')), 1)

    def test_recover_has_nothing_to_tell_about_a_root_in_order(self):
        self.make_root()
        self.assertEqual(self.succeed('recover').out, 'RESULT  OPERATION\n')
        self.assertEqual(self.succeed('recover', '--format', 'json').json,
                         {'finished': [], 'discarded': [], 'busy': [], 'failed': []})

    def test_what_a_crash_left_is_discarded(self):
        self.make_root()
        self.receive()
        before = self.state()
        shutil.copytree(self.root / 'prearchive/BRAINDEV',
                        self.root / 'prearchive/.xa/ops/0123456789abcdef/stage/half')
        run = self.succeed('recover', '--format', 'json')
        self.assertEqual(len(run.json['discarded']), 1, run.out)
        self.assertEqual(self.leftovers(), [])
        self.assertEqual(self.state(), before)
