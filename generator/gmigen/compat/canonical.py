"""A type as a text that is equal for two types exactly if they say the same."""

from __future__ import annotations

from ..schema.json_text import identity
from ..schema.types import Choice, ListOf, Media, OneOf, Parameter, Record, Text, Type


def canonical(kind: Type) -> str:
    """`kind` as text. Values count as JSON: `1`, `1.0` and `true` are three; the order of options,
    of members and of the keys of objects means nothing, that of alternatives does."""
    if isinstance(kind, Choice):
        return f"one of {sorted(map(identity, kind.values))}"
    if isinstance(kind, ListOf):
        return f"list of {canonical(kind.item)} {kind.min_items or 0}:{kind.max_items}"
    if isinstance(kind, OneOf):
        return f"any of {[canonical(member) for member in kind.members]}"
    if isinstance(kind, Record):
        return f"object of {sorted(map(_member, kind.fields))}"
    if isinstance(kind, Text):
        return f"text {kind.min_length or 0}:{kind.max_length}"
    if isinstance(kind, Media):
        return f"media {kind.kind}"
    return repr(kind)


def _member(member: Parameter) -> str:
    default = identity(member.default.value) if member.default else None
    said = (member.name, member.required, default, member.title, member.description)
    return f"{said!r} {canonical(member.type)}"
