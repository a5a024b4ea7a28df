"""What a value of a parameter may be: the closed set of types every later stage works with.

A `Type` says only what the schema says. It knows nothing of Python source, of names, or of the
words the API uses; `words.py` translates those.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Literal, Union

if TYPE_CHECKING:
    from .model import Parameter

Json = Union[None, bool, int, float, str, Sequence["Json"], Mapping[str, "Json"]]  # noqa: UP007
"""Any JSON value, with JSON's own distinctions: `1`, `1.0`, `true` and `"1"` are four values."""

MediaKind = Literal["image", "video", "audio", "file"]
"""`file` is a media input whose kind the schema does not say."""


@dataclass(frozen=True)
class Text:
    """A string, at most `max_length` characters where the schema says so."""

    min_length: int | None = None
    max_length: int | None = None


@dataclass(frozen=True)
class Integer:
    """A whole number between two inclusive bounds, either of which may be open."""

    minimum: int | float | None = None
    maximum: int | float | None = None


@dataclass(frozen=True)
class Number:
    """A number between two inclusive bounds, either of which may be open."""

    minimum: int | float | None = None
    maximum: int | float | None = None


@dataclass(frozen=True)
class Boolean:
    """`true` or `false`."""


@dataclass(frozen=True)
class Null:
    """The JSON value `null`."""


@dataclass(frozen=True)
class Anything:
    """Any JSON value: the schema's word for it is unknown or says no more than that."""


@dataclass(frozen=True)
class Media:
    """A picture, clip or sound: a public URL or data URI on the wire, a local file for callers."""

    kind: MediaKind


@dataclass(frozen=True)
class Choice:
    """One of a fixed list of values, each with the JSON type the schema gives it."""

    values: tuple[Json, ...]


@dataclass(frozen=True)
class ListOf:
    """A list of `item`, with an inclusive range of lengths where the schema gives one."""

    item: Type
    min_items: int | None = None
    max_items: int | None = None


@dataclass(frozen=True)
class Record:
    """A JSON object with known members; it becomes a nested class."""

    fields: tuple[Parameter, ...]


@dataclass(frozen=True)
class OpenRecord:
    """A JSON object whose members the schema does not list."""


@dataclass(frozen=True)
class OneOf:
    """A value of any of several types. Never nested, never with fewer than two members."""

    members: tuple[Type, ...] = field(default_factory=tuple)


Type = (
    Text
    | Integer
    | Number
    | Boolean
    | Null
    | Anything
    | Media
    | Choice
    | ListOf
    | Record
    | OpenRecord
    | OneOf
)
