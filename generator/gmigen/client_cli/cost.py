"""What a request costs: told before it is submitted, and held against what it may cost."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from ..runtime.budget import Budget
from ..runtime.errors import BudgetExceededError

if TYPE_CHECKING:
    from ..requests.estimate import Estimate


def reckoned(cost: Estimate) -> Iterator[str]:
    """An estimate in lines: the sum, how sure it is, and what is not known or contradicts it."""
    yield f"Price: {cost}."
    if cost.arithmetic:
        yield f"That is {cost.arithmetic}."
    if cost.certainty:
        told = ", ".join(filter(None, (cost.certainty, cost.date, cost.source)))
        yield f"By {told}; no quote."
    if cost.low is not None:
        yield from (f"Not known: {told}." for told in cost.unknown)
    yield from (f"Others say: {told}." for told in cost.conflicts)


def briefly(cost: Estimate) -> str:
    """An estimate on one line, for before a submission."""
    sure = f" ({cost.certainty}, no quote)" if cost.certainty else ""
    return f"Price: {cost}{sure}."


def hold(model: str, cost: Estimate, most: float, *, allow_unknown_cost: bool) -> None:
    """Raise BudgetExceededError for a request that may cost more than `most` US dollars.

    One whose highest cost nobody knows is refused, too, unless that is allowed: then it is held to
    the least it costs.
    """
    try:
        Budget(most, allow_unknown_cost=allow_unknown_cost).take(model, cost)
    except BudgetExceededError as refusal:
        why, advice = f"may cost {cost}", f"which is more than --max-cost {most:g}"
        if refusal.cost is None:
            why, advice = (
                "has no known highest price",
                f"({cost}); --allow-unknown-cost submits it all the same",
            )
        raise BudgetExceededError(
            f"This request to {model} {why}, {advice}. Nothing was submitted.",
            cost=refusal.cost,
            limit=refusal.limit,
        ) from None
