"""What the template of a model's module is given: names, source and docstrings, nothing raw."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from ..schema.types import Json, Model
from ..text.facts import price_line
from ..text.literals import Code, literal
from ..text.prose import docstring, line, sentence
from .classes import Class, Member
from .fields import Compiled, field_source
from .imports import imports

_TEXT = re.compile(r'"(?:[^"\\]|\\.)*"|\'(?:[^\'\\]|\\.)*\'')
"""A string literal, whose words are no names."""


@dataclass(frozen=True)
class FieldView:
    """One attribute of a class. Only what the class could not say in full has a docstring."""

    name: Code
    annotation: Code
    default: Code | None
    docstring: Code | None


@dataclass(frozen=True)
class ClassView:
    """One class of a module. `price` is None for nested classes and unpriced models."""

    name: Code
    base: Code
    docstring: Code
    model_id: Code | None
    price: Code | None
    fields: tuple[FieldView, ...]


@dataclass(frozen=True)
class ImportView:
    """`from module import names`."""

    module: Code
    names: Code


@dataclass(frozen=True)
class ModuleView:
    """A whole module."""

    docstring: Code
    imports: tuple[tuple[ImportView, ...], ...]
    classes: tuple[ClassView, ...]


def module_view(
    model: Model, classes: Sequence[Class], compiled: Compiled, root: str
) -> ModuleView:
    """The view of one model's module, which takes what it needs from `root`."""
    views = tuple(_class(each, model, compiled) for each in classes)
    return ModuleView(
        docstring(f"The request class of the model {line(model.id)}.", 0),
        tuple(_imports(views, root)),
        views,
    )


def _class(each: Class, model: Model, compiled: Compiled) -> ClassView:
    nested = each.of is not None
    head = _nested_head(each) if nested else _request_head(model)
    return ClassView(
        name=Code(each.name),
        base=Code("Object" if nested else "Request"),
        docstring=docstring("\n".join([*head, *_arguments(each.members)]), 4),
        model_id=None if nested else literal(model.id),
        price=None if nested else _price(model),
        fields=tuple(_field(member, compiled) for member in each.members),
    )


def _field(member: Member, compiled: Compiled) -> FieldView:
    source = field_source(member.parameter, member.scope, compiled)
    said = member.said
    whole = docstring(said.about, 4) if said.about != said.brief else None
    return FieldView(Code(source.name), source.annotation, source.default, whole)


def _request_head(model: Model) -> Iterator[str]:
    yield sentence(model.summary) or f"A request to the model {line(model.id)}."
    if price := price_line(model):
        yield from ("", "Published price: " + sentence(price))


def _nested_head(each: Class) -> Iterator[str]:
    assert each.of is not None
    place = "One element of" if each.listed else "The value of"
    about = sentence(each.of.parameter.description) or "A nested object."
    yield f"{place} `{line(each.of.parameter.name)}`: {about}"


def _arguments(members: Iterable[Member]) -> Iterator[str]:
    for number, member in enumerate(members):
        if number == 0:
            yield from ("", "Args:")
        told = " ".join(filter(None, (member.said.brief, line(member.said.facts))))
        yield f"    {member.attribute}: {told or 'Not described.'}"


def _price(model: Model) -> Code | None:
    if not model.price and not model.pricing_details:
        return None
    price: dict[str, Json] = {
        "micro_dollars": model.price.micro_dollars if model.price else None,
        "unit": model.price.unit if model.price else "",
        "details": model.pricing_details,
    }
    return literal(price)


def _imports(classes: Sequence[ClassView], root: str) -> Iterator[tuple[ImportView, ...]]:
    """Import what the classes mention and nothing else, in the usual groups."""
    source = " ".join(
        part.text
        for view in classes
        for field in view.fields
        for part in (field.annotation, *([field.default] if field.default else []))
    )
    mentioned = set(re.findall(r"[A-Za-z_]\w*", _TEXT.sub("", source)))
    mentioned |= {view.base.text for view in classes} | {"ClassVar", "ExtraPayload"}
    if any(view.price for view in classes):
        mentioned.add("Price")
    for group in imports(root):
        views = [
            ImportView(Code(module), Code(", ".join(name for name in known if name in mentioned)))
            for module, known in group
        ]
        kept = tuple(view for view in views if view.names.text)
        if kept:
            yield kept
