"""Ending: told to, killed, and TLS, which is begun and ended for each connection."""

import json
import random
import re
import shutil
import signal
import sqlite3
import subprocess
import threading
import time
import unittest

import server_case
from command_test import study_files, zip_bytes
from server_case import Server, ServerCase, begin_upload, read_all, wait_until

IMPORT = '/data/services/import?import-handler=DICOM-zip&project=DEMO&session=E1'


class StopTest(ServerCase):
    def upload_half(self, server, data):
        connection = server.socket()
        self.addCleanup(connection.close)
        begin_upload(connection, IMPORT, len(data))
        connection.sendall(data[:len(data) // 2])
        return connection

    def test_an_idle_server_stops_at_once_also_with_connections_open(self):
        for number in (signal.SIGTERM, signal.SIGINT):
            server = self.start()
            connection = server.connection()
            self.addCleanup(connection.close)
            connection.request('GET', '/healthz')
            connection.getresponse().read()
            begun = time.monotonic()
            server.process.send_signal(number)
            self.assertEqual(server.process.wait(server_case.PATIENCE), 0)
            self.assertLess(time.monotonic() - begun, 20)

    def test_a_signal_at_any_moment_of_the_start_ends_it(self):
        for step in range(30):
            process = subprocess.Popen(
                [server_case.PROGRAM, '--root', self.root, '--init', '--listen', '127.0.0.1:0',
                 '--users', self.users, '--stop-wait', '1'],
                stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
            self.addCleanup(process.kill)
            time.sleep(step * 0.003)
            process.send_signal(signal.SIGTERM)
            # Before it has begun to wait for signals it is ended by this one.
            self.assertIn(process.wait(server_case.PATIENCE), (0, -signal.SIGTERM), step)

    def test_what_is_going_on_is_finished_and_nothing_new_is_begun(self):
        server = self.start()
        data = zip_bytes(study_files(instances=5))
        connection = self.upload_half(server, data)
        server.process.send_signal(signal.SIGTERM)
        wait_until(lambda: not self.listens(server))
        connection.sendall(data[len(data) // 2:])
        self.assertTrue(read_all(connection).startswith(b'HTTP/1.1 200 OK'))
        self.assertEqual(server.process.wait(server_case.PATIENCE), 0)
        self.assertEqual([row['name'] for row in self.start().waiting()], ['E1'])

    def test_what_takes_too_long_is_cancelled(self):
        server = self.start('--stop-wait', '0')
        connection = self.upload_half(server, zip_bytes(study_files(instances=5)))
        self.assertEqual(server.stop(), 0)
        self.assertNotIn(b' 200 OK', read_all(connection))
        self.assertEqual(self.start().waiting(), [])

    def test_a_second_signal_does_not_wait(self):
        server = self.start('--stop-wait', '600')
        self.upload_half(server, zip_bytes(study_files(instances=5)))
        server.process.send_signal(signal.SIGTERM)
        wait_until(lambda: not self.listens(server))
        self.assertEqual(server.stop(), 0)

    @staticmethod
    def listens(server):
        try:
            server.socket(1).close()
            return True
        except OSError:
            return False

    def test_a_server_that_is_killed_or_stopped_while_it_archives_loses_nothing(self):
        server = self.start()
        source = server.upload('E1', study_files(instances=30)).text.strip()
        server.stop()
        copy = self.folder / 'copy'
        shutil.copytree(self.root, copy)
        for end in (Server.kill, Server.stop):
            for wait in (0, 0.005, 0.01, 0.02, 0.04, random.random() / 10):
                with self.subTest(end=end, wait=wait):
                    self.put_back(copy)
                    server = Server(self, '--stop-wait', '0')
                    archiving = threading.Thread(target=self.archive, args=[server, source])
                    archiving.start()
                    time.sleep(wait)
                    end(server)
                    archiving.join()
                    server = Server(self)
                    names = [row['name'] for row in server.waiting()] + server.archived()
                    self.assertEqual(names, ['E1'])
                    if not server.archived():
                        self.assertEqual(self.archive(server, source), 200)
                    self.check_archived(server, 30)
                    self.assertEqual(server.stop(), 0)

    def test_a_job_goes_on_with_the_next_start_whenever_the_server_is_killed_or_stopped(self):
        server = self.start('--job-workers', '1')
        sources = [server.upload(label, study_files(study=i, instances=30)).text.strip()
                   for i, label in enumerate(('E1', 'E2'))]
        server.stop()
        copy = self.folder / 'copy'
        shutil.copytree(self.root, copy)
        for end in (Server.kill, Server.stop):
            for wait in (0, 0.02, 0.05, random.random() / 10):
                with self.subTest(end=end, wait=wait):
                    self.put_back(copy)
                    server = Server(self, '--job-workers', '1')
                    job = server.ask('POST', f'/data/services/archive?src={"&src=".join(sources)}')
                    time.sleep(wait)
                    end(server)
                    server = Server(self)
                    events = self.job_ended(server, job.headers['X-Job'])
                    self.assertEqual((events['succeeded'], events['done']), (True, 2))
                    self.assertEqual(server.waiting(), [])
                    self.assertEqual(server.archived(), ['E1', 'E2'])
                    self.check_archived(server, 30)
                    self.assertEqual(server.stop(), 0)

    def put_back(self, copy):
        shutil.rmtree(self.root)
        shutil.copytree(copy, self.root)

    def check_archived(self, server, files):
        uri = '/data/projects/DEMO/experiments/E1/scans/1/resources/DICOM/files?format=csv'
        self.assertEqual(len(server.ask('GET', uri).text.splitlines()), files + 1)

    @staticmethod
    def job_ended(server, job):
        """Its events, when it has ended."""
        def events():
            return json.loads(server.ask('GET', f'/xapi/event_tracking/{job}').body)
        wait_until(lambda: events()['succeeded'] is not None)
        return events()

    @staticmethod
    def archive(server, source):
        try:
            return server.ask('POST', f'/data/services/archive?src={source}').status
        except OSError:
            return 0
        except server_case.http.client.HTTPException:
            return 0


class PipelineTest(ServerCase):
    """Archiving that takes as long as the test wants: the project's AutoRun waits for a file."""

    def setUp(self):
        super().setUp()
        self.begun, self.go_on = self.folder / 'begun', self.folder / 'go-on'

    def start_slow(self, *arguments):
        server = self.start(*arguments)
        command = f'touch {self.begun}; while [ ! -e {self.go_on} ]; do sleep 0.02; done; echo ended'
        store = sqlite3.connect(self.root / 'store.sqlite3', timeout=60)
        with store:  # as config set does
            store.execute('UPDATE projects SET autorun = ? WHERE id = ?', [command, 'DEMO'])
        store.close()
        return server

    def pipelines(self, server):
        """How each ended, as the audit trail tells."""
        rows = server.ask('GET', '/data/projects/DEMO/audit?format=json').rows
        return [row['status'] for row in rows if row['type'] == 'AutoRun']

    def test_what_is_being_archived_is_finished_before_the_server_stops(self):
        server = self.start_slow()
        source = server.upload('E1').text.strip()
        answers = []
        archiving = threading.Thread(target=lambda: answers.append(
            server.ask('POST', f'/data/services/archive?src={source}')))
        archiving.start()
        wait_until(self.begun.exists)
        server.process.send_signal(signal.SIGTERM)
        wait_until(lambda: not StopTest.listens(server))
        self.assertIsNone(server.process.poll())
        self.go_on.touch()
        archiving.join()
        self.assertEqual(answers[0].text,
                         '/data/archive/projects/DEMO/subjects/S_E1/experiments/E1\r\n')
        self.assertEqual(server.process.wait(server_case.PATIENCE), 0)
        server = self.start()
        self.assertEqual((server.waiting(), server.archived()), ([], ['E1']))
        self.assertEqual(self.pipelines(server), ['Complete'])

    def test_a_job_is_stopped_where_it_is_and_what_is_queued_waits_for_the_next_start(self):
        server = self.start_slow('--job-workers', '1')
        sources = [server.upload(label, study_files(study=i)).text.strip()
                   for i, label in enumerate(('E1', 'E2'))]
        job = server.ask('POST', f'/data/services/archive?src={"&src=".join(sources)}')
        wait_until(self.begun.exists)
        self.assertEqual(server.stop(), 0)  # well before --stop-wait
        server = self.start('--job-workers', '1')
        wait_until(lambda: server.archived() == ['E1', 'E2'])
        self.go_on.touch()
        events = StopTest.job_ended(server, job.headers['X-Job'])
        self.assertEqual((events['succeeded'], events['done']), (True, 2))
        self.assertEqual(server.waiting(), [])
        self.assertEqual(sorted(self.pipelines(server)), ['Complete', 'Failed'])


@unittest.skipUnless(shutil.which('openssl'), 'openssl, which makes a certificate, is not there')
class TlsTest(ServerCase):
    def make_certificate(self):
        subprocess.run(['openssl', 'req', '-x509', '-newkey', 'rsa:2048', '-nodes', '-days', '2',
                        '-subj', '/CN=localhost', '-keyout', str(self.folder / 'key'), '-out',
                        str(self.folder / 'cert')], check=True, capture_output=True)
        return ('--tls-cert', str(self.folder / 'cert'), '--tls-key', str(self.folder / 'key'))

    def test_requests_and_uploads_go_through_tls_and_cookies_stay_there(self):
        server = self.start(*self.make_certificate(), '--head-time', '2')
        self.assertTrue(server.tls)
        files = study_files(instances=10)
        self.assertEqual(server.upload('E1', files).status, 200)
        session = server.ask('POST', '/data/JSESSION')
        self.assertRegex(session.headers['Set-Cookie'], 'JSESSIONID=.*; HttpOnly; Secure$')
        source = server.waiting()[0]['url']
        uri = f'/data{source}/scans/1/resources/DICOM/files'
        names = re.findall(r'"Name":"([^"]+)"', server.ask('GET', uri + '?format=json').text)
        self.assertEqual({server.ask('GET', f'{uri}/{name}').body for name in names},
                         set(files.values()))
        self.assertGreater(len(server.ask('GET', '/xapi/openapi.json').body), 100000)
        answer = server.ask('POST', '/data/nothing', b'x' * (5 << 20))
        self.assertEqual(answer.brief, '404 rest.no-route')
        with server.socket() as plain:
            plain.sendall(b'GET / HTTP/1.1\r\n\r\n')
            self.assertNotIn(b'HTTP/1.1 200', read_all(plain))
        with server.socket() as silent:
            self.assertEqual(read_all(silent), b'')  # after the time for a head
        old = ['openssl', 's_client', '-tls1_1', '-cipher', 'DEFAULT:@SECLEVEL=0', '-connect',
               f'127.0.0.1:{server.port}']
        self.assertNotEqual(subprocess.run(old, input=b'', capture_output=True, check=False,
                                           timeout=server_case.PATIENCE).returncode, 0)
        self.assertEqual(server.stop(), 0)

    def test_a_certificate_and_a_key_that_do_not_belong_together_are_refused(self):
        arguments = self.make_certificate()
        (self.folder / 'key').write_text('no key')
        with self.assertRaisesRegex(AssertionError, 'tls.bad-certificate'):
            Server(self, *arguments)
