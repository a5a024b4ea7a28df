# fmt: off
# isort: skip_file
# ruff: noqa
"""Names that read like another one: one rule for ids, classes, parameters and options."""

from __future__ import annotations

import difflib
from collections.abc import Iterable

LONGEST = 200


def nearest(asked: str, known: Iterable[str], most: int = 3) -> tuple[str, ...]:
    """Up to `most` of the known names that read most like `asked`, whatever the letter case."""
    folded: dict[str, list[str]] = {}
    for name in known:
        folded.setdefault(_plain(name), []).append(name)
    close = difflib.get_close_matches(_plain(asked), folded, n=most, cutoff=0.6)
    return tuple(name for key in close for name in folded[key])[:most]


def did_you_mean(names: Iterable[str]) -> str:
    """The question to put behind a refusal, with a space before it; empty without names."""
    listed = " or ".join(names)
    return f" Did you mean {listed}?" if listed else ""


def _plain(name: str) -> str:
    return name[:LONGEST].casefold()
