"""The command line itself: options, help, what is a usage error, where a root is looked for."""

import json
import shlex

from command_test import CommandTest, DONE, FAILED, NOT_FOUND, PROGRAMS, USAGE

COMMANDS = ['init', 'project add', 'project list', 'import', 'prearchive list', 'prearchive show',
            'prearchive build', 'prearchive commit-idle', 'prearchive move',
            'prearchive set-status', 'prearchive delete', 'prearchive log', 'archive', 'export',
            'verify', 'list', 'show', 'audit', 'activate', 'refresh', 'config list', 'config get',
            'config set', 'recover', 'reindex']


class UsageTest(CommandTest):

    def test_version_and_help_are_results(self):
        run = self.run_command('--version')
        self.assertEqual((run.status, run.err), (DONE, ''))
        self.assertRegex(run.out, r'^xnatarchive \d+\.\d+\.\d+\n$')
        for command in ['', *COMMANDS]:
            run = self.run_command(*command.split(), '--help')
            self.assertEqual((run.status, run.err), (DONE, ''), command)
            self.assertIn(f'Usage: xnatarchive{" " if command else ""}{command}', run.out)
            self.assertEqual([line for line in run.lines if len(line) > 100], [], command)
        self.assertIn('xnatarchive import --project BRAINDEV study.zip', self.run_command('-h').out)

    def test_what_the_grammar_does_not_have_is_a_usage_error_and_runs_nothing(self):
        for line in ['', 'frobnicate', 'prearchive', 'project', 'import', 'archive', 'show',
                     'prearchive show', 'prearchive move SRC', 'prearchive set-status SRC _ARCHIVING',
                     'list --frobnicate', '--format xml list', 'init --root',
                     'init --checksum crc', 'project add', 'project add P --prearchive-code 3',
                     'project add P --prearchive-code x', 'project add P --quarantine-code 2',
                     'project add P Q', 'archive SRC --set', 'archive SRC --set note',
                     'archive SRC --set =v', 'archive SRC --overwrite maybe', 'archive SRC --overwrite 2',
                     'archive SRC --plan', 'archive SRC --wait -1', 'list a b',
                     '--threads -1 list', 'init reindex', 'config', 'config get', 'config set',
                     'config set checksum', 'config set checksum md5 none', 'config list checksum',
                     'activate', 'audit a b', 'export', 'export E', 'export E a b', 'refresh',
                     'refresh URI --options all', 'refresh URI --options',
                     'refresh URI --options append,,delete']:
            run = self.run_command(*shlex.split(line))
            self.assertEqual((run.status, run.out), (USAGE, ''), line)
            self.assertRegex(run.err, r'^xnatarchive: [^\n]+ \[cli\.usage\]\n', line)
            self.assertFalse(self.root.exists(), line)

    def test_usage_errors_are_json_when_json_was_asked_for(self):
        for line in ['--format json frobnicate', 'list a b --format=json']:
            run = self.run_command(*shlex.split(line))
            self.assertEqual((run.status, run.out), (USAGE, ''), line)
            error, = run.errors
            self.assertEqual((error['code'], error['reason'], error['disk_state']),
                             ('invalid_argument', 'cli.usage', 'unchanged'))

    def test_global_options_stand_before_or_after_the_command(self):
        self.succeed('init')
        program = PROGRAMS['xnatarchive']
        for line in ['--root {0} --format json --quiet --user u project list',
                     'project list --root {0} --format=json --quiet --user u',
                     'project --format json list --root {0} --threads 2']:
            run = self.run_program([program, *shlex.split(line.format(self.root))])
            self.assertEqual((run.status, run.err), (DONE, ''), line)
            self.assertEqual(run.rows, [])

    def test_root_is_the_option_else_the_variable_else_xnat_here(self):
        program = PROGRAMS['xnatarchive']
        for name in ['from-variable', 'from-option', 'xnat']:
            self.root = self.folder / name
            self.make_root(name)

        def project(arguments, variable=None):
            environment = self.environment()
            if variable is not None:
                environment['XNATARCHIVE_ROOT'] = str(variable)
            run = self.run_program([program, *arguments, 'project', 'list', '--format', 'json'],
                                   cwd=self.folder, environment=environment)
            return run.rows[0]['id']

        self.assertEqual(project([]), 'xnat')
        self.assertEqual(project([], variable=''), 'xnat')
        self.assertEqual(project([], variable=self.folder / 'from-variable'), 'from-variable')
        self.assertEqual(project(['--root', self.folder / 'from-option'],
                                 variable=self.folder / 'from-variable'), 'from-option')

    def test_every_command_on_a_root_that_does_not_exist_is_not_found(self):
        for line in ['project add P', 'project list', 'import x.zip', 'prearchive list',
                     'prearchive show S', 'archive S', 'export E x.zip', 'verify', 'list', 'show S',
                     'refresh U', 'recover', 'reindex']:
            run = self.run_command('--format', 'json', *line.split())
            self.assertEqual((run.status, run.out), (NOT_FOUND, ''), line)
            error, = run.errors
            self.assertEqual((error['code'], error['reason']), ('not_found', 'engine.no-root'))
            self.assertFalse(self.root.exists(), line)

    def test_init_needs_the_parent_and_happens_once(self):
        self.assertEqual(self.succeed('init', '--site-id', 'RIC').lines, [str(self.root)])
        self.fail_with(4, 'engine.root-in-use', 'init')
        self.root = self.folder / 'a' / 'b'
        self.fail_with(3, r'\S+', 'init')
        self.root = self.folder / 'bad'
        self.fail_with(6, r'engine\.bad-site-id', 'init', '--site-id', 'R.I.C')
        self.assertFalse(self.root.exists())

    def test_a_store_elsewhere_is_used_only_when_it_is_named(self):
        store = self.folder / 'elsewhere' / 'x.db'
        store.parent.mkdir()
        option = ['--store', f'sqlite3://{store}']
        self.succeed('init', *option)
        self.succeed('project', 'add', 'BRAINDEV', *option)
        self.assertTrue(store.is_file())
        uri, = self.succeed('import', '--project', 'BRAINDEV', self.write_study('study.zip'),
                            *option).lines
        self.succeed('archive', uri, *option)
        rows = self.succeed('list', '/projects/BRAINDEV/experiments', '--format', 'json',
                            *option).rows
        self.assertEqual([row['label'] for row in rows], ['BD0001_MR1'])
        for line in ['list', 'prearchive list', 'project add OTHER']:
            self.fail_with(NOT_FOUND, r'engine\.no-store', *line.split())
        self.assertEqual(sorted(path.name for path in self.root.iterdir()),
                         ['archive', 'prearchive'])

    def test_results_that_cannot_be_written_are_a_failure(self):
        self.succeed('init')
        run = self.run_program(['sh', '-c', shlex.join(self.arguments('list')) + ' >/dev/full'])
        self.assertEqual(run.status, FAILED)
        self.assertIn('[cli.output]', run.err)

    def test_a_bad_table_is_never_printed_for_an_empty_archive(self):
        self.succeed('init')
        self.assertEqual(self.succeed('project', 'list').out,
                         'ID  PREARCHIVE CODE  QUARANTINE CODE  AUTORUN\n')
        self.assertEqual(self.succeed('project', 'list', '--format', 'csv').out,
                         'id,prearchive_code,quarantine_code,autorun\r\n')
        self.assertEqual(json.loads(self.succeed('project', 'list', '--format', 'json').out),
                         {'ResultSet': {'Result': [], 'totalRecords': '0'}})


class ProjectTest(CommandTest):

    def test_projects_have_settings_and_are_listed_by_id(self):
        self.succeed('init')
        run = self.succeed('project', 'add', 'ZETA', '--prearchive-code', '5', '--quarantine-code',
                           '1', '--autorun', 'echo "a, b"')
        self.assertEqual(run.lines, ['/data/archive/projects/ZETA'])
        self.succeed('project', 'add', 'ALPHA')
        self.assertEqual(self.succeed('project', 'list', '--format', 'json').rows, [
            {'id': 'ALPHA', 'prearchive_code': '0', 'quarantine_code': '0', 'autorun': ''},
            {'id': 'ZETA', 'prearchive_code': '5', 'quarantine_code': '1',
             'autorun': 'echo "a, b"'}])
        self.assertEqual(self.succeed('project', 'list').out,
                         'ID     PREARCHIVE CODE  QUARANTINE CODE  AUTORUN\n'
                         'ALPHA  0                0\n'
                         'ZETA   5                1                echo "a, b"\n')
        self.assertEqual(self.succeed('project', 'list', '--format', 'csv').out,
                         'id,prearchive_code,quarantine_code,autorun\r\n'
                         'ALPHA,0,0,\r\n'
                         'ZETA,5,1,"echo ""a, b"""\r\n')

    def test_a_taken_or_impossible_id_is_refused(self):
        self.make_root('ALPHA')
        self.fail_with(4, r'store\.project-exists', 'project', 'add', 'alpha')
        for bad in ['', 'A B', 'A/B', '..', 'Ünassigned', 'A' * 300]:
            self.fail_with(6, r'project\.bad-id', 'project', 'add', bad)
        self.fail_with(6, r'store\.reserved-id', 'project', 'add', 'Unassigned')
