# fmt: off
# isort: skip_file
# ruff: noqa
"""Which jobs are waited for, by model, and what the last list of a model said about them."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field

DISTRUST_FIRST = 15.0
DISTRUST_MOST = 600.0

Shown = tuple[str, "float | None"]
"""The state of a record, as `Record.state` tells it."""


@dataclass
class Group:
    """The jobs of one model. `told` is what a list asked for at `asked` showed, by job id.

    Moments are of the monotonic clock.
    """

    jobs: Counter[str] = field(default_factory=Counter)
    told: dict[str, Shown] = field(default_factory=dict)
    asked: float = float("-inf")
    listing: bool = False
    rests_until: float = float("-inf")
    distrust: float = DISTRUST_FIRST

    def leave(self, job_id: str) -> None:
        """Somebody waits for this job no longer."""
        self.jobs[job_id] -= 1
        if not self.jobs[job_id]:
            del self.jobs[job_id]
            self.told.pop(job_id, None)

    def believe(self, asked: float, told: dict[str, Shown]) -> None:
        """The list came."""
        self.asked, self.told, self.distrust = asked, told, DISTRUST_FIRST

    def doubt(self, now: float) -> None:
        """The list failed or left jobs out: do without it for a while, longer each time."""
        self.told = {}
        self.rests_until = now + self.distrust
        self.distrust = min(2 * self.distrust, DISTRUST_MOST)


@dataclass
class Waiters:
    """The groups of a client."""

    groups: dict[str, Group] = field(default_factory=dict)

    def enter(self, model: str, job_id: str) -> Group:
        """Somebody waits for this job: the group to leave again."""
        group = self.groups.setdefault(model, Group())
        group.jobs[job_id] += 1
        return group
