"""The description of what is served: valid, and what schemathesis sends by it is answered by it."""

import json
import os
import re
import subprocess
import sys
from pathlib import Path

from archive_server import USERS, ArchiveServer
from openapi_spec_validator import validate

DESCRIPTION = '/xapi/openapi.json'
CHECKS = ('not_a_server_error', 'status_code_conformance', 'content_type_conformance',
          'response_schema_conformance')
FULL = bool(os.environ.get('XNATARCHIVE_TEST_FULL'))

# 501 is what valid requests get that this version does not serve.
CONFIGURATION = '''
[checks.not_a_server_error]
expected-statuses = ["2xx", "4xx", "501"]

[parameters]
"path.project" = "DEMO"
"path.projects" = "DEMO"
"path.subject" = "{subject}"
"path.experiment" = "{experiment}"
"path.scan" = "1"
"path.resource" = "DICOM"
"path.file" = "1.dcm"
'''


def test_it_is_valid_and_who_is_not_signed_in_does_not_see_it(server):
    validate(json.loads(server.get(DESCRIPTION).body))
    assert server.get(DESCRIPTION, user=None).status == 401


def run_schemathesis(server, directory, *options):
    command = [Path(sys.executable).parent / 'st', '--config-file', directory / 'schemathesis.toml',
               'run', server.url + DESCRIPTION, '--auth', f'admin:{USERS["admin"][0]}', '--checks',
               ','.join(CHECKS), '--phases', 'coverage,fuzzing', '--seed', '1', '--no-color',
               '--continue-on-failure', '--request-timeout', '60', *options]
    done = subprocess.run(command, cwd=directory, text=True, capture_output=True,
                          timeout=3000 if FULL else 300)
    return done.returncode, done.stdout + done.stderr


def test_every_request_by_the_description_is_answered_by_it(tmp_path, make_study):
    with ArchiveServer(tmp_path) as server:
        assert server.ask('PUT', '/data/projects/DEMO').status == 201
        server.upload(make_study(), session='Waiting')
        uri = server.archive(make_study(), session='E1', subject='S1')
        row = server.get('/data/projects/DEMO/experiments?columns=ID,subject_ID').rows[0]
        (tmp_path / 'schemathesis.toml').write_text(CONFIGURATION.format(
            experiment=row['ID'], subject=row['subject_ID']))
        status, printed = run_schemathesis(server, tmp_path, '--max-examples',
                                           '300' if FULL else '10')
        assert status == 0, printed[-20000:]
        tried = int(re.search(r'(\d+) generated', printed).group(1))
        assert tried > 5000, printed
        # What nobody may delete by a request that is there, is there.
        assert server.get(f'{uri}?format=json').status == 200
