"""A model's details, read: what every stage after the reader works with."""

from __future__ import annotations

from dataclasses import dataclass

from ..problems import Problem
from .types import Json, Type


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
    problems: tuple[Problem, ...] = ()
