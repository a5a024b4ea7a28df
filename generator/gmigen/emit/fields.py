"""A parameter -> the source of one field of a request class: annotation, default, wire name."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass

from ..naming.names import Scope, records
from ..schema.algebra import admits_null, without_null
from ..schema.types import (
    Choice,
    Json,
    ListOf,
    Media,
    Null,
    OneOf,
    Parameter,
    Record,
    Type,
)
from ..text.literals import Code, literal
from .compiler import Annotation, leaf_key
from .construct import Construction

_MEDIA = {
    "image": "ImageInput",
    "video": "VideoInput",
    "audio": "AudioInput",
    "file": "FileInput",
}

Compiled = Mapping[str, Annotation]


@dataclass(frozen=True)
class FieldSource:
    """One line of a request class. `default` is None for a field the caller must set."""

    name: str
    annotation: Code
    default: Code | None


def field_source(parameter: Parameter, scope: Scope, compiled: Compiled) -> FieldSource:
    """The field for `parameter` inside the class that `scope` names."""
    name = scope.attributes[parameter.name]
    writer = _Writer(parameter, scope, compiled)
    annotation = writer.annotation(without_null(parameter.type))
    if any(limit.startswith("Options(") for limit in annotation.limits):
        # Closed here, so that the `| None` below stands beside the options, not among them.
        annotation = Annotation(_joined(annotation))
    default: Json = parameter.default.value if parameter.default else None
    construction = Construction()
    source = construction.value(parameter, default, scope)
    constructed = bool(construction.classes)
    if constructed and not parameter.required:
        # The API applies it; constructing it here would run code on import for nothing.
        source, default = "None", None
    elif constructed or isinstance(default, (list, dict)):
        made = {"[]": "list", "{}": "dict"}.get(source, f"lambda: {source}")
        source = f"Field(default_factory={made})"
    if admits_null(parameter.type):
        annotation = Annotation(f"Nullable[{annotation.base}]", annotation.limits)
    elif not (parameter.required and parameter.default is None):
        annotation = Annotation(f"{annotation.base} | None", annotation.limits)
    wire = _wire_argument(parameter.name, name, scope)
    if wire:
        annotation = Annotation(annotation.base, (*annotation.limits, wire))
    told = _joined(annotation)
    if parameter.required and parameter.default is None:
        return FieldSource(name, Code(told), None)
    return FieldSource(
        name, Code(f"AlwaysSent[{told}]" if parameter.required else told), Code(source)
    )


def _wire_argument(wire: str, name: str, scope: Scope) -> str | None:
    """How the field says its wire name.

    Where the wire name is another field's Python name, it cannot be taken from callers, or one
    value would fill both.
    """
    if wire == name:
        return None
    others = {"extra_payload", *scope.attributes.values()}
    kind = "serialization_alias" if wire in others else "alias"
    return f"{kind}={literal(wire)}"


def _joined(annotation: Annotation) -> str:
    if not annotation.limits:
        return annotation.base
    options = [limit for limit in annotation.limits if limit.startswith("Options(")]
    fields = [limit for limit in annotation.limits if not limit.startswith("Options(")]
    parts = [*options, *([f"Field({', '.join(fields)})"] if fields else [])]
    return f"Annotated[{annotation.base}, {', '.join(parts)}]"


class _Writer:
    """Puts compiled leaves together again, in the order the schema module walks them."""

    def __init__(self, parameter: Parameter, scope: Scope, compiled: Compiled) -> None:
        self._compiled = compiled
        self._scope = scope
        # Said in words only; a model that wants the bytes in a data URI says that, too.
        words = parameter.description.casefold()
        self._base64 = "base64" in words and not re.search(r"data[- ]ur[il]|data:", words)
        self._scopes = {id(record): scope.nested[path] for path, record in records(parameter)}

    def annotation(self, kind: Type) -> Annotation:
        if isinstance(kind, Media):
            return Annotation(f"{'Base64' * self._base64}{_MEDIA[kind.kind]}")
        if isinstance(kind, Record):
            return Annotation(self._scopes[id(kind)].cls)
        if isinstance(kind, OneOf):
            members = sorted(kind.members, key=lambda member: isinstance(member, Null))
            sources = [_joined(self.annotation(member)) for member in members]
            return Annotation(" | ".join(dict.fromkeys(sources)))
        if isinstance(kind, Choice) and None in kind.values:
            rest = without_null(kind)
            told = "" if rest == kind else f"{_joined(self.annotation(rest))} | "
            return Annotation(f"{told}None")
        if isinstance(kind, Choice) and not _literal_says_it(kind.values):
            return _options(kind.values)
        key = leaf_key(kind)
        assert key is not None, kind
        if isinstance(kind, Choice):
            return self._compiled[key].with_options([str(literal(value)) for value in kind.values])
        if isinstance(kind, ListOf):
            compiled = self._compiled[key].with_item(_joined(self.annotation(kind.item)))
            return Annotation(f"ListOf{compiled.base.removeprefix('list')}", compiled.limits)
        return self._compiled[key]


def _literal_says_it(values: tuple[Json, ...]) -> bool:
    """`typing.Literal` knows no floats, at run time takes 1 for True, and for type checkers ends at
    64 bits."""
    kinds = {type(value) for value in values}
    return all(map(_is_exact, values)) and not {int, bool} <= kinds


def _is_exact(value: Json) -> bool:
    """Whether type checkers take a value for a type; mypy does not beyond 64 bits."""
    return isinstance(value, str) or (isinstance(value, int) and -(2**63) <= value < 2**63)


def _options(values: tuple[Json, ...]) -> Annotation:
    exact = [value for value in values if _is_exact(value)]
    parts = [f"Literal[{', '.join(str(literal(value)) for value in exact)}]"] if exact else []
    kinds = ((int, "int"), (float, "float"), (dict, "dict[str, Any]"), (list, "list[Any]"))
    for kind, source in kinds:
        if any(isinstance(value, kind) and not _is_exact(value) for value in values):
            parts.append(source)
    listed = ", ".join(str(literal(value)) for value in values)
    return Annotation(" | ".join(parts), (f"Options({listed})",))
