"""cpp_rules.py - the rules on C and C++ files: who may include what, where the disk is touched, where
SQL may be SQLite's own, how long files and functions are, how much public headers explain."""

import re

import cpp_scan
from source_tree import Finding, occurrences

# The layers of src, lowest first. A layer includes public headers, itself, and lower rows; folders
# of one row do not include each other.
LAYER_ROWS = [
    {'base'},
    {'fs'},
    {'xml', 'digest', 'dicom', 'container'},
    {'store'},
    {'archive', 'catalog', 'prearchive', 'handlers'},
    {'engine'},
    {'rest'},
]
# Except here: these folders are one layer.
ONE_LAYER = {'archive', 'catalog', 'prearchive', 'handlers'}

# Where each third-party header may be included: a layer of src, or a folder.
THIRD_PARTY = {
    r'boost/': {'fs'},
    r'tinyxml2\.h$': {'xml'},
    r'openssl/': {'digest', 'examples/server'},
    r'xx': {'digest'},
    r'(immintrin|x86intrin|cpuid|arm_neon)\.h$': {'digest'},
    r'dcmtk/': {'dicom'},
    r'archive(_entry)?\.h$': {'container'},
    r'zlib\.h$': {'container'},
    r'soci/': {'store'},
    r'sqlite3\.h$': {'store'},
    r'nlohmann/': {'rest', 'capi', 'examples'},
    r'CLI/': {'examples/cli', 'examples/server'},
    r'httplib\.h$': {'examples/server'},
}

# The C++17 library, and the C library by its C++ names.
STANDARD = set('''
    algorithm any array atomic bitset charconv chrono complex condition_variable deque exception
    execution filesystem forward_list fstream functional future initializer_list iomanip ios iosfwd
    iostream istream iterator limits list locale map memory memory_resource mutex new numeric
    optional ostream queue random ratio regex scoped_allocator set shared_mutex sstream stack
    stdexcept streambuf string string_view system_error thread tuple type_traits typeindex typeinfo
    unordered_map unordered_set utility valarray variant vector
    cassert cctype cerrno cfenv cfloat cinttypes climits clocale cmath csetjmp csignal cstdarg
    cstddef cstdint cstdio cstdlib cstring ctime cuchar cwchar cwctype'''.split())
# C99 headers for the C ABI and C programs.
STANDARD_C = set('''assert ctype errno float inttypes limits locale math signal stdarg stddef stdint stdio
    stdlib string time'''.split())
# Headers of the operating system; those that open the way to files belong to src/fs.
SYSTEM = re.compile(r'(unistd|fcntl|dirent|pthread|pwd|grp|sched|signal|spawn|syslog|termios|'
                    r'poll|strings|wait|arpa/inet|netinet/\w+|sys/[\w.]+|linux/[\w.]+)\.h$')
SYSTEM_FILES = re.compile(r'(fcntl|dirent|sys/(stat|file|statfs|statvfs|vfs|mman|sendfile|mount))'
                          r'\.h$|linux/|^(filesystem|fstream)$')
# Files of other layers that include such a header for something else, and for what.
NOT_FOR_FILES = {
    ('src/engine/command_pipeline_launcher.cc', 'fcntl.h'): 'O_CLOEXEC of a pipe',
}

# Calls that touch files: plain names, and names too common to forbid without their "::".
_FILE_CALLS = re.compile(
    r'(?<![\w.>:])(?:std::|::)?'
    r'(?:fopen|freopen|fdopen|tmpfile|tmpnam|mkstemp|mkdtemp|opendir|fdopendir|readdir|creat|'
    r'open(?:at2?|dir)|renameat2?|unlinkat|mkdirat|linkat|symlink(?:at)?|copy_file_range|sendfile|'
    r'fsync|fdatasync|syncfs|f?truncate|futimens|utimensat|flock|lockf|mmap|statx|fstatat|nftw|'
    r'unlink|rename|rmdir|mkdir)\s*\('
    r'|(?<![\w>])::\s*(?:open|read|write|pread|pwrite|link|l?stat|fstat|chmod|chown|remove|access|'
    r'sync)\s*\('
    r'|\bstd\s*::\s*remove\s*\([^(),]*\)'
    r'|\bstd\s*::\s*(?:basic_)?(?:[io]?fstream|filebuf)\b|\b(?:std|boost)\s*::\s*filesystem\b'
    # Third parties that open paths themselves. Formats take bytes.
    r'|\b(?:LoadFile|SaveFile|loadFile|saveFile|loadFileUntilTag|OFFile|DcmInputFileStream|'
    r'archive_(?:read|write)_open_(?:filename|file|FILE|fd)\w*|archive_(?:read|write)_disk\w*)\b')

# What other databases do not understand, and the one file that may say it.
_SQLITE_ONLY = re.compile(r'\b(?:(?i:PRAGMA|AUTOINCREMENT|INSERT\s+OR|COLLATE\s+NOCASE|_?rowid_?|'
                          r'strftime)|GLOB)\b')
SQLITE_FILE = 'src/store/sqlite.cc'

FILE_LINES_MAX = 500
FUNCTION_LINES_MAX = 70
COMMENT_SHARE_MIN = 0.30

# What has to be shorter: the examples that show how little is needed.
SHORTER = {
    'examples/cpp/archive_one.cpp': 59,
    'examples/cpp/custom_handler.cpp': 119,
}
# What may be longer, and why. "path" for a file, "path function" for a function.
LONGER = {
    'capi/xnatarchive.h': 'the C interface is one file, which generators of bindings read',
    'tests/capi/abi/1.0/xnatarchive.h': 'the same, as it was',
}
# Public headers with less comment, and why.
LESS_COMMENT = {
    'include/xnatarchive/file_system.hpp': 'ForwardingFileSystem repeats the signatures above it',
    'include/xnatarchive/shared_text.hpp': 'the conversions and comparisons of any text type',
}


def _layer(file):
    return file.path.split('/')[1] if file.below('src') and file.path.count('/') > 1 else None


def _row(layer):
    return next((i for i, row in enumerate(LAYER_ROWS) if layer in row), None)


def _may_include(layer, other):
    if layer == other or {layer, other} <= ONE_LAYER:
        return True
    return _row(other) is not None and _row(layer) is not None and _row(other) < _row(layer)


def _resolve(tree, file, name):
    """The path of a quoted include, or None: beside the file, in src, in include, in capi."""
    folder = file.path.rpartition('/')[0]
    for base in (folder, 'src', 'include', 'capi', 'examples'):
        path = f'{base}/{name}'
        while '/../' in path:
            path = re.sub(r'[^/]+/\.\./', '', path, count=1)
        if path in tree.by_path:
            return path
    return None


def _check_quoted(tree, file, include):
    target = _resolve(tree, file, include.name)
    if target is None:
        return f'"{include.name}" is not a file of this project'
    if target.startswith('include/'):
        return None
    top = file.path.split('/')[0]
    if top == 'src' and target.startswith('src/'):
        layer, other = _layer(file), target.split('/')[1]
        if _may_include(layer, other):
            return None
        return f'layer {layer} may not include layer {other} ("{include.name}")'
    if top == 'capi' and target.startswith('capi/'):
        return None
    if top == 'examples' and (target in ('capi/xnatarchive.h', 'capi/to_json.hpp') or
                              target.split('/')[:2] == file.path.split('/')[:2]):
        return None
    return f'{top} may not include {target}'


def _check_angled(file, include):
    name = include.name
    if (SYSTEM_FILES.search(name) and file.below('src', 'include', 'capi')
            and _layer(file) != 'fs' and (file.path, name) not in NOT_FOR_FILES):
        return f'<{name}> is for src/fs'
    if name in STANDARD:
        return None
    if file.below('include'):
        return f'a public header includes <{name}>: the standard library only'
    if SYSTEM.match(name) or (name.endswith('.h') and name[:-2] in STANDARD_C):
        return None
    for pattern, places in THIRD_PARTY.items():
        if re.match(pattern, name):
            here = any(_layer(file) == place or file.below(place) for place in places)
            return None if here else f'<{name}> is for {", ".join(sorted(places))} only'
    return f'<{name}> is not in the table of third-party headers'


def layers(tree):
    """Each layer includes public headers, itself and the rows below it."""
    for file in tree.cpp('src', 'include', 'capi', 'examples'):
        if file.below('src') and _row(_layer(file)) is None:
            yield Finding(file.path, 1, 'layers', 'is not in a layer of src')
        for include in cpp_scan.includes(file.text):
            check = _check_quoted(tree, file, include) if include.quoted else _check_angled(
                file, include)
            if check:
                yield Finding(file.path, include.line, 'layers', check)


def disk(tree):
    """Nothing in src touches files except src/fs."""
    for file in tree.cpp('src', 'capi'):
        if file.below('src/fs'):
            continue
        for call in occurrences(_FILE_CALLS, cpp_scan.code_only(file.text)):
            yield Finding(file.path, call.number, 'disk',
                          f'"{call.match.strip()}" touches files; only src/fs may')


def sql(tree):
    """SQL is what every database understands, except where SQLite is set up."""
    for file in tree.cpp('src'):
        if file.path == SQLITE_FILE:
            continue
        for word in occurrences(_SQLITE_ONLY, cpp_scan.literals(file.text)):
            yield Finding(file.path, word.number, 'sql',
                          f'"{word.match}" is SQLite\'s alone; only {SQLITE_FILE} may use it')


def length(tree):
    """Files and functions are short."""
    used = set()
    for file in tree.files:
        if not (file.is_cpp or file.suffix in ('.py', '.sh', '.cmake')):
            continue
        lines = file.text.count('\n')
        lines_max = SHORTER.get(file.path, FILE_LINES_MAX)
        if lines > lines_max:
            used.add(file.path)
            if file.path not in LONGER:
                yield Finding(file.path, lines, 'length', f'{lines} lines; at most {lines_max}')
        if not file.is_cpp:
            continue
        for function in cpp_scan.functions(file.text):
            if function.lines > FUNCTION_LINES_MAX:
                used.add(f'{file.path} {function.name}')
                if f'{file.path} {function.name}' not in LONGER:
                    yield Finding(file.path, function.line, 'length', f'{function.name} has '
                                  f'{function.lines} lines; at most {FUNCTION_LINES_MAX}')
    for entry in sorted(set(LONGER) - used):
        yield Finding('tests/tidy/cpp_rules.py', 1, 'length', f'LONGER names {entry}, which is not')
    for path in sorted(set(SHORTER) - set(tree.by_path)):
        yield Finding(path, 1, 'length', 'is not there, and has to be short')


def comments(tree):
    """Public headers are the manual."""
    for file in tree.cpp('include', 'capi'):
        inner = file.below('capi') and file.suffix != '.h'  # the C interface is what is public there
        if inner or file.path in LESS_COMMENT:
            continue
        share = cpp_scan.comment_share(file.text)
        if share < COMMENT_SHARE_MIN:
            yield Finding(file.path, 1, 'comments', f'{share:.0%} of the lines have a comment; '
                          f'at least {COMMENT_SHARE_MIN:.0%}')


RULES = [layers, disk, sql, length, comments]
