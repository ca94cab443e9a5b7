"""verify: what it finds, how it tells, and the exit status; what reindex tells of differences."""

import json
import re
import shutil
import threading
import time
import zipfile

from command_test import CommandTest, CONFLICT, DONE, INVALID, LOCKED, NOT_FOUND, USAGE

SESSION = '/projects/BRAINDEV/experiments/BD0001_MR1'


class VerifyTest(CommandTest):

    def setUp(self):
        super().setUp()
        self.make_root()
        self.succeed('archive', self.receive(series=2), '--quiet')
        self.files = sorted(self.root.glob('archive/**/*.dcm'))

    def objects(self, status, *arguments):
        run = self.run_command('--format', 'json', 'verify', *arguments)
        self.assertEqual((run.status, run.err), (status, ''))
        *problems, summary = [json.loads(line) for line in run.lines]
        self.assertEqual(summary['problems'], len(problems))
        return problems, summary

    def test_an_archive_that_is_well(self):
        run = self.succeed('verify')
        self.assertRegex(run.out, r'(?m)^files read +4$')
        problems, summary = self.objects(DONE, SESSION, '--all-digests')
        self.assertEqual(problems, [])
        self.assertEqual((summary['sessions'], summary['catalogs'], summary['files_read']),
                         (1, 2, 4))
        self.assertEqual(self.objects(DONE, SESSION + '/scans/1')[1]['files_read'], 2)

    def test_damage_is_told_in_each_format_and_by_the_exit_status(self):
        content = self.files[0].read_bytes()
        self.files[0].write_bytes(content[:-1] + b'!')
        self.files[1].unlink()
        (self.files[2].parent / 'new').write_bytes(b'x')
        self.files[3].write_bytes(b'short')
        before = self.state()
        problems, summary = self.objects(CONFLICT)
        expected = {(kind, str(path.relative_to(self.root / 'archive'))) for kind, path in [
            ('changed', self.files[0]), ('missing', self.files[1]),
            ('unlisted', self.files[2].parent / 'new'), ('wrong-size', self.files[3])]}
        self.assertEqual({(p['problem'], p['path']) for p in problems}, expected)
        self.assertEqual(list(problems[0]), ['problem', 'uri', 'path', 'message'])
        self.assertEqual(summary['busy'], [])
        run = self.run_command('verify')
        self.assertEqual((run.status, run.err), (CONFLICT, ''))
        self.assertRegex(run.out, r'(?m)^problems +4$')
        run = self.run_command('verify', '--format', 'csv')
        self.assertEqual(len(run.lines), 5)
        self.assertEqual(self.state(), before)

    def test_samples_rates_and_states(self):
        problems, summary = self.objects(DONE, '--sample', '50%', '--seed', '3', '--max-rate', '1G',
                                         '--resume', self.folder / 'state')
        self.assertEqual((problems, summary['seed'], summary['files']), ([], 3, 4))
        self.assertEqual(summary['files_read'], 2)
        self.assertFalse((self.folder / 'state').exists())
        self.write('state', b'something else')
        self.fail_with(INVALID, r'verify\.bad-state', 'verify', '--resume', self.folder / 'state')
        self.assertEqual((self.folder / 'state').read_bytes(), b'something else')

    def test_a_sample_is_of_the_same_files_whenever_the_seed_is(self):
        counts = [self.objects(DONE, '--sample', '50%', '--seed', str(seed))[1]['files_read']
                  for seed in range(1, 9)]
        self.assertEqual(counts, [1, 3, 2, 1, 1, 2, 1, 3])

    def test_a_rate_is_kept(self):
        self.succeed('archive', self.receive(study=2, instances=8, PatientComments='x' * 9000),
                     '--quiet')
        begin = time.monotonic()
        summary = self.objects(DONE, '--max-rate', '50k')[1]
        seconds = time.monotonic() - begin
        self.assertGreater(summary['bytes_read'], 70_000)
        self.assertGreater(seconds, 0.95 * summary['bytes_read'] / 50_000)

    def test_refusals(self):
        self.fail_with(NOT_FOUND, r'uri\.not-found', 'verify', '/projects/NONE')
        self.fail_with(INVALID, r'uri\.malformed', 'verify', 'nonsense')
        for line in ['--sample 0', '--sample 101%', '--sample x', '--max-rate 0', '--max-rate 1T',
                     '--max-rate -1', '--seed x', '--resume']:
            run = self.run_command('verify', *line.split())
            self.assertEqual((run.status, run.out), (USAGE, ''), line)

    def test_merges_meanwhile_are_no_damage_and_no_export_mixes_them(self):
        rounds, merged = 12, []

        def merge():
            for number in range(rounds):
                uri = self.receive(series=2, instances=20, PatientComments=f'round {number}')
                merged.append(self.run_command('archive', uri, '--overwrite', 'delete', '--wait',
                                               '60').status)

        worker = threading.Thread(target=merge)
        worker.start()
        number = 0
        while worker.is_alive():
            run = self.run_command('verify', '--format', 'json')
            self.assertIn(run.status, (DONE, LOCKED), run.out + run.err)
            number += 1
            path = self.folder / f'{number}.zip'
            run = self.run_command('export', SESSION, path)
            if run.status != DONE:
                self.assertRegex(run.err, r'\[(operation\.locked|export\.session-changed)\]')
                continue
            with zipfile.ZipFile(path) as archive:
                told = {re.search(rb'round \d+', archive.read(name)).group()
                        for name in archive.namelist() if b'round' in archive.read(name)}
            self.assertLessEqual(len(told), 1)
        worker.join()
        self.assertEqual(merged, [DONE] * rounds)
        self.assertEqual(self.objects(DONE)[1]['files_read'], 40)


class ReindexTest(CommandTest):

    def test_differences_are_told_as_a_table_and_as_json(self):
        self.make_root()
        self.succeed('archive', self.receive())
        self.assertEqual(self.succeed('reindex', '--format', 'json').json['differences'], [])
        shutil.rmtree(self.root / 'archive/BRAINDEV/arc001/BD0001_MR1')
        shutil.copytree(self.root / 'archive', self.folder / 'archive')
        self.assertRegex(self.succeed('reindex').out,
                         r'(?m)^experiment +removed +BRAINDEV +XNAT_E00001')
        difference, = self.reindex_of_the_same_tree_elsewhere()
        self.assertEqual((difference['kind'], difference['change'], difference['project']),
                         ('subject', 'added', 'BRAINDEV'))

    def reindex_of_the_same_tree_elsewhere(self):
        self.root = self.folder / 'other'
        self.make_root()
        shutil.copytree(self.folder / 'archive', self.root / 'archive', dirs_exist_ok=True)
        return self.succeed('reindex', '--format', 'json').json['differences']
