"""The programs of examples/cpp do what README.md says they do."""

import json

from command_test import CommandTest, PROGRAMS, study_files, zip_bytes


class ExamplesTest(CommandTest):

    def test_archive_one_does_the_whole_round(self):
        path = self.write('two.zip', zip_bytes({**study_files(study=1), **study_files(study=2)}))
        run = self.run_program([PROGRAMS['archive_one'], self.root, 'BRAINDEV', path])
        self.assertEqual((run.status, run.err), (0, ''))
        uris = [f'/data/archive/projects/BRAINDEV/subjects/BD000{n}/experiments/BD000{n}_MR1'
                for n in (1, 2)]
        self.assertEqual(run.lines[:2], [uri + '  2 files' for uri in uris])
        self.assertEqual([line.split()[-1] for line in run.lines[2:]], uris)
        self.assertEqual(self.prearchive_rows(), [])
        run = self.run_program([PROGRAMS['archive_one'], self.root, 'BRAINDEV', path])
        self.assertEqual((run.status, run.out), (1, ''))
        self.assertIn('archive.session-exists', run.err)
        self.assertEqual(self.run_program([PROGRAMS['archive_one']]).status, 2)

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
