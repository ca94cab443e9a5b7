"""import: every kind of input, what is reported, and the inputs that are refused."""

import io
import tarfile
import zipfile

from command_test import CommandTest, study_files, tar_bytes, zip_bytes
from dicom_file import dicom_bytes


class ImportTest(CommandTest):

    def setUp(self):
        super().setUp()
        self.make_root()

    def stored(self, uri):
        """The contents of the DICOM files of a prearchive session."""
        folder = self.prearchive_path(uri)
        return sorted(path.read_bytes() for path in folder.glob('SCANS/*/DICOM/*'))

    def import_one(self, *arguments, **options):
        uri, = self.succeed('import', '--project', 'BRAINDEV', *arguments, **options).lines
        return uri

    def test_every_container_in_any_spelling_brings_the_same_files(self):
        for number, (name, pack) in enumerate([
                ('a.zip', zip_bytes), ('A.ZIP', zip_bytes), ('a.tar', tar_bytes),
                ('a.tar.gz', lambda files: tar_bytes(files, 'w:gz')),
                ('a.TGZ', lambda files: tar_bytes(files, 'w:gz')),
                ('a.tar.bz2', lambda files: tar_bytes(files, 'w:bz2')),
                ('a.Tar.Xz', lambda files: tar_bytes(files, 'w:xz'))], start=1):
            files = study_files(study=number, series=2)
            uri = self.import_one(self.write(name, pack(files)))
            self.assertEqual(self.stored(uri), sorted(files.values()), name)

    def test_containers_in_containers_are_opened(self):
        inner = study_files(study=1)
        other = study_files(study=1, series=2)
        files = {'deep/INNER.TAR.GZ': tar_bytes(inner, 'w:gz'),
                 'more.Zip': zip_bytes({'x/y.tar': tar_bytes(other)})}
        uri = self.import_one(self.write('outer.ZIP', zip_bytes(files)))
        self.assertEqual(self.stored(uri), sorted({**inner, **other}.values()))

    def test_a_folder_a_file_and_standard_input(self):
        files = study_files(study=1, series=2)
        for name, content in files.items():
            self.write('folder/' + name, content)
        self.assertEqual(self.stored(self.import_one(self.folder / 'folder')),
                         sorted(files.values()))
        single = dicom_bytes(study=2)
        self.assertEqual(self.stored(self.import_one(self.write('one', single))), [single])
        for number, pack in enumerate([zip_bytes, tar_bytes], start=3):
            files = study_files(study=number)
            self.assertEqual(self.stored(self.import_one('-', stdin=pack(files))),
                             sorted(files.values()))
        single = dicom_bytes(study=5)
        self.assertEqual(self.stored(self.import_one('-', stdin=single)), [single])

    def test_names_that_shells_and_parsers_find_hard(self):
        names = ['[1]', 'list', 'a b\'"$;.zip', 'tab\tnew\nline.zip', 'Zoë.zip', '-dash.zip']
        for number, name in enumerate(names, start=1):
            self.write(name, zip_bytes(study_files(study=number)) if name.endswith('.zip')
                       else dicom_bytes(study=number))
            self.succeed('import', '--project', 'BRAINDEV', '--', name, cwd=self.folder)
        self.assertEqual(len(self.prearchive_rows()), 6)

    def test_several_studies_become_several_sessions_and_several_inputs_one_after_another(self):
        files = {**study_files(study=1), **study_files(study=2)}
        run = self.succeed('import', '--project', 'BRAINDEV',
                           self.write('two.zip', zip_bytes(files)),
                           self.write_study('third.zip', 3))
        self.assertEqual([uri.split('/')[-1] for uri in run.lines],
                         ['BD0001_MR1', 'BD0002_MR1', 'BD0003_MR1'])
        self.assertEqual([uri.split('/')[-1] for uri in run.lines][::-1],
                         [row['folderName'] for row in self.prearchive_rows()])

    def test_the_report_counts_what_came_and_what_was_there_already(self):
        path = self.write('study.zip', zip_bytes(study_files(series=2)))
        report, = self.succeed('import', '--project', 'BRAINDEV', path, '--format', 'json').json
        self.assertEqual((report['files_received'], report['files_identical']), (4, 0))
        self.assertEqual(report['bytes_received'], sum(map(len, study_files(series=2).values())))
        again, = self.succeed('import', '--project', 'BRAINDEV', path, '--format', 'json').json
        self.assertEqual((again['files_received'], again['files_identical']), (0, 4))
        self.assertEqual(again['uris'], report['uris'])
        self.assertEqual(again['not_archived'], [])

    def test_project_subject_and_session_come_from_the_options_else_from_the_data(self):
        path = self.write_study('study.zip', 1, StudyDescription='BRAINDEV')
        uri, = self.succeed('import', path).lines
        self.assertIn('/projects/BRAINDEV/', uri)
        path = self.write_study('study.zip', 2, StudyDescription='NOBODY')
        uri, = self.succeed('import', path).lines
        self.assertIn('/projects/Unassigned/', uri)
        self.assertTrue(self.prearchive_path(uri).is_dir())
        path = self.write_study('study.zip', 3)
        uri, = self.succeed('import', path, '--project', 'BRAINDEV', '--subject', 'S^1',
                            '--session', 'L 1').lines
        row = [row for row in self.prearchive_rows() if '/data' + row['url'] == uri][0]
        self.assertEqual((row['subject'], row['name']), ('S_1', 'L_1'))
        self.fail_with(3, r'project\.not-found', 'import', path, '--project', 'NOBODY')

    def test_prearchive_lists_can_be_restricted_to_a_project(self):
        self.succeed('project', 'add', 'OTHER')
        for number, project in enumerate(['BRAINDEV', 'OTHER'], start=1):
            path = self.write_study('study.zip', number)
            self.succeed('import', '--project', project, path)
        self.succeed('import', self.write_study('study.zip', 3))
        for project in 'BRAINDEV', 'OTHER', 'Unassigned':
            rows = self.succeed('prearchive', 'list', '--project', project, '--format', 'json').rows
            self.assertEqual([row['project'] for row in rows], [project])
        table = self.succeed('prearchive', 'list')
        self.assertEqual(table.lines[0].split(), ['PROJECT', 'TIMESTAMP', 'FOLDER', 'LABEL',
                                                  'SUBJECT', 'STATUS', 'UPLOADED', 'URL'])
        self.assertEqual(len(table.lines), 4)
        self.assertEqual(len(self.succeed('prearchive', 'list', '--format', 'csv').lines), 4)

    def test_default_names_on_request(self):
        uri = self.import_one(self.write('x.zip', zip_bytes({'IM1': dicom_bytes()})), '--rename')
        name, = (path.name for path in self.prearchive_path(uri).glob('SCANS/1/DICOM/*.dcm'))
        self.assertRegex(name, r'^1\.2\.826\.0\.1\.3680043\.10\.1234\.1-1-1-[0-9a-z]+\.dcm$')

    def test_names_of_patients_become_labels(self):
        path = self.write('x.zip', zip_bytes(study_files(1, PatientName='O\'Brien^Zoë',
                                                         PatientID='Zoë.O\'Brien 1')))
        uri = self.import_one(path)
        row, = self.prearchive_rows()
        self.assertEqual((row['subject'], row['name']), ('O_Brien_Zo_', 'Zo__O_Brien_1'))
        archived, = self.succeed('archive', uri).lines
        self.assertEqual(archived, '/data/archive/projects/BRAINDEV/subjects/O_Brien_Zo_/'
                                   'experiments/Zo__O_Brien_1')

    def test_a_session_can_be_deleted_before_it_is_archived(self):
        uri = self.import_one(self.write_study('study.zip'))
        self.assertEqual(self.succeed('prearchive', 'delete', uri).lines, [uri])
        self.assertEqual(self.prearchive_rows(), [])
        self.assertEqual(list((self.root / 'prearchive').glob('[!.]*')), [])
        self.fail_with(3, r'prearchive\.not-found', 'prearchive', 'delete', uri)


class SkippedTest(CommandTest):

    def setUp(self):
        super().setUp()
        self.make_root()
        self.good = study_files(instances=3)
        self.bad = {'README.txt': b'hello', 's1/1/._1.dcm': b'\0\5\x16\7' + b'\0' * 78,
                    's1/empty.dcm': b'', 's1/cut.dcm': dicom_bytes(instance=9)[:300]}

    def test_what_is_not_dicom_is_an_error_that_names_it(self):
        for name, content in self.bad.items():
            files = {**self.good, name: content}
            for pack, suffix in (zip_bytes, 'zip'), (tar_bytes, 'tar'):
                path = self.write('x.' + suffix, pack(files))
                error = self.fail_with(6, r'\S+', 'import', '--project', 'BRAINDEV', path)
                self.assertIn(name, error['path'])
        self.assertEqual(self.prearchive_rows(), [])

    def test_with_ignore_unparsable_it_is_skipped_and_counted(self):
        path = self.write('x.zip', zip_bytes({**self.good, **self.bad}))
        arguments = ['import', '--project', 'BRAINDEV', '--ignore-unparsable', path]
        run = self.run_command(*arguments)
        self.assertEqual((run.status, len(run.lines)), (0, 1), run.err)
        self.assertIn('xnatarchive: 4 files skipped (', run.err)
        for name in self.bad:
            self.assertIn(f'({name})', run.err)
        self.assertEqual(self.succeed('--quiet', *arguments).lines, run.lines)
        report, = self.succeed('--format', 'json', *arguments).json
        self.assertEqual((report['files_identical'], report['files_skipped']), (3, 4))
        self.assertEqual(sorted(skipped['path'] for skipped in report['skipped']), sorted(self.bad))

    def test_an_input_without_any_dicom_is_refused_also_then(self):
        for name, content in [('x.zip', zip_bytes(self.bad)), ('empty.zip', zip_bytes({})),
                              ('empty.tar', tar_bytes({})), ('text.dcm', b'hello'), ('none', b'')]:
            path = self.write(name, content)
            self.fail_with(6, r'\S+', 'import', '--project', 'BRAINDEV', path)
            self.fail_with(6, r'\S+', 'import', '--project', 'BRAINDEV', path,
                           '--ignore-unparsable')
        (self.folder / 'empty').mkdir()
        self.fail_with(6, r'\S+', 'import', '--project', 'BRAINDEV', self.folder / 'empty')
        self.fail_with(6, r'\S+', 'import', '--project', 'BRAINDEV', '-')

    def test_the_first_input_that_fails_ends_the_command(self):
        good = self.write_study('good.zip', 1)
        bad = self.write('bad.zip', b'PK\3\4 nothing')
        later = self.write_study('later.zip', 2)
        run = self.run_command('import', '--project', 'BRAINDEV', good, bad, later)
        self.assertEqual((run.status, len(run.lines)), (6, 1), run.err)
        self.assertIn('imported 1 of 3 inputs before the failure', run.err)
        self.assertEqual([row['name'] for row in self.prearchive_rows()], ['BD0001_MR1'])
        run = self.run_command('import', '--project', 'BRAINDEV', good, bad, later, '--format',
                               'json')
        self.assertEqual((run.status, len(run.json), len(run.errors)), (6, 1, 1))


class RefusedContainerTest(CommandTest):

    def setUp(self):
        super().setUp()
        self.make_root()

    def refuse(self, name, content, reason=r'\S+'):
        path = self.write(name, content)
        outside = sorted(path.parent.iterdir())
        self.fail_with(6, reason, 'import', '--project', 'BRAINDEV', path)
        self.fail_with(6, reason, 'import', '--project', 'BRAINDEV', '--ignore-unparsable', path)
        self.assertEqual(sorted(path.parent.iterdir()), outside)

    def tar_with(self, **attributes):
        data = io.BytesIO()
        with tarfile.open(fileobj=data, mode='w') as archive:
            for name, content in study_files().items():
                info = tarfile.TarInfo(name)
                info.size = len(content)
                archive.addfile(info, io.BytesIO(content))
            info = tarfile.TarInfo('odd.dcm')
            for name, value in attributes.items():
                setattr(info, name, value)
            archive.addfile(info)
        return data.getvalue()

    def test_names_that_leave_the_container(self):
        for name in ['/etc/x.dcm', '../x.dcm', 'a/../../x.dcm', 'a/..']:
            self.refuse('x.zip', zip_bytes({**study_files(), name: dicom_bytes(instance=9)}))
            self.refuse('x.tar', tar_bytes({**study_files(), name: dicom_bytes(instance=9)}))

    def test_links_and_devices(self):
        self.refuse('x.tar', self.tar_with(type=tarfile.SYMTYPE, linkname='/etc/passwd'))
        self.refuse('x.tar', self.tar_with(type=tarfile.LNKTYPE, linkname='s1/1/1.dcm'))
        self.refuse('x.tar', self.tar_with(type=tarfile.CHRTYPE, devmajor=1, devminor=3))
        self.refuse('x.tar', self.tar_with(type=tarfile.FIFOTYPE))

    def test_containers_that_are_cut_or_damaged(self):
        for name, whole in [('x.zip', zip_bytes(study_files(instances=9))),
                            ('x.tar', tar_bytes(study_files(instances=9))),
                            ('x.tgz', tar_bytes(study_files(instances=9), 'w:gz'))]:
            self.refuse(name, whole[:len(whole) * 2 // 3])
        whole = bytearray(zip_bytes(study_files(instances=9)))
        whole[200] ^= 0xFF  # inside the compressed bytes of the first entry
        path = self.write('x.zip', bytes(whole))
        error = self.fail_with(6, r'container\.corrupt', 'import', '--project', 'BRAINDEV', path)
        self.assertEqual(error['path'], 's1/1/1.dcm')
        self.refuse('x.zip', b'\0' * 10_000)

    def test_a_bomb(self):
        data = io.BytesIO()
        with zipfile.ZipFile(data, 'w', zipfile.ZIP_DEFLATED) as archive:
            archive.writestr('bomb.dcm', dicom_bytes() + bytes(200 << 20))
        self.refuse('deflated-twice.zip', zip_bytes({'inner.zip': data.getvalue()}))

    def test_a_folder_with_a_link_in_it(self):
        for name, content in study_files().items():
            self.write('folder/' + name, content)
        (self.folder / 'folder/link.dcm').symlink_to('/etc/passwd')
        error = self.fail_with(6, r'import\.unsafe-entry', 'import', '--project', 'BRAINDEV',
                               self.folder / 'folder')
        self.assertEqual(error['path'], 'link.dcm')
