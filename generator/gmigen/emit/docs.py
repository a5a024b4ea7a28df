"""What the templates of the docs are given: Markdown that is safe, links of our own, code."""

from __future__ import annotations

import json
import re
import shlex
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from ..naming.names import ModelNames
from ..problems import Problem
from ..schema.types import Json, Model
from ..text.facts import price_line
from ..text.markdown import Markdown, code, fence, inline, quoted
from ..text.prose import line
from .classes import Class, Member
from .construct import Construction
from .example import example
from .index import KINDS

LIVE_BASE_URL = "https://console.gmicloud.ai/api/v1/ie/requestqueue/apikey"


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
    payload = example(model.parameters)
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
        python=None if payload is None else _python(model, names, payload, package),
        curl=None if payload is None else _curl(model, payload),
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


def _python(model: Model, names: ModelNames, payload: Mapping[str, Json], package: str) -> Markdown:
    cls = names.request.cls
    construction = Construction(laid_out=True)
    told = construction.arguments(model.parameters, payload, names.request)
    needed = sorted({cls, *construction.classes})
    nested = f"from {package}.models.{names.module} import {', '.join(needed)}"
    imports = nested if construction.classes else f"from {package}.models import {cls}"
    lines = [
        f"import {package}" if "." not in package else f"import {package} as gmi_inference",
        imports,
        "",
        f"request = {cls}({told})",
        f"result = {package if '.' not in package else 'gmi_inference'}.run(request)",
        'print(result.save("."))' if model.kind != "utility" else "print(result.outcome)",
    ]
    return fence(_without_macros("\n".join(lines), "\\x7b"), "python")


def _curl(model: Model, payload: Mapping[str, Json]) -> Markdown:
    body = json.dumps({"model": model.id, "payload": payload}, ensure_ascii=True)
    body = _without_macros(body, "\\u007b")
    return fence(
        f"curl -sS {LIVE_BASE_URL}/requests \\\n"
        '  -H "Authorization: Bearer $GMI_API_KEY" \\\n'
        '  -H "Content-Type: application/json" \\\n'
        f"  -d {shlex.quote(body)}",
        "sh",
    )


def _without_macros(text: str, brace: str) -> str:
    """`text` with its strings' `{{`, `{%` and `{#` written another way: macro processors look into
    code blocks too."""
    return re.sub(r"\{(?=[{%#])", lambda _: brace, text)
