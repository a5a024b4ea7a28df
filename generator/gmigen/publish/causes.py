"""Why a file is not as generation would leave it: schema, template, tool or hand edit."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from ..settings import Settings
from .manifest import Change, Manifest

_STATES = {
    "new": "missing",
    "edited": "hand edit",
    "foreign": "not written by gmigen",
    "stale": "stale",
    "stale-edited": "stale, and changed by hand",
}


def explained(
    settings: Settings, changes: Iterable[Change], old: Manifest, new: Manifest
) -> Iterator[str]:
    """One line per file: its cause and its path."""
    moved = ", ".join(causes(old, new)) or "the manifest"
    for change in changes:
        yield f"{_STATES.get(change.state, moved)}: {settings.place_of(change.key)}"


def causes(old: Manifest, new: Manifest) -> Iterator[str]:
    """Which of the inputs of a generation moved since the last one."""
    models = {name for name in {*old.made_from, *new.made_from} if name.startswith("model:")}
    if any(old.made_from.get(name) != new.made_from.get(name) for name in models):
        yield "schema"
    for name, told in (("templates", "template"), ("runtime", "tool"), ("settings", "settings")):
        if old.made_from.get(name) != new.made_from.get(name):
            yield told
    if old.tools != new.tools:
        yield "tool"
