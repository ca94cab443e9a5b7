"""cpp_scan.py - reads C and C++ just far enough for the tidy rules: what is comment, what is code,
which lines a function has, what is included. Not a parser; text that fools it has to be odd.

Answers are kept, because the self-test asks about the same texts dozens of times."""

import re
from functools import lru_cache
from typing import NamedTuple

_TOKEN = re.compile(
    r'(?P<comment>//[^\n]*|/\*.*?\*/)'
    r'|(?P<raw>R"(?P<tag>[^()\\\s]{0,16})\(.*?\)(?P=tag)")'
    r"|(?P<string>\"(?:\\.|[^\"\\\n])*\"|(?<![0-9A-Za-z])'(?:\\.|[^'\\\n])+')",
    re.DOTALL)

_INCLUDE = re.compile(r'^[ \t]*#[ \t]*include[ \t]*([<"])([^>"\n]+)[>"]', re.MULTILINE)


class Include(NamedTuple):
    line: int
    name: str
    quoted: bool


class Function(NamedTuple):
    line: int
    last_line: int
    name: str

    @property
    def lines(self):
        return self.last_line - self.line + 1


def _blank(text):
    return re.sub(r'[^\n]', ' ', text)


@lru_cache(maxsize=None)
def without_comments(text):
    """The text with every comment blanked; lines stay where they are."""
    return _TOKEN.sub(lambda m: _blank(m.group()) if m.group('comment') else m.group(), text)


@lru_cache(maxsize=None)
def code_only(text):
    """The text with comments and the insides of literals blanked; lines stay where they are."""
    def replace(match):
        if match.group('comment'):
            return _blank(match.group())
        quote = '"' if match.group('raw') else match.group()[0]
        return quote + _blank(match.group()[1:-1]) + quote
    return _TOKEN.sub(replace, text)


@lru_cache(maxsize=None)
def literals(text):
    """The insides of string literals alone, everything else blanked; lines stay where they are."""
    kept, end = [], 0
    for match in _TOKEN.finditer(text):
        kept.append(_blank(text[end:match.start()]))
        kept.append(_blank(match.group()) if match.group('comment') else match.group())
        end = match.end()
    return ''.join(kept) + _blank(text[end:])


def line_of(text, offset):
    return text.count('\n', 0, offset) + 1


@lru_cache(maxsize=None)
def includes(text):
    """Every #include, in order."""
    code = without_comments(text)
    return [Include(line_of(code, m.start(1)), m.group(2), m.group(1) == '"')
            for m in _INCLUDE.finditer(code)]


@lru_cache(maxsize=None)
def comment_share(text):
    """The share, 0 to 1, of lines with a comment among lines that are not blank."""
    commented = set()
    for match in _TOKEN.finditer(text):
        if match.group('comment'):
            first = line_of(text, match.start())
            commented.update(range(first, first + match.group().count('\n') + 1))
    written = sum(1 for line in text.splitlines() if line.strip())
    return len(commented) / written if written else 1.0


def _without_brackets(head):
    """`head` without what stands in parentheses or, as of a template, in angle brackets."""
    while True:
        shorter = re.sub(r'\([^()]*\)|<[^<>()]*>', ' ', head)
        if shorter == head:
            return head
        head = shorter


def _opens_function(head):
    """Whether `head`, the text before a '{' outside any function, declares a function."""
    outside = _without_brackets(re.sub(r'operator\s*[-+*/%^&|<>=!]+', 'operator', head))
    if '(' not in head or re.search(r'\b(namespace|class|struct|union|enum)\b', outside):
        return False
    return not re.match(r'\s*(extern\s*"|TEST_SUITE\b)', head) and '=' not in outside


@lru_cache(maxsize=None)
def functions(text):
    """Every function body at namespace or class scope, from the line its declarator starts on to
    its closing brace. A lambda belongs to the function around it."""
    # Preprocessor lines, continued ones included, would unbalance the braces.
    code = re.sub(r'^[ \t]*#(?:[^\n]*\\\n)*[^\n]*', lambda m: _blank(m.group()), code_only(text),
                  flags=re.MULTILINE)
    found = []
    head_start = 0
    depth = 0  # Of braces inside the function `start` begins; 0 outside functions.
    start = None
    for match in re.finditer(r'[{};]', code):
        brace = match.group()
        head = code[head_start:match.start()]
        if start is not None:
            depth += {'{': 1, '}': -1, ';': 0}[brace]
            # "Name() : a_{1}, b_{2} {" - there the body is still to come.
            initialising = re.match(r'\s*[,{]', code[match.end():]) and re.search(
                r'\)\s*(noexcept\s*)?:\s*\w', code[start:match.start()])
            if depth == 0 and not initialising:
                name = re.search(r'([\w~:]+)\s*\(', code[start:])
                found.append(Function(line_of(code, start), line_of(code, match.start()),
                                      name.group(1) if name else '?'))
                start, head_start = None, match.end()
            continue
        if brace == '{' and _opens_function(head):
            start = head_start + re.match(r'(\s|(public|private|protected)\s*:)*', head).end()
            depth = 1
        else:
            head_start = match.end()
    return found
