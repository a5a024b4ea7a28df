"""The check the service makes on a payload before it asks a vendor, against the read model."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from ..schema.algebra import is_number, within
from ..schema.json_text import same
from ..schema.types import (
    Anything,
    Boolean,
    Choice,
    Integer,
    Json,
    ListOf,
    Media,
    Null,
    Number,
    OneOf,
    OpenRecord,
    Parameter,
    Record,
    Text,
    Type,
)
from . import texts


@dataclass(frozen=True)
class Complaint:
    """What is wrong with one payload key; `wrong_type`: its JSON type, not its value."""

    name: str
    reason: str
    wrong_type: bool = False


def complaints(
    payload: Mapping[str, Json], parameters: tuple[Parameter, ...], within_key: str = ""
) -> Iterator[Complaint]:
    """Everything the service would refuse about `payload`, missing keys first.

    A required parameter must be sent even where the schema gives it a default.
    """
    for parameter in parameters:
        if parameter.required and parameter.name not in payload:
            yield Complaint(within_key + parameter.name, texts.MISSING)
    for parameter in parameters:
        if parameter.name in payload:
            name = within_key + parameter.name
            yield from _value(parameter.type, payload[parameter.name], name)


def unknown_keys(payload: Mapping[str, Json], parameters: tuple[Parameter, ...]) -> tuple[str, ...]:
    """Keys of the payload that no parameter has: the service drops them without a word."""
    known = {parameter.name for parameter in parameters}
    return tuple(key for key in payload if key not in known)


def _value(kind: Type, value: Json, name: str) -> Iterator[Complaint]:
    if isinstance(kind, Anything):
        return
    if isinstance(kind, OneOf):
        yield from _any_of(kind, value, name)
    elif isinstance(kind, Choice):
        if not any(same(option, value) for option in kind.values):
            yield Complaint(name, texts.not_an_option(kind.values))
    elif not _has_type(kind, value):
        yield Complaint(name, texts.wrong_type(kind), wrong_type=True)
    elif isinstance(kind, Text) and isinstance(value, str):
        if not _in_range(len(value), kind.min_length, kind.max_length):
            yield Complaint(name, texts.length(kind.min_length, kind.max_length, "characters"))
    elif isinstance(kind, (Integer, Number)):
        if not within(kind, value):
            yield Complaint(name, texts.bounds(kind.minimum, kind.maximum))
    elif isinstance(kind, ListOf) and isinstance(value, list):
        if not _in_range(len(value), kind.min_items, kind.max_items):
            yield Complaint(name, texts.length(kind.min_items, kind.max_items, "items"))
        for index, element in enumerate(value):
            yield from _value(kind.item, element, f"{name}[{index}]")
    elif isinstance(kind, Record) and isinstance(value, Mapping):
        yield from complaints(value, kind.fields, f"{name}.")


def _any_of(kind: OneOf, value: Json, name: str) -> Iterator[Complaint]:
    """A value wrong for every member is described by the member whose JSON type it has."""
    verdicts = [tuple(_value(member, value, name)) for member in kind.members]
    if all(verdicts):
        yield from next(
            (verdict for verdict in verdicts if not any(c.wrong_type for c in verdict)),
            (Complaint(name, texts.wrong_type(kind), wrong_type=True),),
        )


def _has_type(kind: Type, value: Json) -> bool:
    if isinstance(kind, (Text, Media)):
        return isinstance(value, str)
    if isinstance(kind, (Integer, Number)):
        return is_number(value, whole=isinstance(kind, Integer))
    if isinstance(kind, Boolean):
        return isinstance(value, bool)
    if isinstance(kind, Null):
        return value is None
    if isinstance(kind, ListOf):
        return isinstance(value, list)
    return isinstance(kind, (OpenRecord, Record)) and isinstance(value, Mapping)


def _in_range(size: int, least: int | None, most: int | None) -> bool:
    return (least is None or size >= least) and (most is None or size <= most)
