"""xnatctl: its command line, as a person types it; `xnatctl api` for what it has no command for:
validating, quarantine, and of a waiting session the overwrite that is neither none nor delete.

Not tried: `session download --verify`, which looks for scans/ID in a zip, where XNAT and so this
server have scans/ID-TYPE; it reports every file missing."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest
from archive_server import USERS

SUCCESS, FAILED, DENIED = 0, 1, 6


@pytest.fixture
def command(server, tmp_path):
    """Runs xnatctl; returns its exit status and what it printed."""
    def run(*arguments, user='admin'):
        home = tmp_path / f'home-{user}'
        home.mkdir(exist_ok=True)
        environment = {**os.environ, 'HOME': str(home), 'XNAT_URL': server.url, 'XNAT_USER': user,
                       'XNAT_PASS': USERS[user][0], 'NO_COLOR': '1', 'COLUMNS': '200'}
        done = subprocess.run([Path(sys.executable).parent / 'xnatctl', *arguments],
                              env=environment, cwd=tmp_path, text=True, capture_output=True,
                              timeout=120)
        return done.returncode, done.stdout + done.stderr
    return run


def waiting(server, label):
    """The session as xnatctl names one: project, timestamp, folder."""
    row = next(row for row in server.get('/data/prearchive/projects').rows
               if row['folderName'] == label)
    return row['project'], row['timestamp'], row['folderName']


def upload(command, server, study, label, *more):
    status, printed = command('session', 'upload', str(study.zip_path), '-P', 'DEMO', '-S',
                              'S_' + label, '-E', label, '--mode', 'zip', '--prearchive', *more)
    assert status == SUCCESS, printed
    return waiting(server, label)


def post(command, service, session, *parameters):
    """A service about a waiting session, through `xnatctl api`."""
    options = ['src=/prearchive/projects/' + '/'.join(session), *parameters]
    return command('api', 'post', '/data/services/' + service,
                   *(word for option in options for word in ('--params', option)))


def test_it_signs_in_and_out(command):
    assert command('auth', 'login')[0] == SUCCESS
    status, printed = command('auth', 'test')
    assert status == SUCCESS and 'admin' in printed
    assert command('auth', 'logout')[0] == SUCCESS


def test_a_wrong_password_is_refused(command, monkeypatch):
    monkeypatch.setitem(USERS, 'admin', ('wrong', ''))
    status, printed = command('auth', 'login')
    assert status != SUCCESS and 'Traceback' not in printed


@pytest.mark.parametrize('mode', ['tar', 'zip', 'gradual'])
def test_a_folder_is_uploaded_in_every_mode(command, study, label, server, mode):
    status, printed = command('session', 'upload', str(study.directory), '-P', 'DEMO', '-S',
                              'S_' + label, '-E', label, '--mode', mode, '--prearchive')
    assert status == SUCCESS, printed
    path = '/data/prearchive/projects/' + '/'.join(waiting(server, label))
    assert server.form(path, {'action': 'build'}).status == 200
    assert sorted(server.get(row['URI']).body for row in server.get(path + '/files').rows) == (
        study.contents)


def test_a_direct_archive_is_archived_without_anybody(command, study, label, server):
    status, printed = command('session', 'upload', str(study.zip_path), '-P', 'DEMO', '-S',
                              'S_' + label, '-E', label, '--mode', 'zip', '--direct-archive')
    assert status == SUCCESS, printed
    assert server.files(label) == study.files
    assert label not in server.waiting()


def test_what_waits_is_listed_built_and_deleted(command, study, label, server):
    session = upload(command, server, study, label)
    status, printed = command('prearchive', 'list', '--project', 'DEMO', '-o', 'json')
    assert status == SUCCESS
    assert [row['status'] for row in json.loads(printed) if row['folderName'] == label] == ['READY']
    assert command('prearchive', 'rebuild', *session)[0] == SUCCESS
    status, printed = command('prearchive', 'delete', *session, '--yes')
    assert status == SUCCESS, printed
    assert label not in server.waiting()


def test_a_session_is_archived_and_comes_back_byte_by_byte(command, study, label, server, tmp_path):
    status, printed = command('prearchive', 'archive', *upload(command, server, study, label))
    assert status == SUCCESS, printed
    status, printed = command('session', 'list', '-P', 'DEMO', '-o', 'json')
    assert status == SUCCESS and label in printed
    status, printed = command('session', 'show', '-P', 'DEMO', '-E', label, '-o', 'json')
    assert status == SUCCESS, printed
    status, printed = command('session', 'download', '-P', 'DEMO', '-E', label, '--out', 'out',
                              '--extract')
    assert status == SUCCESS, printed
    assert sorted(p.read_bytes() for p in (tmp_path / 'out').rglob('*.dcm')) == study.contents
    status, printed = command('scan', 'download', '-P', 'DEMO', '-E', label, '--scans', '1',
                              '--out', 'scan', '--extract')
    assert status == SUCCESS, printed
    assert sorted(p.read_bytes() for p in (tmp_path / 'scan').rglob('*.dcm')) == sorted(
        content for name, content in study.files.items() if name.startswith('1/'))


def test_label_and_subject_are_what_the_client_says(command, study, label, server):
    session = upload(command, server, study, label)
    status, printed = command('prearchive', 'archive', *session, '--subject', 'Other.1',
                              '--label', label + '-b')
    assert status == SUCCESS, printed
    assert server.files(label + '-b') == study.files
    rows = server.get(f'/data/projects/DEMO/experiments?label={label}-b&columns=subject_label').rows
    assert [row['subject_label'] for row in rows] == ['Other_1']


def test_a_conflict_is_told_and_overwrite_resolves_it(command, make_study, label, server):
    first = make_study()
    command('prearchive', 'archive', *upload(command, server, first, label))
    other = make_study(seed=first.seed, private_bytes=16)
    session = upload(command, server, other, label)
    status, printed = command('prearchive', 'archive', *session)
    assert status == FAILED and '409' in printed
    assert server.files(label) == first.files
    status, printed = command('prearchive', 'archive', *session, '--overwrite')
    assert status == SUCCESS, printed
    assert server.files(label) == other.files


def test_validation_tells_what_archiving_would_find(command, make_study, label, server):
    def found(session):
        status, printed = post(command, 'validate-archive', session)
        assert status == SUCCESS, printed
        rows = json.JSONDecoder().raw_decode(printed)[0]['ResultSet']['Result']
        return [(row['code'], row['type']) for row in rows]

    first = make_study()
    session = upload(command, server, first, label)
    assert found(session) == []
    assert command('prearchive', 'archive', *session)[0] == SUCCESS
    other = make_study(seed=first.seed, private_bytes=16)
    assert ('1', 'CONFLICT') in found(upload(command, server, other, label))


def test_append_adds_and_replaces_nothing(command, make_study, label, server):
    first = make_study()
    command('prearchive', 'archive', *upload(command, server, first, label))
    more = make_study(seed=first.seed, instances=3)
    session = upload(command, server, more, label)
    status, printed = post(command, 'archive', session, 'overwrite=append')
    assert status == SUCCESS and f'/experiments/{label}' in printed
    assert server.files(label) == more.files
    other = make_study(seed=first.seed, instances=3, private_bytes=16)
    session = upload(command, server, other, label)
    status, printed = post(command, 'archive', session, 'overwrite=append')
    assert status == FAILED and '409' in printed
    assert server.files(label) == more.files


def test_each_overwrite_of_a_direct_archive_does_what_it_says(command, make_study, label, server):
    def send(study, overwrite):
        return command('session', 'upload', str(study.zip_path), '-P', 'DEMO', '-S', 'S_' + label,
                       '-E', label, '--mode', 'zip', '--direct-archive', '--overwrite', overwrite)[0]

    first = make_study()
    assert send(first, 'none') == SUCCESS
    more = make_study(seed=first.seed, instances=3)
    assert send(more, 'none') == FAILED
    assert server.files(label) == first.files
    assert send(more, 'append') == SUCCESS
    assert server.files(label) == more.files
    other = make_study(seed=first.seed, instances=3, private_bytes=16)
    assert send(other, 'append') == FAILED
    assert server.files(label) == more.files
    assert send(other, 'delete') == SUCCESS
    assert server.files(label) == other.files


def test_quarantine_is_what_the_client_says(command, study, label, server):
    session = upload(command, server, study, label)
    assert post(command, 'archive', session, 'quarantine=true')[0] == SUCCESS
    rows = server.get(f'/data/projects/DEMO/experiments?label={label}'
                      '&columns=quarantine_status').rows
    assert [row['quarantine_status'] for row in rows] == ['quarantine']


def test_a_project_is_transferred(command, make_study, label, server, tmp_path):
    """All its sessions, to a project of another profile, which may be another server. The sessions'
    documents it would write over the new ones are refused (501), which it takes for a warning."""
    source, target = 'FROM' + label, 'TO' + label
    for project in (source, target):
        assert server.ask('PUT', '/data/projects/' + project).status == 201
    studies = {'A': make_study(), 'B': make_study(series=3)}
    for name, study in studies.items():
        waiting = server.upload(study, project=source, session=name, subject='S_' + name,
                                dest='/prearchive/projects/' + source)
        assert server.form('/data/services/archive', {'src': waiting}).status == 200
    unseen = f'/data/projects/{source}/subjects/Unseen'
    assert server.ask('PUT', unseen).status == 201
    (tmp_path / 'transfer.yaml').write_text(
        f'source_project: {source}\ndest_project: {target}\n'
        'archive_poll_interval: 0.2\narchive_wait_timeout: 60\n')

    def transfer(user):
        assert command('config', 'init', '--url', server.url, user=user)[0] == SUCCESS
        assert command('config', 'add-profile', 'there', '--url', server.url, user=user)[0] == SUCCESS
        return command('project', 'transfer', '-P', source, '--dest-project', target,
                       '--dest-profile', 'there', '--config', 'transfer.yaml', '--yes', user=user)

    status, printed = transfer('reader')
    assert status != SUCCESS and not (server.root / 'archive' / target / 'arc001').exists()
    status, printed = transfer('admin')
    assert status == SUCCESS, printed
    for name, study in studies.items():
        assert server.files(name, target) == study.files
    assert {row['label'] for row in server.get(f'/data/projects/{target}/subjects').rows} == {
        'S_A', 'S_B', 'Unseen'}
    assert server.get('/data/prearchive/projects/' + target).rows == []


def test_a_refresh_finds_a_new_file(command, study, label, server):
    server.archive(study, session=label)
    (server.root / 'archive/DEMO/arc001' / label / 'SCANS/1/DICOM/note.txt').write_text('new')
    status, printed = command('admin', 'refresh-catalogs', 'DEMO', '--option', 'checksum',
                              '--option', 'append')
    assert status == SUCCESS, printed
    rows = server.get(f'/data/projects/DEMO/experiments/{label}/scans/1/files').rows
    assert 'note.txt' in [row['Name'] for row in rows]


def test_a_refresh_of_one_resource_finds_a_new_file(command, study, label, server):
    place = server.archive(study, session=label).removeprefix('/data')
    for scan in ('1', '2'):
        (server.root / f'archive/DEMO/arc001/{label}/SCANS/{scan}/DICOM/note.txt').write_text('new')
    status, printed = command('resource', 'refresh', place + '/scans/1/resources/DICOM',
                              '--options', 'append', '--options', 'populateStats')
    assert status == SUCCESS, printed
    for scan, files in (('1', 3), ('2', 2)):
        rows = server.get(f'/data/projects/DEMO/experiments/{label}/scans/{scan}/files').rows
        assert len(rows) == files


def test_what_a_project_does_with_uploads_is_set(command):
    assert command('prearchive', 'settings', '-P', 'OTHER', '--set', 'auto-archive', '--yes')[0] == (
        SUCCESS)
    status, printed = command('prearchive', 'settings', '-P', 'OTHER', '-o', 'json')
    assert status == SUCCESS and 'auto-archive' in printed
    assert command('prearchive', 'settings', '-P', 'OTHER', '--set', 'manual', '--yes')[0] == SUCCESS


def test_a_waiting_session_is_moved(command, study, label, server):
    session = upload(command, server, study, label)
    status, printed = command('prearchive', 'move', *session, 'OTHER')
    assert status == SUCCESS, printed
    assert waiting(server, label)[0] == 'OTHER'


def test_who_may_only_read_changes_nothing(command, study, label, server):
    session = upload(command, server, study, label)
    assert command('prearchive', 'archive', *session, user='reader')[0] == DENIED
    assert command('prearchive', 'delete', *session, '--yes', user='reader')[0] == DENIED
    assert label in server.waiting()


def test_a_session_that_somebody_works_on_is_locked(command, study, label, server):
    session = upload(command, server, study, label)
    with server.locked():
        status, printed = command('prearchive', 'archive', *session)
        assert status == FAILED and '423' in printed
    assert command('prearchive', 'archive', *session)[0] == SUCCESS


def test_what_is_gone_is_missing(command, study, label, server):
    session = upload(command, server, study, label)
    command('prearchive', 'delete', *session, '--yes')
    status, printed = command('prearchive', 'archive', *session)
    assert status == FAILED and 'was not found' in printed
    status, printed = command('session', 'show', '-P', 'DEMO', '-E', label)
    assert status == FAILED and 'not found' in printed
