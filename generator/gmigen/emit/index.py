"""What the templates are given that list all models: the lazy package and the index page."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass

from ..catalog.lock import Source
from ..naming.names import ModelNames
from ..pricing.claim import Claim
from ..pricing.words import origin
from ..pricing.words import price as price_words
from ..schema.types import Model
from ..text.facts import price_line
from ..text.literals import Code, literal
from ..text.markdown import Markdown, code, inline
from ..text.prose import docstring, line

TOOL_NAME = 64

KINDS = {
    "video": "Video",
    "image": "Image",
    "audio": "Audio",
    "utility": "Utilities",
    "workflow": "Workflows",
}
"""Headings of the index, in this order; every other kind comes under "Other"."""


@dataclass(frozen=True)
class Listed:
    """One model in the lazy `models` package."""

    module: Code
    cls: Code
    module_literal: Code
    cls_literal: Code
    id_literal: Code


@dataclass(frozen=True)
class Gone:
    """A model that left the catalogue, as its module shows it."""

    module: Code
    cls: Code
    docstring: Code
    sentence: Code
    model_id: Code
    date: Code
    nearest: Code


@dataclass(frozen=True)
class Entry:
    """A model in the index."""

    title: Markdown
    link: Markdown
    request_class: Markdown
    summary: Markdown
    price: Markdown


@dataclass(frozen=True)
class Group:
    """The models of one kind."""

    title: Markdown
    entries: tuple[Entry, ...]


@dataclass(frozen=True)
class Unread:
    """A model that is known by name only."""

    model_id: Markdown
    price: Markdown
    origin: Markdown


@dataclass(frozen=True)
class Index:
    """The index of all models, and of what is known by name only."""

    count: int
    provenance: Markdown
    groups: tuple[Group, ...]
    unread: tuple[Unread, ...]


def listed(names: Iterable[tuple[str, ModelNames]]) -> list[Listed]:
    """Ids and their names as the `models` package lists them: `v2` before `v10`."""
    return sorted(
        (
            Listed(
                Code(given.module),
                Code(given.request.cls),
                literal(given.module),
                literal(given.request.cls),
                literal(model_id),
            )
            for model_id, given in names
        ),
        key=lambda model: _natural(model.module.text),
    )


def gone(model_id: str, names: ModelNames, date: str, nearest: Sequence[str]) -> Gone:
    """The view of a model that left the catalogue on `date`."""
    told = ", ".join(literal(near).text for near in nearest)
    about = f"The model {line(model_id)} left the catalogue, as of {line(date)}."
    if nearest and nearest[0].casefold() == model_id.casefold():
        about = f"The model {line(model_id)} is called {line(nearest[0])}, as of {line(date)}."
    alike = f" Living models like it: {', '.join(map(line, nearest))}." if nearest else ""
    return Gone(
        Code(names.module),
        Code(names.request.cls),
        docstring(about, 0),
        literal(f"{about}{alike}"),
        literal(model_id),
        literal(date),
        Code(f"({told},)" if len(nearest) == 1 else f"({told})"),
    )


def by_name(named: Collection[str], living: Collection[str]) -> list[str]:
    """The ids among `named` that are no living model's, in whatever letter case, sorted."""
    folded = {model_id.casefold() for model_id in living}
    return sorted(
        (model_id for model_id in named if model_id.casefold() not in folded),
        key=lambda model_id: (model_id.casefold(), model_id),
    )


def tool_name(module: str) -> str:
    """A name that every vendor of language models allows a tool to have, unlike an id."""
    if len(module) <= TOOL_NAME:
        return module
    return f"{module[: TOOL_NAME - 9]}_{hashlib.sha256(module.encode()).hexdigest()[:8]}"


def index(
    models: Sequence[Model],
    names: Mapping[str, ModelNames],
    source: Source,
    unread: Iterable[str] = (),
    claims: Sequence[Claim] = (),
) -> Index:
    """The index page, grouped by kind, with the ids that are known by name only."""
    headings = {**KINDS, "": "Other"}
    groups = []
    for kind, title in headings.items():
        members = [m for m in models if (m.kind if m.kind in KINDS else "") == kind]
        if members:
            entries = tuple(_entry(model, names[model.id]) for model in members)
            groups.append(Group(Markdown(title), entries))
    rest = tuple(_unread(model_id, claims) for model_id in unread)
    return Index(len(models), inline(source.provenance), tuple(groups), rest)


def _unread(model_id: str, claims: Sequence[Claim]) -> Unread:
    mine = [claim for claim in claims if model_id in claim.models]
    told = "; or ".join(map(price_words, mine))
    return Unread(code(model_id), inline(told, 200), inline("; ".join(map(origin, mine)), 600))


def _entry(model: Model, names: ModelNames) -> Entry:
    return Entry(
        title=inline(model.id if line(model.id) else "A model without a name", 200),
        link=Markdown(f"models/{names.module}.md"),
        request_class=Markdown(f"`{names.request.cls}`"),
        summary=inline(model.summary, 200),
        price=inline(price_line(model), 100) if model.price or model.pricing else Markdown(""),
    )


def _natural(name: str) -> list[tuple[bool, int, str]]:
    parts = re.findall(r"[0-9]+|[^0-9]+", name)
    return [(not part[0].isdigit(), int(part) if part[0].isdigit() else 0, part) for part in parts]
