"""Whether every value one type admits is admitted by another."""

from __future__ import annotations

from ..schema.algebra import admits
from ..schema.types import (
    Anything,
    Choice,
    Integer,
    ListOf,
    Media,
    Number,
    OneOf,
    OpenRecord,
    Record,
    Text,
    Type,
)


def covers(wide: Type, narrow: Type) -> bool:
    """Whether whoever builds `narrow` values may go on when the schema says `wide`.

    Answers no where it cannot tell: a change that may break is told as breaking.
    """
    if isinstance(wide, Anything):
        return True
    if isinstance(narrow, OneOf):
        return all(covers(wide, member) for member in narrow.members)
    if isinstance(narrow, Choice):
        return all(admits(wide, value) for value in narrow.values)
    if isinstance(wide, OneOf):
        return any(covers(member, narrow) for member in wide.members)
    if isinstance(wide, Text) and isinstance(narrow, Text):
        return _range_covers(wide.min_length, wide.max_length, narrow.min_length, narrow.max_length)
    if isinstance(wide, (Integer, Number)) and isinstance(narrow, (Integer, Number)):
        whole = isinstance(narrow, Integer) or isinstance(wide, Number)
        return whole and _range_covers(wide.minimum, wide.maximum, narrow.minimum, narrow.maximum)
    if isinstance(wide, ListOf) and isinstance(narrow, ListOf):
        return covers(wide.item, narrow.item) and _range_covers(
            wide.min_items, wide.max_items, narrow.min_items, narrow.max_items
        )
    if isinstance(wide, Media):
        # The kind is advice; what goes over the wire is a text either way.
        return isinstance(narrow, (Media, Text))
    if isinstance(wide, Record):
        return isinstance(narrow, Record) and _record_covers(wide, narrow)
    if isinstance(wide, OpenRecord):
        return isinstance(narrow, OpenRecord)
    return wide == narrow


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
    return all(
        not member.required
        or member.default is not None
        or (name in old and old[name].required and old[name].default is None)
        for name, member in new.items()
    )
