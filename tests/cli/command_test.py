"""command_test.py - what every test of the command shares: a root of its own, runs of the
command, and pictures of the trees before and after."""

import hashlib
import io
import json
import os
import shutil
import subprocess
import tarfile
import tempfile
import unittest
import zipfile
from pathlib import Path

from dicom_file import dicom_bytes

# Programs under test, by name; set by run_tests.py.
PROGRAMS = {}

DONE, FAILED, USAGE, NOT_FOUND, CONFLICT, LOCKED, INVALID, NOT_PERMITTED = range(8)

NOT_UTF8 = 'surrogateescape'


class Run:
    """One finished process."""

    def __init__(self, status, out, err):
        self.status = status
        self.out = out.decode('utf-8', NOT_UTF8)
        self.err = err.decode('utf-8', NOT_UTF8)

    @property
    def lines(self):
        return self.out.splitlines()

    @property
    def json(self):
        return json.loads(self.out)

    @property
    def rows(self):
        """The rows of XNAT's table shape."""
        result_set = self.json['ResultSet']
        rows = result_set['Result']
        assert result_set['totalRecords'] == str(len(rows)), result_set
        assert all(isinstance(value, str) for row in rows for value in row.values()), rows
        return rows

    @property
    def errors(self):
        """The error objects on stderr, one per line."""
        errors = [json.loads(line) for line in self.err.splitlines()]
        for error in errors:
            assert list(error) == ['code', 'reason', 'message', 'path', 'disk_state'], error
        return errors


def study_files(study=1, series=1, instances=2, **attributes):
    """{name: bytes} of one study."""
    return {f's{study}/{number}/{instance}.dcm': dicom_bytes(study, number, instance, **attributes)
            for number in range(1, series + 1) for instance in range(1, instances + 1)}


def zip_bytes(files):
    data = io.BytesIO()
    with zipfile.ZipFile(data, 'w', zipfile.ZIP_DEFLATED) as archive:
        for name, content in files.items():
            archive.writestr(name, content)
    return data.getvalue()


def tar_bytes(files, mode='w'):
    data = io.BytesIO()
    with tarfile.open(fileobj=data, mode=mode, format=tarfile.PAX_FORMAT) as archive:
        for name, content in files.items():
            info = tarfile.TarInfo(name)
            info.size = len(content)
            archive.addfile(info, io.BytesIO(content))
    return data.getvalue()


def picture(folder):
    """{path: digest} of everything visible below a folder, without what is the engine's own (.xa)
    and the session logs, which tell of refused operations. Modification times are left out."""
    content = {}
    for parent, folders, files in os.walk(folder):
        folders[:] = [name for name in folders if not name.startswith('.xa') and name != 'logs']
        for name in folders:
            content[os.path.relpath(os.path.join(parent, name), folder) + '/'] = ''
        for name in files:
            if name.startswith('.xa'):
                continue
            path = os.path.join(parent, name)
            digest = hashlib.sha1(Path(path).read_bytes()).hexdigest()
            content[os.path.relpath(path, folder)] = digest
    return content


class CommandTest(unittest.TestCase):
    """A temporary directory with an empty root in it; `self.run_command` works on that root."""

    maxDiff = None

    def setUp(self):
        self.folder = Path(tempfile.mkdtemp(prefix='xnatarchive-cli-'))
        self.addCleanup(shutil.rmtree, self.folder, ignore_errors=True)
        self.root = self.folder / 'xnat'

    def environment(self):
        environment = {name: value for name, value in os.environ.items()
                       if name != 'XNATARCHIVE_ROOT'}
        environment['TZ'] = 'UTC'
        return environment

    def arguments(self, *arguments):
        return [PROGRAMS['xnatarchive'], '--root', str(self.root), *map(str, arguments)]

    def run_program(self, arguments, stdin=b'', cwd=None, environment=None):
        done = subprocess.run([str(argument) for argument in arguments], input=stdin, cwd=cwd,
                              capture_output=True, timeout=300,
                              env=environment or self.environment(), check=False)
        return Run(done.returncode, done.stdout, done.stderr)

    def run_command(self, *arguments, **options):
        return self.run_program(self.arguments(*arguments), **options)

    def succeed(self, *arguments, **options):
        """Runs the command, which must succeed and say nothing on stderr."""
        run = self.run_command(*arguments, **options)
        self.assertEqual((run.status, run.err), (DONE, ''), arguments)
        return run

    def fail_with(self, status, reason, *arguments, **options):
        """Runs the command, which must fail, changing neither tree nor listing, with this exit
        status and reason, told as text on one line and as JSON."""
        before = self.state()
        run = self.run_command(*arguments, **options)
        self.assertEqual(run.status, status, run.err)
        self.assertRegex(run.err, r'^xnatarchive: [^\n]+\[' + reason + r'\]\n$', arguments)
        run = self.run_command('--format', 'json', *arguments, **options)
        self.assertEqual(run.status, status, run.err)
        error, = run.errors
        self.assertRegex(error['reason'], '^' + reason + '$')
        self.assertEqual(error['disk_state'], 'unchanged')
        self.assertEqual(self.state(), before, 'a refused operation changed something')
        self.assertEqual(self.leftovers(), [])
        return error

    def state(self):
        """Both trees, and what the index says about the prearchive."""
        listed = []
        if (self.root / 'store.sqlite3').exists():
            rows = self.prearchive_rows()
            # A refused archive marks the session and touches its row; nothing else may differ.
            listed = [{name: value for name, value in row.items()
                       if name not in ('status', 'lastmod')} for row in rows]
        return picture(self.root / 'archive'), picture(self.root / 'prearchive'), listed

    def leftovers(self):
        """Unfinished operations and removals in progress; none once a command has ended."""
        return [str(path.relative_to(self.root)) for tree in ('archive', 'prearchive')
                for part in ('ops', 'trash')
                for path in (self.root / tree / '.xa' / part).glob('*')]

    def make_root(self, project='BRAINDEV', **settings):
        self.succeed('init')
        options = [text for name, value in settings.items()
                   for text in ('--' + name.replace('_', '-'), str(value))]
        self.succeed('project', 'add', project, *options)

    def write(self, name, content):
        path = self.folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content)
        return path

    def write_study(self, name, *arguments, **attributes):
        """Writes a study as a zip."""
        return self.write(name, zip_bytes(study_files(*arguments, **attributes)))

    def receive(self, *arguments, **attributes):
        """Imports a study into BRAINDEV; returns its prearchive URI."""
        path = self.write_study('study.zip', *arguments, **attributes)
        uri, = self.succeed('import', '--project', 'BRAINDEV', path).lines
        return uri

    def receive_built(self, *arguments, **attributes):
        uri = self.receive(*arguments, **attributes)
        self.succeed('prearchive', 'build', uri)
        return uri

    def prearchive_path(self, uri):
        """The session directory of /data/prearchive/projects/P/TIMESTAMP/FOLDER."""
        project, timestamp, folder = uri.split('/')[-3:]
        below = Path(timestamp, folder)
        return self.root / 'prearchive' / (below if project == 'Unassigned' else project / below)

    def prearchive_rows(self):
        return self.succeed('prearchive', 'list', '--format', 'json').rows

    def rows_in_trees(self, uri):
        """What a listing of experiments tells that is in the trees: all but when they came."""
        rows = self.succeed('list', uri, '--format', 'json').rows
        for row in rows:
            self.assertRegex(row.pop('insert_date'), r'20\d\d-\d\d-\d\d \d\d:\d\d:\d\d\.\d+')
        return rows

    def list_column(self, uri, column):
        return [row[column] for row in self.succeed('list', uri, '--format', 'json').rows]
