"""One difference between two snapshots, and what a set of them means for a version."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Literal

Kind = Literal[
    "model-added",
    "model-removed",
    "model-renamed",
    "parameter-added",
    "parameter-removed",
    "parameter-renamed",
    "became-required",
    "became-optional",
    "type-changed",
    "type-widened",
    "options-added",
    "options-removed",
    "bounds-loosened",
    "bounds-tightened",
    "default-changed",
    "name-changed",
    "price-changed",
    "text-changed",
]

Bump = Literal["none", "patch", "minor", "major"]

_PATCH: frozenset[Kind] = frozenset({"price-changed", "text-changed", "default-changed"})


@dataclass(frozen=True, order=True)
class Change:
    """`breaking` says whether code that builds requests today may stop to work or to type-check.

    `parameter` is the dotted wire path, empty for the model as a whole; `message` is a clause.
    """

    model: str
    parameter: str
    kind: Kind
    breaking: bool
    message: str


_ORDER: tuple[Bump, ...] = ("major", "minor", "patch")


def bump(changes: Iterable[Change]) -> Bump:
    """The least version step that tells users the truth (semantic versioning)."""
    levels = {_level(change) for change in changes}
    for level in _ORDER:
        if level in levels:
            return level
    return "none"


def _level(change: Change) -> Bump:
    if change.breaking:
        return "major"
    return "patch" if change.kind in _PATCH else "minor"
