"""A model's payload as a JSON Schema of draft 2020-12, which OpenAPI 3.1 speaks too."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from ..schema.plain import PLAIN, plain_schema, present
from ..schema.types import (
    Choice,
    Json,
    ListOf,
    Media,
    Model,
    OneOf,
    Parameter,
    Record,
    Type,
    never,
)
from ..text.prose import line, sentence

Schema = dict[str, Any]

Words = Callable[[str], str]
"""How remote prose is said: plain for JSON Schema, as inert Markdown for OpenAPI."""

DIALECT = "https://json-schema.org/draft/2020-12/schema"
MEDIA = "x-gmi-media"
"""The annotation of a media parameter: what it takes. On the wire it is a URL or a data URI."""

_JSON_TYPES = {
    str: "string",
    bool: "boolean",
    int: "integer",
    float: "number",
    dict: "object",
    list: "array",
    type(None): "null",
}


def payload(model: Model, words: Words = line) -> Schema:
    """What may stand in `payload` of a request to `model`, under wire names.

    Required is what has to be sent; a default says what the API's documentation names.
    """
    told = present(description=words(sentence(model.summary)) or None)
    return {**told, **_object(model.parameters, words)}


def document(models: Sequence[tuple[Model, str]]) -> Schema:
    """One document with a schema a model, by the names given, and their ids."""
    return {
        "$schema": DIALECT,
        "$defs": {name: {"title": line(model.id), **payload(model)} for model, name in models},
        "oneOf": [
            {
                "type": "object",
                "properties": {
                    "model": {"const": model.id},
                    "payload": {"$ref": f"#/$defs/{name}"},
                },
                "required": ["model", "payload"],
            }
            for model, name in models
        ],
    }


def _object(fields: Sequence[Parameter], words: Words) -> Schema:
    told: Schema = {
        "type": "object",
        "properties": {field.name: _member(field, words) for field in fields},
        "additionalProperties": False,
    }
    required = [field.name for field in fields if field.required]
    return {**told, "required": required} if required else told


def _member(field: Parameter, words: Words) -> Schema:
    about = words(sentence(field.description) or sentence(field.title))
    told = {**_schema(field.type, words), **present(description=about or None)}
    return {**told, "default": field.default.value} if field.default else told


def _schema(kind: Type, words: Words) -> Schema:
    if isinstance(kind, PLAIN):
        return plain_schema(kind)
    if isinstance(kind, Media):
        return {"type": "string", MEDIA: kind.kind}
    if isinstance(kind, Choice):
        types = list(dict.fromkeys(_JSON_TYPES[type(value)] for value in kind.values))
        return {"type": types[0] if len(types) == 1 else types, "enum": _options(kind.values)}
    if isinstance(kind, ListOf):
        bounds = present(minItems=kind.min_items, maxItems=kind.max_items)
        return {"type": "array", "items": _schema(kind.item, words), **bounds}
    if isinstance(kind, Record):
        return _object(kind.fields, words)
    if isinstance(kind, OneOf):
        return {"anyOf": [_schema(member, words) for member in kind.members]}
    never(kind)


def _options(values: Sequence[Json]) -> list[Json]:
    """The options as JSON Schema compares them, for which `1` and `1.0` are one number."""
    kept: list[Json] = []
    for value in values:
        if not any(
            value == other and isinstance(value, bool) == isinstance(other, bool) for other in kept
        ):
            kept.append(value)
    return kept
