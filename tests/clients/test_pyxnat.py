"""pyxnat: its prearchive functions, its selection of what is archived, and posts to the services.

Its PreArchive.move is broken in every release for Python 3 (it calls urllib.urlencode, which is
gone) and sends nothing; what it would send is posted here."""

import pytest
from archive_server import USERS
from pyxnat import Interface
from pyxnat.core.errors import DatabaseError

ARCHIVE = '/data/services/archive'


@pytest.fixture
def connect(server):
    interfaces = []

    def make(user='admin'):
        interfaces.append(Interface(server.url, user=user, password=USERS[user][0]))
        return interfaces[-1]

    yield make
    for interface in interfaces:
        interface.disconnect()


@pytest.fixture
def interface(connect):
    return connect()


def upload(interface, study, label):
    """Returns the session as pyxnat names one: project, timestamp, folder."""
    answer = interface.post(
        f'/data/services/import?project=DEMO&subject=S_{label}&session={label}',
        data=study.zip_path.read_bytes(), headers={'Content-Type': 'application/zip'})
    assert answer.status_code == 200, answer.text
    return next(row for row in interface.manage.prearchive.get() if row[2] == label)


def test_a_wrong_password_is_refused(server):
    with pytest.raises(DatabaseError, match='401'):
        Interface(server.url, user='admin', password='wrong')._exec('/data/projects')


def test_it_knows_what_it_talks_to(interface):
    assert interface.version()['version'] == '1.8.10'


def test_an_upload_waits_with_its_scans_and_files(interface, study, label):
    session = upload(interface, study, label)
    prearchive = interface.manage.prearchive
    assert prearchive.status(session) == 'READY'
    assert prearchive.get_scans(session) == ['1', '2']
    assert prearchive.get_resources(session, '1') == 'DICOM'
    assert prearchive.get_files(session, '1', 'DICOM') == ['1.dcm', '2.dcm']
    uri = prearchive.get_uri(session)
    assert prearchive.reset(session) == f'/data{uri}'.encode()
    prearchive.delete(uri)
    assert session not in prearchive.get()


def test_a_session_is_archived_and_comes_back_byte_by_byte(interface, study, label, tmp_path):
    uri = interface.manage.prearchive.get_uri(upload(interface, study, label))
    found = interface.post('/data/services/validate-archive', data={'src': uri})
    assert (found.status_code, found.json()['ResultSet']['Result']) == (200, [])
    answer = interface.post(ARCHIVE, data={'src': uri, 'overwrite': 'none'})
    assert (answer.status_code, answer.text) == (
        200, f'/data/archive/projects/DEMO/subjects/S_{label}/experiments/{label}\r\n')
    experiment = interface.select.project('DEMO').subject('S_' + label).experiment(label)
    assert experiment.exists() and experiment.label() == label
    assert experiment.datatype() == 'xnat:mrSessionData'
    assert experiment.attrs.get('label') == label
    assert experiment.scans().get() == ['1', '2']
    contents = []
    for scan in ('1', '2'):
        resource = experiment.scan(scan).resource('DICOM')
        assert resource.files().get() == ['1.dcm', '2.dcm']
        for path in resource.get(str(tmp_path), extract=True):
            with open(path, 'rb') as file:
                contents.append(file.read())
    assert sorted(contents) == study.contents
    path = experiment.scan('2').resource('DICOM').file('2.dcm').get(str(tmp_path / 'one.dcm'))
    with open(path, 'rb') as file:
        assert file.read() == study.files['2/DICOM/2.dcm']
    assert experiment.id() in [row['ID'] for row in interface.array.mrsessions(project_id='DEMO')]


def test_each_overwrite_does_what_it_says(interface, make_study, label, server):
    first = make_study()
    prearchive = interface.manage.prearchive

    def archive(study, overwrite):
        waiting = [row for row in prearchive.get() if row[2] == label]
        session = waiting[0] if waiting else upload(interface, study, label)
        return interface.post(ARCHIVE, data={'src': prearchive.get_uri(session),
                                             'overwrite': overwrite}).status_code

    assert archive(first, 'none') == 200
    more = make_study(seed=first.seed, instances=3)
    assert archive(more, 'none') == 409
    waiting = next(row for row in prearchive.get() if row[2] == label)
    found = interface.post('/data/services/validate-archive',
                           data={'src': prearchive.get_uri(waiting)}).json()
    assert ('1', 'CONFLICT') in [(row['code'], row['type']) for row in found['ResultSet']['Result']]
    assert server.files(label) == first.files
    assert archive(more, 'append') == 200
    assert server.files(label) == more.files
    other = make_study(seed=first.seed, instances=3, private_bytes=16)
    assert archive(other, 'append') == 409
    assert server.files(label) == more.files
    assert archive(other, 'delete') == 200
    assert server.files(label) == other.files


def test_quarantine_refresh_and_codes(interface, study, label, server):
    uri = interface.manage.prearchive.get_uri(upload(interface, study, label))
    assert interface.post(ARCHIVE, data={'src': uri, 'quarantine': 'true'}).status_code == 200
    rows = server.get(f'/data/projects/DEMO/experiments?label={label}'
                      '&columns=quarantine_status').rows
    assert [row['quarantine_status'] for row in rows] == ['quarantine']
    (server.root / 'archive/DEMO/arc001' / label / 'SCANS/1/DICOM/note.txt').write_text('new')
    experiment = interface.select.project('DEMO').subject('S_' + label).experiment(label)
    answer = interface.post('/data/services/refresh/catalog', data={
        'resource': '/archive/experiments/' + experiment.id(), 'options': 'append,checksum'})
    assert answer.status_code == 200
    assert 'note.txt' in experiment.scan('1').resource('DICOM').files().get()
    project = interface.select.project('CLOSED')
    assert (project.prearchive_code(), project.quarantine_code()) == (0, 0)
    project.set_prearchive_code('4')
    assert project.prearchive_code() == 4


def test_what_its_move_would_send_moves(interface, study, label):
    session = upload(interface, study, label)
    uri = interface.manage.prearchive.get_uri(session)
    answer = interface.post('/data/services/prearchive/move', data={'src': uri,
                                                                    'newProject': 'OTHER'})
    assert answer.status_code == 200, answer.text
    moved = [row for row in interface.manage.prearchive.get() if row[2] == label]
    assert [row[0] for row in moved] == ['OTHER']


def test_who_may_only_read_changes_nothing(connect, study, label, server):
    session = upload(connect(), study, label)
    reader = connect('reader')
    prearchive = reader.manage.prearchive
    assert session in prearchive.get()
    uri = prearchive.get_uri(session)
    assert reader.post(ARCHIVE, data={'src': uri}).status_code == 403
    for refused in (lambda: prearchive.delete(uri), lambda: prearchive.reset(session)):
        with pytest.raises(DatabaseError, match='403'):
            refused()
    assert label in server.waiting()


def test_what_one_may_not_read_is_not_there(connect, study, label):
    session = upload(connect(), study, label)
    stranger = connect('stranger')
    assert stranger.select.projects().get() == ['OTHER']
    assert session not in stranger.manage.prearchive.get()


def test_a_session_that_somebody_works_on_is_locked(interface, study, label, server):
    session = upload(interface, study, label)
    prearchive = interface.manage.prearchive
    uri = prearchive.get_uri(session)
    with server.locked():
        assert interface.post(ARCHIVE, data={'src': uri}).status_code == 423
        with pytest.raises(DatabaseError, match='423'):
            prearchive.delete(uri)
    assert interface.post(ARCHIVE, data={'src': uri}).status_code == 200


def test_what_is_gone_is_missing(interface, study, label):
    session = upload(interface, study, label)
    uri = interface.manage.prearchive.get_uri(session)
    interface.manage.prearchive.delete(uri)
    assert interface.post(ARCHIVE, data={'src': uri}).status_code == 404
    with pytest.raises(DatabaseError, match='404'):
        interface.manage.prearchive.reset(session)
    assert not interface.select.project('DEMO').subject('S_' + label).experiment(label).exists()
