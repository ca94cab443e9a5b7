"""server_case.py - what every test of the server shares: a root, a users file, a started server, and
requests to it, by http.client or byte by byte."""

import base64
import csv
import hashlib
import http.client
import io
import json
import re
import shutil
import signal
import socket
import ssl
import subprocess
import tempfile
import time
import unittest
from pathlib import Path

from command_test import study_files, zip_bytes

PROGRAM = ''  # Set by run_tests.py.

# Far slower machines than this one, under a sanitizer, have to do in it.
PATIENCE = 60


def password_hash(password):
    """As xnatarchive-server passwd makes it, at the lowest cost there is."""
    salt = b'0123456789abcdef'
    digest = hashlib.scrypt(password.encode(), salt=salt, n=16, r=8, p=1, dklen=32)
    return '$scrypt$ln=4,r=8,p=1$' + '$'.join(base64.b64encode(part).decode()
                                              for part in (salt, digest))


def basic(user, password='secret'):
    return {'Authorization': 'Basic ' + base64.b64encode(f'{user}:{password}'.encode()).decode()}


class Answer:
    """What came back: status, headers, body."""

    def __init__(self, response):
        self.status = response.status
        self.headers = response.headers
        self.body = response.read()

    @property
    def text(self):
        return self.body.decode()

    @property
    def rows(self):
        return json.loads(self.body)['ResultSet']['Result']

    @property
    def brief(self):
        """Status and reason, as "409 archive.session-exists"."""
        return f'{self.status} {self.headers.get("X-Reason", "")}'.strip()


class Server:
    """A started server. Ends with the test, whatever becomes of it."""

    def __init__(self, case, *arguments):
        self.ends_with = 0
        self.errors = open(case.folder / 'stderr', 'a+b')
        self.process = subprocess.Popen(
            [PROGRAM, '--root', str(case.root), '--init', '--listen', '127.0.0.1:0', '--users',
             str(case.users), *arguments],
            stdout=subprocess.PIPE, stderr=self.errors)
        case.addCleanup(self.end)
        line = self.process.stdout.readline().decode()
        match = re.fullmatch(r'listening at (https?)://127\.0\.0\.1:(\d+)\n', line)
        if not match:
            self.ends_with = self.process.wait(PATIENCE)
            raise AssertionError(f'{line!r} {self.error_text()}')
        self.tls = match[1] == 'https'
        self.port = int(match[2])

    def error_text(self):
        self.errors.seek(0)
        return self.errors.read().decode()

    def end(self):
        """In good order, so that a sanitizer tells what it has found; a second signal does not wait
        for what is going on."""
        deadline = time.monotonic() + PATIENCE
        while self.process.poll() is None and time.monotonic() < deadline:
            self.process.send_signal(signal.SIGTERM)
            time.sleep(0.05)
        self.process.kill()
        status = self.process.wait()
        text = self.error_text()
        self.process.stdout.close()
        self.errors.close()
        if status not in (0, self.ends_with):
            raise AssertionError(f'the server ended with {status}\n{text}')

    def kill(self):
        """As a power cut ends it."""
        self.process.kill()
        self.ends_with = self.process.wait()

    def stop(self):
        """SIGTERM; the exit status."""
        self.process.send_signal(signal.SIGTERM)
        return self.process.wait(PATIENCE)

    def connection(self, timeout=PATIENCE):
        if self.tls:
            context = ssl._create_unverified_context()
            return http.client.HTTPSConnection('127.0.0.1', self.port, timeout=timeout,
                                               context=context)
        return http.client.HTTPConnection('127.0.0.1', self.port, timeout=timeout)

    def ask(self, method, target, body=None, headers=None, user='admin', **options):
        connection = self.connection()
        try:
            headers = {**(basic(user) if user else {}), **(headers or {})}
            connection.request(method, target, body, headers, **options)
            return Answer(connection.getresponse())
        finally:
            connection.close()

    def raw(self, data, timeout=PATIENCE):
        """What is answered to these bytes, until the server closes the connection."""
        with self.socket(timeout) as connection:
            connection.sendall(data)
            return read_all(connection)

    def socket(self, timeout=PATIENCE):
        return socket.create_connection(('127.0.0.1', self.port), timeout)

    def upload(self, label, files=None, user='admin', project='DEMO', headers=None):
        return self.ask('POST', f'/data/services/import?import-handler=DICOM-zip&project={project}'
                        f'&subject=S_{label}&session={label}', zip_bytes(files or study_files()),
                        {'Content-Type': 'application/zip', **(headers or {})}, user=user)

    def waiting(self, project='DEMO'):
        """Rows of the prearchive."""
        answer = self.ask('GET', f'/data/prearchive/projects/{project}?format=csv')
        return list(csv.DictReader(io.StringIO(answer.text)))

    def archived(self, project='DEMO'):
        answer = self.ask('GET', f'/data/projects/{project}/experiments?format=csv')
        return sorted(row['label'] for row in csv.DictReader(io.StringIO(answer.text)))


def read_all(connection):
    data = b''
    try:
        while piece := connection.recv(65536):
            data += piece
    except ConnectionResetError:
        pass
    return data


def head(method, target, headers=(), user='admin'):
    """A request's head as bytes."""
    lines = [f'{method} {target} HTTP/1.1', 'Host: localhost', *headers]
    lines += [f'{name}: {value}' for name, value in (basic(user) if user else {}).items()]
    return ('\r\n'.join(lines) + '\r\n\r\n').encode()


def begin_upload(connection, target, length):
    """Sends an upload's head, and returns when the server has asked for its body."""
    connection.sendall(head('POST', target, [f'Content-Length: {length}', 'Expect: 100-continue',
                                             'Content-Type: application/zip']))
    expected = b'HTTP/1.1 100 Continue\r\n\r\n'
    with connection.makefile('rb') as answer:
        answered = answer.read(len(expected))
    if answered != expected:
        raise AssertionError(f'not asked to go on: {answered!r}')


def wait_until(condition):
    deadline = time.monotonic() + PATIENCE
    while not condition():
        if time.monotonic() > deadline:
            raise AssertionError('it does not become true')
        time.sleep(0.02)


class ServerCase(unittest.TestCase):
    """A folder with a users file: admin, and ann who may edit DEMO; all have the password
    "secret"."""

    maxDiff = None
    arguments = ()

    def setUp(self):
        self.folder = Path(tempfile.mkdtemp(prefix='xnatarchive-server-'))
        self.addCleanup(shutil.rmtree, self.folder, ignore_errors=True)
        self.root = self.folder / 'root'
        self.users = self.folder / 'users'
        self.write_users(admin='*:admin', ann='DEMO:edit', eve='OTHER:admin')

    def write_users(self, **users):
        self.users.write_text(''.join(f'{name} {password_hash("secret")} {roles}\n'
                                      for name, roles in users.items()))

    def start(self, *arguments):
        """A server with the projects DEMO and OTHER."""
        server = Server(self, *self.arguments, *arguments)
        for project in ('DEMO', 'OTHER'):
            self.assertIn(server.ask('PUT', f'/data/projects/{project}').status, (200, 201))
        return server
