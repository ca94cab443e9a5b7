"""merge_scenarios.py - merging into archived sessions, by one open engine as a host does it."""

import os
import statistics

from archive_root import PROJECT
from measure import run
from scenarios import SIDE_20_KB, Row

MERGE_SIZES = {
    'full': {'series': 50, 'instances': 200, 'large_series': 50, 'large_instances': 2000,
             'new_files': 10, 'repeats': 5},
    'small': {'series': 4, 'instances': 4, 'large_series': 5, 'large_instances': 4,
              'new_files': 2, 'repeats': 1},
}


def made(bench, name, *arguments):
    """Directory of generated images of 20 kB."""
    place = bench.place(name)
    run(bench.programs.make_dicom, '--out', place, '--rows', SIDE_20_KB, '--cols', SIDE_20_KB,
        '--label-prefix', 'S', *arguments)
    return place


def part(bench, source, wanted):
    """The files of `source` for which wanted(series, instance) holds, without copying them."""
    place = bench.place('part')
    for path in sorted(source.glob('study*/series*/*.dcm')):
        if wanted(int(path.parent.name[6:]), int(path.stem)):
            target = place / path.parent.name / path.name
            target.parent.mkdir(exist_ok=True)
            os.link(path, target)
    return place


def ready(root, source):
    """Receives and builds; files have their default names, as senders' names repeat."""
    uri = root.command('import', source, '--project', PROJECT, '--rename').out.strip()
    root.build(uri)
    return uri


def timed(bench, how, overwrite, root, *sources):
    """Seconds of each."""
    os.sync()
    out = run(bench.programs.bench_driver, how, overwrite, root.path, *sources).out
    return [float(line) for line in out.split()]


def append(bench):
    """10 new files as a new scan into an archived session, and into an existing scan."""
    size = MERGE_SIZES[bench.scale]
    rows = []
    for series, instances in ((size['series'], size['instances']),
                              (size['large_series'], size['large_instances'])):
        new, repeats = size['new_files'], size['repeats']
        source = made(bench, 'append', '--series', series + repeats, '--instances',
                      instances + new * repeats)
        root = bench.root()
        root.archive(ready(root, part(bench, source,
                                      lambda s, i: s <= series and i <= instances)))
        files = series * instances
        scans, existing = [], []
        for turn in range(repeats):
            scan = ready(root, part(bench, source,
                                    lambda s, i: s == series + turn + 1 and i <= new))
            scans += timed(bench, '--archive', 'append', root, scan)
            first = instances + turn * new
            more = ready(root, part(bench, source,
                                    lambda s, i: s == 1 and first < i <= first + new))
            existing += timed(bench, '--archive', 'append', root, more)
        rows.append(Row(f'append 10 files as a new scan to {files:,}', statistics.median(scans),
                        limit=0.020, details={'runs': scans}))
        rows.append(Row(f'append 10 files to a scan of {instances} of {files:,}',
                        statistics.median(existing), details={'runs': existing}))
    return rows


def merge(bench):
    """10,000 files merged into 10,000, as scans of their own and into those that are there, and 10,000
    replaced; beside archiving them new."""
    size = MERGE_SIZES[bench.scale]
    series, instances, repeats = size['series'], size['instances'], size['repeats']
    new, apart, added, replaced, validated = [], [], [], [], []
    for turn in range(repeats):
        # The same objects with a private element more: other bytes under the same UIDs.
        arguments = ('--series', series, '--instances', 2 * instances, '--seed', turn + 1)
        source = made(bench, 'merge', *arguments)
        other = made(bench, 'other', *arguments, '--private-bytes', 8)
        root = bench.root()
        first = ready(root, part(bench, source, lambda s, i: i <= instances))
        new += timed(bench, '--archive', 'none', root, first)
        second = ready(root, part(bench, source, lambda s, i: i > instances))
        validated += timed(bench, '--validate', 'append', root, second)
        added += timed(bench, '--archive', 'append', root, second)
        root = bench.root()
        root.archive(ready(root, part(bench, source, lambda s, i: s <= series // 2)))
        others = ready(root, part(bench, source, lambda s, i: s > series // 2))
        apart += timed(bench, '--archive', 'append', root, others)
        root = bench.root()
        root.archive(ready(root, part(bench, source, lambda s, i: i <= instances)))
        changed = ready(root, part(bench, other, lambda s, i: i <= instances))
        replaced += timed(bench, '--archive', 'delete', root, changed)
    base = statistics.median(new)
    count = f'{series * instances:,}'
    return [
        Row(f'merge {count} files into {count}, as new scans', statistics.median(apart), peer=base,
            peer_name='archiving them new', limit=2.0, details={'runs': apart, 'peer_runs': new}),
        Row(f'merge {count} files into {count}, into the same scans', statistics.median(added),
            peer=base, peer_name='archiving them new', limit=2.0, details={'runs': added}),
        Row(f'replace {count} files', statistics.median(replaced), peer=base,
            peer_name='archiving them new', limit=3.0, details={'runs': replaced}),
        Row(f'validate {count} files against {count}', statistics.median(validated), limit=0.5,
            details={'runs': validated}),
    ]


MERGING = {scenario.__name__: scenario for scenario in (append, merge)}
