"""The overlays at work: which of their corrections did something, and which no longer do."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace

from ..errors import OverlayError
from ..problems import Problem
from ..schema import Model, read_details
from ..schema.algebra import admits
from ..schema.covers import covers
from ..schema.overlays import Overlay, apply, key_of
from ..schema.types import Json


@dataclass
class Corrections:
    """Applies overlays to documents. `before` is what was remembered of every correction."""

    date: str
    """Of the snapshot."""
    overlays: Sequence[Overlay]
    before: Mapping[str, str]
    idle: dict[str, str] = field(default_factory=dict)
    unmatched: dict[str, str] = field(default_factory=dict)
    outdated: dict[str, str] = field(default_factory=dict)
    met: set[str] = field(default_factory=set)

    def apply(self, model_id: str | None, value: Json) -> tuple[Json, tuple[Problem, ...]]:
        """The corrected details, and a note for every correction."""
        notes: tuple[Problem, ...] = ()
        named = value.get("model") if isinstance(value, dict) else None
        for overlay in self.overlays:
            if overlay.model != (model_id or named):
                continue
            applied = apply(overlay, value)
            narrowed = tuple(_narrowed(overlay, model_id, value, applied.details))
            value, notes = applied.details, (*notes, *applied.notes, *narrowed)
            self.outdated.update(applied.outdated)
            self.met.add(overlay.file)
            self.idle.update(applied.redundant)
            self.unmatched.update(applied.unmatched)
        return value, notes

    def exemplified(self, model: Model) -> Model:
        """`model` with what an example of it needs; what the model would refuse is left out."""
        known = {parameter.name: parameter.type for parameter in model.parameters}
        shown: dict[str, Json] = {}
        problems: list[Problem] = []
        for overlay in self.overlays:
            for name, value in overlay.example.items() if overlay.model == model.id else ():
                if name in known and admits(known[name], value):
                    shown[name] = value
                else:
                    told = f"the example in {overlay.file} says what the model does not take"
                    problems.append(Problem("warning", model.id, name, "overlay-example", told))
        return replace(model, example=shown, problems=(*model.problems, *problems))

    def problems(self) -> Iterator[Problem]:
        """A warning for every correction that stopped to match.

        Raises:
            OverlayError: for one of the user's that never matched.
        """
        for overlay in self.overlays:
            for name in overlay.parameters:
                key = key_of(overlay, name)
                reason = self.unmatched.get(key)
                if overlay.file not in self.met:
                    reason = f"there is no model {overlay.model}"
                if reason and not overlay.bundled and key not in self.before:
                    raise OverlayError(f"The overlay {overlay.file} matches nothing: {reason}.")
                if key in self.outdated:
                    told = f"the overlay {overlay.file} stands down: {self.outdated[key]}"
                    yield Problem("warning", overlay.model, name, "overlay-outdated", told)
                if reason:
                    self.idle[key] = reason
                if key in self.idle and not (reason and overlay.bundled):
                    date = self.before.get(key) or self.date
                    since = f", since the snapshot of {date}" if date else ""
                    message = (
                        f"the overlay {overlay.file} corrects nothing: {self.idle[key]}{since}"
                    )
                    yield Problem("warning", overlay.model, name, "overlay-idle", message)

    def remembered(self) -> dict[str, str]:
        """Every correction, with the date it stopped to match where it did."""
        mine = [o for o in self.overlays if o.file in self.met or not o.bundled]
        keys = (key_of(overlay, name) for overlay in mine for name in overlay.parameters)
        return {
            key: (self.before.get(key) or self.date) if key in self.idle else "" for key in keys
        }


def _narrowed(
    overlay: Overlay, model_id: str | None, before: Json, after: Json
) -> Iterator[Problem]:
    """A correction widens what is taken, or says why it does not."""
    models = [read_details(side, model_id=model_id) for side in (before, after)]
    old, new = (
        {p.name: p for p in model.parameters} if isinstance(model, Model) else {}
        for model in models
    )
    for name, correction in overlay.parameters.items():
        both = name in old and name in new and "narrows" not in correction
        if both and not covers(new[name].type, old[name].type):
            told = f"{overlay.file} refuses values the API announces; say why with `narrows`"
            yield Problem("warning", overlay.model, name, "overlay-narrows", told)
