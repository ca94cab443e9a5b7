"""prearchive move and set-status: waiting sessions in other projects, and their states."""

from command_test import CommandTest, CONFLICT, NOT_FOUND


class MoveTest(CommandTest):

    def setUp(self):
        super().setUp()
        self.make_root()
        self.succeed('project', 'add', 'OTHER')

    def test_a_session_is_moved_out_of_unassigned_and_between_projects_with_its_files(self):
        path = self.write_study('study.zip')
        unassigned, = self.succeed('import', path).lines
        self.assertIn('/Unassigned/', unassigned)
        files = sorted(p.read_bytes() for p in self.prearchive_path(unassigned).rglob('*.dcm'))
        uri, = self.succeed('prearchive', 'move', unassigned, 'BRAINDEV').lines
        moved = self.succeed('prearchive', 'move', uri, 'OTHER', '--format', 'json').json['uri']
        self.assertEqual(moved, unassigned.replace('Unassigned', 'OTHER'))
        self.assertEqual(sorted(p.read_bytes() for p in self.prearchive_path(moved).rglob('*.dcm')),
                         files)
        self.assertEqual([row['project'] for row in self.prearchive_rows()], ['OTHER'])
        archived, = self.succeed('archive', moved).lines
        self.assertTrue(archived.startswith('/data/archive/projects/OTHER/'), archived)

    def test_a_project_or_a_session_that_is_not_there_changes_nothing(self):
        uri = self.receive()
        for arguments in [(uri, 'NONE'), (uri.replace('BRAINDEV', 'OTHER'), 'OTHER')]:
            run = self.run_command('prearchive', 'move', *arguments)
            self.assertEqual((run.status, run.out), (NOT_FOUND, ''))
        self.assertEqual([row['project'] for row in self.prearchive_rows()], ['BRAINDEV'])

    def test_a_state_is_set_as_far_as_the_files_allow(self):
        uri = self.receive()
        run = self.run_command('prearchive', 'set-status', uri, 'READY')
        self.assertEqual((run.status, run.out), (CONFLICT, ''))
        self.assertIn('[prearchive.not-built]', run.err)
        self.succeed('prearchive', 'build', uri)
        self.succeed('prearchive', 'set-status', uri, 'ERROR')
        self.assertEqual([row['status'] for row in self.prearchive_rows()], ['ERROR'])
        rows = self.succeed('prearchive', 'set-status', uri, '--format', 'json').rows
        self.assertEqual([row['status'] for row in rows], ['READY'])
