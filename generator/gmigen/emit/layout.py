"""Statements too long for a line, laid out as black surely does; of all others nothing is said.

Black takes milliseconds to break one line, because it tries every way there is. The statements this
generator emits have few shapes, and for those the way is known: a table of plain values, a field
whose annotation is one subscript or that or None, a long import. What is in doubt is left to black.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

LINE_LENGTH = 100

_STRING = re.compile(r'(?<!\w)"[^"\\]*"')
_SCALAR = re.compile(r'"x*"|-?\d+(?:\.\d+)?|True|False|None')
_NAME = re.compile(r"[A-Za-z_]\w*")
_FIELD = re.compile(r"(?P<name>[A-Za-z_]\w*): (?P<annotation>.+?)(?: = (?P<default>.+))?")
_IMPORT = re.compile(r"(?P<head>from [.\w]+ import )(?P<name>\w+(?: as \w+)?)")
_CLOSES = {"[": "]", "(": ")", "{": "}"}


class _InDoubt(Exception):
    """Black might lay it out in another way."""


def laid_out(line: str) -> tuple[str, ...] | None:
    """The lines black makes of a statement of one line, or of a member of a table; None in doubt.

    `line` is spaced as black spaces it, and its texts hold neither quotes nor backslashes.
    """
    text = line.lstrip(" ")
    depth = len(line) - len(text)
    # As long as the line, so that what is found here is in the same place there.
    plain = _STRING.sub(lambda told: f'"{"x" * (len(told[0]) - 2)}"', text)
    if plain.count('"') != 2 * len(_STRING.findall(text)) or set(plain) & {"'", "\\"}:
        return None
    try:
        return tuple(_statement(text, plain, depth))
    except _InDoubt:
        return None


def _statement(text: str, plain: str, depth: int) -> Iterator[str]:
    if plain[-1:] == ",":
        yield from _item(text[:-1], plain[:-1], depth, ",")
    elif found := _IMPORT.fullmatch(plain):
        yield from _block(found["head"] + "(", [found["name"] + ","], ")", depth)
    elif found := _FIELD.fullmatch(plain):
        yield from _field(found, text, plain, depth)
    else:
        raise _InDoubt


def _field(found: re.Match[str], text: str, plain: str, depth: int) -> Iterator[str]:
    start, end = found.span("annotation")
    annotation, default = found["annotation"], found["default"]
    if default is not None and default[0] in "[{":
        if not _fits(f"{text[:end]} = {default[0]}", depth) or len(_parts(default[1:-1])) < 2:
            raise _InDoubt
        yield from _item(text, plain, depth, "")
        return
    if default is not None and not _SCALAR.fullmatch(default):
        raise _InDoubt
    if default is not None and _fits(f"{text[:end]} = (", depth):
        if "[" not in annotation:
            raise _InDoubt
        yield from _block(f"{text[:end]} = (", [text[end + 3 :]], ")", depth)
        return
    tail = text[end:]
    if annotation.endswith("] | None") and default is not None:
        subscript = slice(start, end - len(" | None"))
        if "|" in _outside(plain[subscript]):
            raise _InDoubt
        yield " " * depth + f"{text[:start]}("
        if _fits(text[start:end], depth + 4):
            yield " " * (depth + 4) + text[start:end]
        elif _fits(text[subscript], depth + 4):
            yield " " * (depth + 4) + text[subscript]
            yield " " * (depth + 4) + "| None"
        else:
            yield from _subscript("", text[subscript], plain[subscript], "", depth + 4)
            yield " " * (depth + 4) + "| None"
        yield " " * depth + f"){tail}"
    else:
        yield from _subscript(text[:start], text[start:end], annotation, tail, depth)


def _subscript(before: str, text: str, plain: str, tail: str, depth: int) -> Iterator[str]:
    """A type and what stands in its brackets, which go into lines of their own."""
    opens = _last_opening(plain)
    if not opens or plain[-1] != "]" or not _NAME.fullmatch(plain[:opens]):
        raise _InDoubt
    head, body = before + text[: opens + 1], slice(opens + 1, len(plain) - 1)
    yield from _split(head, text[body], plain[body], f"]{tail}", depth, atom=False)


def _item(text: str, plain: str, depth: int, tail: str) -> Iterator[str]:
    """A member of something in brackets, or what ends with a bracket: in one line, if it fits."""
    if _fits(text + tail, depth):
        yield " " * depth + text + tail
        return
    opens = _last_opening(plain)
    if opens is None:
        if not re.fullmatch(r'(?:"x*": )?(?:"x*"|-?\d+(?:\.\d+)?|True|False|None)', plain):
            raise _InDoubt
        yield " " * depth + text + tail
        return
    before = plain[:opens]
    if _parts(before)[1:] or "|" in _outside(before) or "{}" in before or "[]" in before:
        raise _InDoubt
    atom = before[-1:] in ("", " ")
    body = slice(opens + 1, len(plain) - 1)
    closing = text[-1] + tail
    yield from _split(text[: opens + 1], text[body], plain[body], closing, depth, atom=atom)


def _split(head: str, text: str, plain: str, tail: str, depth: int, *, atom: bool) -> Iterator[str]:
    """What stands in brackets in lines of its own: all in one line where a subscript allows it."""
    if not _fits(head, depth) or not _fits(tail, depth) or not plain:
        raise _InDoubt
    yield " " * depth + head
    parts = _parts(plain)
    if len(parts) == 1:
        yield from _item(text, plain, depth + 4, "")
    elif not atom and _fits(text, depth + 4):
        yield " " * (depth + 4) + text
    else:
        for start, end in parts:
            yield from _item(text[start:end], plain[start:end], depth + 4, ",")
    yield " " * depth + tail


def _block(head: str, body: list[str], tail: str, depth: int) -> Iterator[str]:
    lines = [head, *(f"    {line}" for line in body), tail]
    if not all(_fits(line, depth) for line in lines):
        raise _InDoubt
    yield from (" " * depth + line for line in lines)


def _fits(text: str, depth: int) -> bool:
    return depth + len(text) <= LINE_LENGTH


def _parts(plain: str) -> list[tuple[int, int]]:
    """Where the members begin and end that commas separate outside of brackets."""
    found, start, level = [], 0, 0
    for at, sign in enumerate(plain):
        if sign in "[({":
            level += 1
        elif sign in "])}":
            level -= 1
        elif sign == "," and level == 0:
            found.append((start, at))
            start = at + 2
    return [*found, (start, len(plain))]


def _outside(plain: str) -> str:
    """What is outside of all brackets."""
    kept, level = [], 0
    for sign in plain:
        level += (sign in "[({") - (sign in "])}")
        if level == 0:
            kept.append(sign)
    return "".join(kept)


def _last_opening(plain: str) -> int | None:
    """Where the bracket opens that the text ends with; None where it ends otherwise.

    A bracket that anything else follows is one of several black may choose from.
    """
    if plain[-1:] not in _CLOSES.values():
        if any(sign in plain for sign in _CLOSES):
            raise _InDoubt
        return None
    level = 0
    for at in range(len(plain) - 1, -1, -1):
        level += (plain[at] in "])}") - (plain[at] in "[({")
        if level == 0:
            return at
    raise _InDoubt
