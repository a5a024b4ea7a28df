"""A bound on what is submitted, in estimates: no estimate is a bill."""

from __future__ import annotations

import threading
from decimal import Decimal, InvalidOperation
from typing import Any

from .errors import BudgetExceededError, ConfigurationError


class Budget:
    """US dollars that submissions may cost by what is published; shared by all who hold it.

    What may have been submitted is spent, at the most that its estimate says; what was refused is
    not. A model whose highest cost nobody knows is refused, unless `allow_unknown_cost`: then the
    least it costs is counted, which may be nothing. It knows of this process only.
    """

    def __init__(
        self, usd: float | int | str | Decimal, *, allow_unknown_cost: bool = False
    ) -> None:
        try:
            limit = Decimal(str(usd))
        except InvalidOperation:
            limit = Decimal("NaN")
        if isinstance(usd, bool) or not limit.is_finite() or limit < 0:
            raise ConfigurationError(
                "budget= is a number of US dollars, zero or more, or a Budget."
            )
        self.limit = limit
        self.allow_unknown_cost = allow_unknown_cost
        self._spent = Decimal(0)
        self._turn = threading.Lock()

    @classmethod
    def of(cls, given: Any) -> Budget | None:
        """A budget as it is, or one of so many dollars. Raises ConfigurationError."""
        return given if given is None or isinstance(given, Budget) else cls(given)

    @property
    def spent(self) -> Decimal:
        """The sum of the estimates of everything that was, or may have been, submitted."""
        return self._spent

    @property
    def left(self) -> Decimal:
        """What is left of it."""
        return self.limit - self._spent

    def take(self, model: str, estimate: Any, *, allow_unknown_cost: bool = False) -> Decimal:
        """Count a request about to be submitted, and return as what.

        Raises BudgetExceededError, and counts nothing then.
        """
        low, most = (estimate.low, estimate.high) if estimate is not None else (None, None)
        if most is None and not (self.allow_unknown_cost or allow_unknown_cost):
            known = str(estimate) if estimate is not None else "not known"
            raise BudgetExceededError(
                f"What {model} costs at most is not known ({known}), so nothing was submitted "
                "under a budget. Say allow_unknown_cost=True to count the least it costs.",
                limit=self.limit,
                spent=self._spent,
            )
        cost: Decimal = low or Decimal(0) if most is None else most
        with self._turn:
            if self._spent + cost > self.limit:
                left = f"{_told(self.left)} of the budget of {_told(self.limit)}"
                raise BudgetExceededError(
                    f"A request to {model} may cost {_told(cost)}, and {left} is left, so nothing "
                    "was submitted. These are estimates, no bill.",
                    cost=cost,
                    limit=self.limit,
                    spent=self._spent,
                )
            self._spent += cost
        return cost

    def give_back(self, cost: Decimal) -> None:
        """What was counted as this was not submitted after all."""
        with self._turn:
            self._spent -= cost

    def __repr__(self) -> str:
        return f"Budget(limit={self.limit}, spent={self._spent})"


def _told(usd: Decimal) -> str:
    """`$0.40`: exact, with cents at least."""
    return f"${usd:.2f}" if usd == round(usd, 2) else f"${usd.normalize():f}"
