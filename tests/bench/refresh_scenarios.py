"""refresh_scenarios.py - refreshing catalogs of many files."""

import os
import re
import sys
from pathlib import Path

from archive_root import PROJECT
from measure import alternate, shell
from scenarios import FILES, MD5SUM, SIDE_300_KB, SIDE_TINY, XXHSUM, memory, rows_of

READ = FILES + 'xargs -0 -n 64 -P 32 cat >/dev/null'


class Archived:
    """An archived session whose catalogs and document can be put back."""

    def __init__(self, bench, series, instances, side, checksum='md5+xxh3'):
        self.root = bench.root(checksum)
        uri = self.root.receive(bench.dicom(series, instances, side)).out.strip()
        self.uri = self.root.archive(uri).out.strip()
        self.directory = self.root.path / 'archive' / PROJECT / 'arc001' / self.uri.split('/')[-1]
        self.catalogs = sorted(self.directory.glob('SCANS/*/*/*_catalog.xml'))
        self.small = {path: path.read_bytes()
                      for path in (*self.catalogs, self.directory / 'session.xml')}

    def put_back(self):
        for path, data in self.small.items():
            path.write_bytes(data)

    def edit(self, pattern, replacement):
        self.put_back()
        for catalog in self.catalogs:
            catalog.write_bytes(re.sub(pattern, replacement, self.small[catalog],
                                       flags=re.DOTALL))

    def without_digests(self):
        self.edit(rb' digest="[^"]*"|\s*<cat:metaField name="XXH3">[^<]*</cat:metaField>', b'')

    def cold_without_digests(self):
        self.without_digests()
        drop_caches()

    def without_entries(self):
        self.edit(rb'<cat:entries>.*</cat:entries>\n', b'')

    def with_lost_entries(self):
        """As many entries more, of files that are not there."""
        self.put_back()
        for catalog in self.catalogs:
            text = self.small[catalog]
            begin, end = text.index(b'<cat:entries>\n') + 14, text.index(b'</cat:entries>')
            lost = re.sub(rb'(ID|URI)="', rb'\1="gone-', text[begin:end])
            catalog.write_bytes(text[:end] + lost + text[end:])

    def refresh(self, *arguments):
        return self.root.command('refresh', *arguments, self.uri)


def drop_caches():
    """What was read is read from the disk again; needs root."""
    os.sync()
    Path('/proc/sys/vm/drop_caches').write_text('3')


def refresh(bench):
    """One catalog of 100,000 files: clean, entries added and removed."""
    session = Archived(bench, 1, bench.size['one_catalog'], SIDE_TINY)
    clean = alternate(bench.repeats, ours=(session.put_back, session.refresh))
    rows = rows_of('refresh of 100,000 files, nothing to do', clean, 0.6)
    rows.append(memory('refresh of 100,000 files, nothing to do', clean['ours']))
    added = alternate(bench.repeats, ours=(session.without_entries,
                                           lambda: session.refresh('--options', 'append')))
    rows += rows_of('refresh that adds 100,000 entries', added, 3.0)
    removed = alternate(bench.repeats, ours=(
        session.with_lost_entries, lambda: session.refresh('--options', 'delete', '--force')))
    return rows + rows_of('refresh that removes 100,000 of 200,000 entries', removed, 3.0)


def missing_digests(bench):
    """10,000 files of 300 kB whose digests are missing, warm and cold."""
    rows = []
    for checksum, script, peer, limit in (('md5+xxh3', MD5SUM, 'md5sum, 2 processes', 1.1),
                                          ('xxh3', XXHSUM, 'xxhsum -H2', 0.9)):
        session = Archived(bench, *bench.size['large'], SIDE_300_KB, checksum)

        def ours():
            return session.refresh('--options', 'checksum')

        def peers(of):
            return lambda: shell(of, session.directory, bench.directory / 'sums')

        measured = alternate(bench.repeats, ours=(session.without_digests, ours),
                             peer=(session.put_back, peers(script)))
        rows += rows_of(f'refresh that computes 10,000 digests, {checksum}', measured, None,
                        [('peer', peer, limit)])
    if os.access('/proc/sys/vm/drop_caches', os.W_OK):
        measured = alternate(bench.repeats, ours=(session.cold_without_digests, ours),
                             peer=(session.cold_without_digests, peers(READ)))
        rows += rows_of('the same, nothing in the page cache', measured, None,
                        [('peer', 'cat, 32 processes', 1.3)])
    else:
        print('cold reads are left out: dropping the page cache needs root', file=sys.stderr)
    return rows


REFRESHING = {scenario.__name__: scenario for scenario in (refresh, missing_digests)}
