"""What the details themselves say of the price, as a claim like any other."""

from __future__ import annotations

import re
from collections.abc import Iterator
from decimal import Decimal

from ..schema.types import Model
from .claim import Claim, Rate
from .units import unit_of
from .words import dollars

_AMOUNT = re.compile(
    r"\$\s?([0-9]{1,6}(?:\.[0-9]{1,9})?)(?![0-9])(?!\s*(?:/|per)\s*(?:1\s*)?m)", re.I
)
"""A sum in the free text; not one per million tokens, which no request says how many it needs."""


def live(model: Model, date: str) -> Claim | None:
    """The claim of the details; None without a price, or with one per nobody knows what.

    `date` is the day of the snapshot. Where the text names other sums, the rate is the range.
    """
    unit = unit_of(model.price.unit) if model.price else None
    if model.price is None or unit is None:
        return None
    sums = {model.price.micro_dollars, *sums_of(model)}
    rate = Rate((min(sums), max(sums)))
    note = "which of the prices in the text of the details applies" if len(sums) > 1 else ""
    source = "the model's details"
    return Claim("", (model.id,), unit, "live details", source, date, (rate,), note=note)


def sums_of(model: Model) -> Iterator[int]:
    """The sums that the free text of the details names, in millionths of a US dollar."""
    for found in _AMOUNT.findall(model.pricing_details[:4000]):
        yield round(Decimal(found).scaleb(6))


def moved(model: Model, claim: Claim) -> str:
    """What the details say that a claim does not know; nothing where they agree."""
    known = set(claim.amounts())
    if model.price is not None:
        known.add(model.price.micro_dollars)
        unit = unit_of(model.price.unit)
        named = {amount for rate in (*claim.rates, *claim.doubted) for amount in rate.usd}
        if model.price.micro_dollars not in named or unit not in (None, claim.unit, claim.doubt):
            per = f" per {model.price.unit}" if model.price.unit else ""
            return f"{dollars(model.price.micro_dollars)}{per}"
    strange = [amount for amount in sums_of(model) if amount not in known]
    return f"{dollars(strange[0])} in their text" if strange else ""
