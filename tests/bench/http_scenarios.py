"""http_scenarios.py - the server beside the command and beside Orthanc, over the loopback."""

import base64
import json
import re
import subprocess
import sys
import time
import urllib.request
import zipfile
from pathlib import Path

from measure import Run, alternate, run
from scenarios import SIDE_190_KB, SIDE_300_KB, SIDE_TINY, Row, rows_of

PROJECT = 'BENCH'
IMPORT = f'/data/services/import?project={PROJECT}'
LOAD = Path(__file__).with_name('http_load.py')


class Server:
    """A started program that answers HTTP; ends with the `with` block."""

    def __init__(self, command, expected, credentials=None):
        command = [str(part) for part in command]
        self.process = subprocess.Popen(command, stdout=subprocess.PIPE, text=True,
                                        stderr=subprocess.DEVNULL)
        self.credentials = credentials
        self.port = None
        for line in self.process.stdout:
            password = re.search('user admin, password (.*)', line)
            if password:
                self.credentials = 'admin:' + password.group(1)
            found = re.search(expected, line)
            if found:
                self.port = int(found.group(1))
                break
        if self.port is None:
            self.process.kill()
            self.process.stdout.close()
            self.process.wait()
            raise RuntimeError(f'{command[0]} did not start')

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.process.terminate()
        self.process.stdout.close()
        self.process.wait()

    def ask(self, method, target):
        token = base64.b64encode(self.credentials.encode()).decode()
        request = urllib.request.Request(f'http://127.0.0.1:{self.port}{target}', method=method,
                                         headers={'Authorization': 'Basic ' + token})
        with urllib.request.urlopen(request) as answer:
            return answer.read()

    def rows(self, target):
        return json.loads(self.ask('GET', target))['ResultSet']['Result']

    def load(self, directory, connections, requests):
        """Sends them all; every one has to succeed."""
        lines = directory / 'requests'
        lines.write_text(''.join(json.dumps(request) + '\n' for request in requests))
        sent = json.loads(run(sys.executable, '-B', LOAD, self.port, self.credentials, connections,
                              lines).out)
        if sent['statuses'] != {'200': len(requests)}:
            raise RuntimeError(f'not all were taken: {sent["statuses"]}')
        return Run(seconds=sent['seconds'])

    def resident_bytes(self):
        return self.status_bytes('VmRSS')

    def peak_bytes(self):
        return self.status_bytes('VmHWM')

    def status_bytes(self, name):
        status = Path(f'/proc/{self.process.pid}/status').read_text()
        return int(re.search(name + r':\s*(\d+) kB', status).group(1)) << 10


def serve(bench):
    """The server, on a root with one project; a request has a thread for each core, as the command."""
    server = Server([bench.programs.xnatarchive_server, '--root', bench.place('served') / 'root',
                     '--init', '--listen', '127.0.0.1:0', '--threads', '0'],
                    r'http://127\.0\.0\.1:(\d+)')
    server.ask('PUT', f'/data/projects/{PROJECT}')
    return server


def zip_of(path, files):
    with zipfile.ZipFile(path, 'w') as archive:
        for file in files:
            archive.write(file, '/'.join(file.parts[-2:]))
    return path


def studies_of(directory):
    """The files of each study."""
    return [sorted(study.rglob('*.dcm')) for study in sorted(directory.glob('study*'))]


def http_zip(bench):
    """A study of 2,000 images in a zip, uploaded and archived, beside the command; both --threads 0."""
    place = bench.place('zip')
    study = zip_of(place / 'study.zip', studies_of(bench.dicom(*bench.size['study'], SIDE_300_KB))[0])
    with serve(bench) as server:
        turns = iter(range(1000))

        def over_http():
            where = f'/data/archive/projects/{PROJECT}/subjects/S/experiments/E{next(turns)}'
            target = f'{IMPORT}&dest={where.removeprefix("/data")}'
            return run('curl', '--silent', '--show-error', '--fail', '--user', server.credentials,
                       '--request', 'POST', '--header', 'Content-Type: application/zip', '--header',
                       'Expect:', '--upload-file', study,
                       f'http://127.0.0.1:{server.port}{target}')

        def by_command():
            root = bench.root()
            one = root.receive(study)
            return one + root.archive(one.out.strip())

        measured = alternate(bench.repeats, ours=(lambda: None, over_http),
                             command=(lambda: None, by_command))
        peak = server.peak_bytes()
    images = bench.size['study'][0] * bench.size['study'][1]
    what = f'zip of {images:,} images: upload and archive over HTTP'
    return rows_of(f'{what}, --threads 0', measured, None,
                   [('command', 'xnatarchive import, archive', 1.3)]) + [
        Row(f'peak memory of the server, {what}', peak / 1e6, unit='MB', limit=200,
            details={'zip_bytes': study.stat().st_size})]


def http_sessions(bench):
    """Sessions of one image by 4 clients at once: none lost, none double."""
    count = bench.size['studies']
    place = bench.place('sessions')
    requests = []
    for i, files in enumerate(studies_of(bench.dicom(1, 1, SIDE_TINY, count))):
        target = f'{IMPORT}&dest=/archive/projects/{PROJECT}/subjects/S{i}/experiments/E{i}'
        requests.append(['POST', target, 'application/zip',
                         str(zip_of(place / f'{i}.zip', files))])
    with serve(bench) as server:
        taken = server.load(place, 4, requests)
        labels = sorted(row['label'] for row in server.rows(f'/data/projects/{PROJECT}/experiments'))
        if labels != sorted(f'E{i}' for i in range(count)) or server.rows('/data/prearchive'):
            raise RuntimeError('sessions are lost or double')
    return [Row('a session of one image over HTTP, 4 clients', taken.seconds / count,
                limit=1 / 50, details={'per_second': count / taken.seconds})]


def http_listing(bench):
    """10,000 GETs of a listing of 100 sessions over 64 connections: the slowest hundredth."""
    place = bench.place('listing')
    requests = [['POST', f'{IMPORT}&session=L{i}', 'application/zip',
                 str(zip_of(place / f'{i}.zip', files))]
                for i, files in enumerate(studies_of(bench.dicom(1, 1, SIDE_TINY, 100)))]
    count = 10_000 if bench.scale == 'full' else 200
    with serve(bench) as server:
        server.load(place, 4, requests)
        out = run('ab', '-k', '-q', '-n', count, '-c', 64, '-A', server.credentials, '-e',
                  place / 'percentiles',
                  f'http://127.0.0.1:{server.port}/data/prearchive/projects/{PROJECT}').out
    if f'Failed requests:        0' not in out or 'Non-2xx' in out:
        raise RuntimeError(out)
    percentiles = dict(line.split(',') for line in (place / 'percentiles').read_text().split()[1:]
                       if line[0].isdigit())
    per_second = float(re.search(r'Requests per second:\s+([\d.]+)', out).group(1))
    return [Row(f'{count:,} GETs of a listing, 64 connections: p99',
                float(percentiles['99']) / 1000, limit=0.05, details={'per_second': per_second})]


def http_soak(bench):
    """Two minutes of uploads, listings, archiving, downloads, refreshing and deleting: memory grown."""
    seconds = 120 if bench.scale == 'full' else 3
    place = bench.place('soak')
    files = studies_of(bench.dicom(1, 4, SIDE_TINY, 8))
    zips = [zip_of(place / f'{i}.zip', study) for i, study in enumerate(files)]
    rounds = iter(range(1_000_000))
    with serve(bench) as server:

        def once():
            requests = []
            for i in range(200):
                n = next(rounds) % 64
                upload = ['POST', f'{IMPORT}&session=E{n}&subject=S', 'application/zip',
                          str(zips[n % len(zips)])]
                requests += [
                    upload,
                    ['GET', f'/data/prearchive/projects/{PROJECT}', None, None],
                    ['POST', '/data/services/archive?src={uri}&overwrite=delete', None, None],
                    ['GET', '{uri}?format=json', None, None],
                    ['GET', '{uri}/scans/ALL/files?format=zip', None, None],
                    ['POST', '/data/services/refresh/catalog?resource={uri}', None, None],
                    ['GET', f'/data/projects/{PROJECT}/experiments', None, None],
                    upload,
                    ['DELETE', '{uri}', None, None]]
            server.load(place, 1, requests)
            return len(requests)

        once()
        # Every worker has its thread and its memory now, and every cache is full; what comes repeats.
        for target in (f'/data/projects/{PROJECT}/experiments',
                       f'/data/projects/{PROJECT}/experiments/E1/scans/ALL/files?format=zip'):
            server.load(place, 64, [['GET', target, None, None]] * 640)
        once()
        sent, before, end = 0, server.resident_bytes(), time.monotonic() + seconds
        while time.monotonic() < end:
            sent += once()
        growth = server.resident_bytes() - before
    return [Row(f'memory grown by {seconds} s of requests', max(0, growth) / 1e6, unit='MB',
                limit=10, details={'requests': sent, 'resident_before': before})]


def orthanc(bench):
    """Orthanc, with an empty storage."""
    home = bench.place('orthanc')
    (home / 'configuration.json').write_text(json.dumps({
        'StorageDirectory': str(home / 'storage'), 'IndexDirectory': str(home / 'storage'),
        'HttpPort': 8942, 'DicomServerEnabled': False, 'AuthenticationEnabled': False,
        'RemoteAccessAllowed': False}))
    return Server(['bash', '-c', f'exec Orthanc {home}/configuration.json 2>&1'],
                  r'HTTP server listening on port: (\d+)', 'nobody:nothing')


def http_orthanc(bench):
    """2,000 images over 4 connections, beside Orthanc: one a request, and as 4 zips.

    Each is judged in its own faster way: Orthanc stores one image a request faster than zips.
    """
    files = studies_of(bench.dicom(*bench.size['study'], SIDE_190_KB))[0]
    place = bench.place('bodies')
    zips = [zip_of(place / f'{i}.zip', files[i::4]) for i in range(4)]

    def orthanc_stores(content_type, bodies):
        with orthanc(bench) as server:
            return server.load(place, 4, [['POST', '/instances', content_type, str(body)]
                                          for body in bodies])

    def ours_stores(handler, content_type, bodies):
        target = f'{IMPORT}&session=E&import-handler={handler}'
        with serve(bench) as server:
            sent = server.load(place, 4, [['POST', target, content_type, str(body)]
                                          for body in bodies])
            waiting = server.rows('/data/prearchive')
            server.ask('POST', f'/data{waiting[0]["url"]}?action=build')
            stored = server.rows(f'/data{waiting[0]["url"]}/files')
            if len(waiting) != 1 or len(stored) != len(files):
                raise RuntimeError(f'{len(waiting)} sessions, {len(stored)} images')
            return sent

    measured = alternate(
        bench.repeats,
        ours=(lambda: None, lambda: ours_stores('DICOM-zip', 'application/zip', zips)),
        ours_single=(lambda: None, lambda: ours_stores('gradual-DICOM', 'application/dicom', files)),
        orthanc=(lambda: None, lambda: orthanc_stores('application/zip', zips)),
        orthanc_single=(lambda: None, lambda: orthanc_stores('application/dicom', files)))
    name = f'{len(files):,} images over 4 connections'
    single = {'ours': measured.pop('ours_single'), 'orthanc': measured.pop('orthanc_single')}
    faster = min(measured['orthanc'], single['orthanc'], key=lambda run: run.seconds)
    return (rows_of(f'{name}, each its faster way', {**measured, 'orthanc': faster}, None,
                    [('orthanc', 'Orthanc', 1 / 3)]) +
            rows_of(f'{name}, as 4 zips', measured, None, [('orthanc', 'Orthanc', 1 / 3)]) +
            rows_of(f'{name}, one a request', single, None, [('orthanc', 'Orthanc', None)]))


HTTP = {'http-zip': http_zip, 'http-sessions': http_sessions, 'http-listing': http_listing,
        'http-soak': http_soak, 'http-orthanc': http_orthanc}
