"""The round over HTTP, users that change, what is logged."""

import http.client
import re
import signal
import sqlite3
import subprocess
import threading
import unittest
import urllib.parse
from pathlib import Path

import server_case
from command_test import study_files, zip_bytes
from dicom_file import dicom_bytes
from server_case import Server, ServerCase, basic, head, password_hash, read_all, wait_until


class RoundTest(ServerCase):
    def test_a_session_is_received_archived_and_given_back_byte_by_byte(self):
        server = self.start()
        files = study_files(instances=3)
        answer = server.upload('E1', files, user='ann')
        self.assertEqual(answer.status, 200, answer.text)
        self.assertRegex(answer.text, r'^/data/prearchive/projects/DEMO/\d+_\d+/E1\r\n$')
        answer = server.ask('POST', '/data/services/archive', f'src={answer.text.strip()}',
                            {'Content-Type': 'application/x-www-form-urlencoded'}, user='ann')
        self.assertEqual((answer.status, answer.text), (
            200, '/data/archive/projects/DEMO/subjects/S_E1/experiments/E1\r\n'))
        files_uri = answer.text.strip() + '/scans/1/resources/DICOM/files'
        names = re.findall(r'"Name":"([^"]+)"', server.ask('GET', files_uri + '?format=json').text)
        self.assertEqual(len(names), 3)
        given = {server.ask('GET', f'{files_uri}/{name}').body for name in names}
        self.assertEqual(given, set(files.values()))
        part = server.ask('GET', f'{files_uri}/{names[0]}', headers={'Range': 'bytes=128-131'})
        self.assertEqual((part.status, part.body), (206, b'DICM'))

    def test_what_is_sent_file_by_file_is_archived_when_nothing_more_comes(self):
        server = self.start()
        self.assertEqual(server.ask('PUT', '/data/projects/DEMO/prearchive_code/4').status, 200)
        self.archive_what_is_idle()
        target = '/data/services/import?import-handler=gradual-DICOM&project=DEMO&session=E1'
        files = study_files(instances=3)
        for content in files.values():
            answer = server.ask('POST', target, content, {'Content-Type': 'application/dicom'})
            self.assertEqual(answer.status, 200, answer.text)
        wait_until(lambda: not server.waiting())
        self.assertEqual(server.archived(), ['E1'])
        uri = '/data/projects/DEMO/experiments/E1/scans/1/resources/DICOM/files?format=csv'
        self.assertEqual(len(server.ask('GET', uri).text.splitlines()), 1 + len(files))

    def test_several_senders_of_one_session_each_archive_it_whole_and_replace_it_where_code_5_is(self):
        server = self.start()
        # Project, its code, and what the senders add.
        ways = {'DEMO': (4, ''), 'OTHER': (5, ''), 'ASKED': (0, '&AA=true')}
        self.assertEqual(server.ask('PUT', '/data/projects/ASKED').status, 201)

        def send(project, files):
            target = f'/data/services/import?import-handler=gradual-DICOM&project={project}' + \
                f'&session=E1&rename=true{ways[project][1]}'
            answers.extend(server.ask('POST', target, content, {'Content-Type': 'application/dicom'})
                           for content in files)

        answers, senders, sent = [], [], {}
        for study, (project, (code, _)) in enumerate(ways.items(), 1):
            uri = f'/data/projects/{project}/prearchive_code/{code}'
            self.assertEqual(server.ask('PUT', uri).status, 200)
            for series in (1, 2):
                files = [dicom_bytes(study, series, instance) for instance in range(1, 6)]
                sent.setdefault(project, set()).update(files)
                # Two for each series, of which each sends a part.
                senders += [threading.Thread(target=send, args=[project, files[i::2]])
                            for i in range(2)]
        for sender in senders:
            sender.start()
        for sender in senders:
            sender.join()
        self.assertEqual({answer.status for answer in answers}, {200})
        self.assertEqual({project: len(server.waiting(project)) for project in ways},
                         dict.fromkeys(ways, 1))
        self.archive_what_is_idle()
        wait_until(lambda: not any(server.waiting(project) for project in ways))
        for project in ways:
            self.assertEqual(self.archived_files(server, project), sent[project])
        for study, project in enumerate(ways, 1):
            send(project, [dicom_bytes(study, 1, 1, PatientComments='again')])
        wait_until(lambda: [row['status'] for project in ways for row in server.waiting(project)]
                   == ['CONFLICT', 'CONFLICT'])
        sent['OTHER'] ^= {dicom_bytes(2, 1, 1), dicom_bytes(2, 1, 1, PatientComments='again')}
        for project in ways:
            self.assertEqual(self.archived_files(server, project), sent[project])

    @staticmethod
    def archived_files(server, project):
        rows = server.ask('GET', f'/data/projects/{project}/experiments/E1/scans/ALL/files').rows
        return {server.ask('GET', row['URI']).body for row in rows}

    def archive_what_is_idle(self):
        """As config set does; the next look at what is due goes by it."""
        store = sqlite3.connect(self.root / 'store.sqlite3', timeout=60)
        with store:
            store.execute("INSERT INTO settings VALUES ('session_idle_minutes', '0')")
        store.close()

    def test_bodies_come_by_length_by_chunks_and_as_parts(self):
        server = self.start()
        target = '/data/services/import?import-handler=DICOM-zip&project=DEMO&session='
        data = zip_bytes(study_files())
        pieces = [data[at:at + 1000] for at in range(0, len(data), 1000)]
        answer = server.ask('POST', target + 'CHUNKS', iter(pieces),
                            {'Content-Type': 'application/zip'}, encode_chunked=True)
        self.assertEqual(answer.status, 200, answer.text)
        parts = (b'--Boundary\r\nContent-Disposition: form-data; name="session"\r\n\r\nPARTS\r\n'
                 b'--Boundary\r\nContent-Disposition: form-data; name="f"; filename="a.zip"\r\n\r\n' + data
                 + b'\r\n--Boundary--\r\n')
        answer = server.ask('POST', target.replace('&session=', ''), parts,
                            {'Content-Type': 'multipart/form-data; boundary=Boundary'})
        self.assertEqual(answer.status, 200, answer.text)
        self.assertEqual(sorted(row['name'] for row in server.waiting()), ['CHUNKS', 'PARTS'])

    def test_what_is_put_into_the_user_cache_is_imported_from_there_and_by_nobody_else(self):
        server = self.start()
        data = zip_bytes(study_files(instances=3))
        uri = '/user/cache/resources/upload1/files/E%201.zip'
        parts = (b'--Boundary\r\nContent-Disposition: form-data; name="file"; filename="E 1.zip"\r\n'
                 b'Content-Type: application/zip\r\n\r\n' + data + b'\r\n--Boundary--\r\n')
        answer = server.ask('PUT', '/data' + uri, parts,
                            {'Content-Type': 'multipart/form-data; boundary=Boundary'}, user='ann')
        self.assertEqual(answer.status, 200, answer.text)
        self.assertEqual(server.ask('GET', '/data' + uri, user='ann').body, data)
        self.assertEqual((self.root / 'user-cache/ann/upload1/E 1.zip').read_bytes(), data)
        fields = urllib.parse.urlencode({'src': uri, 'project': 'DEMO', 'session': 'E1',
                                         'http-session-listener': 'listener1'})
        form = {'Content-Type': 'application/x-www-form-urlencoded'}
        for user in ('eve', 'admin'):
            answer = server.ask('POST', '/data/services/import', fields, form, user=user)
            self.assertEqual(answer.brief, '404 uri.not-found')
        answer = server.ask('POST', '/data/services/import', fields, form, user='ann')
        self.assertEqual(answer.status, 200, answer.text)
        self.assertRegex(answer.text, r'^/data/prearchive/projects/DEMO/\d+_\d+/E1\r\n$')
        self.assertEqual([row['status'] for row in server.waiting()], ['READY'])
        rows = server.ask('GET', '/data/user/cache/resources/upload1/files', user='ann').rows
        self.assertEqual(rows, [{'Name': 'E 1.zip', 'Size': str(len(data)), 'URI': '/data' + uri}])
        self.assertEqual(server.ask('DELETE', '/data/user/cache/resources/upload1', user='ann').status,
                         200)
        self.assertEqual(server.ask('GET', '/data/user/cache/resources', user='ann').rows, [])

    def test_one_connection_serves_one_request_after_the_other(self):
        server = self.start()
        connection = server.connection()
        self.addCleanup(connection.close)
        for target, status in (('/data/projects/DEMO', 200), ('/data/nothing', 404),
                               ('/data/projects', 200)):
            connection.request('GET', target, headers=basic('admin'))
            response = connection.getresponse()
            response.read()
            self.assertEqual(response.status, status)
            self.assertIsNone(response.headers['Connection'])
        pipelined = head('GET', '/data/auth') + head('GET', '/data/auth', ['Connection: close'])
        answer = server.raw(pipelined)
        self.assertEqual(answer.count(b"User 'admin' is logged in"), 2)
        self.assertEqual(answer.count(b'Connection: close'), 1)

    def test_a_head_is_answered_as_get_without_the_body(self):
        server = self.start()
        got = server.ask('GET', '/data/projects')
        answer = server.ask('HEAD', '/data/projects')
        self.assertEqual((answer.status, answer.body), (200, b''))
        self.assertEqual(answer.headers['Content-Length'], str(len(got.body)))

    def test_answers_are_not_compressed_and_old_clients_are_answered(self):
        server = self.start()
        answer = server.ask('GET', '/xapi/openapi.json', headers={'Accept-Encoding': 'gzip, br'})
        self.assertIsNone(answer.headers['Content-Encoding'])
        self.assertEqual(answer.body[:1], b'{')
        old = server.raw(head('GET', '/data/auth').replace(b'HTTP/1.1', b'HTTP/1.0'))
        self.assertTrue(old.endswith(b"\r\n\r\nUser 'admin' is logged in"), old)

    def test_an_answer_that_fails_in_the_middle_does_not_look_whole(self):
        server = self.start()
        uri = server.upload('E1', study_files(instances=20)).text.strip()
        archived = server.ask('POST', f'/data/services/archive?src={uri}').text.strip()
        files = sorted((self.root / 'archive').glob('DEMO/arc001/E1/SCANS/**/*.dcm'))
        self.assertEqual(len(files), 20)
        files[-1].unlink()
        with self.assertRaises(http.client.IncompleteRead):
            server.ask('GET', f'{archived}/scans/ALL/files?format=zip')
        wait_until(lambda: ' cut\n' in server.error_text())

    def test_who_waits_for_a_hundred_is_told_to_go_on_or_why_not(self):
        server = self.start()
        body = b'src=/prearchive/projects/DEMO/20240101_000000000/none'
        expects = ['Expect: 100-continue', f'Content-Length: {len(body)}', 'Connection: close',
                   'Content-Type: application/x-www-form-urlencoded']
        with server.socket() as connection:
            connection.sendall(head('POST', '/data/services/archive', expects))
            self.assertEqual(connection.recv(100), b'HTTP/1.1 100 Continue\r\n\r\n')
            connection.sendall(body)
            self.assertTrue(read_all(connection).startswith(b'HTTP/1.1 404 '))
        with server.socket() as connection:
            connection.sendall(head('POST', '/data/services/archive', expects, user=''))
            self.assertTrue(connection.recv(100).startswith(b'HTTP/1.1 401 '))

    def test_many_clients_at_once_lose_nothing_and_get_nothing_twice(self):
        server = self.start()
        statuses = []

        def send(client):
            for number in range(5):
                study = 10 * client + number + 1
                answer = server.upload(f'E{study}', study_files(study=study))
                archived = server.ask('POST', f'/data/services/archive?src={answer.text.strip()}')
                statuses.append((answer.status, archived.status))

        clients = [threading.Thread(target=send, args=[client]) for client in range(4)]
        for client in clients:
            client.start()
        for client in clients:
            client.join()
        self.assertEqual(statuses, [(200, 200)] * 20)
        self.assertEqual(server.archived(), sorted(
            f'E{10 * client + number + 1}' for client in range(4) for number in range(5)))
        self.assertEqual(server.waiting(), [])


class UsersTest(ServerCase):
    def test_a_password_that_passwd_hashed_signs_in(self):
        done = subprocess.run([server_case.PROGRAM, 'passwd'], input=b'p:ss w\xc3\xb6rd\n',
                              capture_output=True, check=True, timeout=server_case.PATIENCE)
        self.users.write_bytes(b'admin ' + done.stdout.strip() + b' *:admin\n')
        server = Server(self)
        good, bad = basic('admin', 'p:ss wörd'), basic('admin', 'p:ss word')
        self.assertEqual(server.ask('GET', '/data/auth', headers=good).status, 200)
        self.assertEqual(server.ask('GET', '/data/auth', headers=bad).brief, '401 sign-in.failed')

    def test_users_are_read_again_on_sighup_and_kept_when_the_file_is_bad(self):
        server = self.start()
        session = server.ask('POST', '/data/JSESSION', user='ann').text
        other = server.ask('POST', '/data/JSESSION', user='admin').text
        cookie = {'Cookie': f'JSESSIONID={session}'}
        self.assertEqual(server.ask('GET', '/data/auth', headers=cookie, user='').status, 200)
        self.users.write_text('ann is no line\n')
        server.process.send_signal(signal.SIGHUP)
        wait_until(lambda: 'users.malformed' in server.error_text())
        self.assertEqual(server.ask('GET', '/data/auth', user='ann').status, 200)
        self.users.write_text(f'admin {password_hash("secret")} *:admin\n'
                              f'ann {password_hash("other")} DEMO:read\n')
        server.process.send_signal(signal.SIGHUP)
        wait_until(lambda: 'was read again' in server.error_text())
        self.assertEqual(server.ask('GET', '/data/auth', user='ann').brief, '401 sign-in.failed')
        self.assertEqual(server.ask('GET', '/data/auth', headers=cookie, user='').status, 401)
        now = basic('ann', 'other')
        self.assertEqual(server.ask('GET', '/data/projects/DEMO', headers=now).status, 200)
        self.assertEqual(server.upload('E', headers=now).brief, '403 access.denied')
        cookie = {'Cookie': f'JSESSIONID={other}'}
        self.assertEqual(server.ask('GET', '/data/auth', headers=cookie, user='').status, 200)

    def test_without_users_one_admin_may_sign_in_from_this_machine(self):
        arguments = [server_case.PROGRAM, '--root', str(self.root), '--init', '--listen']
        refused = subprocess.run([*arguments, '0.0.0.0:0'], capture_output=True, check=False,
                                 timeout=server_case.PATIENCE)
        self.assertEqual((refused.returncode, refused.stdout), (1, b''))
        self.assertIn(b'options.no-users', refused.stderr)
        self.assertFalse(self.root.exists())
        process = subprocess.Popen([*arguments, '127.0.0.1:0'], stdout=subprocess.PIPE,
                                   stderr=subprocess.DEVNULL)
        self.addCleanup(process.stdout.close)
        self.addCleanup(process.wait)
        self.addCleanup(process.terminate)
        password = re.fullmatch(rb'user admin, password ([0-9a-f]{32})\n',
                                process.stdout.readline())[1].decode()
        url = re.search(rb'http://127.0.0.1:(\d+)\n', process.stdout.readline())
        server = Server.__new__(Server)
        server.port, server.tls = int(url[1]), False
        answer = server.ask('GET', '/data/auth', headers=basic('admin', password))
        self.assertEqual((answer.status, answer.text), (200, "User 'admin' is logged in"))

    def test_somebody_of_another_project_learns_nothing(self):
        server = self.start()
        waiting, queued = (server.upload(label).text.strip() for label in ('E1', 'E2'))
        job = server.ask('POST', f'/data/services/archive?src={queued}&job=true', user='ann')
        self.assertEqual(job.status, 200, job.text)
        key = job.headers['X-Job']
        targets = [f'/data/status/{key}', f'/xapi/event_tracking/{key}',
                   f'/xapi/event_tracking/{key}/payload']
        for user, status in (('ann', 200), ('eve', 404)):
            self.assertEqual([server.ask('GET', target, user=user).status for target in targets],
                             [status] * 3)
        for method, target in (('GET', waiting), ('DELETE', waiting), ('GET', waiting + '/scans'),
                               ('POST', waiting + '?action=build'),
                               ('GET', '/data/projects/DEMO/experiments')):
            self.assertEqual(server.ask(method, target, user='eve').brief, '403 access.denied')
        self.assertNotIn('E1', server.ask('GET', '/data/prearchive', user='eve').text)


class WatchTest(ServerCase):
    def test_the_log_has_a_line_for_each_request_and_nothing_of_a_patient(self):
        log = self.folder / 'log'
        server = self.start('--log', str(log))
        label = 'SMITH_JOHN'
        server.upload(label, user='ann')
        server.ask('GET', f'/data/projects/{label}?secret={label}')
        server.ask('GET', f'/{label}')
        server.raw(f'GET {label}\r\n\r\n'.encode())
        # A line is written when its answer is sent: perhaps after its asker has gone on.
        wait_until(lambda: log.read_text().count('\n') >= 6)
        log.rename(self.folder / 'old')
        server.process.send_signal(signal.SIGHUP)
        wait_until(log.exists)
        server.ask('GET', '/healthz', user='')
        self.assertEqual(server.stop(), 0)
        time = r'\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z 127\.0\.0\.1 '
        lines = (self.folder / 'old').read_text().splitlines()
        patterns = [
            r'admin PUT /data/projects/\{project\} 201 0 4 \d+ms',
            r'admin PUT /data/projects/\{project\} 201 0 5 \d+ms',
            r'ann POST /data/services/import 200 \d+ \d+ \d+ms',
            r'admin GET /data/projects/\{project\} 404 0 \d+ \d+ms',
            r'admin GET other 404 0 \d+ \d+ms', r'- - other 400 0 \d+ \d+ms']
        self.assertEqual(len(lines), len(patterns), lines)
        for pattern in patterns:  # in any order
            matching = [line for line in lines if re.fullmatch(time + pattern, line)]
            self.assertEqual(len(matching), 1, (pattern, lines))
        self.assertRegex(log.read_text(), '^' + time + r'- GET /healthz 200 0 3 \d+ms\n$')

    def test_health_and_metrics_say_how_it_is(self):
        server = self.start('--disk-free-min', '1')
        self.assertEqual(server.ask('GET', '/healthz', user='').text, 'ok\n')
        server.upload('E1')
        metrics = server.ask('GET', '/metrics').text
        self.assertIn('\nxnatarchive_prearchive_sessions{state="READY"} 1\n', metrics)
        self.assertIn('\nxnatarchive_events_total{kind="received"} 1\n', metrics)
        self.assertNotIn('E1', metrics)
        self.assertEqual(server.ask('GET', '/metrics', user='ann').status, 403)

    def test_a_disk_that_is_almost_full_is_not_healthy(self):
        server = self.start('--disk-free-min', '900000TB')
        self.assertEqual(server.ask('GET', '/healthz', user='').brief, '503 health.disk')


class ManualTest(unittest.TestCase):
    def test_every_option_is_in_the_manual_and_no_other(self):
        said = subprocess.run([server_case.PROGRAM, '--help'], capture_output=True, check=True,
                              timeout=server_case.PATIENCE).stdout.decode()
        manual = Path(__file__).parents[2] / 'examples' / 'server' / 'README.md'
        table = re.search(r'\| option \|.*?\n\n', manual.read_text(), re.DOTALL)[0]
        options = re.compile(r'--[a-z][a-z-]*')
        self.assertEqual(set(options.findall(table)), set(options.findall(said)))

    def test_what_is_no_option_is_told_with_the_status_of_wrong_usage(self):
        for arguments in (['--nothing'], ['--workers', '0'], ['--max-upload', 'much'],
                          ['--tls-cert', 'alone'], ['nothing']):
            done = subprocess.run([server_case.PROGRAM, *arguments], capture_output=True,
                                  check=False, timeout=server_case.PATIENCE)
            self.assertEqual((done.returncode, done.stdout), (2, b''), arguments)
        for listen in ('8080', ':8080', 'localhost:', 'localhost:99999', 'localhost:-1'):
            done = subprocess.run([server_case.PROGRAM, '--listen', listen], capture_output=True,
                                  check=False, timeout=server_case.PATIENCE)
            self.assertEqual(done.returncode, 1, listen)
            self.assertIn(b'options.bad-listen', done.stderr)
