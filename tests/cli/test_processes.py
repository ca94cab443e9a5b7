"""Other processes: locks, races, a full disk, Ctrl-C, kill -9, a terminal."""

import fcntl
import os
import pty
import random
import shutil
import signal
import subprocess
import time

from command_test import (CommandTest, FAILED, INVALID, LOCKED, NOT_FOUND, study_files, tar_bytes,
                          zip_bytes)


class OtherProcessTest(CommandTest):

    def setUp(self):
        super().setUp()
        self.make_root()

    def start(self, *arguments, **options):
        return subprocess.Popen(self.arguments(*arguments), env=self.environment(),
                                stdout=subprocess.PIPE, stderr=subprocess.PIPE, **options)

    def test_a_session_somebody_else_works_on_is_locked(self):
        uri = self.receive_built()
        # Every lock of the prearchive is a byte of this file: hold them all, as that somebody.
        with open(self.root / 'prearchive/.xa/locks/sessions', 'r+b') as locks:
            fcntl.lockf(locks, fcntl.LOCK_EX | fcntl.LOCK_NB)
            for command in ['archive', 'prearchive build', 'prearchive delete']:
                error = self.fail_with(LOCKED, r'operation\.locked', *command.split(), uri)
                self.assertEqual(error['code'], 'locked')
            path = self.write_study('more.zip', series=2)
            self.fail_with(LOCKED, r'operation\.locked', 'import', '--project', 'BRAINDEV', path)
            self.assertEqual(self.run_command('prearchive', 'show', uri).status, 0)
        row, = self.prearchive_rows()
        self.assertEqual(row['status'], 'READY')
        self.succeed('archive', uri)

    def test_a_destination_somebody_else_works_on_is_locked(self):
        self.succeed('archive', self.receive(study=1))
        uri = self.receive_built(study=2)
        with open(self.root / 'archive/.xa/locks/sessions', 'r+b') as locks:
            fcntl.lockf(locks, fcntl.LOCK_EX | fcntl.LOCK_NB)
            self.fail_with(LOCKED, r'operation\.locked', 'archive', uri)
        self.succeed('archive', uri)

    def test_archive_waits_for_who_works_on_the_session_when_it_is_told_to(self):
        uri = self.receive_built()
        with open(self.root / 'prearchive/.xa/locks/sessions', 'r+b') as locks:
            fcntl.lockf(locks, fcntl.LOCK_EX | fcntl.LOCK_NB)
            self.fail_with(LOCKED, r'operation\.locked', 'archive', '--wait', '0.2', uri)
            process = self.start('archive', '--wait', '60', uri)
            time.sleep(0.3)
            self.assertIsNone(process.poll())
        out, err = process.communicate()
        self.assertEqual(process.returncode, 0, (out, err))
        self.assertEqual(self.prearchive_rows(), [])

    def test_of_many_processes_that_archive_one_session_one_does_it(self):
        uri = self.receive(series=3, instances=20)
        processes = [self.start('archive', uri) for _ in range(6)]
        outputs = [process.communicate() for process in processes]
        statuses = [process.returncode for process in processes]
        self.assertEqual(statuses.count(0), 1, (statuses, outputs))
        self.assertLessEqual(set(statuses), {0, NOT_FOUND, LOCKED}, outputs)
        self.assertEqual(len(list(self.root.glob('archive/BRAINDEV/arc001/**/*.dcm'))), 60)
        self.assertEqual((self.prearchive_rows(), self.leftovers()), ([], []))

    def test_processes_that_import_at_once_do_not_disturb_each_other(self):
        paths = [self.write_study(f'{study}.zip', study, instances=10) for study in range(1, 7)]
        processes = [self.start('import', '--project', 'BRAINDEV', path) for path in paths]
        outputs = [process.communicate() for process in processes]
        self.assertEqual([process.returncode for process in processes], [0] * 6, outputs)
        self.assertEqual(sorted(row['name'] for row in self.prearchive_rows()),
                         [f'BD{study:04}_MR1' for study in range(1, 7)])

    def test_ctrl_c_cancels_an_import_and_leaves_nothing(self):
        before = self.state()
        data = tar_bytes(study_files(instances=40))
        with self.start('import', '--project', 'BRAINDEV', '-', stdin=subprocess.PIPE) as process:
            process.stdin.write(data[:len(data) // 2])
            process.stdin.flush()
            staged = self.root / 'prearchive/.xa/ops'
            self.wait_until(lambda: list(staged.glob('*/stage/**/*')) or process.poll() is not None)
            process.send_signal(signal.SIGINT)
            time.sleep(0.2)  # The next report of progress is due after 0.1 s.
            try:
                process.stdin.write(data[len(data) // 2:])
                process.stdin.close()
            except BrokenPipeError:
                pass
            out, err = process.stdout.read(), process.stderr.read()
        self.assertEqual((process.returncode, out), (FAILED, b''), err)
        self.assertRegex(err.decode(), r'^xnatarchive: [^\n]*cancelled[^\n]*\n$')
        self.assertEqual((self.state(), self.leftovers()), (before, []))

    def wait_until(self, true, seconds=60):
        end = time.monotonic() + seconds
        while not true():
            self.assertLess(time.monotonic(), end, 'waited for too long')
            time.sleep(0.02)

    def test_a_killed_import_or_archive_is_whole_or_not_there_after_recover(self):
        chance = random.Random(20240318)
        names = {f'{number}/{instance}.dcm' for number in range(1, 6) for instance in range(1, 41)}
        for study in range(1, 6):
            path = self.write_study(f'{study}.zip', study, series=5, instances=40)
            started = time.monotonic()
            self.kill_after(chance.uniform(0, 0.4), 'import', '--project', 'BRAINDEV', path)
            self.succeed('recover')
            self.assertEqual(self.leftovers(), [])
            rows = self.prearchive_rows()
            self.assertLessEqual(len(rows), 1)
            if not rows:
                rows = [{'url': self.receive(study, series=5, instances=40)[len('/data'):]}]
            uri = rows[0]['url']
            self.assertEqual(self.dicom_names(self.prearchive_path(uri)), names, started)
            self.kill_after(chance.uniform(0, 0.3), 'archive', uri)
            self.succeed('recover')
            self.assertEqual(self.leftovers(), [])
            session = self.root / f'archive/BRAINDEV/arc001/BD{study:04}_MR1'
            if self.prearchive_rows():
                self.assertFalse(session.exists())
                self.succeed('archive', uri)
            self.assertEqual(self.dicom_names(session), names)
            self.assertEqual(list((self.root / 'prearchive').glob('[!.]*')), [])
        self.assertEqual(len(self.list_column('/projects/BRAINDEV/experiments', 'ID')), 5)

    def kill_after(self, seconds, *arguments):
        with self.start(*arguments) as process:
            try:
                process.communicate(timeout=seconds)
            except subprocess.TimeoutExpired:
                process.kill()

    def dicom_names(self, session):
        """{scan/file} of a session directory."""
        return {f'{path.parts[-3]}/{path.name}' for path in session.glob('SCANS/*/DICOM/*.dcm')}


class TerminalTest(CommandTest):

    def setUp(self):
        super().setUp()
        self.make_root()

    def on_terminal(self, *arguments):
        """Runs the command with a terminal as its stderr; returns what was drawn there."""
        master, slave = pty.openpty()
        process = subprocess.Popen(self.arguments(*arguments), env=self.environment(),
                                   stdout=subprocess.DEVNULL, stderr=slave)
        os.close(slave)
        drawn = b''
        while True:
            try:
                drawn += os.read(master, 65536)
            except OSError:  # The other end is closed.
                break
        os.close(master)
        self.assertEqual(process.wait(), 0, drawn)
        return drawn.decode()

    def test_a_bar_is_drawn_on_a_terminal_and_wiped_at_the_end(self):
        path = self.write_study('study.zip', series=3, instances=30)
        drawn = self.on_terminal('import', '--project', 'BRAINDEV', path)
        self.assertRegex(drawn, r'\rreceive.* \d+ files')
        self.assertTrue(drawn.endswith('\r\x1b[K'), repr(drawn[-80:]))

    def test_no_bar_when_quiet_or_piped(self):
        path = self.write_study('study.zip', series=3, instances=30)
        self.assertEqual(self.on_terminal('--quiet', 'import', '--project', 'BRAINDEV', path), '')
        self.succeed('import', '--project', 'BRAINDEV', path)

    def test_standard_input_from_a_terminal_is_a_usage_error(self):
        master, slave = pty.openpty()
        done = subprocess.run(self.arguments('import', '-'), stdin=slave, capture_output=True,
                              timeout=60, check=False)
        os.close(slave)
        os.close(master)
        self.assertEqual(done.returncode, 2, done.stderr)


class FullDiskTest(CommandTest):
    """On a file system of a few megabytes, which takes the rights to mount one."""

    def setUp(self):
        super().setUp()
        self.disk = self.folder / 'disk'
        self.disk.mkdir()
        mount = ['mount', '-t', 'tmpfs', '-o', 'size=4m,nr_inodes=10000', 'tmpfs', str(self.disk)]
        if os.geteuid() != 0 or subprocess.run(mount, capture_output=True, check=False).returncode:
            self.skipTest('no right to mount a small file system')
        self.addCleanup(subprocess.run, ['umount', '--lazy', str(self.disk)], check=True)
        self.root = self.disk / 'xnat'
        self.make_root()

    def test_an_import_that_does_not_fit_leaves_nothing(self):
        files = study_files(series=10, instances=400)
        path = self.write('big.tar', tar_bytes(files))
        error = self.fail_with(FAILED, r'\S+', 'import', '--project', 'BRAINDEV', path)
        self.assertEqual(error['code'], 'no_space')

    def leave_room(self, kilobytes=3000, files=10_000):
        """Gives the file system another size: room for so much more, and so many."""
        used = os.statvfs(self.disk)
        kilobytes += (used.f_blocks - used.f_bfree) * used.f_frsize // 1024
        files += used.f_files - used.f_ffree
        subprocess.run(['mount', '-o', f'remount,size={kilobytes}k,nr_inodes={files}',
                        str(self.disk)], check=True)

    def import_into(self, path, **room):
        """Imports into so much room, looks at what is left, and imports again with plenty of it.
        Returns whether the study fitted at once."""
        before = self.state()
        self.leave_room(**room)
        run = self.run_command('--format', 'json', 'import', '--project', 'BRAINDEV', path)
        self.leave_room()
        state = 'committed'
        if run.status != 0:
            error, = run.errors
            state = error['disk_state']
            self.assertEqual((run.status, error['code']), (FAILED, 'no_space'), run.err)
            self.assertIn(state, ('unchanged', 'recovery_pending'))
        if state == 'unchanged':
            self.assertEqual(self.state(), before)
        self.succeed('recover')
        self.assertEqual(self.leftovers(), [])
        self.assertEqual(len(self.prearchive_rows()), 0 if state == 'unchanged' else 1)
        report, = self.succeed('--format', 'json', 'import', '--project', 'BRAINDEV', path).json
        counts = (report['files_received'], report['files_identical'])
        self.assertEqual(counts, (24, 0) if state == 'unchanged' else (0, 24))
        uri, = report['uris']
        stored = sorted(path.read_bytes()
                        for path in self.prearchive_path(uri).glob('SCANS/*/DICOM/*'))
        self.assertEqual(stored, sorted(study_files(series=3, instances=8).values()))
        self.succeed('prearchive', 'delete', uri)
        self.assertEqual(self.state(), before)
        self.assertEqual(self.leftovers(), [])
        return run.status == 0

    def test_an_import_is_there_whole_or_not_at_all_however_small_the_disk(self):
        path = self.write('study.zip', zip_bytes(study_files(series=3, instances=8)))
        for rooms in ([{'kilobytes': free} for free in range(0, 300, 8)],
                      [{'files': free} for free in range(0, 60, 2)]):
            fitted = [self.import_into(path, **room) for room in rooms]
            self.assertGreater(fitted.count(False), 10)
            self.assertGreater(fitted.count(True), 3)

    def test_archiving_fits_when_the_disk_is_full_or_changes_nothing(self):
        uri = self.receive(series=3, instances=20)
        filler = self.disk / 'filler'
        for free in (0, 16, 64, 256):
            with open(filler, 'wb') as file:
                available = shutil.disk_usage(self.disk).free
                file.write(bytes(max(0, available - free * 1024)))
            run = self.run_command('--format', 'json', 'archive', uri)
            if run.status == 0:
                break
            self.assertIn(run.status, (FAILED, INVALID), run.err)
            self.assertEqual(run.errors[-1]['code'], 'no_space', run.err)
            if run.errors[-1]['disk_state'] == 'recovery_pending':
                # Published, but the store on the same disk could not be told: recovery does.
                filler.unlink()
                self.succeed('recover')
                self.assertEqual(self.prearchive_rows(), [])
                break
            self.assertEqual(len(list(self.prearchive_path(uri).glob('SCANS/*/DICOM/*.dcm'))), 60)
            self.assertEqual(list((self.root / 'archive').glob('[!.]*/arc001/*')), [])
            filler.unlink()
        if filler.exists():
            filler.unlink()
        if self.prearchive_rows():
            self.succeed('archive', uri)
        self.assertEqual(len(list(self.root.glob('archive/BRAINDEV/arc001/**/*.dcm'))), 60)
