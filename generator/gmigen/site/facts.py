"""What the site is made of: the models as generation reads them, their names, what changed."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from ..catalog import snapshot
from ..catalog.lock import Source
from ..catalog.models import read_all
from ..catalog.overlays import read_overlays
from ..catalog.snapshot import Snapshot
from ..compat import Change
from ..emit.classes import Class, classes_of
from ..emit.index import by_name
from ..naming.names import Ledger, ModelNames
from ..pricing import files as prices
from ..pricing.claim import Claim
from ..problems import Problem
from ..schema.overlays import Overlay
from ..schema.types import Model
from ..settings import Settings


@dataclass(frozen=True)
class Known:
    """One model with the names of its module, class and attributes."""

    model: Model
    names: ModelNames
    classes: Sequence[Class]


@dataclass(frozen=True)
class Facts:
    """Everything the pages say of models."""

    known: tuple[Known, ...]
    source: Source
    unread: tuple[str, ...] = ()
    """Ids the API is known to have, of which there are no details."""
    claims: Sequence[Claim] = ()
    changes: Sequence[Change] | None = None
    """Since the snapshot before; None where there is none to compare with, and `why` says so."""
    why: str = ""
    refused: tuple[Problem, ...] = ()


def of_snapshot(
    source: Snapshot,
    settings: Settings,
    overlays: Sequence[Overlay] = (),
    claims: Sequence[Claim] = (),
    changes: Sequence[Change] | None = None,
    why: str = "",
) -> Facts:
    """Read a snapshot for the site, with the names that its ledger promises."""
    reading = read_all(source, overlays, settings, _remembered(overlays), claims)
    names: Mapping[str, ModelNames] = (source.ledger or Ledger()).copy().name(reading.models)
    living = [model.id for model in reading.models]
    named = {*snapshot.known_by_name(), *source.lock.files}
    return Facts(
        tuple(
            Known(model, names[model.id], classes_of(model, names[model.id]))
            for model in reading.models
        ),
        source.lock.source,
        tuple(by_name(named, living)),
        claims,
        changes,
        why,
        tuple(problem for problem in reading.problems if problem.level == "refused"),
    )


def of_settings(settings: Settings) -> Facts:
    """The same for the snapshot and the corrections that the settings name.

    Raises:
        SnapshotError: when the snapshot cannot be used.
        OverlayError: when a correction cannot be used.
    """
    from .changes import since_the_snapshot_before

    overlays, _ = read_overlays(settings)
    claims, _ = prices.read_all(settings.overlays_folder)
    source = snapshot.load(settings.snapshot_folder)
    changes, why = since_the_snapshot_before(settings)
    return of_snapshot(source, settings, overlays, claims, changes, why)


def _remembered(overlays: Sequence[Overlay]) -> dict[str, str]:
    """Whether a correction still matches is for `generate` to say, not for the pages."""
    return {f"{overlay.file}#{name}": "" for overlay in overlays for name in overlay.parameters}
