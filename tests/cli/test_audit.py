"""Quarantine, and the audit trail."""

import getpass

from command_test import CommandTest, INVALID, NOT_FOUND


class QuarantineTest(CommandTest):

    def status(self):
        return self.list_column('/projects/BRAINDEV/experiments', 'status')

    def types(self, *uri):
        return [row['type'] for row in self.succeed('audit', *uri, '--format', 'json').rows]

    def test_a_quarantined_session_is_listed_as_such_until_it_is_activated(self):
        self.make_root(quarantine_code=1)
        uri, = self.succeed('archive', self.receive()).lines
        self.assertEqual(self.status(), ['quarantine'])
        self.assertEqual(self.succeed('activate', uri).out, uri + '\n')
        self.assertEqual(self.status(), ['active'])
        self.assertEqual(self.types(uri).count('Activated'), 1)
        again = self.run_command('activate', uri)
        self.assertEqual((again.status, again.out), (0, uri + '\n'))
        self.assertIn('active already', again.err)
        self.assertEqual(self.succeed('activate', uri, '--format', 'json').json,
                         {'uri': uri, 'activated': False})
        self.assertEqual(self.types(uri).count('Activated'), 1)

    def test_quarantine_and_release_outlive_the_store(self):
        self.make_root()
        first, = self.succeed('archive', '--quarantine', self.receive(study=1)).lines
        self.succeed('archive', '--quarantine', self.receive(study=2))
        self.succeed('activate', first)
        self.assertEqual(sorted(self.status()), ['active', 'quarantine'])
        listing = self.succeed('list', '/projects/BRAINDEV/experiments').out
        self.succeed('reindex')
        self.assertEqual(self.succeed('list', '/projects/BRAINDEV/experiments').out, listing)
        in_trees = self.rows_in_trees('/projects/BRAINDEV/experiments')
        for path in self.root.glob('store.sqlite3*'):
            path.unlink()
        self.succeed('init')
        self.succeed('reindex')
        self.assertEqual(self.rows_in_trees('/projects/BRAINDEV/experiments'), in_trees)

    def test_what_is_no_archived_session_can_not_be_activated(self):
        self.make_root()
        waiting = self.receive()
        self.fail_with(INVALID, r'uri\.not-an-experiment', 'activate', waiting)
        self.fail_with(INVALID, r'uri\.not-an-experiment', 'activate', '/projects/BRAINDEV')
        self.fail_with(INVALID, r'uri\.malformed', 'activate', 'nonsense')
        self.fail_with(NOT_FOUND, r'uri\.not-found', 'activate', '/experiments/XNAT_E00009')


class AuditTest(CommandTest):

    def setUp(self):
        super().setUp()
        self.make_root()

    def audit(self, *uri):
        return self.succeed('audit', *uri, '--format', 'json').rows

    def types(self, *uri):
        return [row['type'] for row in self.audit(*uri)]

    def test_the_whole_way_of_a_session_is_told_with_who_where_and_how_much(self):
        waiting = self.receive_built()
        archived, = self.succeed('--user', 'ann', 'archive', waiting).lines
        rows = self.audit(archived)
        self.assertEqual([(row['type'], row['status'], row['user'], row['origin'], row['files'])
                          for row in rows],
                         [('Received', 'Complete', getpass.getuser(), 'cli', '2'),
                          ('Built', 'Complete', getpass.getuser(), 'cli', '2'),
                          ('Transferred', 'Complete', 'ann', 'cli', '2')])
        self.assertEqual([row['URI'] for row in rows],
                         [waiting, waiting, '/data/archive/experiments/XNAT_E00001'])
        self.assertEqual(rows[2]['justification'], 'standard upload')
        self.assertTrue(all(int(row['bytes']) > 0 for row in rows))
        self.assertTrue(all(row['started'] <= row['ended'] for row in rows))
        self.assertEqual(self.audit(waiting), rows)
        self.assertEqual(self.audit('/experiments/XNAT_E00001'), rows)
        self.assertEqual(self.audit('/projects/BRAINDEV'), rows)
        self.assertEqual(self.audit(), rows)
        self.assertEqual(self.succeed('audit', archived).lines[0].split(),
                         ['STARTED', 'TYPE', 'STATUS', 'USER', 'ORIGIN', 'PROJECT', 'LABEL',
                          'FILES', 'REASON', 'URI'])

    def test_a_session_that_was_deleted_is_still_told_of(self):
        waiting = self.receive()
        self.succeed('prearchive', 'delete', waiting)
        self.assertEqual(self.types(waiting), ['Received', 'Deleted'])

    def test_other_sessions_and_projects_are_kept_apart(self):
        first = self.receive(study=1)
        second = self.receive(study=2)
        self.succeed('project', 'add', 'OTHER')
        unassigned, = self.succeed('import', self.write_study('x.zip', study=3)).lines
        self.assertEqual([self.types(uri) for uri in (first, second, unassigned)],
                         [['Received']] * 3)
        self.assertEqual(self.types('/projects/BRAINDEV'), ['Received'] * 2)
        self.assertEqual(self.types('/projects/OTHER'), [])
        self.assertEqual([row['project'] for row in self.audit()],
                         ['BRAINDEV', 'BRAINDEV', 'Unassigned'])

    def test_what_failed_is_told_with_the_reason(self):
        self.succeed('archive', self.receive(study=1))
        again = self.receive_built(study=1)
        session = self.prearchive_path(again)
        for catalog in session.rglob('*_catalog.xml'):
            catalog.write_text('<broken')
        for path in session.rglob('*.dcm'):
            path.write_bytes(b'broken')
        self.assertNotEqual(self.run_command('prearchive', 'build', again).status, 0)
        rows = self.audit(again)
        self.assertEqual([(row['type'], row['status']) for row in rows],
                         [('Received', 'Complete'), ('Built', 'Complete'), ('Built', 'Failed')])
        self.assertRegex(rows[2]['reason'], r'^[a-z]+\.[a-z-]+$')

    def test_what_is_not_there_or_has_no_records_is_refused(self):
        self.fail_with(NOT_FOUND, r'project\.not-found', 'audit', '/projects/NONE')
        self.fail_with(NOT_FOUND, r'uri\.not-found', 'audit', '/experiments/XNAT_E00009')
        self.fail_with(NOT_FOUND, r'prearchive\.not-found', 'audit',
                       '/prearchive/projects/BRAINDEV/20200101_000000000/S')
        self.fail_with(INVALID, r'uri\.no-audit', 'audit', '/prearchive')
