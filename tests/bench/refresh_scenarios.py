"""refresh_scenarios.py - refreshing catalogs of many files."""

import os
import re
from pathlib import Path

from archive_root import PROJECT
from measure import Run, alternate, run, shell
from scenarios import FILES, MD5SUM, Row, SIDE_300_KB, SIDE_TINY, XXHSUM, memory, rows_of

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

    def rewrite(self, driver):
        """Reads the first catalog and writes it again; the start of a process does not count."""
        done = run(driver, '--rewrite', self.catalogs[0].parent, self.catalogs[0].name)
        return Run(float(done.out), done.cpu_seconds, done.peak_bytes)

    def refresh(self, *arguments):
        return self.root.command('refresh', *arguments, self.uri)


def drop_caches():
    """What was read is read from the disk again; needs root."""
    os.sync()
    Path('/proc/sys/vm/drop_caches').write_text('3')


def refresh(bench):
    """One catalog of 100,000 files: clean, rewritten, entries added and removed."""
    session = Archived(bench, 1, bench.size['one_catalog'], SIDE_TINY)
    clean = alternate(bench.repeats, ours=(session.put_back, session.refresh))
    rows = rows_of('refresh of 100,000 files, nothing to do', clean, 0.6)
    rows.append(memory('refresh of 100,000 files, nothing to do', clean['ours']))
    rewritten = alternate(bench.repeats, ours=(
        session.put_back, lambda: session.rewrite(bench.programs.bench_driver)))
    what = 'a catalog of 100,000 entries read and written again'
    rows += rows_of(what, rewritten, 0.35)
    rows.append(memory(what, rewritten['ours'], 150))
    tenth = Archived(bench, 1, bench.size['tenth'], SIDE_TINY)
    for what, per_entry, drift, options in (
            ('adds 100,000 entries', 'an added entry', Archived.without_entries, 'append'),
            ('removes 100,000 of 200,000 entries', 'a removed entry', Archived.with_lost_entries,
             'delete')):
        many, few = (alternate(bench.repeats, ours=(
            lambda one=one: drift(one),
            lambda one=one: one.refresh('--options', options, '--force')))
            for one in (session, tenth))
        rows += rows_of(f'refresh that {what}', many, 3.0)
        rows.append(Row(f'time of {per_entry}', many['ours'].seconds / bench.size['one_catalog'],
                        peer_name='the same of 10,000', limit=1.25,
                        peer=few['ours'].seconds / bench.size['tenth']))
    return rows


def missing_digests(bench):
    """10,000 files of 300 kB whose digests are missing, warm and cold."""
    rows = []
    can_drop = os.access('/proc/sys/vm/drop_caches', os.W_OK)
    for checksum, script, peer, limit in (('md5+xxh3', MD5SUM, 'md5sum, 2 processes', 1.1),
                                          ('xxh3', XXHSUM, 'xxhsum -H2', 0.9)):
        session = Archived(bench, *bench.size['large'], SIDE_300_KB, checksum)

        def ours():
            return session.refresh('--options', 'checksum')

        def peers(of):
            return lambda: shell(of, session.directory, bench.directory / 'sums')

        measured = alternate(bench.repeats, ours=(session.without_digests, ours),
                             peer=(session.put_back, peers(script)))
        what = f'refresh that computes 10,000 digests, {checksum}'
        rows += rows_of(what, measured, None, [('peer', peer, limit)])
        cold = f'{what}, nothing in the page cache'
        if not can_drop:  # that needs root
            rows.append(Row(cold, None))
            continue
        measured = alternate(bench.repeats, ours=(session.cold_without_digests, ours),
                             peer=(session.cold_without_digests, peers(READ)))
        rows += rows_of(cold, measured, None, [('peer', 'cat, 32 processes', 1.3)])
    return rows


def million(bench):
    """A directory of 1,000,000 files without an entry, refreshed twice."""
    session = Archived(bench, 1, 1, SIDE_TINY)
    directory = session.catalogs[0].parent
    for number in range(bench.size['million']):
        (directory / f'{number}.txt').write_bytes(b'%d' % number)
    rows = []
    for what in ('adds 1,000,000 entries', 'finds nothing to do in 1,000,000'):
        done = session.refresh()
        rows.append(Row(f'refresh that {what}', done.seconds,
                        details={'cpu_seconds': done.cpu_seconds}))
        rows.append(Row(f'peak memory, refresh that {what}', done.peak_bytes / 1e6, 'MB'))
    return rows


REFRESHING = {scenario.__name__: scenario for scenario in (refresh, missing_digests, million)}
