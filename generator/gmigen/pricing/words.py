"""Prices in words, for docstrings, pages and findings."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from decimal import Decimal

from .claim import Claim, Rate


def dollars(millionths: int) -> str:
    """`$0.152`, `$0.40`: exact to the millionth, with cents at least."""
    text = f"{Decimal(millionths).scaleb(-6).normalize():f}"
    return f"${text}" if len(text.partition(".")[2]) > 1 else f"${float(text):.2f}"


def between(amounts: Iterable[int]) -> str:
    """`$0.40`, or `$0.07 to $0.374`."""
    told = sorted(amounts)
    ends = dict.fromkeys((told[0], told[-1])) if told else ()
    return " to ".join(map(dollars, ends))


def unit(claim: Claim) -> str:
    """The unit as it is told: `second`, `5-second block`."""
    return f"{claim.block}-second block" if claim.block else claim.unit


def price(claim: Claim) -> str:
    """The whole price in a line: `at least $0.40 per request, perhaps per second`."""
    if not claim.rates:
        return f"per {unit(claim)}, at a price that is not published"
    told = f"{between(a for rate in claim.rates for a in rate.usd)} per {unit(claim)}"
    if claim.doubt:
        doubted = claim.doubted or claim.rates
        other = between(a for rate in doubted for a in rate.usd)
        same = doubted == claim.rates
        return f"at least {told}, perhaps {'' if same else other + ' '}per {claim.doubt}"
    return told


def origin(claim: Claim) -> str:
    """How sure it is, from when, and by whom."""
    return ", ".join(filter(None, (claim.certainty, claim.date, claim.source)))


def condition(rate: Rate) -> str:
    """When a rate holds: `resolution 480p or 540p, image given`; nothing where it always does."""
    return ", ".join(_conditions(rate))


def _conditions(rate: Rate) -> Iterator[str]:
    for name, values in rate.when.items():
        yield f"{name} {' or '.join(values)}"
    for name, given in rate.given.items():
        yield f"{'with' if given else 'without'} {name}"
    if rate.over:
        yield f"{rate.over[0]} above {rate.over[1]:,} pixels"
