"""Why a file is not as generation would leave it: schema, template, tool or hand edit."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping

from ..settings import Settings
from .compare import Change
from .manifest import Manifest
from .publish import Wanted

_STATES = {
    "new": "missing",
    "edited": "hand edit",
    "foreign": "not written by gmigen",
    "stale": "stale",
    "stale-edited": "stale, and changed by hand",
    "kept": "cannot be made now, kept as it is",
}


def explained(
    settings: Settings, changes: Iterable[Change], old: Mapping[str, Manifest], wanted: Wanted
) -> Iterator[str]:
    """One line per file: its cause and its path."""
    for change in changes:
        moved = ", ".join(causes(old.get(change.key[0], Manifest()), wanted))
        # Ours by its hash, from equal inputs, and yet another text: then the hash was changed too.
        told = _STATES.get(change.state) or moved or "hand edit"
        yield f"{told}: {settings.place_of(change.key)}"


def causes(old: Manifest, wanted: Wanted) -> Iterator[str]:
    """Which of the inputs of a generation moved since the last one."""
    for name in ("schema", "template", "settings"):
        if old.made_from.get(name) != wanted.made_from.get(name):
            yield name
    moved = old.made_from.get("runtime") != wanted.made_from.get("runtime")
    if moved or old.tools != wanted.tools:
        yield "tool"
