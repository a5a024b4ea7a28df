"""The documents of a snapshot, corrected by overlays, as models; each on its own."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace

from ..problems import Problem
from ..schema import Model, read_details
from ..schema.json_text import Unreadable, identity, parse
from ..schema.overlays import Overlay, OverlayError, apply, key_of
from ..schema.types import Json
from ..settings import Settings, SettingsError
from .snapshot import Document, Snapshot


@dataclass(frozen=True)
class Reading:
    """The wanted models, ordered by id, and everything that was found on the way.

    `texts` holds the corrected details of each model in one canonical form; `overlays` what the
    lock is to remember of every correction: nothing while it applies, else the date it stopped.
    """

    models: tuple[Model, ...]
    documents: Mapping[str, Document]
    texts: Mapping[str, str]
    problems: tuple[Problem, ...]
    overlays: Mapping[str, str]


def read_all(source: Snapshot, overlays: Sequence[Overlay], settings: Settings) -> Reading:
    """Read every wanted document of a snapshot.

    Raises:
        OverlayError: when a correction of the user's matches nothing and never did.
        SettingsError: when a glob of `include` matches no model.
    """
    corrections = _Corrections(source, overlays)
    found: dict[str, tuple[Model, Document, str]] = {}
    problems: list[Problem] = []
    for document in source.documents:
        value = parse(document.text)
        if isinstance(value, Unreadable):
            message = f"the document: {value.reason}"
            name = document.model_id or document.file
            problems.append(Problem("refused", name, "", value.code, message))
            continue
        value, notes = corrections.apply(document, value)
        model = read_details(value, model_id=document.model_id)
        if isinstance(model, Problem):
            problems.append(replace(model, model=model.model or document.file))
        elif model.id in found:
            other = found[model.id][1].file
            message = f"{document.file} and {other} describe the same model"
            problems.append(Problem("refused", model.id, "", "model-twice", message))
        else:
            model = replace(model, problems=(*model.problems, *notes))
            found[model.id] = (model, document, identity(value))
    _check_globs(settings, found)
    ordered = [model_id for model_id in sorted(found) if settings.wants(model_id)]
    return Reading(
        tuple(found[model_id][0] for model_id in ordered),
        {model_id: found[model_id][1] for model_id in ordered},
        {model_id: found[model_id][2] for model_id in ordered},
        (*problems, *corrections.problems()),
        corrections.remembered(),
    )


@dataclass
class _Corrections:
    """The overlays at work, and which of their corrections did something."""

    source: Snapshot
    overlays: Sequence[Overlay]
    idle: dict[str, str] = field(default_factory=dict)
    unmatched: dict[str, str] = field(default_factory=dict)
    met: set[str] = field(default_factory=set)

    def apply(self, document: Document, value: Json) -> tuple[Json, tuple[Problem, ...]]:
        """The corrected details, and a note for every correction."""
        notes: tuple[Problem, ...] = ()
        named = value.get("model") if isinstance(value, dict) else None
        for overlay in self.overlays:
            if overlay.model != (document.model_id or named):
                continue
            applied = apply(overlay, value)
            value, notes = applied.details, (*notes, *applied.notes)
            self.met.add(overlay.file)
            self.idle.update(applied.redundant)
            self.unmatched.update(applied.unmatched)
        return value, notes

    def problems(self) -> Iterator[Problem]:
        """A warning for every correction that stopped to match.

        Raises:
            OverlayError: for one of the user's that never matched.
        """
        before = self.source.lock.overlays
        for overlay in self.overlays:
            for name in overlay.parameters:
                key = key_of(overlay, name)
                reason = self.unmatched.get(key)
                if overlay.file not in self.met:
                    reason = f"there is no model {overlay.model}"
                if reason and not overlay.bundled and key not in before:
                    raise OverlayError(f"The overlay {overlay.file} matches nothing: {reason}.")
                if reason:
                    self.idle[key] = reason
                if key in self.idle and not (reason and overlay.bundled):
                    date = before.get(key) or self.source.lock.source.date
                    since = f", since the snapshot of {date}" if date else ""
                    message = (
                        f"the overlay {overlay.file} corrects nothing: {self.idle[key]}{since}"
                    )
                    yield Problem("warning", overlay.model, name, "overlay-idle", message)

    def remembered(self) -> dict[str, str]:
        """Every correction, with the date it stopped to match where it did."""
        before = self.source.lock.overlays
        today = self.source.lock.source.date
        mine = [o for o in self.overlays if o.file in self.met or not o.bundled]
        keys = (key_of(overlay, name) for overlay in mine for name in overlay.parameters)
        return {key: (before.get(key) or today) if key in self.idle else "" for key in keys}


def _check_globs(settings: Settings, found: Mapping[str, object]) -> None:
    for glob in settings.include:
        alone = replace(settings, include=(glob,), exclude=())
        if found and not any(alone.wants(model_id) for model_id in found):
            raise SettingsError(f"The glob {glob!r} of `include` matches no model of the snapshot.")
