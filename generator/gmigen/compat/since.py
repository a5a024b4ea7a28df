"""The snapshot of now against an older one, both read with today's overlays and settings."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from ..catalog import snapshot
from ..catalog.models import read_all
from ..catalog.overlays import read_overlays
from ..catalog.revisions import old_snapshot
from ..errors import RevisionError
from ..settings import Settings
from . import Change, compare
from .report import PRINTED, told


@dataclass(frozen=True)
class Entry:
    """What a changelog is given."""

    date: str
    notes: str


def changes_since(settings: Settings, old: str | None) -> tuple[list[Change], str]:
    """The changes since `old`, a folder or a git revision, and the date of the snapshot now.

    Raises:
        RevisionError: when there is nothing to compare with.
        SnapshotError: when a snapshot cannot be used.
        OverlayError: when an overlay cannot be used.
    """
    overlays, _ = read_overlays(settings)
    before = old_snapshot(settings, old)
    after = snapshot.load(settings.snapshot_folder)
    old_models, new_models = (read_all(side, overlays, settings).models for side in (before, after))
    names = (before.ledger, after.ledger) if before.ledger and after.ledger else None
    return compare(old_models, new_models, names), after.lock.source.date


def entry_since(settings: Settings, *, say: Callable[[str], object]) -> Entry | None:
    """What changed since the committed snapshot, or None where nothing did.

    Where there is nothing to compare with, `say` is told so, and there is no entry.

    Raises:
        SnapshotError: when a snapshot cannot be used.
        OverlayError: when an overlay cannot be used.
    """
    try:
        changes, date = changes_since(settings, None)
    except RevisionError as error:
        say(f"The changelog is left as it is: {error}")
        return None
    return Entry(date, told(changes, "markdown", most=PRINTED)) if changes else None
