"""Settings of the site and of projects, and what they do."""

import hashlib
import re

from command_test import CommandTest, CONFLICT, INVALID, NOT_FOUND, study_files, zip_bytes


class ConfigTest(CommandTest):

    def setUp(self):
        super().setUp()
        self.make_root()

    def get(self, *arguments):
        return self.succeed('config', 'get', *arguments).out

    def test_a_setting_has_its_default_until_it_is_set(self):
        self.assertEqual(self.get('site_id'), 'XNAT\n')
        self.assertEqual(self.get('identical_files'), 'keep\n')
        self.assertEqual(self.succeed('config', 'set', 'identical_files', 'conflict').out,
                         'conflict\n')
        self.assertEqual(self.get('identical_files'), 'conflict\n')
        self.assertEqual(self.get('--project', 'BRAINDEV', 'autorun_timeout'), '0\n')
        self.succeed('config', 'set', 'autorun_timeout', '30', '--project', 'BRAINDEV')
        self.assertEqual(self.get('autorun_timeout', '--project', 'BRAINDEV'), '30\n')

    def test_what_init_is_told_about_checksums_is_what_catalogs_have(self):
        files = study_files(instances=3)
        path = self.write('study.zip', zip_bytes(files))
        seen = {}
        for checksum in ['md5+xxh3', 'md5', 'xxh3', 'none']:
            self.root = self.folder / checksum
            self.succeed('init', '--checksum', checksum)
            self.succeed('project', 'add', 'BRAINDEV')
            self.assertEqual(self.get('checksum'), checksum + '\n')
            uri, = self.succeed('import', '--project', 'BRAINDEV', path).lines
            self.succeed('archive', uri)
            self.succeed('verify')
            catalog, = self.root.glob('archive/**/scan_1_catalog.xml')
            text = catalog.read_text()
            self.assertEqual(text.count('<cat:entry '), 3)
            seen[checksum] = (sorted(re.findall(r'\bdigest="([^"]*)"', text)),
                              sorted(re.findall(r'name="XXH3"[^>]*>([^<]*)<', text)))
        md5 = sorted(hashlib.md5(content).hexdigest() for content in files.values())
        xxh3 = seen['xxh3'][1]
        self.assertEqual(len(set(xxh3)), 3)
        for digest in xxh3:
            self.assertRegex(digest, '^[0-9a-f]{32}$')
        self.assertEqual(seen, {'md5+xxh3': (md5, xxh3), 'md5': (md5, []), 'xxh3': ([], xxh3),
                                'none': ([], [])})

    def test_results_are_json_or_csv_when_asked_for(self):
        for command in ['config set checksum md5', 'config get checksum']:
            arguments = command.split()
            self.assertEqual(self.succeed(*arguments, '--format', 'json').json,
                             {'name': 'checksum', 'value': 'md5'})
            self.assertEqual(self.succeed(*arguments, '--format', 'csv').out,
                             'name,value\r\nchecksum,md5\r\n')

    def test_the_list_tells_value_default_and_purpose_of_every_setting(self):
        self.succeed('config', 'set', 'quarantine_code', '1', '--project', 'BRAINDEV')
        rows = self.succeed('config', 'list', '--format', 'json').rows
        names = [row['name'] for row in rows]
        self.assertEqual(names, ['site_id', 'checksum', 'use_sop_instance_uid', 'identical_files',
                                 'prevent_cross_modality_merge', 'refresh_without_options',
                                 'refresh_removal_percent', 'session_idle_minutes',
                                 'series_import_filter'])
        rows = self.succeed('config', 'list', '--project', 'BRAINDEV', '--format', 'json').rows
        quarantine = next(row for row in rows if row['name'] == 'quarantine_code')
        self.assertEqual((quarantine['value'], quarantine['default'], quarantine['expected']),
                         ('1', '0', '0|1'))
        self.assertTrue(all(row['purpose'] for row in rows), rows)
        project = self.succeed('project', 'list', '--format', 'json').rows[0]
        self.assertEqual(project['quarantine_code'], '1')
        self.assertRegex(self.succeed('config', 'list').lines[0], '^NAME +VALUE +DEFAULT +PURPOSE$')

    def test_what_is_refused_says_what_was_expected_and_changes_nothing(self):
        self.succeed('project', 'add', 'OTHER')
        project = ['--project', 'BRAINDEV']
        for reason, expected, arguments in [
                (r'setting\.unknown', 'checksum', ['frobnicate', '1']),
                (r'setting\.bad-value', r'md5\+xxh3\|md5\|xxh3\|none', ['checksum', 'crc']),
                (r'setting\.bad-value', 'whitelist or blacklist',
                 ['series_import_filter', 'localizer']),
                (r'setting\.needs-project', 'a project', ['autorun', 'true']),
                (r'setting\.not-of-projects', 'no project', ['checksum', 'md5', *project]),
                (r'setting\.read-only', 'site_id', ['site_id', 'NEW'])]:
            settings = self.succeed('config', 'list').out
            error = self.fail_with(INVALID, reason, 'config', 'set', *arguments)
            self.assertRegex(error['message'], expected)
            self.assertEqual(self.succeed('config', 'list').out, settings)
        self.fail_with(NOT_FOUND, r'project\.not-found', 'config', 'set', 'autorun', 'true',
                       '--project', 'NONE')
        self.fail_with(NOT_FOUND, r'project\.not-found', 'config', 'list', '--project', 'NONE')
        self.fail_with(CONFLICT, r'store\.alias-taken', 'config', 'set', 'aliases', 'x,other',
                       *project)
        self.fail_with(INVALID, r'setting\.unknown', 'config', 'get', 'frobnicate')
        self.fail_with(INVALID, r'setting\.needs-project', 'config', 'get', 'autorun')

    def test_a_project_is_found_by_an_alias(self):
        self.succeed('config', 'set', 'aliases', 'Brain^Dev, BD', '--project', 'BRAINDEV')
        by_name, = self.succeed('import', '--project', 'bd', self.write_study('a.zip')).lines
        self.assertIn('/projects/BRAINDEV/', by_name)
        path = self.write_study('b.zip', study=2, StudyDescription='BRAIN^DEV')
        by_data, = self.succeed('import', path).lines
        self.assertIn('/projects/BRAINDEV/', by_data)

    def test_series_that_a_filter_does_not_take_are_left_out_and_told(self):
        files = {**study_files(1, 1, 2, SeriesDescription='T1'),
                 **{'more/' + name: content for name, content in
                    study_files(1, 2, 2, SeriesDescription='LOCALIZER').items()
                    if '/2/' in name}}
        path = self.write('study.zip', zip_bytes(files))
        self.succeed('config', 'set', 'series_import_filter', r'blacklist\nlocal')
        run = self.run_command('import', '--project', 'BRAINDEV', path)
        self.assertEqual(run.status, 0, run.err)
        self.assertIn('2 files skipped', run.err)
        self.assertIn('import.filtered-series', run.err)
        uri, = run.lines
        self.succeed('prearchive', 'build', uri)
        scans = self.succeed('prearchive', 'show', uri, '--format', 'json').json['scans']
        self.assertEqual([scan['series_description'] for scan in scans], ['T1'])

        self.succeed('config', 'set', 'series_import_filter', r'whitelist\nT2', '--project',
                     'BRAINDEV')
        run = self.run_command('--format', 'json', 'import', '--project', 'BRAINDEV', path)
        self.assertEqual((run.status, run.err), (0, ''))
        report, = run.json
        self.assertEqual((report['uris'], report['files_received'], report['files_filtered']),
                         ([], 0, 4))
