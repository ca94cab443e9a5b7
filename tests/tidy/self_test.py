"""self_test.py - shows that every tidy rule can fail: plants one violation after another in a copy
of the tree and looks for it; plants what resembles a violation and looks for nothing."""

import shutil
import tempfile
from pathlib import Path

LONG_FUNCTION = 'int Long() {\n' + '  work();\n' * 70 + '}\n'
BARE_HEADER = ''.join(f'int Function{i}();\n' for i in range(9))

# Rule, path, text. The text becomes the file, or is appended when the path begins with '+'.
VIOLATIONS = [
    ('layers', 'src/base/planted.hpp', '#include "fs/directory.hpp"\n'),
    ('layers', 'src/fs/planted.hpp', '#include "archive/planted.hpp"\n'),
    ('layers', 'src/xml/planted.hpp', '#include "digest/planted.hpp"\n'),
    ('layers', 'src/store/planted.hpp', '#include "engine/planted.hpp"\n'),
    ('layers', 'src/planted/planted.hpp', '// no such layer\n'),
    ('layers', 'src/base/planted.hpp', '#include "base/nowhere.hpp"\n'),
    ('layers', 'include/xnatarchive/planted.hpp', '#include "base/text.hpp"\n'),
    ('layers', 'include/xnatarchive/planted.hpp', '#include <boost/any.hpp>\n'),
    ('layers', 'include/xnatarchive/planted.hpp', '#include <unistd.h>\n'),
    ('layers', 'include/xnatarchive/planted.hpp', '#include <filesystem>\n'),
    ('layers', 'capi/planted.hpp', '#include "base/text.hpp"\n'),
    ('layers', 'examples/cli/planted.hpp', '#include "fs/directory.hpp"\n'),
    ('layers', 'examples/cli/planted.hpp', '#include "../../src/fs/directory.hpp"\n'),
    ('layers', 'src/base/planted.hpp', '#  include <tinyxml2.h>\n'),
    ('layers', 'src/xml/planted.hpp', '#include <openssl/evp.h>\n'),
    ('layers', 'src/digest/planted.hpp', '#include <dcmtk/dcmdata/dcfilefo.h>\n'),
    ('layers', 'src/dicom/planted.hpp', '#include <archive.h>\n'),
    ('layers', 'src/archive/planted.hpp', '#include <soci/soci.h>\n'),
    ('layers', 'src/store/planted.hpp', '#include <boost/filesystem.hpp>\n'),
    ('layers', 'src/engine/planted.hpp', '#include <CLI/CLI.hpp>\n'),
    ('layers', 'src/engine/planted.hpp', '#include <fcntl.h>\n'),
    ('layers', 'src/engine/planted.hpp', '#include <somebody/elses.hpp>\n'),
    ('disk', 'src/base/planted.cc', 'auto* f = fopen("x", "r");\n'),
    ('disk', 'src/base/planted.cc', 'int f = ::open("x", 0);\n'),
    ('disk', 'src/xml/planted.cc', 'std::ofstream out("x");\n'),
    ('disk', 'src/xml/planted.cc', 'document.LoadFile("x");\n'),
    ('disk', 'src/dicom/planted.cc', 'file.loadFile("x");\n'),
    ('disk', 'src/container/planted.cc', 'archive_read_open_filename(a, "x", 1);\n'),
    ('disk', 'src/archive/planted.cc', 'std::filesystem::remove_all("x");\n'),
    ('disk', 'src/archive/planted.cc', 'void F() { rename("a", "b"); }\n'),
    ('disk', 'src/archive/planted.cc', 'void F() { std::remove("a"); }\n'),
    ('disk', 'src/engine/planted.cc', 'void F() { unlink("a"); }\n'),
    ('sql', 'src/store/planted.cc', 'sql << "PRAGMA user_version";\n'),
    ('sql', 'src/store/planted.cc', 'sql << "CREATE TABLE t (a BIGINT AUTOINCREMENT)";\n'),
    ('sql', 'src/store/planted.cc', 'sql << "INSERT OR IGNORE INTO t VALUES (1)";\n'),
    ('sql', 'src/store/planted.cc', 'const char kSql[] = R"(\n  insert or replace into t)";\n'),
    ('sql', 'src/store/planted.cc', 'sql << "SELECT rowid FROM t";\n'),
    ('sql', 'src/store/planted.cc', 'sql << "SELECT strftime(\'%s\', a) FROM t";\n'),
    ('sql', 'src/store/planted.cc', 'sql << "SELECT a FROM t WHERE a GLOB \'x*\'";\n'),
    ('sql', 'src/engine/planted.cc', 'sql << "SELECT a FROM t ORDER BY a COLLATE NOCASE";\n'),
    ('length', 'src/base/planted.cc', '// line\n' * 501),
    ('length', 'examples/cpp/archive_one.cpp', '// line\n' * 60),
    ('length', 'examples/cpp/custom_handler.cpp', '// line\n' * 120),
    ('length', 'src/base/planted.cc', LONG_FUNCTION),
    ('length', 'src/base/planted.cc', 'class C {\n public:\n  ' + LONG_FUNCTION + '};\n'),
    ('length', 'src/base/planted.cc',
     'C::C(int a) : a_{a}, b_(2) {\n' + '  work();\n' * 70 + '}\n'),
    ('length', 'src/base/planted.cc',
     'template <class T>\nbool operator==(T a, T b) {\n' + '  work();\n' * 70 + '}\n'),
    ('length', 'tests/planted_test.cc',
     'TEST_SUITE("s") {\nTEST_CASE("c") {\n' + '  work();\n' * 70 + '}\n}\n'),
    ('comments', 'include/xnatarchive/planted.hpp', BARE_HEADER),
    ('root', 'planted.txt', 'x\n'),
    ('root', 'planted/file.txt', 'x\n'),
    ('binary', 'tests/planted.bin', '\0\1\2'),
    ('binary', 'tests/planted.txt', 'x' * 300_000),
    ('dead', 'src/base/planted.cc', 'int planted;\n'),
    ('dead', 'tests/unit/base/planted_test.cc', 'int planted;\n'),
    ('dead', 'src/base/planted.hpp', '// nobody needs this\n'),
    ('readme', 'src/planted', None),
    ('example', 'README.md', '```\nls\n```\n\n```cpp\nint main() {}\n```\n'),
    ('example', 'README.md', 'no C++\n'),
    ('unfinished', 'src/base/planted.cc', '// TO' 'DO: the rest\n'),
    ('unfinished', 'cmake/planted.cmake', '# FIX' 'ME\n'),
    ('unfinished', 'tests/planted.md', 'XX' 'X\n'),
    ('machine-path', 'tests/planted.sh', 'ls /ho' 'me/somebody\n'),
    ('machine-path', 'cmake/planted.cmake', 'set(a "/wo' 'rk/main")\n'),
    ('machine-path', 'tests/planted_test.cc', 'Open("/ho' 'me/x");\n'),
    ('machine-path', 'src/base/planted.cc', 'Open("/tm' 'p/x");\n'),
    ('dependencies', 'conanfile.py', '+        self.requires("libpng/1.6.40")\n'),
    ('dependencies', 'vcpkg.json', '{"dependencies": ["libpng"]}\n'),
    ('dependencies', 'tests/support/setup.sh', '+more_packages=(libpq-dev)\n'),
    ('port', 'cmake/packaging/vcpkg/vcpkg.json', '{"version": "0.1.0", "dependencies": ["zlib"]}\n'),
    ('port', 'cmake/packaging/vcpkg/vcpkg.json', 'no JSON\n'),
]

# Path, text: no rule but "dead" may find anything.
HARMLESS = [
    ('src/engine/planted.cc', '// fopen("x") and ::open("x") are for src/fs: see <fcntl.h>\n'),
    ('src/engine/planted.cc', 'const char* text = "std::ofstream /* fopen( ";\n'),
    ('src/engine/planted.cc', 'auto e = std::remove(v.begin(), v.end(), 1);\n'),
    ('src/engine/planted.cc', 'void F() { tree.rename("a"); lock->unlink(); int reopen(int); }\n'),
    ('src/engine/planted.cc', '#include "fs/directory.hpp"\n'),
    ('src/store/planted.cc', '// PRAGMA journal_mode\nint rowid = strftime(a);  // GLOB\n'),
    ('src/store/planted.cc', 'sql << "INSERT INTO orders VALUES (\'global\')";\n'),
    ('src/store/sqlite.cc', '+const char kMore[] = "PRAGMA optimize";\n'),
    ('src/fs/planted.cc', '#include <fcntl.h>\nint F() { return ::open("x", 0); }\n'),
    ('src/base/planted.cc', 'const Row kTable[] = {\n' + '  {1, "a"},\n' * 100 + '};\n'),
    ('src/base/planted.cc', 'namespace x {\n' + 'void F() {}\n' * 100 + '}\n'),
    ('src/base/planted.cc', 'const char kText[] = R"(\n' + '{ "//\n' * 100 + ')";\n'),
    ('src/base/planted.cc', '#define M(a) \\\n  do { \\\n    a(\n' + 'int x;\n' * 100),
    ('tests/planted_test.cc', 'CHECK(!Open("/tm' 'p/x").ok());\n'),
    ('tests/planted.sh', 'dir="$(mktemp -d /tm' 'p/x.XXXXXX)"\n'),
]


class _Planted:
    """A file that is there inside a `with`, and afterwards is as it was."""

    def __init__(self, root, path, text):
        self.path = root / path
        self.text = text

    def __enter__(self):
        self.before = self.path.read_bytes() if self.path.exists() else None
        self.made = None
        for folder in reversed(self.path.parents):
            if not folder.exists():
                self.made = self.made or folder
                folder.mkdir()
        text = self.text
        if text.startswith('+'):
            text = (self.before or b'').decode() + text[1:]
        self.path.write_text(text)

    def __exit__(self, *_):
        if self.before is None:
            self.path.unlink()
        else:
            self.path.write_bytes(self.before)
        if self.made:
            shutil.rmtree(self.made)


def _new_findings(root, baseline, findings, path, text):
    with _Planted(root, path, text):
        return [finding for finding in findings(root) if finding not in baseline]


def run(source, findings):
    """Returns the exit status: 0 when each violation was found and nothing harmless was."""
    failures = 0
    with tempfile.TemporaryDirectory() as folder:
        root = Path(folder) / 'tree'
        shutil.copytree(source, root, symlinks=True, ignore=shutil.ignore_patterns(
            '.git', 'build', '__pycache__', 'xnat', 'xnat-demo', '.cache'))
        baseline = set(findings(root))
        for rule, path, text in VIOLATIONS:
            target, text = (path, text) if text is not None else (f'{path}/planted.hpp', '\n')
            new = _new_findings(root, baseline, findings, target, text)
            expected = path.split('/')[0] if rule == 'root' else path
            if not any((finding.rule, finding.path) == (rule, expected) for finding in new):
                failures += 1
                print(f'not found: {rule} in {path}: {text[:60]!r}')
        for path, text in HARMLESS:
            new = _new_findings(root, baseline, findings, path, text)
            for finding in new:
                if finding.rule != 'dead':
                    failures += 1
                    print(f'false alarm: {finding} for {text[:60]!r}')
    print(f'tidy self-test: {len(VIOLATIONS)} violations, {len(HARMLESS)} harmless files, '
          f'{failures} failure(s)')
    return 1 if failures else 0
