"""Dollars for the request of the example, worked out as `request.estimate()` does."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from ..emit.example import example
from ..requests.estimate import estimated
from ..schema.types import Json, Model


@dataclass(frozen=True)
class Cost:
    """The sum in words and its arithmetic; `dollars` is what tables sort by, None when unknown."""

    told: str = "unknown"
    arithmetic: str = ""
    certainty: str = ""
    dollars: str = ""


def cost(model: Model, payload: Mapping[str, Json] | None = None) -> Cost:
    """What the example of a model costs, as far as anybody published it."""
    given = payload if payload is not None else example(model) or {}
    estimate = estimated(model.pricing.table if model.pricing else None, given)
    amount = estimate.low if estimate.low is not None else estimate.high
    if amount is None:
        return Cost()
    return Cost(
        str(estimate), estimate.arithmetic or "", str(estimate.certainty or ""), f"{amount:f}"
    )
