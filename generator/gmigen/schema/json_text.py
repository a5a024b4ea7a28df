"""Text from the network -> a JSON value that is safe to walk, or the reason it is not.

Every limit is far above what a real model needs and far below what would hurt: a document that
passes can be walked recursively, printed and compared without further care.
"""

from __future__ import annotations

import json
import math
import re
from collections.abc import Iterator
from dataclasses import dataclass

from .types import Json

MAX_BYTES = 2 * 1024 * 1024
MAX_DEPTH = 32
MAX_TEXT = 64 * 1024
MAX_ITEMS = 4096
MAX_VALUES = 15_000
"""Names and values together; the largest document of the catalogue holds 463."""

_SURROGATE = re.compile("[\ud800-\udfff]")


@dataclass(frozen=True)
class Unreadable:
    """Why a text is not a document; `code` is stable, `reason` is the end of a sentence."""

    code: str
    reason: str


def parse(text: bytes | str) -> Json | Unreadable:
    """Read one JSON value, refusing what JSON forbids and Python's parser would let through."""
    value = _loaded(text, MAX_BYTES)
    return value if isinstance(value, Unreadable) else _over_limit(value) or value


def parse_large(text: bytes, most: int) -> Json | Unreadable:
    """The same for a file of ours that lists many models: up to `most` bytes, of any width."""
    value = _loaded(text, most)
    if isinstance(value, Unreadable):
        return value
    return next((_too_deep() for depth, _ in _walk(value) if depth > MAX_DEPTH), value)


def _loaded(text: bytes | str, most: int) -> Json | Unreadable:
    decoded = _decode(text, most)
    if isinstance(decoded, Unreadable):
        return decoded
    try:
        value: Json = json.loads(
            decoded, object_pairs_hook=_object, parse_constant=_constant, parse_float=_float
        )
    except _Forbidden as error:
        return error.unreadable
    except json.JSONDecodeError as error:
        return _not_json(decoded, error)
    except RecursionError:
        return _too_deep()
    except ValueError:
        return Unreadable("number-size", "it holds a number of more than 4,300 digits")
    return value


def same(one: Json, other: Json) -> bool:
    """Whether two values are one value on the wire: `1`, `1.0`, `true` and `"1"` are four."""
    return identity(one) == identity(other)


def identity(value: Json) -> str:
    """A text that is equal for two values exactly if they are the same JSON value."""
    return json.dumps(value, sort_keys=True, ensure_ascii=True)


class _Forbidden(Exception):
    def __init__(self, code: str, reason: str) -> None:
        self.unreadable = Unreadable(code, reason)


def _decode(text: bytes | str, most: int) -> str | Unreadable:
    size = len(text) if isinstance(text, bytes) else len(text.encode("utf-8", "surrogatepass"))
    if size > most:
        return Unreadable("document-size", f"it is longer than the {most:,} bytes that are allowed")
    if isinstance(text, str):
        return text.removeprefix("\ufeff")
    try:
        return text.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        return Unreadable("not-utf8", f"it is not UTF-8 text (byte {error.start})")


def _object(pairs: list[tuple[str, Json]]) -> dict[str, Json]:
    members = dict(pairs)
    if len(members) != len(pairs):
        raise _Forbidden("duplicate-key", "one of its objects names the same key twice")
    return members


def _constant(word: str) -> Json:
    raise _Forbidden("number-not-finite", f"it holds {word}, which is not JSON")


def _float(digits: str) -> float:
    number = float(digits)
    if not math.isfinite(number):
        raise _Forbidden("number-not-finite", "it holds a number too large for a float")
    return number


def _not_json(text: str, error: json.JSONDecodeError) -> Unreadable:
    if re.search(r"^(<{7}|>{7})( |$)", text, re.MULTILINE):
        return Unreadable("conflict-markers", "it holds the conflict markers of a merge: settle it")
    if text.startswith("version https://git-lfs.github.com/"):
        return Unreadable("lfs-pointer", "it is a pointer of Git LFS: run `git lfs pull`")
    if text.lstrip()[:1] == "<":
        return Unreadable("not-json", "it is an HTML or XML page, not JSON")
    if not text.strip():
        return Unreadable("not-json", "it is empty")
    if error.pos >= len(text.rstrip()):
        return Unreadable("not-json", "it stops in the middle: the text was cut")
    return Unreadable("not-json", f"it is not JSON (line {error.lineno}, column {error.colno})")


def _too_deep() -> Unreadable:
    return Unreadable("document-depth", f"it is nested more than {MAX_DEPTH} levels deep")


def _over_limit(value: Json) -> Unreadable | None:
    for count, (depth, part) in enumerate(_walk(value), 1):
        if count > MAX_VALUES:
            return Unreadable(
                "document-values", f"it holds more than {MAX_VALUES:,} names and values"
            )
        if depth > MAX_DEPTH:
            return _too_deep()
        if isinstance(part, (list, dict)) and len(part) > MAX_ITEMS:
            return Unreadable("document-width", f"it holds a list of {len(part):,} elements")
        if isinstance(part, str):
            if len(part) > MAX_TEXT:
                return Unreadable("text-size", f"it holds a text of {len(part):,} characters")
            if _SURROGATE.search(part):
                return Unreadable("text-surrogate", "it holds half a surrogate pair")
    return None


def _walk(value: Json) -> Iterator[tuple[int, Json]]:
    pending: list[tuple[int, Json]] = [(1, value)]
    while pending:
        depth, part = pending.pop()
        yield depth, part
        if depth > MAX_DEPTH:
            return
        if isinstance(part, dict):
            pending.extend((depth, key) for key in part)
            pending.extend((depth + 1, member) for member in part.values())
        elif isinstance(part, list):
            pending.extend((depth + 1, member) for member in part)
