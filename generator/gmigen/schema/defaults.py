"""The default always belongs to the type: where it does not, the type is widened by exactly it."""

from __future__ import annotations

from dataclasses import replace

from .algebra import admits, is_number, union
from .findings import Findings
from .types import (
    Anything,
    Choice,
    Integer,
    Json,
    ListOf,
    Null,
    Number,
    OneOf,
    OpenRecord,
    Text,
    Type,
)


def settled(kind: Type, default: Json, at: str, findings: Findings) -> Json:
    """The default of an integer, written as one: `8.0` is 8."""
    as_whole = int(default) if isinstance(default, float) and default.is_integer() else default
    if as_whole is not default and not admits(kind, default) and admits(kind, as_whole):
        findings.note(at, "whole-float", "a whole number is written with a fraction")
        return as_whole
    return default


def widened(kind: Type, default: Json, at: str, findings: Findings) -> Type:
    """`kind`, admitting `default` too; a contradiction between the two is a finding."""
    if admits(kind, default):
        return kind
    if default is None:
        return union(kind, Null())
    findings.warn(at, *_contradiction(kind, default))
    if isinstance(default, dict):
        return union(kind, OpenRecord())
    if isinstance(default, list):
        return union(kind, ListOf(Anything()))
    members = kind.members if isinstance(kind, OneOf) else (kind,)
    return union(*_admitting(members, default))


def _admitting(members: tuple[Type, ...], default: Json) -> list[Type]:
    """Stretch the member that is nearest to the default, or add the value as a choice."""
    for index, member in enumerate(members):
        if isinstance(member, Choice):
            stretched: Type = Choice((*member.values, default))
        elif isinstance(member, Number) and is_number(default):
            stretched = _loosened(member, default)
        else:
            continue
        return [*members[:index], stretched, *members[index + 1 :]]
    return [*members, Choice((default,))]


def _loosened(number: Number, default: Json) -> Number:
    """A float cannot stand in a `Literal`, so the bound moves out to the default instead."""
    assert isinstance(default, (int, float))
    low, high = number.minimum, number.maximum
    return replace(
        number,
        minimum=default if low is not None and default < low else low,
        maximum=default if high is not None and default > high else high,
    )


def _contradiction(kind: Type, default: Json) -> tuple[str, str]:
    shown = ascii(default)[:60]
    if isinstance(kind, Choice):
        return "default-not-an-option", f"the default {shown} is not among the options"
    if isinstance(kind, (Integer, Number)) and is_number(default, whole=isinstance(kind, Integer)):
        return "default-out-of-bounds", f"the default {shown} lies outside the bounds"
    if isinstance(kind, Text) and isinstance(default, str):
        return "default-too-long", "the default is longer or shorter than the limits allow"
    return "default-type", f"the default {shown} is not of the parameter's type"
