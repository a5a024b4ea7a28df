"""What the templates of the docs are given: Markdown that is safe, links of our own, code."""

from __future__ import annotations

import json
import re
import shlex
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from ..catalog.snapshot import Source
from ..naming.names import ModelNames, Scope, records
from ..problems import Problem
from ..schema.admits import admits
from ..schema.model import Model, Parameter
from ..schema.types import Json, ListOf, OneOf, Record, Type
from ..text.facts import facts, price_line, type_words
from ..text.literals import literal
from ..text.markdown import Markdown, code, fence, inline, quoted
from ..text.prose import line
from .example import example
from .fields import admits_null, without_null

KINDS = {
    "video": "Video",
    "image": "Image",
    "audio": "Audio",
    "utility": "Utilities",
    "workflow": "Workflows",
}
"""Headings of the index, in this order; every other kind comes under "Other"."""

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
class Page:
    """A model's page."""

    title: Markdown
    model_id: Markdown
    summary: Markdown
    kind: Markdown
    vendor: Markdown | None
    price: Markdown | None
    tables: tuple[Table, ...]
    python: Markdown
    curl: Markdown
    findings: tuple[Markdown, ...]
    corrections: tuple[Markdown, ...]
    guide: Markdown | None


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
class Index:
    """The index of all models."""

    count: int
    provenance: Markdown
    groups: tuple[Group, ...]


def page(model: Model, names: ModelNames, package: str) -> Page:
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
        tables=tuple(_tables(model.parameters, names.request)),
        python=_python(model, names, payload, package),
        curl=_curl(model, payload),
        findings=tuple(
            Markdown(f"{_place(p)}: {inline(p.message)}")
            for p in model.problems
            if p.level == "warning"
        ),
        corrections=tuple(
            Markdown(f"{code(p.parameter)}: {inline(p.message)}")
            for p in model.problems
            if p.code == "overlay"
        ),
        guide=quoted(model.guide) if model.guide else None,
    )


def _title(model: Model) -> Markdown:
    """The display name, or the id where that shows nothing, or the words for neither."""
    named = next((text for text in (model.title, model.id) if line(text)), "A model without a name")
    return inline(named, 200)


def _place(problem: Problem) -> str:
    parameter = f" {inline(problem.parameter)}" if problem.parameter else ""
    return f"{code(problem.code)}{parameter}"


def index(models: Sequence[Model], names: Mapping[str, ModelNames], source: Source) -> Index:
    """The index, grouped by kind."""
    headings = {**KINDS, "": "Other"}
    groups = []
    for kind, title in headings.items():
        members = [m for m in models if (m.kind if m.kind in KINDS else "") == kind]
        if members:
            entries = tuple(_entry(model, names[model.id]) for model in members)
            groups.append(Group(Markdown(title), entries))
    return Index(len(models), inline(source.provenance), tuple(groups))


def _entry(model: Model, names: ModelNames) -> Entry:
    return Entry(
        title=inline(model.id if line(model.id) else "A model without a name", 200),
        link=Markdown(f"models/{names.module}.md"),
        request_class=Markdown(f"`{names.request.cls}`"),
        summary=inline(model.summary, 200),
        price=inline(price_line(model), 60) if model.price else Markdown(""),
    )


def _tables(parameters: Sequence[Parameter], scope: Scope) -> Iterator[Table]:
    yield Table(
        Markdown(f"`{scope.cls}`"), tuple(_row(parameter, scope) for parameter in parameters)
    )
    for parameter in parameters:
        for path, record in records(parameter):
            yield from _tables(record.fields, scope.nested[path])


def _row(parameter: Parameter, scope: Scope) -> Row:
    words = type_words(without_null(parameter.type))
    nested = [scope.nested[path].cls for path, _ in records(parameter)]
    told = inline(words + (" or null" if admits_null(parameter.type) else "")).text
    if nested:
        told += " (" + ", ".join(f"`{cls}`" for cls in nested) + ")"
    return Row(
        attribute=Markdown(f"`{scope.attributes[parameter.name]}`"),
        wire=code(parameter.name),
        type=Markdown(told),
        facts=inline(facts(parameter)),
        description=inline(parameter.description),
    )


def _python(model: Model, names: ModelNames, payload: Mapping[str, Json], package: str) -> Markdown:
    cls = names.request.cls
    arguments, classes = _Arguments(), [cls]
    told = arguments.of(model.parameters, payload, names.request, indent=4)
    classes += sorted(arguments.classes)
    nested = f"from {package}.models.{names.module} import {', '.join(sorted(classes))}"
    imports = nested if arguments.classes else f"from {package}.models import {cls}"
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


class _Arguments:
    """Writes a payload as keyword arguments, remembering the nested classes it needs."""

    def __init__(self) -> None:
        self.classes: set[str] = set()

    def of(
        self,
        parameters: Iterable[Parameter],
        payload: Mapping[str, Json],
        scope: Scope,
        indent: int,
    ) -> str:
        told = [
            f"{scope.attributes[p.name]}={self._value(p, p.type, payload[p.name], scope, indent)}"
            for p in parameters
            if p.name in payload
        ]
        joined = ", ".join(told)
        if len(joined) + indent < 70 and "\n" not in joined:
            return joined
        margin = " " * indent
        return "\n" + "".join(f"{margin}{part},\n" for part in told) + margin[4:]

    def _value(
        self, parameter: Parameter, kind: Type, value: Json, scope: Scope, indent: int
    ) -> str:
        for member in kind.members if isinstance(kind, OneOf) else (kind,):
            if isinstance(member, Record) and isinstance(value, dict) and admits(member, value):
                inner = _scope_of(parameter, member, scope)
                self.classes.add(inner.cls)
                return f"{inner.cls}({self.of(member.fields, value, inner, indent + 4)})"
            if isinstance(member, ListOf) and isinstance(value, list):
                parts = [self._value(parameter, member.item, v, scope, indent) for v in value]
                return f"[{', '.join(parts)}]"
        return literal(value).text


def _scope_of(parameter: Parameter, record: Record, scope: Scope) -> Scope:
    path = next(path for path, found in records(parameter) if found is record)
    return scope.nested[path]
