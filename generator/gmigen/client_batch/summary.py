"""How a batch stands, as data: counts, money, what is open, and what a person has to decide."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from decimal import Decimal
from typing import Any

from . import states


@dataclass(frozen=True)
class Summary:
    """A batch at one moment. `spent` and `budget` are US dollars, by estimates: none is a bill.

    `states` counts requests; `halted` says why nothing is submitted any more; `workers` are those
    who work, or died working; `undecided` are requests that may have been paid, with what is known;
    `reasons` are what was told of others: the state, the words, and how often.
    """

    place: str
    states: Mapping[str, int] = field(default_factory=dict)
    spent: Decimal = Decimal(0)
    budget: Decimal | None = None
    halted: str | None = None
    whole: bool = True
    workers: tuple[str, ...] = ()
    undecided: tuple[Mapping[str, Any], ...] = ()
    reasons: tuple[tuple[str, str, int], ...] = ()

    @property
    def requests(self) -> int:
        """How many there are."""
        return sum(self.states.values())

    @property
    def done(self) -> bool:
        """Whether every request has ended, and none is left for anybody."""
        return self.whole and not any(
            self.states.get(state) for state in (*states.ACTIVE, *states.OPEN)
        )

    def document(self) -> dict[str, Any]:
        """The same as JSON; money as text, exact."""
        told = asdict(self)
        budget = None if self.budget is None else str(self.budget)
        counted = {"requests": self.requests, "done": self.done}
        return {**told, **counted, "spent": str(self.spent), "budget": budget}

    def lines(self) -> list[str]:
        """The same for a person."""
        told = [f"{self.requests} requests in {self.place}"]
        for state, meaning in states.MEANING.items():
            if many := self.states.get(state):
                told.append(f"{many:>8}  {state}: {meaning}")
                told += [
                    f"{often:>12} x {words}" for of, words, often in self.reasons if of == state
                ]
        limit = "" if self.budget is None else f" of {_usd(self.budget)}"
        told.append(f"Counted by estimates: {_usd(self.spent)}{limit}. That is no bill.")
        if not self.whole:
            told.append("The file was not read to its end: run it again to add the rest.")
        if self.halted:
            told.append(f"Halted: {self.halted}")
        return told

    def __str__(self) -> str:
        return "\n".join(self.lines())


def dollars(micro: int | None) -> Decimal | None:
    """Millionths of a US dollar as dollars."""
    return None if micro is None else Decimal(micro).scaleb(-6)


def _usd(usd: Decimal) -> str:
    return f"${usd:.2f}" if usd == round(usd, 2) else f"${usd.normalize():f}"
