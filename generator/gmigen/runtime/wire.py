"""Readers of what comes from outside. They are total: whatever the bytes, a value or None.

A number no machine takes, a date of the year 99999, half of a surrogate pair, a document nested a
thousand levels deep: each is None, and nobody above has to think of it. Memory is bounded by the
size of what is read.
"""

from __future__ import annotations

import json
import math
import re
from collections.abc import Mapping
from typing import Any

MEMBERS = 1_000_000
"""Members of a document beyond which it is no answer of this API, but an attack on memory."""

DEPTH = 64
DIGITS = 400
ID_LENGTH = 400
TEXT_LENGTH = 4000

# Half of a surrogate pair is among them: it can be written in no encoding.
_CONTROL = re.compile("[\x00-\x1f\x7f-\x9f\u2028\u2029\ud800-\udfff]")


def json_value(body: bytes | str) -> Any:
    """The JSON value in `body`; None when there is none, or none of a sensible shape."""
    try:
        text = body if isinstance(body, str) else _decoded(body)
        openings = text.count("[") + text.count("{")
        if text.count(",") + openings > MEMBERS:
            return None
        value = json.loads(text, parse_int=_integer)
    except (ValueError, RecursionError, MemoryError):
        return None
    return value if openings <= DEPTH or _shallow(value) else None


def json_mapping(body: bytes | str) -> Mapping[str, Any]:
    """The JSON object in `body`; empty when there is none."""
    value = json_value(body)
    return value if isinstance(value, Mapping) else {}


def _decoded(body: bytes) -> str:
    # One broken byte in an echoed prompt is no reason to lose the job around it.
    return body.decode(json.detect_encoding(body), "replace").removeprefix("\ufeff")


def _integer(digits: str) -> int | float:
    # Long ones take Python minutes, or are refused; no reader takes infinity for a number.
    return int(digits) if len(digits) < DIGITS else math.inf


def _shallow(value: Any, depth: int = DEPTH) -> bool:
    members = value.values() if isinstance(value, dict) else value
    inner = (member for member in members if isinstance(member, (dict, list)))
    return depth > 0 and all(_shallow(member, depth - 1) for member in inner)


def text(value: Any, limit: int = TEXT_LENGTH) -> str | None:
    """A text that can be printed and sent, cut to `limit` characters; a number is one, too."""
    if finite(value) is not None:
        value = str(value)
    if not isinstance(value, str) or not value:
        return None
    return value[:limit].encode("utf-8", "replace").decode("utf-8")


def word(value: Any) -> str | None:
    """A text of one line that is worth showing, stripped."""
    found = text(value, ID_LENGTH)
    return _CONTROL.sub(" ", found).strip() or None if found is not None else None


def quoted(value: str) -> str:
    """A text as it is written in code, so that a command that holds it can be copied."""
    return json.dumps(value, ensure_ascii=False)


def identity(value: Any) -> str | None:
    """An id that can stand in a URL path by itself, stripped; None for anything else."""
    if not isinstance(value, str) or len(value) > 2 * ID_LENGTH:
        return None
    plain = value.strip()
    if not plain or len(plain) > ID_LENGTH or plain in (".", "..") or _CONTROL.search(plain):
        return None
    return plain


def finite(value: Any) -> float | None:
    """A number a machine takes; None for truth values, NaN, infinities and what overflows."""
    if isinstance(value, bool) or not isinstance(value, (int, float)):
        return None
    try:
        number = float(value)
    except OverflowError:
        return None
    return number if math.isfinite(number) else None


def amount(value: Any) -> float | None:
    """A number of zero or more, such as a duration."""
    number = finite(value)
    return number if number is not None and 0 <= number < 1e15 else None


def whole(value: Any) -> int | None:
    """A whole number of zero or more, such as a width in pixels."""
    number = amount(value)
    return None if number is None else int(number)


def moment(value: Any) -> float | None:
    """Unix seconds that a calendar has a date for, given as a number."""
    number = finite(value)
    return number if number is not None and 0 <= number < 253_402_300_800 else None


def size_header(value: str | None) -> int | None:
    """The bytes a header states; None when it states nothing readable."""
    plain = (value or "").strip()
    return int(plain) if plain.isascii() and plain.isdecimal() and len(plain) < 16 else None


def number_text(value: Any) -> float | None:
    """A number of zero or more in a header or a document, written as a number or as text."""
    if isinstance(value, str):
        try:
            value = float(value[:64])
        except ValueError:
            return None
    return amount(value)


def date_header(value: str | None) -> float | None:
    """The unix seconds of an HTTP date; None for anything that is none."""
    if not value or len(value) > 64 or not any(letter.isalpha() for letter in value):
        return None
    from datetime import timezone
    from email.utils import parsedate_to_datetime

    try:
        found = parsedate_to_datetime(value)
        return moment((found if found.tzinfo else found.replace(tzinfo=timezone.utc)).timestamp())
    except (TypeError, ValueError, IndexError, OverflowError):
        return None
