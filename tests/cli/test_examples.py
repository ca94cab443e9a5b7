"""The programs of examples/cpp and examples/c do what README.md says they do."""

import json
from pathlib import Path

from command_test import CommandTest, NOT_UTF8, PROGRAMS, study_files, zip_bytes


class ExamplesTest(CommandTest):

    def test_archive_one_does_the_whole_round(self):
        self.check_round(PROGRAMS['archive_one'])

    def test_the_readme_shows_archive_one_as_it_is(self):
        top = Path(__file__).parents[2]
        shown = (top / 'README.md').read_text().partition('```cpp\n')[2].partition('```')[0]
        self.assertEqual(shown, (top / 'examples/cpp/archive_one.cpp').read_text())
        self.assertLess(len(shown.splitlines()), 60)

    def test_archive_one_in_c_does_the_same(self):
        self.check_round(PROGRAMS['archive_one_c'])

    def test_a_program_compiled_with_the_header_of_abi_1_0_does_the_same(self):
        self.check_round(PROGRAMS['archive_one_1_0'])

    def check_round(self, program):
        """Archives two sessions while progress is shown; then the same are a conflict, and merged."""
        path = self.write('two.zip', zip_bytes({**study_files(study=1), **study_files(study=2)}))
        run = self.run_program([program, self.root, 'BRAINDEV', path])
        self.assertEqual(run.status, 0, run.err)
        self.assertIn('publish: 2 files\n', run.err)
        self.assertNotIn('conflict', run.err)
        uris = [f'/data/archive/projects/BRAINDEV/subjects/BD000{n}/experiments/BD000{n}_MR1'
                for n in (1, 2)]
        self.assertEqual(run.lines[:2], [uri + '  2 files' for uri in uris])
        self.assertEqual([line.split()[-1] for line in run.lines[2:]], uris)
        self.assertEqual(self.prearchive_rows(), [])
        run = self.run_program([program, self.root, 'BRAINDEV', path])
        self.assertEqual(run.status, 0, run.err)
        self.assertEqual(run.err.count('conflict: archive.session-exists\n'), 2)
        self.assertEqual(run.lines[:2], [uri + '  2 files' for uri in uris])
        self.assertEqual([line.split()[-1] for line in run.lines[2:]], uris)
        self.assertEqual(self.prearchive_rows(), [])
        broken = self.write('broken.zip', b'no zip')
        run = self.run_program([program, self.root, 'BRAINDEV', broken])
        self.assertEqual((run.status, run.out), (1, ''))
        self.assertRegex(run.err, r'^archive_one(_c)?: ')
        self.assertEqual(self.run_program([program]).status, 2)

    def test_custom_handler_in_c_archives_a_folder_of_notes(self):
        self.write('notes/session.txt', b'S01 S01_NOTES\n')
        self.write('notes/day1/morning.txt', b'slept well')
        self.write('notes/picture.png', b'not part of it')
        program = PROGRAMS['custom_handler_c']
        run = self.run_program([program, self.root, 'BRAINDEV', self.folder / 'notes'])
        self.assertEqual((run.status, run.err), (0, ''))
        uri = '/data/archive/projects/BRAINDEV/subjects/S01/experiments/S01_NOTES'
        self.assertEqual(run.lines, [uri])
        notes = self.root / 'archive/BRAINDEV/arc001/S01_NOTES/SCANS/1/NOTES'
        self.assertEqual((notes / 'day1/morning.txt').read_bytes(), b'slept well')
        self.assertFalse((notes / 'picture.png').exists())
        self.write('notes/session.txt', b'')
        run = self.run_program([program, self.root, 'BRAINDEV', self.folder / 'notes'])
        self.assertEqual(run.status, 1)
        self.assertIn('invalid_argument/notes.no-names', run.err)
        self.assertEqual(self.prearchive_rows(), [])

    def test_custom_handler_archives_a_folder_that_is_not_dicom(self):
        image = bytes(range(256)) * 40
        self.write('nifti/scan.nii.gz', image)
        self.write('nifti/run2/scan.nii', image)
        self.write('nifti/scan.json', json.dumps(
            {'subject': 'S01', 'session': 'S01_MR1', 'series_description': 'T1w'}).encode())
        self.write('nifti/README', b'not part of it')
        run = self.run_program([PROGRAMS['custom_handler'], self.root, 'BRAINDEV',
                                self.folder / 'nifti'])
        self.assertEqual((run.status, run.err), (0, ''))
        uri = '/data/archive/projects/BRAINDEV/subjects/S01/experiments/S01_MR1'
        self.assertEqual(run.lines[0], uri)
        self.assertEqual(sorted(run.lines[1:]), ['  scan.json', '  scan.nii', '  scan.nii.gz'])
        session = self.root / 'archive/BRAINDEV/arc001/S01_MR1'
        self.assertEqual(sorted(str(path.relative_to(session)) for path in session.rglob('*')
                                if path.is_file()),
                         ['SCANS/1/NIFTI/run2/scan.nii', 'SCANS/1/NIFTI/scan.json',
                          'SCANS/1/NIFTI/scan.nii.gz', 'SCANS/1/NIFTI/scan_1_NIFTI_catalog.xml',
                          'session.xml'])
        self.assertEqual((session / 'SCANS/1/NIFTI/scan.nii.gz').read_bytes(), image)
        document = self.succeed('show', uri, '--format', 'json').json
        scan, = document['scans']
        self.assertEqual((document['xsi_type'], scan['xsi_type'], scan['id']),
                         ('xnat:mrSessionData', 'xnat:mrScanData', '1'))
        self.assertIn({'name': 'xnat:series_description', 'text': 'T1w'}, scan['elements'])

    def ask(self, method, target, body=b'', **variables):
        """What mount_rest answers: status, headers, body."""
        target, _, query = target.partition('?')
        run = self.run_program([PROGRAMS['mount_rest']], body, environment={
            **self.environment(), 'XNATARCHIVE_ROOT': str(self.root), 'REQUEST_METHOD': method,
            'REQUEST_URI': f'{target}?{query}', 'QUERY_STRING': query, 'REMOTE_USER': 'ann',
            'CONTENT_LENGTH': str(len(body)), **variables})
        self.assertEqual((run.status, run.err), (0, ''))
        head, _, body = run.out.partition('\r\n\r\n')
        headers = dict(line.split(': ', 1) for line in head.split('\r\n'))
        return headers.pop('Status'), headers, body.encode('utf-8', NOT_UTF8)

    def test_mount_rest_receives_archives_and_gives_back_what_any_web_server_passes_on(self):
        self.make_root()
        files = study_files(instances=1)
        status, _, uri = self.ask('POST', '/data/services/import?project=BRAINDEV&session=E%201',
                                  zip_bytes(files), CONTENT_TYPE='application/zip')
        self.assertEqual(status, '200', uri)
        status, _, uri = self.ask('POST', '/data/services/archive', b'src=' + uri.strip(),
                                  CONTENT_TYPE='application/x-www-form-urlencoded')
        self.assertEqual((status, uri), (
            '200', b'/data/archive/projects/BRAINDEV/subjects/BD0001/experiments/E_1\r\n'))
        files_uri = uri.decode().strip() + '/scans/1/resources/DICOM/files'
        status, headers, body = self.ask('GET', files_uri + '?format=json')
        self.assertEqual(headers['Content-Type'], 'application/json;charset=UTF-8')
        row, = json.loads(body)['ResultSet']['Result']
        image, = files.values()
        self.assertEqual(self.ask('GET', row['URI'])[::2], ('200', image))
        self.assertEqual(self.ask('GET', row['URI'], HTTP_RANGE='bytes=128-131')[::2],
                         ('206', b'DICM'))
        status, headers, _ = self.ask('POST', '/data/services/import?project=BRAINDEV', b'PK',
                                      CONTENT_LENGTH='9')
        self.assertEqual((status, headers['X-Reason']), ('499', 'cgi.gone'))
        self.assertEqual(self.prearchive_rows(), [])

    def test_mount_rest_without_a_root_fails(self):
        run = self.run_program([PROGRAMS['mount_rest']])
        self.assertEqual((run.status, run.out), (1, ''))
        self.assertIn('mount_rest: ', run.err)

    def test_custom_handler_refuses_a_folder_without_a_side_car(self):
        self.write('nifti/scan.nii.gz', b'image')
        for sidecar in [None, b'', b'[]', b'{"subject": ']:
            if sidecar is not None:
                self.write('nifti/scan.json', sidecar)
            run = self.run_program([PROGRAMS['custom_handler'], self.root, 'BRAINDEV',
                                    self.folder / 'nifti'])
            self.assertEqual(run.status, 1)
            self.assertIn('nifti.no-sidecar', run.err)
            self.assertEqual(self.prearchive_rows(), [])
