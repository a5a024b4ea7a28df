"""What in the answers belongs to somebody: it may be judged, and it stands in no report."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from .answer import Answers

_NAMES = ("request_id", "org_id", "user_id", "qworker_id", "email", "payload", "outcome")
SHORTEST = 8
MOST = 4000
"""Characters of a text that could be somebody's, and how many such texts are kept in mind."""


def private(answers: Answers) -> frozenset[str]:
    """Ids, prompts and addresses in the records that came."""
    found: set[str] = set()
    for answer in answers.values():
        for text in _texts(answer.json, owned=False, depth=0):
            if len(text) >= SHORTEST and len(found) < MOST:
                found.add(text)
    return frozenset(found)


def _texts(value: Any, owned: bool, depth: int) -> Iterator[str]:
    if isinstance(value, str):
        if owned:
            yield value
    elif isinstance(value, Mapping) and depth < 12:
        for name, member in value.items():
            yield from _texts(member, owned or name in _NAMES, depth + 1)
    elif isinstance(value, list) and depth < 12:
        for member in value:
            yield from _texts(member, owned, depth + 1)
