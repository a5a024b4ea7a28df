"""Bounds and lengths: from an element's numbers to the type they restrict."""

from __future__ import annotations

import math
import sys
from collections.abc import Mapping
from dataclasses import replace

from .algebra import is_number, union
from .findings import Findings
from .types import Anything, Choice, Integer, Json, ListOf, Media, Number, OneOf, Text, Type

MAX_COUNT = 2**31 - 1


def bounded(kind: Type, minimum: Json, maximum: Json, at: str, findings: Findings) -> Type:
    """`kind` between two inclusive bounds. Numeric bounds on a text mean that numbers may be
    sent too: the API's own defaults there are numbers."""
    low, high = _bound(minimum, at, findings), _bound(maximum, at, findings)
    if low is None and high is None:
        return kind
    if low is not None and high is not None and _empty(kind, low, high):
        findings.warn(
            at, "bounds-empty", f"no value lies between {low:.6g} and {high:.6g}; both left out"
        )
        return kind
    if isinstance(kind, (Integer, Number)):
        return replace(kind, minimum=low, maximum=high)
    if isinstance(kind, Choice):
        if any(not _inside(value, low, high) for value in kind.values):
            findings.warn(at, "options-out-of-bounds", "some options lie outside the bounds")
        return kind
    if isinstance(kind, OneOf) and any(isinstance(m, (Integer, Number)) for m in kind.members):
        return union(
            *(
                replace(m, minimum=low, maximum=high) if isinstance(m, (Integer, Number)) else m
                for m in kind.members
            )
        )
    if isinstance(kind, ListOf) and isinstance(kind.item, (Integer, Number)):
        return replace(kind, item=replace(kind.item, minimum=low, maximum=high))
    if isinstance(kind, Text):
        findings.warn(at, "bounds-on-text", "numeric bounds on a text; numbers are taken too")
        return union(kind, Number(low, high))
    findings.warn(at, "bounds-misplaced", "numeric bounds on something that is no number")
    return kind


def lengthened(
    kind: Type, limits: Mapping[str, Json], at: str, findings: Findings, *, plural: bool
) -> Type:
    """`kind` with its limits on the length of a text and on the number of list elements."""
    low, high = (_count(limits[key], at, findings) for key in ("min_length", "max_length"))
    if low is not None and high is not None and low > high:
        findings.warn(at, "bounds-empty", "no length lies between the two limits; both left out")
        low = high = None
    if low is not None or high is not None:
        kind = _text_limited(kind, low, high, at, findings)
    low, high = (_count(limits[key], at, findings) for key in ("min_items", "max_items"))
    if low is not None and high is not None and low > high:
        findings.warn(at, "bounds-empty", "no count lies between the two limits; both left out")
        low = high = None
    if low is not None or high is not None or (plural and isinstance(kind, Media)):
        kind = _list_limited(kind, low, high, at, findings, plural=plural)
    return kind


def _text_limited(
    kind: Type, low: int | None, high: int | None, at: str, findings: Findings
) -> Type:
    if isinstance(kind, Text):
        return Text(low, high)
    if isinstance(kind, OneOf) and any(isinstance(member, Text) for member in kind.members):
        return union(*(Text(low, high) if isinstance(m, Text) else m for m in kind.members))
    if isinstance(kind, ListOf) and isinstance(kind.item, Text):
        return replace(kind, item=Text(low, high))
    if not isinstance(kind, (Media, Anything)):
        findings.warn(at, "length-misplaced", "a text length on something that is no text")
    return kind


def _list_limited(
    kind: Type, low: int | None, high: int | None, at: str, findings: Findings, *, plural: bool
) -> Type:
    if isinstance(kind, ListOf):
        return replace(kind, min_items=low, max_items=high)
    if isinstance(kind, OneOf) and any(isinstance(member, ListOf) for member in kind.members):
        return union(
            *(
                replace(m, min_items=low, max_items=high) if isinstance(m, ListOf) else m
                for m in kind.members
            )
        )
    if isinstance(kind, (Media, Text)):
        if high == 1 and not plural:
            findings.note(at, "items-on-single", "a list limit of one on a single value")
            return kind
        findings.warn(at, "items-on-text", "speaks of several values, typed as one; both are taken")
        return union(kind, ListOf(kind, low, high))
    if not isinstance(kind, Anything):
        findings.warn(at, "items-misplaced", "a list limit on something that is no list")
    return kind


def _bound(raw: Json, at: str, findings: Findings) -> int | float | None:
    if raw is None:
        return None
    if not is_number(raw):
        findings.warn(at, "bound-shape", "a bound is not a number and is left out")
        return None
    assert isinstance(raw, (int, float))
    if abs(raw) > sys.float_info.max:
        findings.warn(at, "bound-size", "a bound is beyond any number in use and is left out")
        return None
    return int(raw) if isinstance(raw, float) and raw.is_integer() else raw


def _count(raw: Json, at: str, findings: Findings) -> int | None:
    if raw is None:
        return None
    if not isinstance(raw, (int, float)) or isinstance(raw, bool) or not _is_whole(raw):
        findings.warn(at, "limit-shape", "a length limit is not a count and is left out")
        return None
    if not 0 <= raw <= MAX_COUNT:
        findings.warn(at, "limit-shape", f"a length limit is not between 0 and {MAX_COUNT:,}")
        return None
    return int(raw)


def _empty(kind: Type, low: int | float, high: int | float) -> bool:
    """Whether no value of `kind` lies between the bounds: no whole number does in 0.2 to 0.8."""
    return low > high or (isinstance(kind, Integer) and math.ceil(low) > math.floor(high))


def _is_whole(number: int | float) -> bool:
    return isinstance(number, int) or number.is_integer()


def _inside(value: Json, low: int | float | None, high: int | float | None) -> bool:
    if not isinstance(value, (int, float)) or isinstance(value, bool):
        return True
    return (low is None or value >= low) and (high is None or value <= high)
