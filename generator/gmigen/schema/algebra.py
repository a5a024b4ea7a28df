"""Types as sets of JSON values: membership, union, and the part of `null` in them."""

from __future__ import annotations

from .json_text import same
from .types import (
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
    Record,
    Text,
    Type,
)


def admits(kind: Type, value: Json) -> bool:
    """Whether `value` may be sent where the schema asks for `kind`. JSON types are exact: a
    string of digits is no number and `true` is no 1; a whole number is a number."""
    if isinstance(kind, Anything):
        return True
    if isinstance(kind, OneOf):
        return any(admits(member, value) for member in kind.members)
    if isinstance(kind, Choice):
        return any(same(option, value) for option in kind.values)
    if isinstance(kind, (Text, Media)):
        return isinstance(value, str) and _fits(kind, len(value))
    if isinstance(kind, (Integer, Number)):
        return is_number(value, whole=isinstance(kind, Integer)) and within(kind, value)
    if isinstance(kind, Boolean):
        return isinstance(value, bool)
    if isinstance(kind, Null):
        return value is None
    if isinstance(kind, ListOf):
        return (
            isinstance(value, list)
            and (kind.min_items is None or len(value) >= kind.min_items)
            and (kind.max_items is None or len(value) <= kind.max_items)
            and all(admits(kind.item, element) for element in value)
        )
    if isinstance(kind, OpenRecord):
        return isinstance(value, dict)
    return isinstance(value, dict) and _fills(kind, value)


def is_number(value: Json, *, whole: bool = False) -> bool:
    """Whether `value` is a JSON number (with `whole`: one written without a fraction)."""
    if isinstance(value, bool):
        return False
    return isinstance(value, int) or (not whole and isinstance(value, float))


def within(kind: Integer | Number, value: Json) -> bool:
    """Whether the number `value` lies between the bounds of `kind`."""
    assert isinstance(value, (int, float))
    return (kind.minimum is None or value >= kind.minimum) and (
        kind.maximum is None or value <= kind.maximum
    )


def _fits(kind: Text | Media, length: int) -> bool:
    if isinstance(kind, Media):
        return True
    return (kind.min_length is None or length >= kind.min_length) and (
        kind.max_length is None or length <= kind.max_length
    )


def _fills(record: Record, value: dict[str, Json]) -> bool:
    members = {member.name: member for member in record.fields}
    return all(
        name in members and admits(members[name].type, given) for name, given in value.items()
    ) and all(
        member.name in value or not member.required or member.default is not None
        for member in record.fields
    )


def union(*members: Type) -> Type:
    """The smallest type that admits every member: flat, without repetitions."""
    flat: list[Type] = []
    seen: set[str] = set()  # by text, because for Python an option 1 equals an option True
    for member in members:
        for part in member.members if isinstance(member, OneOf) else (member,):
            if repr(part) not in seen:
                seen.add(repr(part))
                flat.append(part)
    if any(isinstance(part, Anything) for part in flat):
        return Anything()
    return flat[0] if len(flat) == 1 else OneOf(tuple(flat))


def admits_null(kind: Type) -> bool:
    """Whether `null` may be sent."""
    if isinstance(kind, OneOf):
        return any(admits_null(member) for member in kind.members)
    if isinstance(kind, Choice):
        return None in kind.values
    return isinstance(kind, (Null, Anything))


def without_null(kind: Type) -> Type:
    """The type without its `null` member, which `Nullable` says better."""
    if isinstance(kind, OneOf):
        kept = tuple(member for member in kind.members if not isinstance(member, Null))
        rest = [without_null(member) if isinstance(member, Choice) else member for member in kept]
        return rest[0] if len(rest) == 1 else OneOf(tuple(rest))
    if isinstance(kind, Choice) and any(value is not None for value in kind.values):
        return Choice(tuple(value for value in kind.values if value is not None))
    return kind
