"""One published price of some models: who said it, when, how sure that is, and what it is per."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Literal, get_args

Certainty = Literal[
    "live details", "vendor page", "public notes", "vendor blog", "third party", "inference"
]
"""`live details`: the details themselves, or who restates them. `vendor page`: the vendor's
documentation. `public notes`: somebody says to have read it from the API. `inference`: ours."""

CERTAINTIES: tuple[Certainty, ...] = get_args(Certainty)
"""The surest first."""


@dataclass(frozen=True)
class Rate:
    """`usd`, the least and the most in millionths of a US dollar, where its conditions hold.

    `when` maps a parameter to the values it holds for, folded to lower case; `given` to whether it
    has to be there; `over` is a parameter with a size, and the pixels it has to exceed.
    """

    usd: tuple[int, int]
    when: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    given: Mapping[str, bool] = field(default_factory=dict)
    over: tuple[str, int] | None = None

    @property
    def conditions(self) -> str:
        """The same text for the same conditions."""
        when = {name: sorted(values) for name, values in sorted(self.when.items())}
        return repr((when, sorted(self.given.items()), self.over))


@dataclass(frozen=True)
class Extra:
    """`usd` for each value of the list `per`."""

    usd: tuple[int, int]
    per: str


@dataclass(frozen=True)
class Claim:
    """What one source says of the price of `models`.

    unit: one of `units.UNITS`; doubt: the unit it may really be, with `doubted` rates.
    by: parameters that say how many units, the first that a model has. only: values of others
    beside which they count. block: seconds in a block. span: limits in seconds of the length `of`
    an input. clips: lists of clips whose seconds are billed too. pixels: the parameter whose size
    scales the rate, and the pixels it is for. plus: what is added for inputs.
    absent: what a parameter left out is billed as, by the source; assumed: by nobody's word.
    """

    file: str
    models: tuple[str, ...]
    unit: str
    certainty: Certainty
    source: str
    date: str
    rates: tuple[Rate, ...] = ()
    doubt: str = ""
    doubted: tuple[Rate, ...] = ()
    by: tuple[str, ...] = ()
    only: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    block: int = 0
    span: tuple[int, int] | None = None
    of: str = ""
    clips: tuple[str, ...] = ()
    pixels: tuple[str, int] | None = None
    plus: tuple[Extra, ...] = ()
    absent: Mapping[str, str | int | bool] = field(default_factory=dict)
    assumed: Mapping[str, str | int | bool] = field(default_factory=dict)
    note: str = ""
    bundled: bool = True

    def amounts(self) -> Iterator[int]:
        """Every amount it names, in millionths of a US dollar."""
        for usd in (one.usd for ones in (self.rates, self.doubted, self.plus) for one in ones):
            yield from usd

    def says(self, other: Claim) -> bool:
        """Whether another claim says the same, whoever its source is."""
        mine, theirs = ({(r.conditions, r.usd) for r in c.rates} for c in (self, other))
        return (self.unit, mine) == (other.unit, theirs)
