"""What an answer to `GET /models` says beside the ids that can be asked for.

The API documents no pages; a cut list must not look like a catalogue that lost what stands on the
next one.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping

from ..schema.json_text import Unreadable, parse_large
from ..schema.types import Json

MAX_BYTES = 64 * 1024 * 1024

_MORE = frozenset({"hasmore", "hasnext", "hasnextpage", "more", "truncated", "istruncated"})
_TOTALS = frozenset({"total", "totalcount", "totalitems", "totalmodels"})
_PAGES = frozenset({"totalpages", "pagecount"})


def goes_on(body: bytes, headers: Mapping[str, str]) -> bool:
    """Whether an answer to `GET /models` says, in any usual way, that there are more."""
    if 'rel="next"' in headers.get("link", "").lower().replace("'", '"'):
        return True
    said = parse_large(body, MAX_BYTES)
    if isinstance(said, Unreadable) or not isinstance(said, dict):
        return False
    count = len(_entries(said))
    about = [said, *(part for part in said.values() if isinstance(part, dict))]
    return any(_says_more(key, value, count) for part in about for key, value in part.items())


def unusable(body: bytes, ids: Collection[str]) -> list[str]:
    """What stands in the list as an id and is none of `ids`, which can be asked for."""
    said = parse_large(body, MAX_BYTES)
    entries = [] if isinstance(said, Unreadable) else _entries(said)
    named = (e.get("model", e.get("id")) if isinstance(e, dict) else e for e in entries)
    texts = dict.fromkeys(told for told in named if isinstance(told, str))
    return [told for told in texts if told.strip() and told.strip() not in ids]


def _entries(said: Json) -> list[Json]:
    found = said.get("model_ids", said.get("models")) if isinstance(said, dict) else said
    return found if isinstance(found, list) else []


def _says_more(key: str, value: Json, count: int) -> bool:
    word = key.lower().replace("_", "").replace("-", "")
    if word in _MORE or word.startswith("next"):
        return bool(value) and str(value).lower() not in ("false", "0", "null", "none")
    if isinstance(value, bool) or not isinstance(value, (int, float)):
        return False
    return (word in _TOTALS and value > count) or (word in _PAGES and value > 1)
