"""The one writer of values into emitted Python, and the two kinds of text a template may print.

Remote text reaches an emitted file in exactly two forms: as a literal, exact to the last
character, or as prose inside a docstring, cleaned first. Both come out as `Code`, and the
template environment refuses everything that is not `Code` or `Markdown`.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

from ..schema.types import Json


@dataclass(frozen=True)
class Code:
    """Python source that is safe to print where it is used."""

    text: str

    def __str__(self) -> str:
        return self.text


def literal(value: Json) -> Code:
    """A JSON value as a Python expression: ASCII, one line, equal to the value and of its type.

    Raises:
        ValueError: for a number that is not finite; JSON has none.
    """
    return Code(_source(value))


def _source(value: Json) -> str:
    if isinstance(value, str):
        return _quoted(value)
    if value is None or isinstance(value, (bool, int)):
        return repr(value)
    if isinstance(value, float):
        if not math.isfinite(value):
            raise ValueError("not a JSON number")
        return repr(value)
    if isinstance(value, dict):
        members = (f"{_quoted(key)}: {_source(member)}" for key, member in value.items())
        return "{" + ", ".join(members) + "}"
    return "[" + ", ".join(_source(element) for element in value) + "]"


def _quoted(text: str) -> str:
    """`ascii()` in double quotes, as black would write it."""
    quoted = ascii(text)
    if quoted[0] == '"' or '"' in quoted:
        return quoted
    return f'"{quoted[1:-1]}"'
