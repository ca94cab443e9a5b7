"""tree_rules.py - the rules on the tree as a whole: which files there are, what no file may hold,
and lists that have to agree."""

import json
import re

from source_tree import Finding, occurrences

ROOT_FILES = {
    'CMakeLists.txt', 'CMakePresets.json', 'README.md', 'LICENSE', 'CHANGELOG.md',
    'CONTRIBUTING.md', 'vcpkg.json', 'conanfile.py', '.clang-format', '.clang-tidy', '.gitignore',
    '.gitattributes',
}
ROOT_FOLDERS = {'.ci', 'include', 'src', 'capi', 'examples', 'tests', 'cmake'}
FILE_BYTES_MAX = 256 * 1024

# One dependency per row, as Debian, vcpkg and Conan name it.
DEPENDENCIES = [
    ('libboost-filesystem-dev', 'boost-filesystem', 'boost'),
    ('libtinyxml2-dev', 'tinyxml2', 'tinyxml2'),
    ('libxxhash-dev', 'xxhash', 'xxhash'),
    ('libssl-dev', 'openssl', 'openssl'),
    ('libdcmtk-dev', 'dcmtk', 'dcmtk'),
    ('libarchive-dev', 'libarchive', 'libarchive'),
    ('zlib1g-dev', 'zlib', 'zlib'),
    ('libsoci-dev', 'soci', 'soci'),
    ('libsqlite3-dev', 'sqlite3', 'sqlite3'),
    ('libcli11-dev', 'cli11', 'cli11'),
    ('nlohmann-json3-dev', 'nlohmann-json', 'nlohmann_json'),
    ('libcpp-httplib-dev', 'cpp-httplib', 'cpp-httplib'),
    ('doctest-dev', 'doctest', 'doctest'),
    ('libbenchmark-dev', 'benchmark', 'benchmark'),
]

# Written in two parts, so that this file does not break its own rule.
_UNFINISHED = re.compile(r'\b(' + 'TO' + 'DO|' + 'FIX' + 'ME|' + 'XX' + r'X)\b')
_MACHINE_PATH = re.compile(r'(?<![\w.}])/(work|home|tmp)/')


def root(tree):
    """Nothing lies about at the root."""
    for name in sorted({file.path.split('/')[0] for file in tree.files}):
        allowed = ROOT_FOLDERS if name not in tree.by_path else ROOT_FILES
        if name not in allowed:
            yield Finding(name, 1, 'root', 'does not belong at the root')


def binary(tree):
    """Test data is made by the tests."""
    for file in tree.files:
        if not file.is_text:
            yield Finding(file.path, 1, 'binary', 'is not UTF-8 text')
        elif len(file.data) > FILE_BYTES_MAX:
            yield Finding(file.path, 1, 'binary', f'{len(file.data)} bytes; at most '
                          f'{FILE_BYTES_MAX}')


def dead(tree):
    """Every source file is built, every header is included."""
    lists = {file.path.rpartition('/')[0]: file.text for file in tree.files
             if file.name == 'CMakeLists.txt'}
    included = {include.rpartition('/')[2] for file in tree.files if file.is_cpp
                for include in re.findall(r'#\s*include\s*"([^"]+)"', file.text)}
    for file in tree.files:
        if file.suffix in ('.cc', '.cpp', '.c') and file.below('src', 'capi', 'examples', 'tests'):
            if not _is_listed(file.path, lists):
                yield Finding(file.path, 1, 'dead', 'no CMakeLists.txt names it')
        elif file.suffix in ('.hpp', '.h', '.inc') and file.below('src', 'tests', 'examples'):
            if file.name not in included:
                yield Finding(file.path, 1, 'dead', 'no file includes it')


def _is_listed(path, lists):
    folder, _, name = path.rpartition('/')
    while folder:
        if folder in lists and re.search(rf'(^|[\s/"(]){re.escape(name)}($|[\s")])', lists[folder],
                                         re.MULTILINE):
            return True
        folder = folder.rpartition('/')[0]
    return False


def readme(tree):
    """Each folder of src says what lives there."""
    folders = {'/'.join(file.path.split('/')[:2]) for file in tree.files
               if file.below('src') and file.path.count('/') > 1}
    for folder in sorted(folders | {'src'}):
        if f'{folder}/README.md' not in tree.by_path:
            yield Finding(folder, 1, 'readme', 'has no README.md')


def unfinished(tree):
    """What is here is done."""
    for file in tree.files:
        for word in occurrences(_UNFINISHED, file.text):
            yield Finding(file.path, word.number, 'unfinished', f'{word.match}: finish it, or '
                          'say what is and what is not')


def machine_paths(tree):
    """No path of one machine. C++ tests may take /tmp as a sample."""
    for file in tree.files:
        samples = file.is_cpp and file.below('tests')
        for path in occurrences(_MACHINE_PATH, file.text):
            temporary = path.match.strip('/') == 'tmp'
            if not (temporary and (samples or 'mktemp' in path.line)):
                yield Finding(file.path, path.number, 'machine-path', f'{path.match} is a path of '
                              'one machine')


def dependencies(tree):
    """setup.sh, vcpkg.json and conanfile.py name the same libraries."""
    def text(path):
        return tree.by_path[path].text if path in tree.by_path else ''

    apt = {word for body in re.findall(r'^\w+_packages=\(([^)]*)\)', text('tests/support/setup.sh'),
                                       re.MULTILINE)
           for word in body.split() if word.endswith('-dev')}
    conan = set(re.findall(r'requires\("([\w-]+)/', text('conanfile.py')))
    try:
        manifest = json.loads(text('vcpkg.json') or '{}')
    except ValueError as error:
        yield Finding('vcpkg.json', 1, 'dependencies', f'is not JSON: {error}')
        return
    entries = list(manifest.get('dependencies', []))
    for feature in manifest.get('features', {}).values():
        entries += feature.get('dependencies', [])
    vcpkg = {entry if isinstance(entry, str) else entry['name'] for entry in entries}

    places = [('tests/support/setup.sh', apt), ('vcpkg.json', vcpkg), ('conanfile.py', conan)]
    for names in DEPENDENCIES:
        holders = [name in have for name, (_, have) in zip(names, places)]
        if any(holders) and not all(holders):
            for name, holds, (path, _) in zip(names, holders, places):
                if not holds:
                    yield Finding(path, 1, 'dependencies', f'does not name {name}, others do')
    for column, (path, have) in enumerate(places):
        for name in sorted(have - {row[column] for row in DEPENDENCIES}):
            yield Finding(path, 1, 'dependencies', f'{name} is not in the table of '
                          'tests/tidy/tree_rules.py')


PORT = 'cmake/packaging/vcpkg/vcpkg.json'


def port(tree):
    """The vcpkg port has the version and the dependencies of the root's manifest, and vcpkg's tools."""
    def shape(path):
        manifest = json.loads(tree.by_path[path].text)
        features = {name: feature.get('dependencies', [])
                    for name, feature in manifest.get('features', {}).items() if name != 'tests'}
        dependencies = [entry for entry in manifest.get('dependencies', [])
                        if not (isinstance(entry, dict) and entry.get('host'))]
        return manifest.get('version'), dependencies, features

    try:
        if shape(PORT) != shape('vcpkg.json'):
            yield Finding(PORT, 1, 'port', 'does not have the version, the dependencies and the '
                          'features of vcpkg.json')
    except (KeyError, ValueError) as error:
        yield Finding(PORT, 1, 'port', f'cannot be compared with vcpkg.json: {error!r}')


EXAMPLE = 'examples/cpp/archive_one.cpp'


def example(tree):
    """The first C++ that the README shows is an example that is built."""
    shown = re.search(r'^```cpp\n(.*?)^```$', tree.by_path['README.md'].text,
                      re.MULTILINE | re.DOTALL)
    if shown is None or shown.group(1) != tree.by_path[EXAMPLE].text:
        yield Finding('README.md', 1, 'example', f'its first block of C++ is not {EXAMPLE}')


RULES = [root, binary, dead, readme, example, unfinished, machine_paths, dependencies, port]
