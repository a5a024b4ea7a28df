# fmt: off
# isort: skip_file
# ruff: noqa
"""What a request would cost, worked out from its payload and the price table of its package.

A table is made by the generator: rates in millionths of a US dollar per unit, each with the
parameters it depends on, what a parameter left out is billed as, and who said so. No number is
made from a unit nobody knows; where the unit is in doubt, every reading is worked out.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction
from importlib import import_module
from math import ceil
from typing import Any

ENDLESS = Fraction(10**30)
"""What stands for no upper limit."""

Span = tuple[Fraction, Fraction]

NOTHING: Span = (Fraction(0), ENDLESS)
"""The range of what is not known."""


@dataclass(frozen=True)
class Estimate:
    """What a request would cost in US dollars, exact to the millionth: informative, never a quote.

    `low` is the least and `high` the most it can cost, None where that is not known; `at_least`
    says that it may well be more than `low`. `arithmetic` is the sum in words, `unknown` what
    would have to be known. `certainty`, `source` and `date` say where the rate comes from, and
    `conflicts` what others say of it.
    """

    low: Decimal | None = None
    high: Decimal | None = None
    at_least: bool = False
    arithmetic: str = ""
    unknown: tuple[str, ...] = ()
    certainty: str = ""
    source: str = ""
    date: str = ""
    conflicts: tuple[str, ...] = ()

    @property
    def dollars(self) -> Decimal | None:
        """The amount, where it is one: None for a range, and where something is in doubt."""
        return None if self.at_least or self.low != self.high else self.low

    def __str__(self) -> str:
        if self.low is None:
            return ": ".join(["not known", *self.unknown[:1]])
        told = _told(one * 10**6 for one in (self.low, self.high) if one is not None)
        return f"at least {told.replace(' to ', ', perhaps ')}" if self.at_least else told


def price_table(cls: type[Any]) -> Mapping[str, Any] | None:
    """What the package of a request class says its model costs; None where it says nothing."""
    for one in (one for one in cls.__mro__ if "MODEL_ID" in vars(one) and "." in one.__module__):
        try:
            prices = import_module(f"{one.__module__.rpartition('.')[0]}._prices")
        except ModuleNotFoundError:
            continue  # a class of the user's own
        found: Mapping[str, Any] | None = prices.PRICES.get(cls.MODEL_ID)
        return found
    return None


def estimated(table: Mapping[str, Any] | None, payload: Mapping[str, Any]) -> Estimate:
    """The estimate for a payload by wire names, whatever it holds."""
    if table is None:
        return Estimate(unknown=("no price of this model is published",))
    values = _Values(payload, table, dict.fromkeys(table.get("unsure", ())))
    sums = [values.reckon(reading) for reading in table["readings"]]
    known = [span for span, _ in sums if span != NOTHING]
    most = max((high for (_, high), _ in sums), default=ENDLESS)
    if len(sums) > 1:
        values.missed["whether per " + " or ".join(one["unit"] for one in table["readings"])] = None
    return Estimate(
        low=_dollars(min(known)[0]) if known else None,
        high=_dollars(most),
        at_least=bool(known) and (len(sums) > 1 or most >= ENDLESS),
        arithmetic="; or ".join(told for _, told in sums),
        unknown=tuple(values.missed),
        conflicts=tuple(table.get("others", ())),
        **{name: table[name] for name in ("certainty", "source", "date")},
    )


@dataclass
class _Values:
    """What each parameter counts as; what is `missed` on the way is told as unknown."""

    payload: Mapping[str, Any]
    table: Mapping[str, Any]
    missed: dict[str, None]

    def reckon(self, reading: Mapping[str, Any]) -> tuple[Span, str]:
        """The sum by one reading of a price, in millionths, and in words."""
        (fewest, most), told = self.count(reading)
        able = [*self.able(reading["rates"])]
        if not able:
            self.missed["the price of this combination, which nobody published"] = None
            return NOTHING, f"{told} per {reading['unit']}, at a price nobody published"
        rate = Fraction(min(low for low, _ in able)), Fraction(max(high for _, high in able))
        low, high = fewest * rate[0], most * rate[1]
        told += f" x {_told(rate)} per {reading['unit']}"
        for extra in reading.get("plus", ()):
            if many := _many(self.payload.get(extra["per"])):
                low, high = low + many * extra["usd"][0], high + many * extra["usd"][1]
                told += f" + {many} {extra['per']} x {_told(extra['usd'])}"
        if (fewest, most) == NOTHING:
            return NOTHING, told
        return (low, high), f"{told} = {_told((low, high))}"

    def able(self, rates: Iterable[Mapping[str, Any]]) -> Iterable[tuple[int, int]]:
        """The first rate that holds, and those before it that may."""
        for rate in rates:
            answers = {self.holds(*condition) for condition in rate.get("if", ())}
            if False not in answers:
                yield rate["usd"]
            if not answers - {True}:
                return

    def holds(self, kind: str, name: str, wanted: Any) -> bool | None:
        """Whether a condition holds; None where that is not known."""
        if kind == "given":
            return (_many(self.payload.get(name)) > 0) is wanted
        value = self.value(name) if kind == "is" else _pixels(self.value(name))
        if value is None:
            self.missed[f"{name}, which the price depends on"] = None
            return None
        return _text(value) in wanted if kind == "is" else int(value) > wanted

    def value(self, path: str) -> Any:
        """A value as given, or what is billed without it; None where that is not known."""
        value: Any = self.payload.get(path)
        if "[]." in path:  # of the first element
            name, rest = path.split("[].", 1)
            first = self.payload.get(name)
            value = first[0] if isinstance(first, list) and first else None
            for step in rest.split("."):
                value = value.get(step) if isinstance(value, Mapping) else None
        if value is None and path in self.table.get("assumed", {}):
            value = self.table["assumed"][path]
            self.missed[f"what {path} counts as when left out, taken for {value}"] = None
        return self.table.get("absent", {}).get(path) if value is None else value

    def count(self, reading: Mapping[str, Any]) -> tuple[Span, str]:
        """The fewest and the most units, and in words."""
        value = self.value(reading["by"]) if reading["by"] else None
        number = _number(value)
        if reading["unit"] == "1000 characters":
            number = Fraction(len(value), 1000) if isinstance(value, str) else None
        elif value is None:
            number = Fraction(1) if reading["unit"] in ("request", "image") else None
        elif not all(self.holds(*condition) for condition in reading.get("only", ())):
            number = Fraction(1)
        span = [number] if number else reading.get("span", ()) if value is None else ()
        if not number:
            self.missed[f"{reading['of']}, which the price is multiplied by"] = None
        if not span:
            return NOTHING, reading["of"]
        block, clips = reading.get("block"), reading.get("clips", ())
        low, high = (Fraction(ceil(n / block) if block else n) for n in (span[0], span[-1]))
        told = " to ".join(dict.fromkeys(f"{float(one):g}" for one in (low, high)))
        for clip in (clip for clip in clips if _many(self.payload.get(clip))):
            self.missed[f"the length of {clip}, which is billed too"] = None
            high, told = ENDLESS, f"({told} + {clip})"
        for name, whole in reading.get("pixels", ()):
            area = _pixels(self.value(name))
            if area is None:
                self.missed[f"the pixels of {name}, which scale the price"] = None
                return NOTHING, f"{told} x {name}"
            low, high, told = low * area / whole, high * area / whole, f"{told} x {area}/{whole}"
        return (low, high), told


def _many(value: Any) -> int:
    """How many inputs a parameter brings."""
    if isinstance(value, (list, tuple)):
        return len(value)
    return int(bool(value) if isinstance(value, (str, dict)) else value is not None)


def _text(value: Any) -> str:
    huge = isinstance(value, int) and abs(value) > 10**15
    return "" if huge or not isinstance(value, (str, int, float)) else str(value).casefold()


def _number(value: Any) -> Fraction | None:
    """A number, or a text of one, with or without seconds behind it."""
    found = re.fullmatch(r" *([0-9]{1,9}(\.[0-9]{1,9})?) *s? *", _text(value))
    return Fraction(found[1]) if found else None


def _pixels(value: Any) -> int | None:
    sides = re.fullmatch(r"([0-9]{1,5}) ?[x*] ?([0-9]{1,5})", _text(value))
    return int(sides[1]) * int(sides[2]) if sides else None


def _dollars(millionths: Fraction | Decimal | int) -> Any:
    return None if millionths >= ENDLESS else Decimal(round(millionths)).scaleb(-6)


def _told(ends: Iterable[Fraction | Decimal | int]) -> str:
    """`$0.40`, or `$0.07 to $0.374`: exact, with cents at least."""
    told = (f"${_dollars(end):.6f}" for end in dict.fromkeys(ends) if end < ENDLESS)
    return " to ".join(re.sub(r"(\.\d\d\d*?)0+$", r"\1", end) for end in told)
