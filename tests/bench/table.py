"""The table: what was measured, ours beside each peer's, our ratio beside its target."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field


@dataclass(frozen=True)
class Row:
    """One measurement. `than` names the entry of `others` that the target is about."""

    what: str
    ours: float
    unit: str
    than: str = ""
    others: Mapping[str, float] = field(default_factory=dict)
    target: float | None = None
    """The most our figure may be, as a ratio to that entry; without one, as it is."""
    note: str = ""

    @property
    def ratio(self) -> float | None:
        return self.ours / self.others[self.than] if self.than else None

    @property
    def verdict(self) -> str:
        if self.target is None:
            return ""
        measured = self.ours if self.ratio is None else self.ratio
        return "met" if measured <= self.target else "LOST"

    def cells(self) -> list[str]:
        ratio = "" if self.ratio is None else f"{self.ratio:.2f} x {self.than}"
        target = "" if self.target is None else f"<= {self.target:g}"
        told = [f"{name} {value:.4g}" for name, value in self.others.items()]
        more = "; ".join([*told, *([self.note] if self.note else [])])
        return [self.what, f"{self.ours:.4g} {self.unit}", ratio, target, self.verdict, more]


HEAD = ["", "ours", "ratio", "target", "", "the others"]


def markdown(rows: list[Row]) -> str:
    lines = [HEAD, ["---"] * len(HEAD), *(row.cells() for row in rows)]
    return "\n".join(f"| {' | '.join(line)} |" for line in lines)
