"""How well each behaviour of the emulator is known, as data that ships with it."""

from __future__ import annotations

import json
from functools import lru_cache
from typing import TypedDict

from .. import resources
from ..beliefs.table import Source


class _Row(TypedDict):
    name: str
    source: Source
    note: str


class Behaviour(_Row, total=False):
    """One thing the emulator does: a `beliefs.table.Belief` as JSON."""

    says: str
    relied_on: bool


class Coverage(TypedDict):
    """`compared_with_live_service` is false until someone has done it and says when."""

    compared_with_live_service: bool
    behaviours: list[Behaviour]


@lru_cache(maxsize=1)
def coverage() -> Coverage:
    """The source of every route, field, status and error text that the emulator knows."""
    read: Coverage = json.loads(resources.coverage().read_text("utf-8"))
    return read
