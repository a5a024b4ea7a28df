# fmt: off
# isort: skip_file
# ruff: noqa
"""Which jobs are waited for, by model, and what the last list of a model said about them."""

from __future__ import annotations

from dataclasses import dataclass, field

from .record import Record

AT_LEAST = 4
PAGE = 100
PAGES_PER_SECOND = 10
DISTRUST_FIRST = 15.0
DISTRUST_MOST = 600.0
AUDIT_EVERY = 60.0
AUDIT_SOON = 3.0
OWN_LOOKS_PER_SECOND = 20


@dataclass
class Group:
    """The jobs of one model. `told` holds when a list was asked for and what it said, by job id.

    Moments are of the monotonic clock.
    """

    jobs: dict[str, int] = field(default_factory=dict)
    told: dict[str, tuple[float, Record]] = field(default_factory=dict)
    sweeping: bool = False
    audited: float = float("-inf")
    distrusted_until: float = 0.0
    distrust: float = DISTRUST_FIRST

    def worth_a_list(self, now: float) -> bool:
        """Whether one list is better than a look at each job, as far as is known."""
        return len(self.jobs) >= AT_LEAST and now >= self.distrusted_until

    def news(self, job_id: str, since: float) -> Record | None:
        """What a list asked for after `since` said about a job."""
        when, record = self.told.get(job_id, (float("-inf"), None))
        return record if when > since else None

    def believe(self, now: float, *, firmly: bool) -> None:
        """The list was held against a look at a job and agreed. On a job that has not moved yet
        they agree easily, so that is soon tried again."""
        self.audited = now if firmly else now - AUDIT_EVERY + AUDIT_SOON
        self.distrust = DISTRUST_FIRST

    def doubt(self, now: float) -> None:
        """The list failed, lagged or left jobs out: look at each for a while, longer each time."""
        self.distrusted_until = now + self.distrust
        self.distrust = min(2 * self.distrust, DISTRUST_MOST)
        self.audited = float("-inf")

    def fresh_for(self, interval: float) -> float:
        """Seconds for which a list is news to who looks every `interval` seconds. A long list is
        asked for less often, so that no crowd asks for more than ten pages a second."""
        return max(interval / 2, self.pages / PAGES_PER_SECOND)

    @property
    def pages(self) -> int:
        """How many pages the jobs of the group fill at least."""
        return 1 + len(self.jobs) // PAGE

    def own_look_every(self) -> float:
        """Seconds after which a job is asked about by itself, whatever the lists say."""
        return max(AUDIT_EVERY, len(self.jobs) / OWN_LOOKS_PER_SECOND)


@dataclass
class Watchlist:
    """The groups of a client."""

    groups: dict[str, Group] = field(default_factory=dict)

    def enter(self, model: str, job_id: str) -> None:
        """Somebody waits for this job."""
        jobs = self.groups.setdefault(model, Group()).jobs
        jobs[job_id] = jobs.get(job_id, 0) + 1

    def leave(self, model: str, job_id: str) -> None:
        """And no longer."""
        group = self.groups.get(model)
        if group is None or job_id not in group.jobs:
            return
        group.jobs[job_id] -= 1
        if group.jobs[job_id] == 0:
            del group.jobs[job_id]
            group.told.pop(job_id, None)
