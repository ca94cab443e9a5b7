"""Jobs: submitted with archive --async, worked off by job run, also by several and by killed ones."""

import signal
import subprocess
import time

from command_test import CommandTest, CONFLICT, DONE, FAILED, INVALID, LOCKED, NOT_FOUND, USAGE

GONE = '/data/prearchive/projects/BRAINDEV/20200101_000000000/GONE'


class JobTest(CommandTest):

    def setUp(self):
        super().setUp()
        self.make_root()

    def uri(self, study):
        label = f'BD{study:04}'
        return f'/data/archive/projects/BRAINDEV/subjects/{label}/experiments/{label}_MR1'

    def submit(self, *sources):
        job, = self.succeed('archive', '--async', *sources).lines
        return job

    def show(self, job):
        return self.succeed('job', 'show', job, '--format', 'json').json

    def states(self, job):
        return [item['state'] for item in self.show(job)['items']]

    def start(self, *arguments):
        return subprocess.Popen(self.arguments(*arguments), env=self.environment(),
                                stdout=subprocess.PIPE, stderr=subprocess.PIPE)

    def transfers(self):
        return [row['label'] for row in self.succeed('audit', '--format', 'json').rows
                if row['type'] == 'Transferred' and row['status'] == 'Complete']

    def wait_until(self, true, seconds=60):
        end = time.monotonic() + seconds
        while not true():
            self.assertLess(time.monotonic(), end, 'waited for too long')
            time.sleep(0.01)

    def test_submitting_archives_nothing_and_running_the_job_does(self):
        sources = [self.receive(study=study) for study in (1, 2)]
        before = self.state()
        job = self.submit('--quarantine', *sources)
        self.assertEqual(self.state(), before)
        self.assertEqual(self.show(job)['state'], 'queued')
        self.assertEqual([item['src'] for item in self.show(job)['items']], sources)
        timeout = self.run_command('job', 'wait', job, '--timeout', '0')
        self.assertEqual((timeout.status, timeout.out), (LOCKED, ''))
        self.assertIn('[job.timeout]', timeout.err)
        self.assertEqual(self.succeed('job', 'run', '--until-empty').out, '')
        self.assertEqual(self.succeed('job', 'wait', job).lines, [self.uri(1), self.uri(2)])
        shown = self.succeed('job', 'wait', job, '--format', 'json').json
        self.assertEqual(shown, self.show(job))
        self.assertEqual((shown['state'], shown['items_done'], shown['items_total']),
                         ('done', 2, 2))
        self.assertEqual([item['counts']['added'] for item in shown['items']], [2, 2])
        self.assertEqual(self.list_column('/projects/BRAINDEV/experiments', 'status'),
                         ['quarantine'] * 2)
        self.assertEqual(self.prearchive_rows(), [])

    def test_jobs_are_listed_newest_first(self):
        first = self.submit(self.receive(study=1))
        second = self.succeed('--user', 'ann', '--format', 'json', 'archive', '--async',
                              self.receive(study=2)).json
        self.assertEqual(list(second), ['id'])
        self.succeed('job', 'cancel', first)
        rows = self.succeed('job', 'list', '--format', 'json').rows
        self.assertEqual([(row['ID'], row['state'], row['sessions']) for row in rows],
                         [(second['id'], 'queued', '0/1'), (first, 'cancelled', '1/1')])
        self.assertEqual(rows[0]['user'], 'ann')
        self.assertEqual(self.succeed('job', 'list').lines[0].split(),
                         ['ID', 'STATE', 'KIND', 'USER', 'CREATED', 'STARTED', 'ENDED',
                          'SESSIONS'])

    def test_a_session_that_fails_does_not_stop_the_others(self):
        self.succeed('archive', self.receive(study=1))
        again, good = self.receive(study=1), self.receive(study=2)
        job = self.submit(again, GONE, good)
        self.succeed('job', 'run', '--until-empty')
        waited = self.run_command('job', 'wait', job)
        self.assertEqual((waited.status, waited.lines), (CONFLICT, [self.uri(2)]))
        first, second = waited.err.splitlines()
        self.assertRegex(first, r'^xnatarchive: .*\[archive\.session-exists\]$')
        self.assertRegex(second, r'^xnatarchive: .*GONE.*\[prearchive\.not-found\]$')
        waited = self.run_command('job', 'wait', job, '--format', 'json')
        self.assertEqual((waited.status, waited.json['state']), (CONFLICT, 'failed'))
        self.assertEqual([error['reason'] for error in waited.errors],
                         ['archive.session-exists', 'prearchive.not-found'])
        self.assertEqual([item.get('status', {}).get('code') for item in waited.json['items']],
                         ['conflict', 'not_found', None])
        self.assertIn('archive.session-exists', self.succeed('job', 'show', job).lines[1])

    def test_a_cancelled_job_archives_nothing_more(self):
        sources = [self.receive_built(study=study) for study in (1, 2)]
        before = self.state()
        job = self.submit(*sources)
        self.assertEqual(self.succeed('job', 'cancel', job).lines, [job])
        self.assertEqual(self.states(job), ['cancelled'] * 2)
        self.succeed('job', 'run', '--until-empty')
        self.assertEqual(self.state(), before)
        waited = self.run_command('job', 'wait', job)
        self.assertEqual((waited.status, waited.out), (FAILED, ''))
        self.assertEqual(waited.err.count('[job.cancelled]'), 2)
        self.assertEqual(self.succeed('job', 'cancel', job, '--format', 'json').json, {'id': job})

    def test_what_is_wrong_is_refused(self):
        source = self.receive()
        self.fail_with(INVALID, r'job\.same-source', 'archive', '--async', source,
                       source[len('/data'):])
        self.fail_with(INVALID, r'uri\.not-a-prearchive-session', 'archive', '--async',
                       '/projects/BRAINDEV')
        for command in ('show', 'wait', 'cancel'):
            self.fail_with(NOT_FOUND, r'job\.not-found', 'job', command, '7')
        self.assertEqual(self.succeed('job', 'list', '--format', 'json').rows, [])
        for arguments in (['archive', '--async', '--dry-run', source], ['job'], ['job', 'show'],
                          ['job', 'run', '--workers', '0'], ['job', 'wait', '1', '--timeout', '-1']):
            self.assertEqual(self.run_command(*arguments).status, USAGE, arguments)

    def test_a_worker_works_until_it_is_stopped(self):
        with self.start('job', 'run', '--workers', '2') as worker:
            job = self.submit(*[self.receive(study=study) for study in (1, 2, 3)])
            self.assertEqual(self.succeed('job', 'wait', job, '--timeout', '60').lines,
                             [self.uri(study) for study in (1, 2, 3)])
            worker.send_signal(signal.SIGINT)
            out, err = worker.communicate(timeout=60)
        self.assertEqual((worker.returncode, out, err), (DONE, b'', b''))

    def test_of_several_workers_each_session_is_archived_by_one(self):
        studies = range(1, 9)
        job = self.submit(*[self.receive(study=study) for study in studies])
        workers = [self.start('job', 'run', '--workers', '2', '--until-empty') for _ in range(3)]
        outputs = [worker.communicate() for worker in workers]
        self.assertEqual(outputs, [(b'', b'')] * 3)
        self.assertEqual(self.succeed('job', 'wait', job, '--timeout', '60').lines,
                         [self.uri(study) for study in studies])
        self.assertEqual(len(self.transfers()), len(studies))
        self.assertEqual((self.prearchive_rows(), self.leftovers()), ([], []))

    def test_workers_that_are_killed_leave_every_session_archived_once(self):
        studies = range(1, 13)
        job = self.submit(*[self.receive(study=study, series=2, instances=20)
                            for study in studies])
        for enough in (2, 5, 8):
            with self.start('job', 'run', '--workers', '2') as worker:
                archive = self.root / 'archive/BRAINDEV/arc001'
                self.wait_until(lambda: len(list(archive.glob('BD*'))) >= enough)
                worker.kill()
        self.succeed('job', 'run', '--until-empty')
        self.assertEqual(self.succeed('job', 'wait', job, '--timeout', '0').lines,
                         [self.uri(study) for study in studies])
        self.assertEqual(sorted(self.transfers()), [f'BD{study:04}_MR1' for study in studies])
        self.assertEqual(len(list(self.root.glob('archive/BRAINDEV/arc001/**/*.dcm'))),
                         len(studies) * 40)
        self.assertEqual((self.prearchive_rows(), self.leftovers()), ([], []))
