"""Finished Python as black writes it; black is asked only about lines it might change.

Formatting is most of the time a generation takes, and black changes one statement in twenty. What
it surely leaves alone is told by a whitelist: the lines of a bundled template, and plain statements
that fit. Everything else goes to black, the distinct lines of a file in one call.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Iterator
from functools import lru_cache
from itertools import groupby
from keyword import kwlist

from ..errors import NotPythonError

LINE_LENGTH = 100

MAX_SOURCE = 768 * 1024
"""Characters of source the formatter is given at once, because it needs a second for it."""

Statement = tuple[str, ...]
"""The lines of one statement: one, or those of a docstring."""

Wrapped = tuple[str, str, str]
"""What is put before a statement, the statement, and what is put behind it."""

_STRING = re.compile(r'(?<!\w)"[^"\\]*"')
_VALUE = r'(?:""|-?\d+(?:\.\d+)?\b|True|False|None)'
_MAPPING = re.compile(rf'\{{"": {_VALUE}(?:, "": {_VALUE})*\}}')
_PLAIN = re.compile(
    r"(?: {4})*(?:from [.\w]+ import \w+(?: as \w+)?(?:, \w+(?: as \w+)?)*|class \w+(?:\(\w+\))?:"
    r'|\(""(?:, "")*\),|"",)'
)
_ANNOTATED = re.compile(r"(?: {4})*[A-Za-z_]\w*: (.+)")
_KEYWORDS = "|".join({*kwlist} - {"None", "True", "False", "lambda"})
# What the annotation and the default of a field are made of, spaced as black spaces it.
_TOKEN = re.compile(
    r"""(?<![\w"\]}).])(?:""|-?\d+(?:\.\d+)?(?![\w.])|\.\.\.|\{"""
    rf"""|(?!(?:{_KEYWORDS})\b)[A-Za-z_]\w*)"""
    r"""|\.[A-Za-z_]\w*|(?<=[\w\]])\(|(?<!["})])\[|[\]})]"""
    r"""|, (?![\]})])| \| | = |(?<=lambda): (?=[\w"\[{.-])|(?<=\w)="""
)
_BRACKETS = (("[", "]"), ("(", ")"), ("{", "}"))
_KEYWORD_ARGUMENT = re.compile(r"(?<![(\s])\b\w+=|(?<!,) \w+=")
_MARK = "# the next statement"


def formatted(source: str, known: Collection[str]) -> str:
    """`source` as black writes it. `known` are the lines of its template, which stand as they are.

    Raises NotPythonError for what black takes for no Python.
    """
    statements = list(_statements(source.splitlines()))
    loud = [at for at, told in enumerate(statements) if not _is_quiet(told, known)]
    firsts = [_opens(statements, at) for at in loud]
    for at, told in zip(loud, _by_black(statements, loud, firsts), strict=True):
        statements[at] = told
    return "".join(f"{line}\n" for statement in statements for line in statement)


@lru_cache(maxsize=64)
def by_black(source: str) -> str:
    """All of `source` as black writes it, in one fixed mode. Raises NotPythonError.

    Remembered, because the files of two generations in one process are mostly the same.
    """
    from black import format_str
    from black.mode import Mode, TargetVersion
    from black.parsing import InvalidInput

    if len(source) > MAX_SOURCE:
        raise NotPythonError(f"{len(source):,} characters of source; {MAX_SOURCE:,} are allowed")
    mode = Mode(target_versions={TargetVersion.PY310}, line_length=LINE_LENGTH)
    try:
        return format_str(source, mode=mode)
    except (InvalidInput, RecursionError) as error:
        raise NotPythonError(f"it renders no valid Python: {error}") from None


def _statements(lines: Iterable[str]) -> Iterator[Statement]:
    """The lines, those of a docstring together."""
    docstring: list[str] = []
    for line in lines:
        docstring.append(line)
        opens = len(docstring) == 1 and line.lstrip().startswith('"""')
        closed = line.endswith('"""') and not (opens and len(line.strip()) < 6)
        if closed or not (opens or len(docstring) > 1):
            yield tuple(docstring)
            docstring = []
    if docstring:
        yield tuple(docstring)


def _is_quiet(statement: Statement, known: Collection[str]) -> bool:
    """Whether black surely leaves a statement as it is."""
    if statement == ("",) or all(line in known for line in statement):
        return True
    if any(len(line) > LINE_LENGTH or line != line.rstrip() for line in statement):
        return False
    first = statement[0]
    if first.lstrip().startswith('"""'):
        return _is_quiet_docstring(statement)
    return len(statement) == 1 and _is_quiet_line(_MAPPING.sub("{}", _STRING.sub('""', first)))


def _is_quiet_line(line: str) -> bool:
    """Whether black leaves a line alone that fits, its texts left out."""
    if _PLAIN.fullmatch(line):
        return True
    field = _ANNOTATED.fullmatch(line)
    if field is None or _KEYWORD_ARGUMENT.search(line):
        return False
    annotation, *default = field[1].split(" = ")
    # In steps, because one pattern for the whole would take for ever on some lines.
    return (
        len(default) < 2
        and all(annotation.count(opening) == annotation.count(end) for opening, end in _BRACKETS)
        and not _TOKEN.sub("", " = ".join((annotation, *default)))
    )


def _is_quiet_docstring(statement: Statement) -> bool:
    indent = statement[0][: -len(statement[0].lstrip())]
    text = "\n".join(statement).strip()
    inside = text[3:-3]
    lines = [line for line in statement[1:] if line]
    return (
        text.isascii()
        and inside[:1].isalnum()
        and "\\" not in inside
        and '"' not in inside[-1:]
        and '"""' not in inside
        and len(lines) != 1
        and all(line.startswith(indent) for line in lines)
        and any(not line[len(indent)].isspace() for line in lines or (indent + "x",))
    )


def _opens(statements: list[Statement], at: int) -> bool:
    """Whether a statement is the first of its block, where a text is a docstring."""
    before = next((told for told in reversed(statements[:at]) if told != ("",)), ("",))
    return before[-1].endswith(":")


def _by_black(
    statements: list[Statement], loud: list[int], firsts: list[bool]
) -> Iterator[Statement]:
    """What black makes of these statements, each in a place like its own."""
    wrapped = [_wrapped(statements[at], first) for at, first in zip(loud, firsts, strict=True)]
    for some in _by_size(wrapped):
        source = "".join(f"{_MARK}\n{head}{text}{tail}\n" for head, text, tail in some)
        lines = by_black(source).splitlines()
        parts = [list(part) for is_mark, part in groupby(lines, _MARK.__eq__) if not is_mark]
        for (head, _, tail), part in zip(some, parts, strict=True):
            while part and not part[-1]:
                part.pop()
            yield tuple(part[head.count("\n") : len(part) - tail.count("\n")])


def _by_size(wrapped: Iterable[Wrapped]) -> Iterator[list[Wrapped]]:
    """As many at a time as black takes well."""
    size = 0
    some: list[Wrapped] = []
    for one in wrapped:
        if some and size + len(one[1]) > MAX_SOURCE // 4:
            yield some
            size, some = 0, []
        size += len(one[1])
        some.append(one)
    if some:
        yield some


def _wrapped(statement: Statement, first: bool) -> Wrapped:
    """Something around a statement, or a member of a list or mapping, that gives it its place."""
    text = "".join(f"{line}\n" for line in statement)
    if text.lstrip()[:1] in ("(", "'", '"') and not text.lstrip().startswith('"""'):
        opens, ends = ("{", "}") if text.endswith(("},\n", "],\n")) else ("[", "]")
        return f"_ = {opens}\n", text, f"{ends}\n"
    depth = (len(text) - len(text.lstrip(" "))) // 4
    head = "".join(f"{'    ' * level}class _:\n" for level in range(depth))
    if not first and head:
        head += f"{'    ' * depth}_ = 0\n"
    tail = f"{'    ' * (depth + 1)}_ = 0\n" if text.endswith(":\n") else ""
    return head, text, tail
