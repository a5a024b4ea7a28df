"""How well each behaviour of the emulator is known, as data that ships with it."""

from __future__ import annotations

import json
from functools import lru_cache
from importlib.resources import files
from typing import Literal, TypedDict

Source = Literal[
    "recorded in public", "vendor documentation", "vendor SDK", "an integrator", "unconfirmed"
]


class Behaviour(TypedDict):
    """One thing the emulator does. `name` starts with what it is about: `route:`, `field:`,
    `status:`, `outcome:`, `error:`, `upload:`, `rule:`."""

    name: str
    source: Source
    note: str


class Coverage(TypedDict):
    """`compared_with_live_service` is false until someone has done it and says when."""

    compared_with_live_service: bool
    behaviours: list[Behaviour]


@lru_cache(maxsize=1)
def coverage() -> Coverage:
    """The source of every route, field, status and error text that the emulator knows."""
    text = files("gmigen.emulator").joinpath("coverage.json").read_text("utf-8")
    read: Coverage = json.loads(text)
    return read
