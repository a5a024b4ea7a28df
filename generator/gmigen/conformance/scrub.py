"""Leaves out of a value whatever could tell whose it is, or let anybody in."""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping
from typing import Any

from ..runtime.redaction import SHORTEST, redacted
from ..text.prose import line
from .plain import plain

MOST_CHARACTERS = 240
NAME = 80
MOST_MEMBERS = 60
"""Of a text, of a name or a text in a list, and of a list or mapping: what is beyond is left out,
so that a recording stays small whatever came."""

_SHAPES = (
    (re.compile(r"(?:https?|wss?|gs|s3)://[^\s'\"<>?]+(?:\?\S*)?", re.I), "[address]"),
    (re.compile(r"eyJ[\w-]{5,}(?:\.[\w-]*){1,2}"), "[key]"),
    (re.compile(r"\b(?:sk|pk|rk|key|Bearer)[-_ ][\w.~+/=-]{8,}", re.I), "[key]"),
    (re.compile(r"\bAKIA[0-9A-Z]{12,}"), "[key]"),
    (re.compile(r"[\w.+-]+@[\w-]+(?:\.[\w-]+)+"), "[email]"),
    (re.compile(r"[0-9a-fA-F]{8}(?:-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}"), "[id]"),
    (
        re.compile(r"\b(?:[\w-]+\.)+(?:com|net|org|io|ai|cloud|dev|app|internal|local)\b", re.I),
        "[host]",
    ),
    (re.compile(r"\b\d{1,3}(?:\.\d{1,3}){3}(?::\d+)?\b"), "[host]"),
    # What is long and has both letters and figures in one piece is an id or a signature.
    (re.compile(r"(?=[\w+/=-]*\d)(?=[\w+/=-]*[A-Za-z])[\w+/=-]{24,}"), "[id]"),
)


def scrubbed(value: Any, secrets: Collection[str] = ()) -> Any:
    """`value` as it may be shown to others: bounded, and without keys, ids, addresses.

    Args:
        value: texts, numbers, truth values, None, and lists and mappings of them.
        secrets: texts that are to stand nowhere, such as the id of the organisation.
    """
    if isinstance(value, str):
        return _text(value, secrets)
    if isinstance(value, Mapping):
        members = list(value.items())[:MOST_MEMBERS]
        return {_text(str(key), secrets, NAME): scrubbed(one, secrets) for key, one in members}
    if isinstance(value, (list, tuple)):
        few = value[:MOST_MEMBERS]
        return [
            _text(one, secrets, NAME) if isinstance(one, str) else scrubbed(one, secrets)
            for one in few
        ]
    return value if isinstance(value, (int, float, bool)) or value is None else ""


def _text(text: str, secrets: Collection[str], most: int = MOST_CHARACTERS) -> str:
    found = redacted(text)
    # Longest first: one secret may be a part of another.
    for secret in sorted({*secrets, *map(plain, secrets)}, key=len, reverse=True):
        if len(secret) >= SHORTEST // 2:
            found = re.sub(re.escape(secret), "[secret]", found, flags=re.I)
    for shape, instead in _SHAPES:
        found = shape.sub(instead, found)
    return line(found, most)
