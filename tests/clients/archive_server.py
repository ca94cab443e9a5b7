"""A started xnatarchive-server, and requests to it as bytes."""

import contextlib
import fcntl
import http.client
import os
import re
import subprocess
import sys
import urllib.parse
from pathlib import Path

for neighbour in ('cli', 'server'):
    sys.path.insert(0, str(Path(__file__).parent.parent / neighbour))
from server_case import Answer, basic, password_hash  # noqa: E402

# Name: password and roles, as the users file has them.
USERS = {
    'admin': ('admin-secret', '*:admin'),
    'editor': ('editor-secret', 'DEMO:edit'),
    'reader': ('reader-secret', 'DEMO:read'),
    'stranger': ('stranger-secret', 'OTHER:admin'),
}


class ArchiveServer:
    """One xnatarchive-server with a root of its own; ends with the `with` block."""

    def __init__(self, directory, *options):
        self.root = Path(directory) / 'root'
        users = Path(directory) / 'users'
        users.write_text(''.join(f'{name} {password_hash(password)} {roles}\n'
                                 for name, (password, roles) in USERS.items()))
        command = [os.environ['XNATARCHIVE_SERVER'], '--root', self.root, '--init', '--listen',
                   '127.0.0.1:0', '--users', users, *options]
        self.log = Path(directory) / 'log'
        with self.log.open('wb') as log:
            self.process = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=log, text=True)
        line = self.process.stdout.readline()
        found = re.search(r'http://127\.0\.0\.1:(\d+)', line)
        if not found:
            self.process.kill()
            self.process.wait()
            self.process.stdout.close()
            raise AssertionError(f'the server did not start: {line}{self.log.read_text()}')
        self.port = int(found.group(1))
        self.url = f'http://127.0.0.1:{self.port}'

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.process.terminate()
        try:
            status = self.process.wait(60)
        finally:
            self.process.kill()
            self.process.stdout.close()
        assert status == 0, f'the server ended with {status}: {self.log.read_text()}'

    @staticmethod
    def credentials(user='admin'):
        return basic(user, USERS[user][0])

    def ask(self, method, target, body=None, content_type=None, user='admin'):
        """One request on a connection of its own; `target` is sent as it is."""
        headers = self.credentials(user) if user else {}
        if content_type:
            headers['Content-Type'] = content_type
        connection = http.client.HTTPConnection('127.0.0.1', self.port, timeout=120)
        try:
            connection.request(method, target, body, headers)
            return Answer(connection.getresponse())
        finally:
            connection.close()

    def get(self, target, **more):
        return self.ask('GET', target, **more)

    def form(self, target, fields, **more):
        return self.ask('POST', target, urllib.parse.urlencode(fields),
                        'application/x-www-form-urlencoded', **more)

    def upload(self, study, **query):
        """Receives a study; answers the path of the waiting session, without /data."""
        query = {'project': 'DEMO', 'dest': '/prearchive/projects/DEMO', **query}
        answer = self.ask('POST', '/data/services/import?' + urllib.parse.urlencode(query),
                          study.zip_path.read_bytes(), 'application/zip')
        assert answer.status == 200, answer.text
        return answer.text.strip().removeprefix('/data')

    def archive(self, study, **query):
        """Archives a study; answers its URI."""
        answer = self.form('/data/services/archive', {'src': self.upload(study, **query)})
        assert answer.status == 200, answer.text
        return answer.text.strip()

    def files(self, label, project='DEMO'):
        """Name below the session and bytes of each file of an archived session."""
        top = self.root / 'archive' / project / 'arc001' / label / 'SCANS'
        return {path.relative_to(top).as_posix(): path.read_bytes()
                for path in top.rglob('*.dcm')}

    def waiting(self):
        """Labels of the sessions in the prearchive."""
        return {row['folderName'] for row in self.get('/data/prearchive/projects').rows}

    @contextlib.contextmanager
    def locked(self):
        """Waiting sessions are somebody else's: as a second process locks them that archives."""
        with (self.root / 'prearchive/.xa/locks/sessions').open('r+b') as locks:
            fcntl.lockf(locks, fcntl.LOCK_EX)
            yield
