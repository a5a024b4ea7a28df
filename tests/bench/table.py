"""The table: what was measured, ours beside each peer's, our ratio beside its target."""

from __future__ import annotations

import re
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
    failed: Mapping[str, str] = field(default_factory=dict)
    """Peers that could not do it, and the last they said."""
    why: str = ""
    """Where the time goes, for whoever asks why the row is lost."""

    @property
    def ratio(self) -> float | None:
        other = self.others.get(self.than)
        return self.ours / other if other else None

    @property
    def verdict(self) -> str:
        if self.than in self.failed:
            return "the peer failed"
        if self.target is None:
            return ""
        measured = self.ours if self.ratio is None else self.ratio
        if measured <= self.target:
            return "met"
        return f"LOST by {measured / self.target - 1:.0%}" if self.target else "LOST"

    @property
    def is_lost(self) -> bool:
        return self.verdict.startswith("LOST")

    def cells(self) -> list[str]:
        ratio = "" if self.ratio is None else f"{self.ratio:.2f} x {self.than}"
        target = "" if self.target is None else f"<= {self.target:g}"
        told = [f"{name} {value:.4g}" for name, value in self.others.items()]
        told += [f"{name} failed: {_gist(said)}" for name, said in self.failed.items()]
        notes = [self.note, f"why: {self.why}" if self.is_lost and self.why else ""]
        more = "; ".join([*told, *filter(None, notes)])
        return [self.what, f"{self.ours:.4g} {self.unit}", ratio, target, self.verdict, more]


def _gist(said: str) -> str:
    """Of what a process wrote the last lines that speak of a failure, or the last of all."""
    lines = [line.strip() for line in said.replace("|", "/").splitlines() if line.strip()]
    bad = [line for line in lines if re.search("fail|error", line, re.I)]
    return "; ".join((bad or lines)[-2:])[:160]


HEAD = ["", "ours", "ratio", "target", "", "the others"]


def markdown(rows: list[Row]) -> str:
    lines = [HEAD, ["---"] * len(HEAD), *(row.cells() for row in rows)]
    return "\n".join(f"| {' | '.join(line)} |" for line in lines)
