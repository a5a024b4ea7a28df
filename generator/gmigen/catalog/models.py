"""The documents of a snapshot, corrected by overlays, as models; each on its own."""

from __future__ import annotations

import difflib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace

from ..errors import SettingsError
from ..pricing.claim import Claim
from ..pricing.table import priced
from ..problems import Problem
from ..schema import Model, read_details
from ..schema.json_text import Unreadable, parse
from ..schema.overlays import Overlay
from ..schema.types import Json
from ..settings import Settings
from .corrections import Corrections
from .snapshot import Document, Snapshot


@dataclass(frozen=True)
class Reading:
    """The wanted models, ordered by id, and everything that was found on the way.

    `overlays` holds what is to be remembered of every correction: nothing while it applies, else
    the date it stopped.
    """

    models: tuple[Model, ...]
    problems: tuple[Problem, ...]
    overlays: Mapping[str, str]


def read_all(
    source: Snapshot,
    overlays: Sequence[Overlay],
    settings: Settings,
    before: Mapping[str, str] | None = None,
    claims: Sequence[Claim] = (),
) -> Reading:
    """Read every wanted document of a snapshot.

    Args:
        source: the snapshot.
        overlays: corrections of what the API says.
        settings: `include` and `exclude` say which models are wanted.
        before: what was remembered of every correction.
        claims: what is published of prices.

    Raises:
        OverlayError: when a correction of the user's matches nothing and never did.
        SettingsError: when a glob of `include` matches no model.
    """
    corrections = Corrections(source.lock.source.date, overlays, before or {})
    found: dict[str, tuple[str, Model]] = {}
    problems: list[Problem] = []
    for document in source.documents:
        outcome = _read(document, corrections)
        if isinstance(outcome, Problem):
            problems.append(outcome)
        elif outcome.id in found or (document.model_id is None and outcome.id in source.lock.files):
            taken = source.lock.files.get(outcome.id) or found[outcome.id][0]
            problems.append(_stray(document, outcome.id, taken))
        else:
            found[outcome.id] = (document.file, outcome)
    _check_globs(settings, {*found, *source.lock.files, *source.lock.removed})
    known, date = {*found, *source.lock.files}, source.lock.source.date
    problems += [
        _unpriced(claim, model_id)
        for claim in claims
        for model_id in claim.models
        if not claim.bundled and model_id not in known
    ]
    return Reading(
        tuple(
            _priced(found[model_id][1], claims, date)
            for model_id in sorted(found)
            if settings.wants(model_id)
        ),
        (*problems, *corrections.problems()),
        corrections.remembered(),
    )


def _read(document: Document, corrections: Corrections) -> Model | Problem:
    name = document.model_id or document.file
    if document.text is None:
        listed = document.model_id is not None
        message = (
            f"{document.file} is {'listed in lock.json and is ' if listed else ''}no plain file"
        )
        if listed:
            message += ": restore it from version control, or fetch again"
        return Problem("refused" if listed else "warning", name, "", "document-missing", message)
    value = parse(document.text)
    if isinstance(value, Unreadable):
        return Problem("refused", name, "", value.code, f"{document.file}: {value.reason}")
    try:
        return _corrected(document, value, corrections)
    except Exception as error:  # whatever fails for one model is that model's trouble alone
        message = f"it cannot be read: {type(error).__name__}: {error}"[:400]
        return Problem("refused", name, "", "internal", message)


def _corrected(document: Document, value: Json, corrections: Corrections) -> Model | Problem:
    value, notes = corrections.apply(document.model_id, value)
    model = read_details(value, model_id=document.model_id)
    if isinstance(model, Problem):
        return replace(model, model=model.model or document.file)
    return corrections.exemplified(replace(model, problems=(*model.problems, *notes)))


def _stray(document: Document, model_id: str, taken: str) -> Problem:
    """Two files for one model: the one the lock lists is right, the other is named."""
    message = f"{document.file} describes a model whose details are in {taken}; it is not read"
    return Problem("warning", model_id, "", "document-stray", message)


def _priced(model: Model, claims: Sequence[Claim], date: str) -> Model:
    try:
        return priced(model, claims, date)
    except Exception as error:  # whatever fails for one model is that model's trouble alone
        told = f"its price cannot be read: {type(error).__name__}: {error}"[:400]
        problem = Problem("warning", model.id, "", "internal", told)
        return replace(model, problems=(*model.problems, problem))


def _unpriced(claim: Claim, model_id: str) -> Problem:
    told = f"prices/{claim.file} prices a model that the snapshot does not have"
    return Problem("warning", model_id, "", "price-unmatched", told)


def _check_globs(settings: Settings, known: Iterable[str]) -> None:
    ids = sorted(known)
    for glob in settings.include:
        alone = replace(settings, include=(glob,), exclude=())
        if ids and not any(alone.wants(model_id) for model_id in ids):
            folded = {model_id.casefold(): model_id for model_id in ids}
            close = difflib.get_close_matches(glob.casefold(), folded, n=1)
            hint = f" Did you mean {folded[close[0]]}?" if close else ""
            raise SettingsError(
                f"The glob {glob!r} of `include` matches no model of the snapshot.{hint}"
            )
