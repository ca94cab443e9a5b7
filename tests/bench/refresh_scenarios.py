"""refresh_scenarios.py - refreshing one catalog of many files."""

import re

from archive_root import PROJECT
from measure import alternate, shell
from scenarios import MD5SUM, SIDE_TINY, XXHSUM, memory, rows_of


class Archived:
    """An archived session of one scan, whose catalog and document can be put back."""

    def __init__(self, bench, instances, checksum='md5+xxh3'):
        self.root = bench.root(checksum)
        uri = self.root.receive(bench.dicom(1, instances, SIDE_TINY)).out.strip()
        self.uri = self.root.archive(uri).out.strip()
        session = self.root.path / 'archive' / PROJECT / 'arc001' / self.uri.split('/')[-1]
        self.catalog, = session.glob('SCANS/*/*/*_catalog.xml')
        self.document = session / 'session.xml'
        self.small = {path: path.read_bytes() for path in (self.catalog, self.document)}

    def put_back(self):
        for path, data in self.small.items():
            path.write_bytes(data)

    def edit(self, pattern, replacement, count=0):
        self.put_back()
        self.catalog.write_bytes(re.sub(pattern, replacement, self.small[self.catalog],
                                        count=count, flags=re.DOTALL))

    def without_digests(self):
        self.edit(rb' digest="[^"]*"|\s*<cat:metaField name="XXH3">[^<]*</cat:metaField>', b'')

    def without_entries(self):
        self.edit(rb'<cat:entries>.*</cat:entries>\n', b'')

    def with_lost_entries(self):
        """As many entries more, of files that are not there."""
        self.put_back()
        text = self.small[self.catalog]
        begin, end = text.index(b'<cat:entries>\n') + 14, text.index(b'</cat:entries>')
        lost = re.sub(rb'(ID|URI)="', rb'\1="gone-', text[begin:end])
        self.catalog.write_bytes(text[:end] + lost + text[end:])

    def refresh(self, *arguments):
        return self.root.command('refresh', *arguments, self.uri)


def refresh(bench):
    """One catalog of 100,000 files: clean, digests missing, entries added and removed."""
    session = Archived(bench, bench.size['one_catalog'])
    clean = alternate(bench.repeats, ours=(session.put_back, session.refresh))
    rows = rows_of('refresh of 100,000 files, nothing to do', clean, 0.6)
    rows.append(memory('refresh of 100,000 files, nothing to do', clean['ours']))
    added = alternate(bench.repeats, ours=(session.without_entries,
                                           lambda: session.refresh('--options', 'append')))
    rows += rows_of('refresh that adds 100,000 entries', added, 3.0)
    removed = alternate(bench.repeats, ours=(
        session.with_lost_entries, lambda: session.refresh('--options', 'delete', '--force')))
    rows += rows_of('refresh that removes 100,000 of 200,000 entries', removed, 3.0)
    for checksum, script, peer, limit in (('md5+xxh3', MD5SUM, 'md5sum, 2 processes', 1.1),
                                          ('xxh3', XXHSUM, 'xxhsum -H2', 0.9)):
        if checksum != 'md5+xxh3':
            session = Archived(bench, bench.size['one_catalog'], checksum)
        measured = alternate(
            bench.repeats,
            ours=(session.without_digests, lambda: session.refresh('--options', 'checksum')),
            peer=(session.put_back, lambda: shell(script, session.catalog.parent,
                                                  bench.directory / 'sums')))
        rows += rows_of(f'refresh that computes 100,000 digests, {checksum}', measured, None,
                        [('peer', peer, limit)])
    return rows


REFRESHING = {scenario.__name__: scenario for scenario in (refresh,)}
