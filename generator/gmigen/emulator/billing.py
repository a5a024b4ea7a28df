"""What a job is billed: what `request.estimate()` says of it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from ..requests.estimate import estimated
from ..schema import Model


def bill(model: Model, payload: Mapping[str, Any]) -> int:
    """Micro-dollars: the least that the estimate says.

    Where it says nothing, one unit of the price in the details, and 0 where they have none.
    """
    low = estimated(model.pricing.table if model.pricing else None, payload).low
    if low is not None:
        return int(low.scaleb(6))
    return model.price.micro_dollars if model.price else 0
