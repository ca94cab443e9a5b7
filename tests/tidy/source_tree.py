"""source_tree.py - the files of the project, read once."""

from functools import cached_property, lru_cache
from typing import NamedTuple

# Made by a build or a run, and named in .gitignore.
_NOT_SOURCE = {'.git', '.cache', 'build', 'xnat', 'xnat-demo', '__pycache__',
               'CMakeUserPresets.json'}

CPP_SUFFIXES = {'.cc', '.cpp', '.c', '.hpp', '.h', '.inc'}


class Finding(NamedTuple):
    path: str
    line: int
    rule: str
    message: str

    def __str__(self):
        return f'{self.path}:{self.line}: {self.rule}: {self.message}'


class Occurrence(NamedTuple):
    number: int  # of the line it begins on
    line: str
    match: str


@lru_cache(maxsize=None)
def occurrences(pattern, text):
    """Where the compiled `pattern` is in the text. Kept, as cpp_scan's answers are."""
    found = []
    for match in pattern.finditer(text):
        begin = text.rfind('\n', 0, match.start()) + 1
        line = text[begin:].split('\n', 1)[0]
        found.append(Occurrence(text.count('\n', 0, begin) + 1, line, match.group()))
    return found


class SourceFile:
    """One file. `path` is relative to the root, with '/'."""

    def __init__(self, root, path):
        self.path = path.relative_to(root).as_posix()
        self.suffix = path.suffix
        self.name = path.name
        self._path = path

    @cached_property
    def data(self):
        return self._path.read_bytes()

    @cached_property
    def is_text(self):
        try:
            return b'\0' not in self.data and self.data.decode() is not None
        except UnicodeDecodeError:
            return False

    @cached_property
    def text(self):
        return self.data.decode(errors='replace')

    @property
    def is_cpp(self):
        return self.suffix in CPP_SUFFIXES

    def below(self, *folders):
        return self.path.startswith(tuple(folder + '/' for folder in folders))


class SourceTree:
    """Every file of the project that is not made by a build or a run."""

    def __init__(self, root):
        self.root = root
        self.files = [SourceFile(root, path) for path in sorted(self._walk(root))]
        self.by_path = {file.path: file for file in self.files}

    def _walk(self, folder):
        for path in folder.iterdir():
            if path.name in _NOT_SOURCE or path.suffix == '.pyc':
                continue
            if path.is_dir() and not path.is_symlink():
                yield from self._walk(path)
            else:
                yield path

    def cpp(self, *folders):
        return [file for file in self.files if file.is_cpp and file.below(*folders)]
