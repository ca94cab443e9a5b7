"""What the other side may not do: too much, too slow, too many, or in two ways at once."""

import os
import time

from command_test import picture, study_files, zip_bytes
from server_case import ServerCase, begin_upload, head, read_all, wait_until

IMPORT = '/data/services/import?import-handler=DICOM-zip&project=DEMO&session=E1'


def status_line(answer):
    return answer.split(b'\r\n', 1)[0].decode()


def raw_failure(answer):
    """The status line and the reason, which the header and the body say the same of."""
    headers, body = answer.decode().split('\r\n\r\n', 1)
    lines = headers.split('\r\n')
    reason = next(line for line in lines if line.startswith('X-Reason: '))[len('X-Reason: '):]
    assert body.startswith(reason + ': ') and f'Content-Length: {len(body)}' in lines, answer
    return f'{lines[0]} {reason}'


class HeadTest(ServerCase):
    def test_heads_that_are_too_large_end_the_connection_with_their_own_status(self):
        server = self.start()
        large = 'x' * 9000
        self.assertEqual(status_line(server.raw(head('GET', '/' + large))),
                         'HTTP/1.1 414 URI Too Long')
        self.assertEqual(status_line(server.raw(head('GET', '/', ['A: ' + large]))),
                         'HTTP/1.1 400 Bad Request')
        many = [f'A{number}: {"x" * 1000}' for number in range(40)]
        too_large = 'HTTP/1.1 431 Request Header Fields Too Large http.head-too-large'
        self.assertEqual(raw_failure(server.raw(head('GET', '/', many))), too_large)
        self.assertEqual(raw_failure(server.raw(b'GET /' + b'x' * 100000)), too_large)

    def test_what_is_no_request_is_refused_and_the_connection_closed(self):
        server = self.start()
        for data in (b'\r\n\r\n', b'GET /\r\n\r\n', b'\0\0\0\0\r\n\r\n', b'BREW / HTTP/1.1\r\n\r\n',
                     b'GET / HTTP/3.0\r\n\r\n', b'\x16\x03\x01\x02\x00\r\n\r\n'):
            answer = server.raw(data)
            self.assertEqual(status_line(answer), 'HTTP/1.1 400 Bad Request', data)
            self.assertIn(b'X-Reason: http.bad-head', answer)
            self.assertIn(b'Connection: close', answer)

    def test_a_request_that_hides_another_is_refused_with_it(self):
        server = self.start()
        hidden = head('DELETE', '/data/projects/DEMO')
        both = ['Transfer-Encoding: chunked', 'Content-Length: 4']
        for headers in (both, ['Content-Length: 4', 'Content-Length: 5'], ['Content-Length: +4'],
                        ['Content-Length: 4x'], ['Transfer-Encoding: x']):
            answer = server.raw(head('POST', '/data/services/archive', headers) + b'0\r\n\r\n'
                                + hidden)
            self.assertEqual(answer.count(b'HTTP/1.1'), 1, answer)
            self.assertRegex(status_line(answer), 'HTTP/1.1 (400|501) ')

    def test_a_body_that_nobody_reads_is_not_taken_for_the_next_request(self):
        server = self.start()
        hidden = head('PUT', '/data/projects/HIDDEN')
        for target in ('/data/nothing', '/data/projects'):
            answer = server.raw(head('GET', target, [f'Content-Length: {len(hidden)}']) + hidden)
            self.assertEqual(answer.count(b'HTTP/1.1'), 1, answer)
        self.assertEqual(server.ask('GET', '/data/projects/HIDDEN').status, 404)

    def test_paths_that_lead_elsewhere_lead_nowhere(self):
        server = self.start()
        (self.folder / 'outside.txt').write_text('secret')
        for path in ('/../outside.txt', '/data/../../outside.txt', '/data/projects/../DEMO',
                     '/data/projects/%2e%2e', '/data/projects/%252e%252e', '/data/projects/a%2fb',
                     '/data/projects/a%252fb', '/data/projects/a%5Cb', '/data/projects/a%00b',
                     '/data/projects/%ff', '/data//projects', 'http://localhost/data/projects'):
            for method in ('GET', 'PUT', 'DELETE'):
                answer = server.raw(head(method, path, ['Connection: close']))
                self.assertRegex(status_line(answer), 'HTTP/1.1 40[045] ', path)
                self.assertNotIn(b'secret', answer)


class BodyTest(ServerCase):
    def test_a_body_that_is_too_large_is_refused_at_its_end_or_before(self):
        server = self.start('--max-upload', '1MB')
        before = picture(self.root)
        data = os.urandom(3 << 20)
        for body, options in ((data, {}), (iter([data]), {'encode_chunked': True})):
            answer = server.ask('POST', IMPORT, body, {'Content-Type': 'application/zip'}, **options)
            self.assertEqual(answer.brief, '413 rest.body-too-large')
        self.assertEqual(changed_files(before, picture(self.root)), [])

    def test_who_sends_a_large_body_to_nothing_reads_why_it_was_refused(self):
        server = self.start()
        for _ in range(3):
            answer = server.ask('POST', '/data/nothing', b'x' * (30 << 20))
            self.assertEqual(answer.brief, '404 rest.no-route')
            self.assertEqual(answer.headers['Connection'], 'close')

    def test_an_upload_that_breaks_off_leaves_nothing_and_can_be_sent_again(self):
        server = self.start()
        before = picture(self.root)
        data = zip_bytes(study_files(instances=20))
        for length, sent in ((len(data), data[:-100]), (len(data), data[:1000]),
                             (len(data), b'')):
            with server.socket() as connection:
                connection.sendall(head('POST', IMPORT, [f'Content-Length: {length}',
                                                         'Content-Type: application/zip']) + sent)
        with server.socket() as connection:
            connection.sendall(head('POST', IMPORT, ['Transfer-Encoding: chunked',
                                                     'Content-Type: application/zip'])
                               + b'%x\r\n' % 5000 + data[:5000] + b'\r\n')
        wait_until(lambda: server.error_text().count(' 499 ') == 4)
        self.assertEqual(changed_files(before, picture(self.root)), [])
        self.assertEqual(server.waiting(), [])
        self.assertEqual(server.upload('E1', study_files(instances=20)).status, 200)
        self.assertEqual([row['name'] for row in server.waiting()], ['E1'])

    def test_a_file_for_the_user_cache_that_breaks_off_or_is_too_large_leaves_nothing(self):
        server = self.start('--max-upload', '10000')
        uri = '/data/user/cache/resources/X/files/x.zip'
        self.assertEqual(server.ask('PUT', uri, b'x' * 10000).status, 200)
        before = picture(self.root / 'user-cache')
        for target in (uri, uri.replace('X', 'NEW')):
            with server.socket() as connection:
                connection.sendall(head('PUT', target, ['Content-Length: 10000']) + b'y' * 9999)
        wait_until(lambda: server.error_text().count(' 499 ') == 2)
        self.assertEqual(server.ask('PUT', uri, b'z' * 10001).brief, '413 rest.body-too-large')
        self.assertEqual(server.ask('PUT', uri, iter([b'z' * 5000] * 3), encode_chunked=True).brief,
                         '413 rest.body-too-large')
        self.assertEqual(picture(self.root / 'user-cache'), before)
        self.assertEqual([path.name for path in (self.root / 'user-cache').iterdir()], ['admin'])


class SlowTest(ServerCase):
    arguments = ('--head-time', '1', '--read-time', '1', '--idle-time', '1')

    def test_a_head_that_comes_byte_by_byte_is_given_up(self):
        server = self.start()
        with server.socket() as connection:
            begun = time.monotonic()
            try:
                for byte in head('GET', '/data/projects', ['A: ' + 'x' * 1000]):
                    connection.sendall(bytes([byte]))
                    time.sleep(0.05)
            except OSError:
                pass
            self.assertLess(time.monotonic() - begun, 15)
        with server.socket() as connection:
            connection.sendall(b'GET / HT')
            self.assertEqual(raw_failure(read_all(connection)),
                             'HTTP/1.1 408 Request Timeout http.too-slow')

    def test_a_body_that_stalls_is_given_up(self):
        server = self.start()
        with server.socket() as connection:
            connection.sendall(head('POST', IMPORT, ['Content-Length: 1000',
                                                     'Content-Type: application/zip']) + b'PK')
            self.assertTrue(status_line(read_all(connection)).startswith('HTTP/1.1 499 '))
        self.assertEqual(server.waiting(), [])

    def test_a_body_that_comes_byte_by_byte_is_given_up_also_from_who_is_not_signed_in(self):
        server = self.start()
        for user, target in (('', '/data/services/auth'), ('admin', IMPORT)):
            begun = time.monotonic()
            with server.socket() as connection:
                connection.sendall(head('POST', target, ['Content-Length: 1000'], user=user))
                try:
                    for _ in range(1000):
                        connection.sendall(b'x')
                        time.sleep(0.05)
                except OSError:
                    pass
            self.assertLess(time.monotonic() - begun, 30)
        wait_until(lambda: server.error_text().count(' 499 ') == 2)

    def test_a_connection_that_asks_nothing_is_closed(self):
        server = self.start()
        with server.socket() as connection:
            self.assertEqual(read_all(connection), b'')

    def test_who_reads_nothing_is_given_up(self):
        server = self.start('--workers', '2')
        with server.socket() as connection:
            connection.setsockopt(1, 8, 1024)  # SO_RCVBUF
            for _ in range(2000):
                try:
                    connection.settimeout(0.2)
                    connection.sendall(head('GET', '/xapi/openapi.json'))
                except OSError:
                    break
            wait_until(lambda: ' cut\n' in server.error_text())
        self.assertEqual(server.ask('GET', '/healthz').status, 200)


class CrowdTest(ServerCase):
    def test_connections_beyond_all_bounds_are_told_so_and_the_others_are_served(self):
        server = self.start('--workers', '1', '--waiting', '1', '--idle-time', '5')
        busy = server.socket()
        self.addCleanup(busy.close)
        begin_upload(busy, IMPORT, 10)  # the only thread has it
        waiting = server.socket()
        self.addCleanup(waiting.close)
        waiting.sendall(head('GET', '/data/auth', ['Connection: close']))
        with server.socket() as refused:  # connections are taken in the order they were made
            self.assertEqual(raw_failure(read_all(refused)),
                             'HTTP/1.1 503 Service Unavailable http.busy')
        busy.sendall(b'0123456789')
        self.assertIn(b"User 'admin' is logged in", read_all(waiting))

    def test_more_clients_than_threads_are_served_in_turn(self):
        server = self.start('--workers', '2', '--idle-time', '60')
        idle = []
        for _ in range(6):
            connection = server.connection()
            self.addCleanup(connection.close)
            connection.request('GET', '/healthz')
            response = connection.getresponse()
            self.assertEqual(response.read(), b'ok\n')
            idle.append(connection)

    def test_guessing_a_password_is_slowed_down(self):
        server = self.start()
        wrong = {'Authorization': 'Basic YW5uOndyb25n'}
        answers = [server.ask('GET', '/data/auth', headers=wrong) for _ in range(12)]
        self.assertEqual([(answer.brief, answer.headers.get('Retry-After')) for answer in answers],
                         [('401 sign-in.failed', None)] * 10 + [('429 sign-in.too-many', '10')] * 2)
        self.assertEqual(server.ask('GET', '/data/auth').status, 200)  # who is known already
        self.assertEqual(server.ask('GET', '/data/auth', user='ann').brief, '429 sign-in.too-many')


def changed_files(before, after):
    """Files that are not the store's."""
    return sorted(name for name in set(before) ^ set(after) if 'store.sqlite3' not in name)
