"""The snapshot of now against an older one, both read with today's overlays and settings."""

from __future__ import annotations

from ..build import read_overlays
from ..catalog import snapshot
from ..catalog.models import read_all
from ..catalog.revisions import old_snapshot
from ..settings import Settings
from . import Change, compare


def changes_since(settings: Settings, old: str | None) -> tuple[list[Change], str]:
    """The changes since `old`, a folder or a git revision, and the date of the snapshot now.

    Raises:
        RevisionError: when there is nothing to compare with.
        SnapshotError: when a snapshot cannot be used.
        OverlayError: when an overlay cannot be used.
    """
    overlays = read_overlays(settings)
    before = old_snapshot(settings, old)
    after = snapshot.load(settings.snapshot_folder)
    models = [read_all(side, overlays, settings).models for side in (before, after)]
    return compare(*models), after.lock.source.date
