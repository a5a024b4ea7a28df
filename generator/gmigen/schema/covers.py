"""Whether every program that builds values of one type goes on when the schema says another."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from .algebra import admits, admits_null
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
    Parameter,
    Record,
    Text,
    Type,
)

MOST_LISTED = 1000
"""Whole numbers between two bounds that are looked at one by one."""


def covers(wide: Type, narrow: Type) -> bool:
    """Whether whoever builds `narrow` values may go on when the schema says `wide`.

    Answers no where it cannot tell: a change that may break is told as breaking.
    """
    if isinstance(wide, Anything):
        return True
    if isinstance(wide, OneOf) and any(admits(narrow, value) for value in _respelled(wide)):
        return False
    if isinstance(narrow, OneOf):
        return all(covers(wide, member) for member in narrow.members)
    if isinstance(narrow, (Choice, Boolean, Null)):
        values = listed(narrow) or ()
        plain = any(_takes_whole(wide, value) for value in values if isinstance(value, float))
        return all(_taken(wide, value) for value in values) and not plain
    if isinstance(wide, OneOf):
        return any(covers(member, narrow) for member in wide.members) or _all_admitted(wide, narrow)
    if isinstance(wide, Text) and isinstance(narrow, Text):
        return _lengths_cover(
            wide.min_length, wide.max_length, narrow.min_length, narrow.max_length
        )
    if isinstance(wide, (Integer, Number)) and isinstance(narrow, (Integer, Number)):
        whole = isinstance(narrow, Integer) or isinstance(wide, Number)
        return whole and _range_covers(wide.minimum, wide.maximum, narrow.minimum, narrow.maximum)
    if isinstance(wide, ListOf) and isinstance(narrow, ListOf):
        return covers(wide.item, narrow.item) and _lengths_cover(
            wide.min_items, wide.max_items, narrow.min_items, narrow.max_items
        )
    if isinstance(wide, Media):
        # Not every text is a picture: local names are refused.
        return isinstance(narrow, Media) and wide.kind in (narrow.kind, "file")
    if isinstance(wide, Record):
        return isinstance(narrow, Record) and _record_covers(wide, narrow)
    if isinstance(wide, OpenRecord):
        return isinstance(narrow, OpenRecord)
    return _all_admitted(wide, narrow)


def _taken(wide: Type, value: Json) -> bool:
    """Whether a class takes the value: not every text is a picture, whatever the schema admits."""
    if isinstance(wide, Media):
        return False
    if isinstance(wide, OneOf):
        return any(_taken(member, value) for member in wide.members)
    if isinstance(wide, ListOf) and isinstance(value, list):
        return admits(wide, value) and all(_taken(wide.item, one) for one in value)
    return admits(wide, value)


def listed(kind: Type) -> tuple[Json, ...] | None:
    """Every value of a type that has few, or None."""
    if isinstance(kind, Choice):
        return kind.values
    if isinstance(kind, Boolean):
        return (True, False)
    if isinstance(kind, Null):
        return (None,)
    if (
        isinstance(kind, Integer)
        and isinstance(kind.minimum, int)
        and isinstance(kind.maximum, int)
        and kind.maximum - kind.minimum < MOST_LISTED
    ):
        return tuple(range(kind.minimum, kind.maximum + 1))
    return None


def sent(parameter: Parameter) -> tuple[Json, ...]:
    """What goes into the payload of a program that does not give the parameter."""
    always = parameter.required and parameter.default is not None
    return (parameter.default.value,) if always and parameter.default else ()


def sends_the_same(old: Parameter, new: Parameter) -> bool:
    """Whether a program that gives neither sends the same."""
    return same(list(sent(old)), list(sent(new)))


def nulls_the_default(old: Parameter, new: Parameter) -> bool:
    """Whether None, which stood for the default that is always sent, is sent as null now."""
    return bool(sent(old)) and admits_null(new.type) and not admits_null(old.type)


def _respelled(wide: OneOf) -> Iterator[float]:
    """Numbers that are sent as the option they equal and not as they were written."""
    for member in wide.members:
        values = member.values if isinstance(member, Choice) else ()
        if any(isinstance(value, float) for value in values):
            whole = {v for v in values if isinstance(v, int) and not isinstance(v, bool)}
            yield from (
                float(v) for v in whole if abs(v) < 2**53 and float(v) not in _floats(values)
            )
            yield from (int(v) for v in _floats(values) if v.is_integer() and int(v) not in whole)


def _floats(values: Iterable[Json]) -> set[float]:
    return {value for value in values if isinstance(value, float)}


def _takes_whole(wide: Type, option: float) -> bool:
    """Whether the whole number that stood for an option is sent as it was written now."""
    members = wide.members if isinstance(wide, OneOf) else (wide,)
    if not option.is_integer() or not admits(wide, int(option)):
        return False
    return not any(isinstance(member, Choice) and admits(member, option) for member in members)


def _all_admitted(wide: Type, narrow: Type) -> bool:
    values = listed(narrow)
    return values is not None and all(_taken(wide, value) for value in values)


def _lengths_cover(
    low: int | None, high: int | None, inner_low: int | None, inner_high: int | None
) -> bool:
    """Lengths begin at zero, whether a schema says so or not."""
    return _range_covers(low or 0, high, inner_low or 0, inner_high)


def _range_covers(
    low: float | None, high: float | None, inner_low: float | None, inner_high: float | None
) -> bool:
    below = low is None or (inner_low is not None and inner_low >= low)
    above = high is None or (inner_high is not None and inner_high <= high)
    return below and above


def _record_covers(wide: Record, narrow: Record) -> bool:
    new = {member.name: member for member in wide.fields}
    old = {member.name: member for member in narrow.fields}
    if not old.keys() <= new.keys():
        return False
    if not all(covers(new[name].type, old[name].type) for name in old):
        return False
    if not all(sends_the_same(old[name], new[name]) for name in old):
        return False
    if any(nulls_the_default(old[name], new[name]) for name in old):
        return False
    if any(sent(new[name]) for name in new.keys() - old.keys()):
        return False
    return all(
        not member.required
        or member.default is not None
        or (name in old and old[name].required and old[name].default is None)
        for name, member in new.items()
    )
