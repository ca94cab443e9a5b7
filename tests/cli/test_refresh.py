"""refresh: catalogs that follow their files."""

from command_test import CommandTest, CONFLICT, INVALID, NOT_FOUND, picture
from dicom_file import dicom_bytes


class RefreshTest(CommandTest):

    def setUp(self):
        super().setUp()
        self.make_root()
        self.uri, = self.succeed('archive', self.receive(series=2)).lines
        self.session = next((self.root / 'archive/BRAINDEV/arc001').iterdir())
        self.scan = self.session / 'SCANS/1/DICOM'
        self.catalog = self.scan / 'scan_1_catalog.xml'

    def refresh(self, *arguments):
        return self.succeed('refresh', *arguments, '--format', 'json').json['catalogs']

    def counts(self):
        return self.list_column(self.uri, 'file_count')

    def test_a_row_for_each_catalog_says_what_became_of_it(self):
        before = picture(self.root / 'archive')
        run = self.succeed('refresh', self.uri)
        self.assertEqual(run.lines[0].split(),
                         ['OUTCOME', 'ADDED', 'REMOVED', 'MODIFIED', 'CHECKSUMMED', 'MISSING',
                          'UNLISTED', 'IGNORED', 'FILES', 'BYTES', 'REASON', 'URI'])
        self.assertEqual([line.split()[0] for line in run.lines[1:]], ['unchanged'] * 2)
        self.assertEqual(picture(self.root / 'archive'), before)
        (self.scan / 'new.dcm').write_bytes(dicom_bytes(1, 1, 9))
        first, second = self.refresh(self.uri)
        self.assertEqual((first['outcome'], first['added'], first['checksummed'], first['files']),
                         ('updated', 1, 1, 3))
        self.assertEqual(second['outcome'], 'unchanged')
        self.assertTrue(first['uri'].endswith('/scans/1/resources/DICOM'), first)
        self.assertEqual(self.counts(), ['3', '2'])
        self.assertEqual(self.list_column('/projects/BRAINDEV/experiments', 'files'), ['5'])
        self.assertIn('new.dcm', self.succeed('list', first['uri']).out)
        after = picture(self.root / 'archive')
        self.assertEqual({one['outcome'] for one in self.refresh(self.uri)}, {'unchanged'})
        self.assertEqual(picture(self.root / 'archive'), after)
        types = [row['type'] for row in self.succeed('audit', self.uri, '--format', 'json').rows]
        self.assertEqual(types[-1], 'Refreshed')

    def test_options_are_done_and_no_others(self):
        (self.scan / 'new.dcm').write_bytes(dicom_bytes(1, 1, 9))
        gone = next(path for path in self.scan.glob('*.dcm') if path.name != 'new.dcm')
        gone.unlink()
        catalog, = self.refresh('--options', 'append', self.uri + '/scans/1')
        self.assertEqual((catalog['added'], catalog['removed'], catalog['checksummed'],
                          catalog['missing']), (1, 0, 0, 1))
        self.assertEqual(self.counts(), ['2', '2'])
        catalog, = self.refresh('--options', 'delete,populateStats', self.uri + '/scans/1')
        self.assertEqual((catalog['added'], catalog['removed']), (0, 1))
        self.assertNotIn(gone.name, self.catalog.read_text())
        catalog, = self.refresh('--options', 'checksum', self.uri + '/scans/1/resources/DICOM')
        self.assertEqual((catalog['modified'], catalog['checksummed']), (1, 1))

    def test_a_failure_is_told_and_keeps_no_other_from_being_refreshed(self):
        (self.scan / 'new.dcm').write_bytes(dicom_bytes(1, 1, 9))
        other = self.session / 'SCANS/2/DICOM/scan_2_catalog.xml'
        other.write_text('')
        run = self.run_command('refresh', self.uri, '--format', 'json')
        self.assertEqual(run.status, INVALID)
        self.assertEqual([one['outcome'] for one in run.json['catalogs']], ['updated', 'failed'])
        self.assertEqual(run.json['catalogs'][1]['status']['reason'], 'catalog.empty')
        self.assertEqual([error['reason'] for error in run.errors], ['catalog.empty'])
        self.assertEqual(other.read_text(), '')
        rebuilt = self.refresh('--rebuild', self.uri)[1]
        self.assertEqual((rebuilt['outcome'], rebuilt['rebuilt'], rebuilt['files']),
                         ('updated', True, 2))
        self.assertIn('xsi:type="cat:dcmEntry"', other.read_text())

    def test_a_mass_removal_is_a_conflict_unless_forced(self):
        many = self.session / 'SCANS/1/DICOM/many'
        many.mkdir()
        for i in range(20):
            (many / f'{i}.txt').write_text('x')
        self.refresh(self.uri)
        for path in many.iterdir():
            path.unlink()
        self.fail_with(CONFLICT, r'refresh\.too-many-removed', 'refresh', self.uri)
        self.assertEqual(self.refresh('--force', self.uri)[0]['removed'], 20)
        self.assertEqual(self.counts(), ['2', '2'])

    def test_names_that_can_not_have_an_entry_are_told_of(self):
        (self.scan / 'x_catalog.xml').write_text('<html/>')
        run = self.run_command('refresh', self.uri)
        self.assertEqual(run.status, 0)
        self.assertIn('1 name without an entry, such as x_catalog.xml', run.err)

    def test_what_is_not_there_is_not_found(self):
        self.fail_with(NOT_FOUND, r'uri\.not-found', 'refresh', self.uri + '/scans/9')
        self.fail_with(NOT_FOUND, r'uri\.not-found', 'refresh', '/experiments/XNAT_E00009')
        self.fail_with(INVALID, r'uri\.malformed', 'refresh', 'nonsense')
        self.fail_with(INVALID, r'uri\.is-a-file', 'refresh',
                       self.uri + '/scans/1/resources/DICOM/files/scan_1_catalog.xml')
