"""Forgetting models that left the catalogue."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import replace
from pathlib import Path

from .. import disk
from .lock import LOCK, dump, read_lock


def forget(folder: Path, model_ids: Collection[str]) -> None:
    """Take removed models out of the lock of `folder`, which the caller holds.

    Raises:
        SnapshotError: when the lock cannot be used.
        PublishError: when the disk refuses.
    """
    lock = read_lock(folder)
    removed = {m: date for m, date in lock.removed.items() if m not in model_ids}
    if removed != lock.removed:
        disk.write_file(folder / LOCK, dump(replace(lock, removed=removed)))
