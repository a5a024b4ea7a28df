"""Finished Python as black writes it; black is asked only about lines it might change.

Formatting is most of the time a generation takes, and black changes one statement in twenty. What
it surely leaves alone is told by a whitelist: the lines of a bundled template, and plain statements
that fit. Everything else goes to black, the distinct statements of a whole catalogue in a few
calls.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from functools import lru_cache
from itertools import groupby
from keyword import kwlist

from ..errors import NotPythonError
from .layout import LINE_LENGTH, laid_out

MAX_SOURCE = 4 * 1024 * 1024
"""Characters of source black is given at most: room for a list of twenty thousand models."""

BATCH = 64 * 1024
"""Characters of statements black is asked about at once: what it makes of them needs memory."""

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
_ENTRY = re.compile(r' *(?:"": )?([\[({].*[\])}]),')
_PLAIN_TOKEN = re.compile(
    r'""|-?\d+(?:\.\d+)?(?![\w.])|\b(?:True|False|None)\b|[\[\](){}]|[,:] (?![\])}])'
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


@dataclass(frozen=True)
class Draft:
    """A rendered file, its statements told apart; `loud` are those black may change, by place."""

    statements: list[Statement]
    loud: Mapping[int, Wrapped]


@dataclass
class Answers:
    """What black made of statements, for one generation: catalogues repeat themselves."""

    _told: dict[Wrapped, Statement] = field(default_factory=dict)

    def ask(self, drafts: Iterable[Draft]) -> None:
        """Have answers for all of these, as far as they are Python.

        What black refuses stays without an answer, and is refused again where it is needed.
        """
        asked = dict.fromkeys(one for draft in drafts for one in draft.loud.values())
        for some in _by_size(sorted(asked.keys() - self._told.keys(), key=_alike)):
            with suppress(NotPythonError):
                self._told.update(zip(some, _by_black(some), strict=True))

    def finished(self, draft: Draft) -> str:
        """The file as black writes it. Raises NotPythonError for what black takes for no Python."""
        self.ask([draft])
        missing = [one for one in draft.loud.values() if one not in self._told]
        if missing:
            # One of them is no Python, and with it black refuses the others.
            self._told.update(zip(missing, _by_black(missing), strict=True))
        lines = draft.statements.copy()
        for at, wrapped in draft.loud.items():
            lines[at] = self._told[wrapped]
        return "".join(f"{line}\n" for statement in lines for line in statement)


def drafted(source: str, known: Collection[str]) -> Draft:
    """`source` in statements. `known` are the lines of its template, which stand as they are."""
    statements = list(_statements(source.splitlines()))
    loud = {}
    for at, told in enumerate(statements):
        if not _is_quiet(told, known):
            sure = _sure(told)
            if sure is not None:
                statements[at] = sure
            else:
                loud[at] = _wrapped(told, _opens(statements, at))
    return Draft(statements, loud)


def formatted(source: str, known: Collection[str]) -> str:
    """`source` as black writes it. Raises NotPythonError for what black takes for no Python."""
    return Answers().finished(drafted(source, known))


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


def _sure(statement: Statement) -> Statement | None:
    """What black makes of a plain statement that does not fit, where that is sure."""
    if len(statement) != 1:
        return None
    line = _STRING.sub('""', statement[0])
    entry = _ENTRY.fullmatch(line)
    if entry is not None and not _PLAIN_TOKEN.sub("", entry[1]):
        return laid_out(statement[0])
    return laid_out(statement[0]) if _is_quiet_line(_MAPPING.sub("{}", line)) else None


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


def _by_black(some: list[Wrapped]) -> Iterator[Statement]:
    """What black makes of these statements, each in a place like its own."""
    pieces: list[str] = []
    last: tuple[str, str] | None = None
    shared: list[bool] = []
    for head, text, tail in some:
        # Neighbours in a class or a list share it: the more of them, the less black has to read.
        shared.append(last == (head, tail))
        begin = f"{_MARK}\n{head}"
        if shared[-1]:
            pieces.pop()
            begin = f"{_indent(text)}{_MARK}\n"
        pieces += [begin, text, tail]
        last = (head, tail) if _shares(text) else None
    lines = by_black("".join(pieces)).splitlines()
    parts = [list(part) for is_mark, part in groupby(lines, _is_mark) if not is_mark]
    follows = [*shared[1:], False]
    for (head, _, tail), part, begun, goes_on in zip(some, parts, shared, follows, strict=True):
        while part and not part[-1]:
            part.pop()
        first = 0 if begun else head.count("\n")
        yield tuple(part[first : len(part) - (0 if goes_on else tail.count("\n"))])


def _is_mark(line: str) -> bool:
    return line.lstrip(" ") == _MARK


def _shares(text: str) -> bool:
    """Whether a statement can stand among others of its kind: nothing that opens a block."""
    return text[0] == " " and '"""' not in text and not text.endswith(":\n")


def _alike(wrapped: Wrapped) -> tuple[str, str, str]:
    head, text, tail = wrapped
    return head, tail, text


def _indent(text: str) -> str:
    return text[: len(text) - len(text.lstrip(" "))]


def _by_size(wrapped: Iterable[Wrapped]) -> Iterator[list[Wrapped]]:
    """As many at a time as black takes well."""
    size = 0
    some: list[Wrapped] = []
    for one in wrapped:
        if some and size + len(one[1]) > BATCH:
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
