"""What the template of a model's module is given: names, source and docstrings, nothing raw."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from .facts import facts, price_line
from .fieldsource import Compiled, field_source
from .literals import Code, literal
from .naming import ModelNames, Scope, records
from .prose import cleaned, docstring, line, sentence
from .schema.model import Model, Parameter
from .schema.types import Json

_IMPORTS = (
    (("typing", ("Annotated", "Any", "ClassVar", "Literal")),),
    (("pydantic", ("Field",)),),
    (
        ("..runtime.requests.base", ("Object", "Request")),
        (
            "..runtime.requests.fields",
            ("AlwaysSent", "ExtraPayload", "ListOf", "Nullable", "Options", "Price"),
        ),
        (
            "..runtime.requests.media",
            (
                *("AudioInput", "Base64AudioInput", "Base64FileInput", "Base64ImageInput"),
                *("Base64VideoInput", "FileInput", "ImageInput", "VideoInput"),
            ),
        ),
    ),
)
"""Everything an emitted module may import, in the groups isort would make."""

BRIEF = 400

_TEXT = re.compile(r'"(?:[^"\\]|\\.)*"|\'(?:[^\'\\]|\\.)*\'')
"""A string literal, whose words are no names."""


@dataclass(frozen=True)
class FieldView:
    """One attribute of a class."""

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


def module_view(model: Model, names: ModelNames, compiled: Compiled) -> ModuleView:
    """The view of one model: nested classes first, the request class last."""
    classes = [
        *_nested(model.parameters, names.request, compiled),
        _class(
            names.request,
            "Request",
            _request_docstring(model, names.request),
            model.parameters,
            compiled,
            model,
        ),
    ]
    return ModuleView(
        docstring(f"The request class of the model {line(model.id)}.", 0),
        tuple(_imports(classes)),
        tuple(classes),
    )


def _nested(
    parameters: Sequence[Parameter], scope: Scope, compiled: Compiled
) -> Iterator[ClassView]:
    for parameter in parameters:
        for path, record in records(parameter):
            inner = scope.nested[path]
            yield from _nested(record.fields, inner, compiled)
            about = sentence(parameter.description) or "A nested object."
            place = "One element of" if path.endswith("]") else "The value of"
            text = f"{place} `{line(parameter.name)}`: {about}\n" + _arguments(record.fields, inner)
            yield _class(inner, "Object", text, record.fields, compiled)


def _class(
    scope: Scope,
    base: str,
    text: str,
    parameters: Sequence[Parameter],
    compiled: Compiled,
    model: Model | None = None,
) -> ClassView:
    sources = ((parameter, field_source(parameter, scope, compiled)) for parameter in parameters)
    return ClassView(
        name=Code(scope.cls),
        base=Code(base),
        docstring=docstring(text, 4),
        model_id=literal(model.id) if model else None,
        price=_price(model) if model else None,
        fields=tuple(
            FieldView(Code(source.name), source.annotation, source.default, _about(parameter))
            for parameter, source in sources
        ),
    )


def _request_docstring(model: Model, scope: Scope) -> str:
    head = sentence(model.summary) or f"A request to the model {line(model.id)}."
    price = price_line(model)
    told = [head, ""]
    told += ["Price when the snapshot was made: " + sentence(price), ""] if price else []
    return "\n".join(told) + _arguments(model.parameters, scope)


def _arguments(parameters: Sequence[Parameter], scope: Scope) -> str:
    if not parameters:
        return ""
    told = ["", "Args:"]
    for parameter in parameters:
        about = " ".join(filter(None, (_brief(parameter), line(facts(parameter)))))
        told.append(f"    {scope.attributes[parameter.name]}: {about or 'Not described.'}")
    return re.sub(r"\n{3,}", "\n\n", "\n".join(told))


def _brief(parameter: Parameter) -> str:
    """What the docstring of the class says; the one of the field has room for the whole."""
    return sentence(line(parameter.description, BRIEF))


def _about(parameter: Parameter) -> Code | None:
    text = sentence(parameter.description) or sentence(parameter.title)
    return docstring(cleaned(text), 4) if text else None


def _price(model: Model) -> Code | None:
    price: dict[str, Json] = {}
    if model.price:
        price["micro_dollars"] = model.price.micro_dollars
        if model.price.unit:
            price["unit"] = model.price.unit
    if model.pricing_details:
        price["details"] = model.pricing_details
    return literal(price) if price else None


def _imports(classes: Sequence[ClassView]) -> Iterator[tuple[ImportView, ...]]:
    """Import what the classes mention and nothing else, in the usual groups."""
    source = " ".join(
        part.text
        for view in classes
        for field in view.fields
        for part in (field.annotation, *([field.default] if field.default else []))
    )
    mentioned = set(re.findall(r"[A-Za-z_]\w*", _TEXT.sub("", source)))
    mentioned |= {view.base.text for view in classes} | {"ClassVar", "ExtraPayload", "Field"}
    if any(view.price for view in classes):
        mentioned.add("Price")
    for group in _IMPORTS:
        views = [
            ImportView(Code(module), Code(", ".join(name for name in known if name in mentioned)))
            for module, known in group
        ]
        kept = tuple(view for view in views if view.names.text)
        if kept:
            yield kept
