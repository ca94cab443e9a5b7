"""prearchive commit-idle: sessions that come file by file, built and archived when nothing comes."""

import signal
import subprocess
import time

from command_test import CommandTest, CONFLICT, DONE
from dicom_file import dicom_bytes


class IdleTest(CommandTest):

    def setUp(self):
        super().setUp()
        self.make_root()

    def send(self, instance, *options, study=1):
        """Sends one object as its own request; returns the session's URI."""
        content = dicom_bytes(study, 1, instance)
        uri, = self.succeed('import', '-', '--handler', 'gradual-DICOM', '--rename', '--project',
                            'BRAINDEV', *options, stdin=content).lines
        return uri

    def states(self):
        return [row['status'] for row in self.prearchive_rows()]

    def test_files_of_several_requests_are_one_session_that_is_built_when_its_time_is_up(self):
        uris = {self.send(instance) for instance in (1, 2, 3)}
        self.assertEqual(len(uris), 1)
        self.assertEqual(self.succeed('prearchive', 'commit-idle').out, '')
        report = self.succeed('prearchive', 'commit-idle', '--format', 'json').json
        self.assertEqual((report['built'], report['archived'], report['failed']), ([], [], []))
        self.assertTrue(0 < report['next_ms'] <= 300_000, report)
        self.assertEqual(self.states(), ['RECEIVING'])
        self.succeed('config', 'set', 'session_idle_minutes', '0')
        self.assertEqual(set(self.succeed('prearchive', 'commit-idle').lines), uris)
        self.assertEqual(self.states(), ['READY'])

    def test_a_project_of_code_4_has_its_sessions_archived_and_a_conflict_is_the_exit_status(self):
        self.succeed('config', 'set', 'session_idle_minutes', '0')
        self.succeed('config', 'set', 'prearchive_code', '4', '--project', 'BRAINDEV')
        self.send(1, '--session', 'SAME', '--subject', 'S')
        archived, = self.succeed('prearchive', 'commit-idle').lines
        self.assertEqual(archived,
                         '/data/archive/projects/BRAINDEV/subjects/S/experiments/SAME')
        waiting = self.send(1, '--session', 'SAME', '--subject', 'S', study=2)
        run = self.run_command('prearchive', 'commit-idle')
        self.assertEqual((run.status, run.out), (CONFLICT, ''))
        self.assertIn('[archive.uid-differs]', run.err)
        self.assertIn(waiting, run.err)
        self.assertEqual(self.states(), ['CONFLICT'])
        self.assertEqual(self.succeed('prearchive', 'commit-idle').out, '')

    def test_watching_goes_on_until_it_is_told_to_stop(self):
        self.succeed('config', 'set', 'session_idle_minutes', '0')
        self.send(1)
        process = subprocess.Popen(self.arguments('prearchive', 'commit-idle', '--watch'),
                                   env=self.environment(), stdout=subprocess.PIPE,
                                   stderr=subprocess.PIPE)
        self.addCleanup(process.kill)
        try:
            end = time.monotonic() + 60
            while self.states() != ['READY']:
                self.assertLess(time.monotonic(), end, 'waited for too long')
                time.sleep(0.05)
        finally:
            process.send_signal(signal.SIGTERM)
            out, err = process.communicate(timeout=60)
        self.assertEqual((process.returncode, err), (DONE, b''))
        self.assertEqual(len(out.splitlines()), 1)
