"""How well each belief is known, as people read it."""

from __future__ import annotations

from collections.abc import Iterator

from .table import beliefs


def told() -> Iterator[str]:
    """The coverage for people: one line per behaviour, after the word on how far to trust it."""
    yield "This emulator was never compared with the live service."
    for belief in beliefs().values():
        note = f" ({belief.note})" if belief.note else ""
        yield f"{belief.source:<22} {belief.name}{note}"
