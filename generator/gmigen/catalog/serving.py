"""A snapshot as the emulator serves it: raw details by model id."""

from __future__ import annotations

from pathlib import Path

from ..problems import Problem
from ..schema import read_document
from . import snapshot


def documents(folder: Path) -> dict[str, bytes]:
    """The details in a snapshot by model id, as they stand on disk; unreadable ones are left out.

    Raises:
        SnapshotError: when there is no snapshot in `folder`.
    """
    found: dict[str, bytes] = {}
    for document in snapshot.load(folder).documents:
        model = read_document(document.text, model_id=document.model_id)
        if not isinstance(model, Problem):
            found[model.id] = document.text
    return found
