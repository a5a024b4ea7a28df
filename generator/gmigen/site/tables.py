"""The pages that find and compare: by kind, by input, by vendor; the comparison; the names."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass

from ..emit.index import KINDS
from ..schema.inputs import kinds, pictures
from ..schema.types import Choice, Model, OneOf, Parameter, Type
from ..text.described import described
from ..text.facts import restriction
from ..text.markdown import Markdown
from ..text.prose import line
from ..text.references import exact, words
from .cost import cost
from .facts import Facts, Known
from .model_page import title
from .roles import ROLES, Role, plays


@dataclass(frozen=True)
class Entry:
    """A model in a list."""

    link: Markdown
    cls: Markdown
    about: Markdown
    takes: Markdown
    cost: Markdown


@dataclass(frozen=True)
class Group:
    """Models under one heading, whose id is ours."""

    anchor: Markdown
    title: Markdown
    entries: tuple[Entry, ...]


@dataclass(frozen=True)
class Compared:
    """A row of the comparison. `cost` is what is read, `dollars` what is sorted by."""

    link: Markdown
    kind: Markdown
    takes: Markdown
    gives: Markdown
    vendor: Markdown
    images: int
    images_told: Markdown
    seconds: Markdown
    sound: Markdown
    resolution: Markdown
    cost: Markdown
    dollars: Markdown


@dataclass(frozen=True)
class Named:
    """A role, and what it is called in each model that has it."""

    anchor: Markdown
    title: Markdown
    rows: tuple[NamedRow, ...]


@dataclass(frozen=True)
class NamedRow:
    """One model's name for it, and the values it takes."""

    link: Markdown
    name: Markdown
    wire: Markdown
    type: Markdown
    values: Markdown


Of = Callable[[Known], Iterable[str]]


def by_kind(facts: Facts) -> tuple[Group, ...]:
    """Grouped by what a model is for."""
    order = [*KINDS.values(), "Other"]
    return _grouped(facts, lambda k: [KINDS.get(k.model.kind, "Other")], order.index, "kind")


def by_input(facts: Facts) -> tuple[Group, ...]:
    """Grouped by what goes in; a model stands under each of its inputs."""

    def takes(known: Known) -> Iterable[str]:
        several = ["two or more images"] if _several(known.model) else []
        return [*(kinds(known.model) or ["nothing that is known"]), *several]

    return _grouped(facts, takes, lambda heading: heading, "input")


def by_vendor(facts: Facts) -> tuple[Group, ...]:
    """Grouped by who makes the model."""
    return _grouped(
        facts, lambda k: [line(k.model.vendor, 100) or "unknown"], str.casefold, "vendor"
    )


def _grouped(facts: Facts, of: Of, order: Callable[[str], object], name: str) -> tuple[Group, ...]:
    found: dict[str, list[Entry]] = {}
    for known in facts.known:
        for heading in of(known):
            found.setdefault(heading, []).append(_entry(known))
    groups = sorted(found.items(), key=lambda item: order(item[0]))  # type: ignore[arg-type, return-value]
    return tuple(
        Group(Markdown(f"{name}-{number}"), words(heading), tuple(entries))
        for number, (heading, entries) in enumerate(groups)
    )


def link(known: Known, folder: str = "") -> Markdown:
    """A link to a model's page, by its id."""
    shown = words(known.model.id, 200) if line(known.model.id) else title(known.model)
    return Markdown(f'<a href="{folder}{known.names.module}.html">{shown}</a>')


def _entry(known: Known) -> Entry:
    return Entry(
        link(known),
        Markdown(f"<code>{known.names.request.cls}</code>"),
        words(known.model.summary, 200),
        words(", ".join(kinds(known.model)) or "unknown"),
        words(cost(known.model).told),
    )


def compared(facts: Facts) -> tuple[Compared, ...]:
    """Every model as a row."""
    return tuple(_compared(known) for known in facts.known)


def _compared(known: Known) -> Compared:
    model = known.model
    price = cost(model)
    return Compared(
        link=link(known),
        kind=Markdown(KINDS.get(model.kind, "Other")),
        takes=words(", ".join(kinds(model)) or "unknown"),
        gives=words(", ".join(model.outputs) or "unknown", 200),
        vendor=words(line(model.vendor, 100) or "unknown"),
        images=pictures(model)[0],
        images_told=Markdown(_images(model)),
        seconds=_values(model, "duration"),
        sound=Markdown("yes" if any(plays(_role("sound"), model)) else "unknown"),
        resolution=_values(model, "resolution"),
        cost=words(price.told),
        dollars=words(price.dollars),
    )


def _images(model: Model) -> str:
    least, more = pictures(model)
    return f"{least} or more" if more else str(least)


def _several(model: Model) -> bool:
    least, more = pictures(model)
    return least > 1 or more


def _role(key: str) -> Role:
    return next(role for role in ROLES if role.key == key)


SHOWN = 3
"""Options a cell of the comparison has room for; a model's page has them all."""


def _values(model: Model, key: str) -> Markdown:
    told = [_brief(parameter) for parameter in plays(_role(key), model)]
    return words(told[0], 80) if told else Markdown("unknown")


def _brief(parameter: Parameter) -> str:
    """The values of a parameter in a few words: `4 to 12`, `720p, 1080p`."""
    kind = parameter.type
    choices = [m for m in (kind.members if isinstance(kind, OneOf) else [kind]) if _chosen(m)]
    if not choices:
        return restriction(kind).removeprefix("From ") or "any"
    values = [str(v) for m in choices if isinstance(m, Choice) for v in m.values if v is not None]
    if len(values) > SHOWN and all(v.isascii() and v.isdigit() for v in values):
        return f"{min(map(int, values))} to {max(map(int, values))}"
    rest = f", {len(values) - SHOWN} more" if len(values) > SHOWN else ""
    return ", ".join(values[:SHOWN]) + rest


def _chosen(kind: Type) -> bool:
    return isinstance(kind, Choice)


def named(facts: Facts) -> tuple[Named, ...]:
    """What each role is called in each model."""
    return tuple(
        Named(
            Markdown(role.key),
            Markdown(role.title),
            tuple(
                _named(known, parameter)
                for known in facts.known
                for parameter in plays(role, known.model)
            ),
        )
        for role in ROLES
    )


def _named(known: Known, parameter: Parameter) -> NamedRow:
    attribute = known.names.request.attributes[parameter.name]
    said = described(parameter)
    page = f"{known.names.module}.html#p-{attribute}"
    return NamedRow(
        link(known),
        Markdown(f'<a href="{page}"><code>{attribute}</code></a>'),
        exact(parameter.name),
        words(said.words),
        words(said.facts.removeprefix("Required.").strip(), 200),
    )
