"""What the templates of the docs are given: Markdown that is safe, links of our own, code."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from ..naming.names import ModelNames
from ..problems import Problem
from ..schema.types import Model
from ..text.facts import price_line
from ..text.markdown import Markdown, code, inline, quoted
from ..text.prose import line
from . import snippets
from .classes import Class, Member
from .example import example
from .index import KINDS


@dataclass(frozen=True)
class Row:
    """One parameter in a table."""

    attribute: Markdown
    wire: Markdown
    type: Markdown
    facts: Markdown
    description: Markdown


@dataclass(frozen=True)
class Table:
    """The parameters of one class."""

    title: Markdown
    rows: tuple[Row, ...]


@dataclass(frozen=True)
class Rated:
    """One published rate in the table of prices."""

    price: Markdown
    when: Markdown
    origin: Markdown


@dataclass(frozen=True)
class Page:
    """A model's page."""

    title: Markdown
    model_id: Markdown
    summary: Markdown
    kind: Markdown
    vendor: Markdown | None
    price: Markdown | None
    rates: tuple[Rated, ...]
    price_notes: tuple[Markdown, ...]
    tables: tuple[Table, ...]
    python: Markdown | None
    curl: Markdown | None
    findings: tuple[Markdown, ...]
    corrections: tuple[Markdown, ...]
    guide: Markdown | None


def page(model: Model, names: ModelNames, classes: Sequence[Class], package: str) -> Page:
    """The page of one model."""
    payload = example(model)
    price = price_line(model)
    return Page(
        title=_title(model),
        model_id=code(model.id),
        summary=inline(model.summary) if model.summary else Markdown(""),
        kind=Markdown(KINDS.get(model.kind, "Other").lower()),
        vendor=inline(model.vendor, 100) if model.vendor else None,
        price=inline(price) if price else None,
        rates=_rates(model),
        price_notes=tuple(_price_notes(model)),
        tables=tuple(_table(each) for each in (classes[-1], *classes[:-1])),
        python=None if payload is None else snippets.python(model, names, payload, package),
        curl=None if payload is None else snippets.curl(model, payload),
        findings=tuple(
            Markdown(f"{_place(p)}: {inline(p.message)}")
            for p in model.problems
            if p.level == "warning" and not p.code.startswith("price-")
        ),
        corrections=tuple(
            Markdown(f"{code(p.parameter)}: {inline(p.message)}")
            for p in model.problems
            if p.code == "overlay"
        ),
        guide=quoted(model.guide) if model.guide else None,
    )


def _rates(model: Model) -> tuple[Rated, ...]:
    rows = model.pricing.rows if model.pricing else ()
    return tuple(Rated(inline(r.price), inline(r.when), inline(r.origin, 600)) for r in rows)


def _price_notes(model: Model) -> Iterator[Markdown]:
    """What else there is to say of the price, and what was found about it."""
    for note in model.pricing.notes if model.pricing else ():
        yield inline(note)
    for problem in model.problems:
        if problem.code.startswith("price-"):
            yield Markdown(f"{_place(problem)}: {inline(problem.message)}")


def _title(model: Model) -> Markdown:
    """The display name, or the id where that shows nothing, or the words for neither."""
    named = next((text for text in (model.title, model.id) if line(text)), "A model without a name")
    return inline(named, 200)


def _place(problem: Problem) -> str:
    parameter = f" {inline(problem.parameter)}" if problem.parameter else ""
    return f"{code(problem.code)}{parameter}"


def _table(each: Class) -> Table:
    return Table(Markdown(f"`{each.name}`"), tuple(map(_row, each.members)))


def _row(member: Member) -> Row:
    said = member.said
    told = inline(said.words + (" or null" if said.null else "")).text
    if nested := [f"`{scope.cls}`" for _, scope in member.nested()]:
        told += f" ({', '.join(nested)})"
    return Row(
        attribute=Markdown(f"`{member.attribute}`"),
        wire=code(member.parameter.name),
        type=Markdown(told),
        facts=inline(said.facts),
        description=inline(said.about),
    )
