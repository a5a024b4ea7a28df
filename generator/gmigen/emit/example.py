"""An example request for a model's page: the required parameters with plausible values."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping

from ..schema.algebra import admits
from ..schema.types import (
    Anything,
    Boolean,
    Choice,
    Integer,
    Json,
    ListOf,
    Media,
    Number,
    OneOf,
    OpenRecord,
    Parameter,
    Record,
    Text,
    Type,
)

_MEDIA = {
    "image": "https://example.com/picture.png",
    "video": "https://example.com/clip.mp4",
    "audio": "https://example.com/voice.mp3",
    "file": "https://example.com/picture.png",
}

_WELCOME = frozenset({"prompt", "text"})
"""Optional parameters without which an example would not be worth reading."""

_TEXTS = {
    "prompt": "A paper boat drifts down a rainy street.",
    "text": "Good morning, and welcome aboard.",
    "lyrics": "Paper boat, paper boat, carry me home.",
    "instruction": "Make the sky golden.",
    "voice_id": "narrator",
}


def example(parameters: Iterable[Parameter]) -> dict[str, Json]:
    """A payload, by wire name, that the schema itself would accept."""
    return {p.name: _value(p) for p in parameters if p.required or p.name in _WELCOME}


def _value(parameter: Parameter) -> Json:
    default = parameter.default.value if parameter.default else None
    if default not in (None, ""):
        return default
    return _plausible(parameter.type, parameter.name)


def _plausible(kind: Type, name: str) -> Json:
    if isinstance(kind, OneOf):
        tries = [_plausible(member, name) for member in kind.members]
        return next((value for value in tries if admits(kind, value)), tries[0])
    if isinstance(kind, Choice):
        return next((value for value in kind.values if value not in (None, "")), kind.values[0])
    if isinstance(kind, Media):
        return _MEDIA[kind.kind]
    if isinstance(kind, (Integer, Number)):
        return _number(kind)
    if isinstance(kind, ListOf):
        least = max(1, kind.min_items or 0)
        most = least if kind.max_items is None else kind.max_items
        return [_plausible(kind.item, name)] * min(least, most)
    if isinstance(kind, Record):
        return dict(example(kind.fields))
    simple: Mapping[type, Json] = {Boolean: True, OpenRecord: {}, Anything: "value"}
    return _text(kind, name) if isinstance(kind, Text) else simple.get(type(kind))


def _number(kind: Integer | Number) -> Json:
    bounds = [bound for bound in (kind.minimum, kind.maximum) if bound is not None]
    candidates = [1, 5, *bounds, *map(math.ceil, bounds)]
    return next((number for number in candidates if admits(kind, number)), 1)


def _text(kind: Text, name: str) -> str:
    text = _TEXTS.get(name, name.replace("_", " ").strip() or "text")
    text = text.ljust(kind.min_length or 0, ".")
    return text[: kind.max_length] if kind.max_length is not None else text
