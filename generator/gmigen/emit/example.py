"""An example request for a model's page: the required parameters with plausible values."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from ..schema.algebra import admits
from ..schema.types import (
    Anything,
    Boolean,
    Choice,
    Integer,
    Json,
    ListOf,
    Media,
    Model,
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


MOST_VALUES = 64
MOST_CHARACTERS = 400
"""What a page has room for: a schema of a few bytes may ask for thousands of values."""


def example(model: Model) -> dict[str, Json] | None:
    """A payload, by wire name, that the schema itself would accept; None where it would be huge.

    It is never empty where the model has a parameter at all.
    """
    try:
        told = _members(model.parameters, _Room())
        if not told and not model.example and model.parameters:
            told = {model.parameters[0].name: _value(model.parameters[0], _Room())}
    except _TooLargeError:
        return None
    given = {**told, **model.example}
    return {p.name: given[p.name] for p in model.parameters if p.name in given}


class _TooLargeError(Exception):
    pass


@dataclass
class _Room:
    values: int = MOST_VALUES

    def take(self, count: int = 1) -> None:
        """Make room for so many more values."""
        self.values -= count
        if self.values < 0:
            raise _TooLargeError


def _members(parameters: Iterable[Parameter], room: _Room) -> dict[str, Json]:
    return {p.name: _value(p, room) for p in parameters if p.required or p.name in _WELCOME}


def _value(parameter: Parameter, room: _Room) -> Json:
    default = parameter.default.value if parameter.default else None
    if default not in (None, ""):
        return default
    return _plausible(parameter.type, parameter.name, room)


def _plausible(kind: Type, name: str, room: _Room) -> Json:
    room.take()
    if isinstance(kind, OneOf):
        return _any(kind, name, room)
    if isinstance(kind, Choice):
        return next((value for value in kind.values if value not in (None, "")), kind.values[0])
    if isinstance(kind, Media):
        return _MEDIA[kind.kind]
    if isinstance(kind, (Integer, Number)):
        return _number(kind)
    if isinstance(kind, ListOf):
        least = max(1, kind.min_items or 0)
        count = least if kind.max_items is None else min(least, kind.max_items)
        if count > room.values:
            raise _TooLargeError
        return [_plausible(kind.item, name, room) for _ in range(count)]
    if isinstance(kind, Record):
        return dict(_members(kind.fields, room))
    simple: Mapping[type, Json] = {Boolean: True, OpenRecord: {}, Anything: "value"}
    return _text(kind, name) if isinstance(kind, Text) else simple.get(type(kind))


def _any(kind: OneOf, name: str, room: _Room) -> Json:
    """The first alternative there is room for and that the whole admits."""
    tries: list[Json] = []
    for member in kind.members:
        left = _Room(room.values)
        try:
            tries.append(_plausible(member, name, left))
        except _TooLargeError:
            continue
        if admits(kind, tries[-1]):
            room.values = left.values
            return tries[-1]
    if not tries:
        raise _TooLargeError
    return tries[0]


def _number(kind: Integer | Number) -> Json:
    bounds = [bound for bound in (kind.minimum, kind.maximum) if bound is not None]
    candidates = [1, 5, *bounds, *map(math.ceil, bounds), *map(math.floor, bounds)]
    return next((number for number in candidates if admits(kind, number)), 1)


def _text(kind: Text, name: str) -> str:
    if (kind.min_length or 0) > MOST_CHARACTERS:
        raise _TooLargeError
    text = _TEXTS.get(name, name.replace("_", " ").strip() or "text")
    text = text.ljust(kind.min_length or 0, ".")
    return text[: kind.max_length] if kind.max_length is not None else text
