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


def told() -> str:
    """The coverage for people: one line per behaviour, after the word on how far to trust it."""
    known = coverage()
    lines = [
        (
            "This emulator was compared with the live service."
            if known["compared_with_live_service"]
            else "This emulator was never compared with the live service."
        )
    ]
    for behaviour in known["behaviours"]:
        note = f" ({behaviour['note']})" if behaviour["note"] else ""
        lines.append(f"{behaviour['source']:<22} {behaviour['name']}{note}")
    return "\n".join(lines)
