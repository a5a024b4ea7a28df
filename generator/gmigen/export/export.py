"""The chosen models of a snapshot as the text of one document."""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import Any

from .. import disk
from ..catalog import snapshot
from ..catalog.models import read_all
from ..catalog.overlays import read_overlays
from ..emit import findings
from ..errors import SettingsError
from ..naming.names import Ledger
from ..pricing import files as prices
from ..problems import Problem
from ..schema.json_text import MAX_BYTES
from ..schema.types import Model
from ..settings import Settings
from . import openapi, schemas


def export(settings: Settings, form: str) -> tuple[str, tuple[Problem, ...]]:
    """The document, and the models that cannot be read and are not in it.

    Raises:
        SnapshotError: when the snapshot cannot be used.
        OverlayError: when a correction cannot.
        SettingsError: when no model is wanted.
    """
    source = snapshot.load(settings.snapshot_folder)
    overlays, _ = read_overlays(settings)
    claims, _ = prices.read_all(settings.overlays_folder)
    found = disk.read(settings.package_folder / findings.FILE, MAX_BYTES) or b""
    read = read_all(source, overlays, settings, findings.overlays_of(found), claims)
    if not read.models:
        raise SettingsError("No model of the snapshot is wanted, so that there is none to export.")
    names = (source.ledger or Ledger()).copy().name(read.models)
    named = [(model, names[model.id].request.cls) for model in read.models]
    version = source.lock.source.date or "undated"
    refused = tuple(problem for problem in read.problems if problem.level == "refused")
    return _text(_document(named, form, version)), refused


def _document(named: Sequence[tuple[Model, str]], form: str, version: str) -> dict[str, Any]:
    if form == "openapi":
        return openapi.document(named, version)
    return schemas.document(named)


def _text(document: dict[str, Any]) -> str:
    """JSON in ASCII that no page it is put into, and no terminal, takes for anything else."""
    text = json.dumps(document, indent=2, ensure_ascii=True, allow_nan=False)
    return text.replace("<", "\\u003c").replace("\x7f", "\\u007f") + "\n"
