"""xnatpy: everything it offers for the prearchive and for reading the archive."""

import zipfile

import pytest
import requests
import xnat
from archive_server import USERS
from xnat.exceptions import XNATAuthError, XNATResponseError, XNATUploadError


@pytest.fixture
def connect(server):
    sessions = []

    def make(user='admin'):
        sessions.append(xnat.connect(server.url, user=user, password=USERS[user][0]))
        return sessions[-1]

    yield make
    for session in sessions:
        session.disconnect()


@pytest.fixture
def session(connect):
    return connect()


def import_study(session, study, label, **more):
    return session.services.import_(study.zip_path, project='DEMO', subject='S_' + label,
                                    experiment=label, content_type='application/zip', **more)


def downloaded(directory):
    return sorted(path.read_bytes() for path in directory.rglob('*.dcm'))


def zipped(path):
    with zipfile.ZipFile(path) as archive:
        assert archive.testzip() is None
        return sorted(archive.read(name) for name in archive.namelist() if name.endswith('.dcm'))


def refused(status, call):
    with pytest.raises((XNATResponseError, XNATUploadError), match=f'(?i)status (code )?{status}'):
        call()


def test_a_wrong_password_is_refused(server):
    with pytest.raises(XNATAuthError):
        xnat.connect(server.url, user='admin', password='wrong')


def test_a_session_ends_when_it_is_disconnected(server, connect):
    session = connect()
    cookie = session.interface.cookies['JSESSIONID']

    def status():
        return requests.get(server.url + '/data/auth', cookies={'JSESSIONID': cookie},
                            timeout=120).status_code

    assert status() == 200
    session.disconnect()
    assert status() == 401
    session = connect()
    assert session.interface.cookies['JSESSIONID'] != cookie


def test_an_upload_waits_with_its_scans_and_files(session, study, label):
    waiting = import_study(session, study, label)
    assert (waiting.status, waiting.label, waiting.subject, waiting.project) == (
        'READY', label, 'S_' + label, 'DEMO')
    assert waiting.uploaded and waiting.lastmod and waiting.scan_date
    assert waiting.uri in [row.uri for row in session.prearchive.sessions(project='DEMO')]
    assert waiting.uri in [row.uri for row in session.prearchive.sessions()]
    assert sorted(scan.id for scan in waiting.scans) == ['1', '2']
    names = [file.name for scan in waiting.scans for file in scan.files]
    assert sorted(names) == ['1.dcm', '1.dcm', '2.dcm', '2.dcm']


def test_a_waiting_session_or_a_scan_of_it_comes_as_a_zip(session, study, label, tmp_path):
    waiting = import_study(session, study, label)
    waiting.download(tmp_path / 'all.zip')
    assert zipped(tmp_path / 'all.zip') == study.contents
    next(scan for scan in waiting.scans if scan.id == '1').download(tmp_path / 'scan.zip')
    assert zipped(tmp_path / 'scan.zip') == sorted(
        content for name, content in study.files.items() if name.startswith('1/'))


def test_a_session_is_archived_and_comes_back_byte_by_byte(session, study, label, tmp_path):
    experiment = import_study(session, study, label).archive()
    assert (experiment.label, experiment.project) == (label, 'DEMO')
    assert label in session.projects['DEMO'].experiments
    assert sorted(experiment.scans.keys()) == ['1', '2']
    digests = [file.digest for scan in experiment.scans.values() for file in scan.files.values()]
    assert len(digests) == 4 and all(len(digest) == 32 for digest in digests)
    for part in ('all', 'scan', 'file'):
        (tmp_path / part).mkdir()
    experiment.download_dir(tmp_path / 'all')
    assert downloaded(tmp_path / 'all') == study.contents
    experiment.scans['1'].download_dir(tmp_path / 'scan')
    assert downloaded(tmp_path / 'scan') == sorted(
        content for name, content in study.files.items() if name.startswith('1/'))
    experiment.scans['2'].resources['DICOM'].files['1.dcm'].download(tmp_path / 'file' / '1.dcm')
    assert downloaded(tmp_path / 'file') == [study.files['2/DICOM/1.dcm']]


def test_it_is_archived_where_the_client_says(session, study, label):
    experiment = import_study(session, study, label).archive(
        project='DEMO', subject='Elsewhere', experiment=label + '_B')
    assert (experiment.label, experiment.subject.label) == (label + '_B', 'Elsewhere')


def test_validation_tells_what_archiving_would_find(session, make_study, label):
    def found(waiting, **more):
        answer = session.post('/data/services/validate-archive',
                              query={'src': waiting.uri, 'format': 'json', **more})
        return [(row['code'], row['type']) for row in answer.json()['ResultSet']['Result']]

    first = make_study()
    waiting = import_study(session, first, label)
    assert found(waiting) == []
    waiting.archive()
    waiting = import_study(session, make_study(seed=first.seed, private_bytes=16), label)
    assert ('1', 'CONFLICT') in found(waiting)
    with pytest.raises(XNATResponseError):
        waiting.archive()
    assert found(waiting, overwrite='delete') == []
    waiting.archive(overwrite='delete')


def test_an_upload_may_go_into_the_archive_at_once(session, study, label, server):
    place = f'/archive/projects/DEMO/subjects/S_{label}/experiments/{label}'
    experiment = import_study(session, study, label, destination=place)
    assert experiment.label == label
    assert server.files(label) == study.files


def test_overwrite_none_refuses_and_append_adds(session, make_study, label, server):
    first = make_study(instances=2)
    import_study(session, first, label).archive(overwrite='none')
    more = make_study(seed=first.seed, instances=3)
    waiting = import_study(session, more, label)
    refused(409, lambda: waiting.archive(overwrite='none'))
    assert server.files(label) == first.files
    waiting.archive(overwrite='append')
    assert server.files(label) == more.files


def test_append_replaces_nothing_and_delete_does(session, make_study, label, server):
    first = make_study()
    import_study(session, first, label).archive()
    other = make_study(seed=first.seed, private_bytes=16)
    waiting = import_study(session, other, label)
    refused(409, lambda: waiting.archive(overwrite='append'))
    assert server.files(label) == first.files
    waiting.archive(overwrite='delete')
    assert server.files(label) == other.files


def test_quarantine_is_what_the_client_says(session, study, make_study, label, server):
    import_study(session, study, label).archive(quarantine=True)
    import_study(session, make_study(), label + '_B').archive(quarantine=False)
    rows = server.get('/data/projects/DEMO/experiments?columns=label,quarantine_status').rows
    status = {row['label']: row['quarantine_status'] for row in rows}
    assert (status[label], status[label + '_B']) == ('quarantine', 'active')


def test_a_refresh_finds_a_new_file(session, study, label, server):
    experiment = import_study(session, study, label).archive()
    top = server.root / 'archive/DEMO/arc001' / label / 'SCANS/1/DICOM'
    (top / 'note.txt').write_text('new')
    session.services.refresh_catalog(experiment, checksum=True, delete=True, append=True,
                                     populate_stats=True)
    experiment.clearcache()
    files = experiment.scans['1'].resources['DICOM'].files
    assert sorted(file.id for file in files.values()) == ['1.dcm', '2.dcm', 'note.txt']
    assert files['note.txt'].digest == '22af645d1859cb5ca6da0c484f1f37ea'


def test_a_waiting_session_is_built_again_and_deleted(session, study, label, server):
    waiting = import_study(session, study, label)
    waiting.rebuild()
    assert waiting.status == 'READY'
    waiting.delete()
    assert label not in server.waiting()


def test_a_waiting_session_is_moved(session, study, label, server):
    waiting = import_study(session, study, label)
    waiting.move('OTHER')
    rows = [row for row in server.get('/data/prearchive/projects').rows
            if row['folderName'] == label]
    assert [row['project'] for row in rows] == ['OTHER']
    refused(404, waiting.delete)


def test_who_may_only_read_changes_nothing(connect, study, label, server):
    waiting = import_study(connect(), study, label)
    reader = connect('reader')
    mine = next(row for row in reader.prearchive.sessions(project='DEMO') if row.uri == waiting.uri)
    refused(403, mine.archive)
    refused(403, mine.delete)
    refused(403, mine.rebuild)
    refused(403, lambda: import_study(reader, study, label + '_B'))
    assert label in server.waiting() and label + '_B' not in server.waiting()


def test_what_one_may_not_read_is_not_there(connect, session, study, label):
    uri = import_study(session, study, label).archive().uri
    stranger = connect('stranger')
    assert [project.id for project in stranger.projects.values()] == ['OTHER']
    assert 'DEMO' not in [row.project for row in stranger.prearchive.sessions()]
    refused('40[34]', lambda: stranger.get_json(uri))


def test_a_session_that_somebody_works_on_is_locked(session, study, label, server):
    waiting = import_study(session, study, label)
    with server.locked():
        refused(423, waiting.archive)
        refused(423, waiting.delete)
        refused(423, waiting.rebuild)
    assert waiting.archive().label == label


def test_what_is_gone_is_missing(session, study, label):
    waiting = import_study(session, study, label)
    waiting.archive()
    refused(404, waiting.archive)
    refused(404, waiting.delete)
    refused(404, lambda: session.services.refresh_catalog('/archive/experiments/NONE'))


def test_what_is_no_dicom_is_refused(session, tmp_path):
    path = tmp_path / 'broken.zip'
    path.write_bytes(b'PK\x03\x04 nothing')
    refused(400, lambda: session.services.import_(path, project='DEMO',
                                                  content_type='application/zip'))
