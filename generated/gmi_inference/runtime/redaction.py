# fmt: off
# isort: skip_file
# ruff: noqa
"""Keys and signatures stand in no text that leaves this package.

Every key in use is registered here, and every error and every log line passes through here when it
is made: after the answer it tells of was judged by its own words, and before anybody can read it.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any
from weakref import WeakSet

SHORTEST = 8
"""Characters. A shorter key is no key of this API, and would black out ordinary words."""

_ANYWHERE = 16
# A URL without a query is taken, too, so that nothing of it is looked at twice.
_QUERY = re.compile(r"(https?://[^\s'\"<>?#]*)(\?[^\s'\"<>]*)?", re.IGNORECASE)


_guarded: WeakSet[Any] = WeakSet()


def guard(secret: Any) -> None:
    """Leave the key that `secret.reveal()` shows out of every text, while somebody holds it."""
    _guarded.add(secret)


def without_keys(text: str) -> str:
    """`text` with `[key]` in place of every key in use."""
    for secret in tuple(_guarded):
        key = secret.reveal()
        if len(key) >= _ANYWHERE:
            text = text.replace(key, "[key]")
        elif len(key) >= SHORTEST and key in text:
            text = re.sub(rf"(?<![\w-]){re.escape(key)}(?![\w-])", "[key]", text)
    return text


def without_query(text: str) -> str:
    """`text` with the query of every URL in it left out: a signed query is a credential."""
    return _QUERY.sub(lambda url: f"{url[1]}?..." if url[2] is not None else url[1], text)


def redacted(text: str) -> str:
    """`text` as it may be shown: without keys and without the queries of URLs."""
    return without_query(without_keys(text))


def without_keys_inside(value: Any) -> Any:
    """The same value with no key in any text of it; lists and mappings are copied if need be."""
    if isinstance(value, str):
        return without_keys(value)
    if isinstance(value, bytes):
        text = value.decode("latin-1")
        return without_keys(text).encode("latin-1", "replace")
    if isinstance(value, Mapping):
        return {without_keys_inside(k): without_keys_inside(v) for k, v in value.items()}
    if isinstance(value, (list, tuple)):
        return type(value)(without_keys_inside(member) for member in value)
    return value


def holds_a_key(body: bytes) -> bool:
    """Whether a key may stand in these bytes: plainly, or as JSON escapes or encodes it."""
    if b"\\u" in body or b"\0" in body:  # in UTF-16 and UTF-32 letters have a NUL beside them
        return True
    keys = (secret.reveal() for secret in tuple(_guarded))
    return any(len(key) >= SHORTEST and key.encode() in body for key in keys)
