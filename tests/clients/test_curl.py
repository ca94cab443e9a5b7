"""curl: the calls of XNAT's documentation and of people's scripts."""

import io
import os
import re
import socket
import subprocess
import zipfile
from pathlib import Path

import pytest
from archive_server import USERS


@pytest.fixture
def curl(server, tmp_path):
    """Runs curl; returns the status and the body."""
    def run(target, *options, user='admin'):
        body = tmp_path / 'body'
        body.unlink(missing_ok=True)
        done = subprocess.run(
            ['curl', '--silent', '--show-error', '--output', body, '--write-out', '%{http_code}',
             '--user', f'{user}:{USERS[user][0]}', *options, server.url + target],
            text=True, capture_output=True, timeout=120, check=True)
        return int(done.stdout), body.read_bytes() if body.exists() else b''
    return run


def upload(curl, study, label):
    status, body = curl(f'/data/services/import?import-handler=DICOM-zip&project=DEMO'
                        f'&subject=S_{label}&session={label}', '--form',
                        f'image_archive=@{study.zip_path}')
    assert status == 200, body
    return body.decode().strip()


def test_a_session_by_cookie(curl, server, tmp_path):
    jar = tmp_path / 'jar'
    status, token = curl('/data/JSESSION', '--cookie-jar', str(jar))
    assert status == 200 and token.decode() in jar.read_text()
    ask = ['curl', '--silent', '--cookie', str(jar), server.url + '/data/auth']
    assert subprocess.check_output(ask) == b"User 'admin' is logged in"
    subprocess.run([*ask[:-1], '--request', 'DELETE', server.url + '/data/JSESSION'], check=True)
    status = subprocess.check_output([*ask, '--output', '/dev/null', '--write-out', '%{http_code}'])
    assert status == b'401'


def test_the_first_session_of_the_readme(study, tmp_path):
    """Word for word, but for the port, the password in the command, and waiting for the server."""
    readme = (Path(__file__).parents[2] / 'examples/server/README.md').read_text()
    block = re.search(r'## A first session\n.*?```\n(.*?)```', readme, re.DOTALL).group(1)
    with socket.create_server(('127.0.0.1', 0)) as probe:
        port = str(probe.getsockname()[1])
    script = block.replace('8080', port).replace('-u alice', '-u alice:secret').replace(
        'users.txt &\n', f'users.txt --listen 127.0.0.1:{port} &\n'
        f'until curl -s -o healthz http://127.0.0.1:{port}/healthz; do sleep 0.1; done\n')
    assert script.count(port) == 3 and 'alice:secret' in script
    (tmp_path / 'study.zip').write_bytes(study.zip_path.read_bytes())
    path = f'{Path(os.environ["XNATARCHIVE_SERVER"]).parent}:{os.environ["PATH"]}'
    done = subprocess.run(
        ['bash', '-euo', 'pipefail', '-c', "trap 'kill $(jobs -p); wait' EXIT\n" + script],
        cwd=tmp_path, env={**os.environ, 'PATH': path}, input='secret\n', text=True,
        capture_output=True, timeout=120)
    assert done.returncode == 0, done.stdout + done.stderr
    for answer in ('/data/prearchive/projects/BRAINDEV/', '"totalRecords":"0"', '"MR1"',
                   '/data/archive/projects/BRAINDEV/subjects/S1/experiments/MR1\n'):
        assert answer in done.stdout
    with zipfile.ZipFile(tmp_path / 'MR1.zip') as archive:
        assert study.contents == sorted(
            archive.read(name) for name in archive.namelist() if name.endswith('.dcm'))


def test_a_wrong_password_is_refused(curl, monkeypatch):
    monkeypatch.setitem(USERS, 'admin', ('wrong', ''))
    status, body = curl('/data/projects')
    assert status == 401 and body.startswith(b'sign-in.failed')


def test_what_waits_and_what_is_archived_is_listed(curl, study, label, server):
    uri = upload(curl, study, label)
    row = f'"{uri.removeprefix("/data")}"'.encode()
    assert row in curl('/data/prearchive/projects/DEMO?format=csv')[1]
    assert row not in curl('/data/prearchive/projects/OTHER?format=csv')[1]
    assert curl('/data/services/archive', '--data-urlencode', f'src={uri}')[0] == 200
    status, body = curl(f'/data/projects/DEMO/experiments?label={label}&columns=label&format=csv')
    assert status == 200 and f'"{label}"'.encode() in body
    assert row not in curl('/data/prearchive/projects/DEMO?format=csv')[1]


@pytest.mark.parametrize('options', [
    ('--form', 'image_archive=@{}'),
    ('--header', 'Content-Type: application/zip', '--data-binary', '@{}'),
    ('--header', 'Content-Type: application/zip', '--header', 'Transfer-Encoding: chunked',
     '--data-binary', '@{}'),
    ('--header', 'Expect: 100-continue', '--form', 'file=@{}'),
], ids=['form', 'raw', 'chunked', 'expect'])
def test_every_way_to_upload(curl, study, label, server, options):
    status, body = curl(f'/data/services/import?project=DEMO&session={label}',
                        *(option.format(study.zip_path) for option in options))
    assert status == 200, body
    rows = server.get(body.decode().strip() + '/files').rows
    assert sorted(server.get(row['URI']).body for row in rows) == study.contents


@pytest.mark.parametrize('options', [
    ('--upload-file', '{}'),
    ('--request', 'PUT', '--form', 'file=@{}'),
    ('--request', 'PUT', '--data-binary', '@{}'),
], ids=['raw', 'form', 'data'])
def test_an_upload_in_two_steps(curl, study, label, server, options):
    cached = f'/user/cache/resources/{label}/files/{study.zip_path.name}'
    status, body = curl(f'/data{cached}?inbody={"true" if "--form" not in options else "false"}',
                        *(option.format(study.zip_path) for option in options), user='editor')
    assert status == 200, body
    assert server.get('/data' + cached, user='editor').body == study.zip_path.read_bytes()
    fields = ('--data-urlencode', f'src={cached}', '--data', 'project=DEMO', '--data',
              f'session={label}')
    status, body = curl('/data/services/import', *fields, user='reader')
    assert status == 404, body
    status, body = curl('/data/services/import', *fields, user='editor')
    assert status == 200, body
    rows = server.get(body.decode().strip() + '/files').rows
    assert sorted(server.get(row['URI']).body for row in rows) == study.contents


def test_archive_with_each_overwrite(curl, make_study, label, server):
    def archive(uri, overwrite):
        return curl('/data/services/archive', '--request', 'POST', '--data-urlencode', f'src={uri}',
                    '--data', f'overwrite={overwrite}')

    first = make_study()
    uri = f'/data/archive/projects/DEMO/subjects/S_{label}/experiments/{label}\r\n'.encode()
    assert archive(upload(curl, first, label), 'none') == (200, uri)
    more = make_study(seed=first.seed, instances=3)
    waiting = upload(curl, more, label)
    status, body = curl('/data/services/validate-archive', '--data-urlencode', f'src={waiting}',
                        '--data', 'format=csv')
    assert status == 200 and b'"1","CONFLICT"' in body
    status, body = archive(waiting, 'none')
    assert status == 409 and body.startswith(b'archive.session-exists')
    assert archive(waiting, 'append') == (200, uri)
    other = make_study(seed=first.seed, instances=3, private_bytes=16)
    waiting = upload(curl, other, label)
    assert archive(waiting, 'append')[0] == 409
    assert server.files(label) == more.files
    assert archive(waiting, 'delete') == (200, uri)
    assert server.files(label) == other.files


def test_everything_in_the_url_and_no_body(curl, study, label, server):
    uri = upload(curl, study, label)
    status, body = curl(f'/REST/services/validate-archive?src={uri}', '--request', 'POST')
    assert (status, body) == (200, b'{"ResultSet":{"Result":[],"totalRecords":"0"}}')
    status, body = curl(f'/data/services/archive?src={uri}&quarantine=true', '--request', 'POST')
    assert status == 200
    experiment = body.decode().strip()
    (server.root / 'archive/DEMO/arc001' / label / 'SCANS/1/DICOM/note.txt').write_text('new')
    assert curl(f'/data/services/refresh/catalog?resource={experiment}'
                '&options=checksum,delete,append,populateStats', '--request', 'POST') == (200, b'')
    assert b'note.txt' in curl(experiment + '/scans/1/files?format=csv')[1]
    rows = server.get(f'/data/projects/DEMO/experiments?label={label}'
                      '&columns=quarantine_status').rows
    assert [row['quarantine_status'] for row in rows] == ['quarantine']


def test_files_come_back_whole_in_part_and_not_when_they_are_known(curl, study, label, server):
    place = server.archive(study, session=label) + '/scans/1/resources/DICOM/files/1.dcm'
    content = study.files['1/DICOM/1.dcm']
    assert curl(place) == (200, content)
    assert curl(place, '--range', '128-131') == (206, b'DICM')
    assert curl(place, '--range', f'{len(content)}-')[0] == 416
    etag = server.get(place).headers['ETag']
    assert curl(place, '--header', f'If-None-Match: {etag}') == (304, b'')
    for zipped in (f'/data/projects/DEMO/experiments/{label}?format=zip',
                   place.partition('/scans/')[0] + '/scans/ALL/files?format=zip'):
        status, body = curl(zipped)
        with zipfile.ZipFile(io.BytesIO(body)) as archive:
            assert status == 200 and study.contents == sorted(
                archive.read(name) for name in archive.namelist() if name.endswith('.dcm'))


def test_a_waiting_session_is_moved(curl, study, label, server):
    uri = upload(curl, study, label)
    assert curl(f'{uri}?action=move&newProject=NONE', '--request', 'POST')[0] in (403, 404)
    assert curl(f'{uri}?action=move&newProject=OTHER', '--request', 'POST', user='reader')[0] == 403
    status, body = curl(f'{uri}?action=move&newProject=OTHER', '--request', 'POST')
    moved = body.decode().strip()
    assert (status, moved.split('/')[4], moved.split('/')[6]) == (301, 'OTHER', label)
    assert sorted(server.get(row['URI']).body for row in server.get(moved + '/files').rows) == (
        study.contents)


def test_a_waiting_session_is_deleted(curl, study, label, server):
    uri = upload(curl, study, label)
    assert curl(uri, '--request', 'DELETE') == (200, b'')
    assert label not in server.waiting()
    assert curl(uri, '--request', 'DELETE')[0] == 404
    assert curl('/data/services/archive', '--data-urlencode', f'src={uri}')[0] == 404
    assert curl('/data/projects/DEMO/experiments/' + label)[0] == 404


def test_who_may_not_is_refused(curl, study, label, server):
    uri = upload(curl, study, label)
    assert curl(uri, '--request', 'DELETE', user='reader')[0] == 403
    assert curl(f'/data/services/archive?src={uri}', '--request', 'POST', user='reader')[0] == 403
    assert curl(uri, user='stranger')[0] in (403, 404)
    assert label in server.waiting()


def test_a_session_that_somebody_works_on_is_locked(curl, study, label, server):
    uri = upload(curl, study, label)
    with server.locked():
        assert curl(f'/data/services/archive?src={uri}', '--request', 'POST')[0] == 423
        assert curl(uri, '--request', 'DELETE')[0] == 423
    assert label in server.waiting()
