"""Requests that mean harm, as bytes on a socket: each gets a defined refusal, and nothing changes."""

import http.client
import io
import json
import os
import re
import socket
import time
import urllib.parse
import zipfile

import pytest

IMPORT = '/data/services/import?project=DEMO'
EVIL_SEGMENTS = ['..', '%2e%2e', '%252e%252e', 'x%2F..%2Fy', 'x%252F..%252Fy', 'x%5Cy', '%00', '%2500',
                 '%0d%0aX-Evil:1', '%c0%ae%c0%ae']
EVIL_NAMES = ['../../evil.dcm', '/etc/evil.dcm', '..%2f..%2fevil.dcm', '..%252f..%252fevil.dcm',
              '..\\..\\evil.dcm', 'a/../../../evil.dcm', '\x00.dcm', '.xa/locks/evil.dcm']
EVIL_TEXTS = ["'; DROP TABLE prearchive; --", '" OR "1"="1', '<script>alert(1)</script>',
              '<img src=x onerror=alert(1)>', '${jndi:ldap://x}', '%s%n', '../../etc/passwd',
              'a\r\nX-Evil: 1']


def tree(server):
    """Names of everything in the server's directory, but for what a store keeps beside itself."""
    top = server.root.parent  # os.walk passes over what is removed meanwhile.
    return sorted(os.path.relpath(os.path.join(directory, name), top)
                  for directory, directories, files in os.walk(top)
                  for name in directories + files if not name.startswith('store.sqlite3'))


def multipart(parts):
    """A body of (headers, content), and its content type."""
    body = b''.join(b'--BOUNDARY\r\n' + head.encode('latin-1') + b'\r\n\r\n' + content + b'\r\n'
                    for head, content in parts)
    return body + b'--BOUNDARY--\r\n', 'multipart/form-data; boundary=BOUNDARY'


def zip_of(files):
    out = io.BytesIO()
    with zipfile.ZipFile(out, 'w') as archive:
        for name, content in files:
            archive.writestr(zipfile.ZipInfo(name), content)
    return out.getvalue()


def test_no_segment_of_any_path_leads_elsewhere(server, study, label):
    server.archive(study, session=label)
    paths = json.loads(server.get('/xapi/openapi.json').body)['paths']
    before = tree(server)
    connection = http.client.HTTPConnection('127.0.0.1', server.port, timeout=60)
    tried = 0
    for path, methods in paths.items():
        segments = re.sub(r'\{\w+\}', 'x', path).split('/')
        for method in methods:
            for at in range(1, len(segments)):
                for evil in EVIL_SEGMENTS:
                    target = '/'.join([*segments[:at], evil, *segments[at + 1:]])
                    connection.request(method.upper(), target, headers=server.credentials())
                    answer = connection.getresponse()
                    body = answer.read()
                    assert (answer.status, answer.headers['X-Evil']) == (400, None), (
                        method, target, answer.status, body)
                    tried += 1
    connection.close()
    assert tried > 5000
    assert tree(server) == before


@pytest.mark.parametrize('name', EVIL_NAMES)
def test_no_name_of_a_part_or_in_a_zip_leads_elsewhere(server, study, label, name):
    content = next(iter(study.files.values()))
    quoted = name.replace('\\', '\\\\')
    for body, content_type in (
            multipart([(f'Content-Disposition: form-data; name="file"; filename="{quoted}"', content)]),
            multipart([(f'Content-Disposition: form-data; name="{quoted}"; filename="a.dcm"', content)]),
            (zip_of([(name, content)]), 'application/zip')):
        answer = server.ask('POST', f'{IMPORT}&session={label}', body, content_type)
        assert answer.status in (200, 400), answer.text
        assert not [path for path in tree(server) if 'evil' in path and label not in path]
        if answer.status == 200:  # received under a harmless name
            uri = answer.text.strip()
            rows = server.get(uri + '/files').rows
            assert [server.get(row['URI']).body for row in rows] == [content]
            assert server.ask('DELETE', uri).status == 200
    assert label not in server.waiting()


@pytest.mark.parametrize('sent', [0.02, 0.5, 0.98])
@pytest.mark.parametrize('chunked', [False, True], ids=['length', 'chunked'])
def test_an_aborted_upload_leaves_nothing_and_can_be_sent_again(server, make_study, label, sent,
                                                                chunked):
    study = make_study(instances=60)
    body = study.zip_path.read_bytes()
    before = tree(server)
    size = 'Transfer-Encoding: chunked' if chunked else f'Content-Length: {len(body)}'
    head = (f'POST {IMPORT}&session={label} HTTP/1.1\r\nHost: x\r\nAuthorization: '
            f'{server.credentials()["Authorization"]}\r\nContent-Type: application/zip\r\n{size}\r\n\r\n')
    part = body[:int(len(body) * sent)]
    if chunked:
        part = f'{len(part):x}\r\n'.encode() + part + b'\r\n'
    with socket.create_connection(('127.0.0.1', server.port)) as connection:
        connection.sendall(head.encode() + part)
        time.sleep(0.2)  # Whatever is done with a part is done; the outcome is the same without it.
    deadline = time.monotonic() + 60
    while tree(server) != before:
        assert time.monotonic() < deadline, set(tree(server)) ^ set(before)
        time.sleep(0.05)
    uri = server.upload(study, session=label)
    assert sorted(server.get(row['URI']).body
                  for row in server.get(f'/data{uri}/files').rows) == study.contents


def test_a_zip_bomb_is_refused_before_the_disk_is_full(server, label):
    bomb = io.BytesIO()
    with zipfile.ZipFile(bomb, 'w', zipfile.ZIP_DEFLATED) as archive:
        with archive.open('bomb.dcm', 'w', force_zip64=True) as entry:
            for _ in range(1500):
                entry.write(bytes(1 << 20))
    assert len(bomb.getvalue()) < 2 << 20
    before = tree(server)
    answer = server.ask('POST', f'{IMPORT}&session={label}', bomb.getvalue(), 'application/zip')
    assert 400 <= answer.status < 500, answer.text
    assert tree(server) == before


@pytest.mark.parametrize('text', EVIL_TEXTS)
def test_sql_and_html_in_a_field_are_text(server, make_study, label, text):
    study = make_study()
    url = server.upload(study, session=label)
    for field in ('project', 'subject', 'session', 'dest', 'src', 'overwrite', 'event_reason',
                  'quarantine', 'timestamp', 'xnat:mrSessionData/note'):
        answer = server.form('/data/services/validate-archive', {'src': url, field: text})
        check_harmless(answer, text)
    for field in ('project', 'subject', 'session', 'import-handler', 'dest', 'overwrite', 'rename'):
        quoted = urllib.parse.urlencode({'session': label + 'X', 'project': 'DEMO', field: text})
        answer = server.ask('POST', '/data/services/import?' + quoted,
                            study.zip_path.read_bytes(), 'application/zip')
        check_harmless(answer, text)
    for field in ('sortBy', 'sortOrder', 'format', 'columns', 'tag', 'label', 'ID', 'xsiType'):
        for target in ('/data/prearchive/projects', '/data/projects/DEMO/experiments'):
            check_harmless(server.get(f'{target}?{urllib.parse.urlencode({field: text})}'), text)
    row = server.get(f'/data{url}').rows[0]
    assert (row['folderName'], row['status']) == (label, 'READY')
    assert [project['ID'] for project in server.get('/data/projects').rows] == [
        'CLOSED', 'DEMO', 'OTHER']


def check_harmless(answer, text):
    assert answer.status < 500 or answer.status == 501, (answer.status, answer.text)
    assert answer.headers['X-Content-Type-Options'] == 'nosniff'
    assert 'html' not in answer.headers.get('Content-Type', '')
    assert answer.headers['X-Evil'] is None
    if answer.status >= 400:
        assert answer.headers['X-Reason'], answer.text


@pytest.mark.parametrize('content_type', [
    'text/html', 'application/json', 'multipart/form-data', 'multipart/form-data; boundary=',
    'multipart/form-data; boundary=' + 'x' * 500, 'application/x-www-form-urlencoded', 'a/b; c=d'])
def test_a_wrong_content_type_loses_nothing(server, study, label, content_type):
    before = server.waiting()
    answer = server.ask('POST', f'{IMPORT}&session={label}', study.zip_path.read_bytes(), content_type)
    if answer.status == 200:  # taken for what it is
        rows = server.get(answer.text.strip() + '/files').rows
        assert sorted(server.get(row['URI']).body for row in rows) == study.contents
    else:
        assert 400 <= answer.status < 500 and answer.headers['X-Reason']
        assert server.waiting() == before
    answer = server.ask('POST', '/data/services/archive', b'src=x', content_type)
    assert answer.status in (400, 404, 415)
