"""`options`: the list of values a parameter admits, and how it sits with the type word."""

from __future__ import annotations

import re
from dataclasses import replace

from .algebra import admits, is_number, union
from .findings import Findings
from .json_text import identity
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
    Text,
    Type,
)


def read_options(raw: Json, at: str, findings: Findings) -> Choice | None:
    """The options as a choice, each with its JSON type; `{value, label}` objects are their value.

    Returns None where no options are given.
    """
    if raw is None or raw == []:
        return None
    if isinstance(raw, dict):
        raw = list(raw)
        findings.warn(at, "options-shape", "`options` is an object; its keys are taken")
        if not raw:
            return None
    if not isinstance(raw, list):
        findings.warn(at, "options-shape", "`options` is not a list and is left out")
        return None
    values = [_value(option) for option in raw]
    if any(isinstance(value, dict) for value in values):
        findings.warn(at, "option-object", "an option is an object; it is sent as a whole")
    distinct = {identity(value): value for value in values}
    if len(distinct) < len(values):
        findings.note(at, "option-repeated", "an option is listed twice")
    return Choice(tuple(distinct.values()))


def narrowed(kind: Type, options: Choice | None, at: str, findings: Findings) -> Type:
    """`kind` restricted to `options`; where the two contradict each other, both are admitted."""
    if options is None:
        return without_options(kind, at, findings)
    if isinstance(kind, (Anything, Choice)):
        return options
    if isinstance(kind, Integer):
        options = _whole(options, at, findings)
    if isinstance(kind, OneOf):
        return _narrowed_union(kind, options, at, findings)
    if isinstance(kind, ListOf) and not any(isinstance(v, list) for v in options.values):
        return ListOf(narrowed(kind.item, options, at, findings), kind.min_items, kind.max_items)
    if isinstance(kind, Media):
        findings.note(at, "options-on-media", "options on a media input: other media are taken too")
        return union(kind, options)
    if all(admits(kind, value) for value in options.values):
        return options
    if all(reads_as(kind, value) for value in options.values):
        findings.warn(at, "options-type", "the options are of another JSON type than the word says")
        return options
    findings.warn(at, "options-contradict-type", "the options do not belong to the type word")
    return union(kind, options)


def reads_as(kind: Type, value: Json) -> bool:
    """Whether `value` is a value of `kind` in another spelling: `"5"` for 5, 5 for a text."""
    if isinstance(kind, Text):
        return isinstance(value, (str, bool)) or is_number(value)
    if isinstance(kind, (Integer, Number)):
        return is_number(value) or (
            isinstance(value, str) and re.fullmatch(r"[-+]?\d+(\.\d+)?", value) is not None
        )
    if isinstance(kind, Boolean):
        return isinstance(value, bool) or value in ("true", "false")
    return False


def _value(option: Json) -> Json:
    return option["value"] if isinstance(option, dict) and "value" in option else option


def _whole(options: Choice, at: str, findings: Findings) -> Choice:
    """Options of an integer, each written as one: `8.0` is 8."""
    values = [int(v) if isinstance(v, float) and v.is_integer() else v for v in options.values]
    if any(isinstance(v, float) and v.is_integer() for v in options.values):
        findings.note(at, "whole-float", "a whole number is written with a fraction")
    return Choice(tuple({identity(value): value for value in values}.values()))


def without_options(kind: Type, at: str, findings: Findings) -> Type:
    if isinstance(kind, Choice) and not kind.values:
        findings.warn(at, "enum-without-options", "an enum without options; any text is taken")
        return Text()
    if isinstance(kind, OneOf):
        return union(*(without_options(member, at, findings) for member in kind.members))
    if isinstance(kind, ListOf):
        return replace(kind, item=without_options(kind.item, at, findings))
    return kind


def _narrowed_union(kind: OneOf, options: Choice, at: str, findings: Findings) -> Type:
    """Options restrict the scalar members; `null` and lists of options stay possible."""
    kept: list[Type] = [member for member in kind.members if isinstance(member, Null)]
    for member in kind.members:
        if isinstance(member, ListOf):
            kept.append(narrowed(member, options, at, findings))
    scalars = [m for m in kind.members if not isinstance(m, (Null, ListOf))]
    told = all(any(reads_as(m, v) for m in scalars) for v in options.values)
    if scalars and not told and not any(isinstance(m, (Choice, Media)) for m in scalars):
        findings.warn(at, "options-contradict-type", "the options do not belong to the type")
        kept = [*scalars, *kept]
    return union(options, *kept)
