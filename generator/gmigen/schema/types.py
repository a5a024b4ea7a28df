"""What a model is once it was read: its parameters, and the closed set of types of their values.

A `Type` says only what the schema says. It knows nothing of Python source, of names, or of the
words the API uses; `words.py` translates those.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Literal, NoReturn, Union

from ..problems import Problem

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


@dataclass(frozen=True)
class Default:
    """A default the API applies. Its own class, because `null` is a default and absence is none."""

    value: Json


@dataclass(frozen=True)
class Parameter:
    """One element of a model's `parameters`, or one member of a nested object.

    `name` is the wire name, never altered. The type always admits the default: where the schema
    contradicts itself the reader widens the type and reports a `Problem`.
    """

    name: str
    type: Type
    required: bool
    default: Default | None = None
    title: str = ""
    description: str = ""
    step: int | float | None = None


@dataclass(frozen=True)
class Price:
    """`micro_dollars` (millionths of a US dollar) per `unit`, as `price_info` gives it."""

    micro_dollars: int
    unit: str
    basis: str = ""


@dataclass(frozen=True)
class PriceRow:
    """A published price in words: the amount, when it holds, and how sure it is, by whom."""

    price: str
    when: str
    origin: str


@dataclass(frozen=True)
class Pricing:
    """The price to go by: the `table` that a package carries, and the same in words."""

    table: Mapping[str, Json]
    line: str
    rows: tuple[PriceRow, ...]
    notes: tuple[str, ...] = ()


@dataclass(frozen=True)
class Model:
    """One model of the catalogue. `id` is exact, as it goes over the wire."""

    id: str
    parameters: tuple[Parameter, ...]
    title: str = ""
    vendor: str = ""
    kind: str = ""
    summary: str = ""
    guide: str = ""
    tags: tuple[str, ...] = ()
    inputs: tuple[str, ...] = ()
    outputs: tuple[str, ...] = ()
    price: Price | None = None
    pricing_details: str = ""
    discount: float = 0
    """Percent; whether `price` is before or after it, nobody has said."""
    pricing: Pricing | None = None
    """Made of `price`, `pricing_details` and what others publish, by the room of prices."""
    problems: tuple[Problem, ...] = ()
    example: Mapping[str, Json] = field(default_factory=dict)
    """What an example request needs beside what the schema requires, by overlays."""


def never(kind: NoReturn) -> NoReturn:
    """What ends a ladder over every type: a checker proves that it is never reached."""
    raise AssertionError(f"no branch for {kind!r}")
