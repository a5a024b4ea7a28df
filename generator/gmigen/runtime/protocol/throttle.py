"""What all jobs of a client share when the API asks for patience: gates, pauses, budget, latch.

Moments are of the monotonic clock.
"""

from __future__ import annotations

import threading
from bisect import bisect_left, insort
from dataclasses import dataclass, field
from itertools import count
from typing import Any

from .. import wire
from ..errors import AuthenticationError, again
from ..records import Handle
from .pacing import rate_limit

# The figures of the AWS SDKs: 500 tokens, 14 for asking again after trouble, 5 after being asked to
# slow down; an answer gives back what the trouble before it had cost, or one. Time gives back what
# one job that backs off spends, so that only a crowd can empty it.
CAPACITY = 500.0
COST = 14.0
PACED_COST = 5.0
PROBE_EVERY = 20.0
REFILL = COST / 10.0

HOLD = 30.0
FORGOTTEN_AFTER = 600.0


@dataclass
class Gate:
    """The pace of submissions to one model: whoever submits goes through, one after the other.

    Open until the API refuses one for its rate; from then on it lets through what the refusal
    allows: `limit` in `interval_seconds`, evenly, or, when that was not said, a probe, then faster
    with each that is accepted. No job of the model is looked at before `looks_from`.
    """

    opens: float = float("-inf")
    spacing: float = 0.0
    stated: bool = False
    refused_at: float = float("-inf")
    accepted: int = 0
    looks_from: float = float("-inf")
    _queue: list[int] = field(default_factory=list)
    _numbers: Any = field(default_factory=count, repr=False)
    _lock: Any = field(default_factory=threading.Lock, repr=False)

    def enter(self, ticket: int | None = None) -> int:
        """Queue up; the ticket to ask `left` with, and to `leave` with at last.

        Who was let through and then refused comes with the ticket of before, and keeps its place.
        """
        with self._lock:
            ticket = next(self._numbers) if ticket is None else ticket
            insort(self._queue, ticket)
            return ticket

    def left(self, ticket: int, now: float) -> float:
        """Seconds until it is this ticket's turn; at 0 it goes through, and is to leave."""
        with self._lock:
            if now - self.refused_at > FORGOTTEN_AFTER:
                self.spacing = 0.0
            place = bisect_left(self._queue, ticket)
            due = self.opens + place * self.spacing
            if now < due:
                return due - now
            if self.spacing:
                self.opens = max(self.opens, now) + self.spacing
            return 0.0

    def leave(self, ticket: int) -> None:
        """Whoever has gone through, or does not want to any more."""
        with self._lock:
            del self._queue[bisect_left(self._queue, ticket)]

    def refuse(self, now: float, wait: float, body: Any) -> None:
        """The API refused a submission for its rate: `wait` seconds, and the pace it states."""
        stated = rate_limit(body)
        several, seconds = (wire.amount(stated.get(one)) for one in ("limit", "interval_seconds"))
        with self._lock:
            self.stated = bool(several and seconds)
            self.spacing = seconds / several if several and seconds else max(wait, 0.1)
            self.opens = max(self.opens, now + wait)
            self.refused_at = now

    def accept(self) -> None:
        """A submission was let through by the API, too."""
        with self._lock:
            self.accepted += 1
            if self.spacing and not self.stated:
                self.opens -= self.spacing / 2
                self.spacing = self.spacing / 2 if self.spacing > 0.02 else 0.0


@dataclass
class Tokens:
    """What asking again costs. When they are spent, one probe in 20 s is all that goes out until
    there is an answer.

    `draw` in [0, 1) spreads those who wait.
    """

    count: float = CAPACITY
    next_probe: float | None = None
    filled: float = 0.0

    def spend(self, cost: float, now: float) -> None:
        """Pay for asking again; without enough tokens, everybody waits for a probe."""
        self.count = min(CAPACITY, self.count + REFILL * max(now - self.filled, 0.0))
        self.filled = now
        if self.count >= cost:
            self.count -= cost
        elif self.next_probe is None:
            self.next_probe = now + PROBE_EVERY

    def answered(self, after_trouble: bool) -> None:
        """The API answered: what is left waits no longer than it was told to."""
        self.count = min(CAPACITY, self.count + (COST if after_trouble else 1.0))
        self.next_probe = None

    def left(self, now: float, draw: float) -> float:
        """Seconds before asking; at zero the caller may ask, and is the probe if there is one."""
        if self.next_probe is None:
            return 0.0
        if now < self.next_probe:
            return self.next_probe - now + PROBE_EVERY * draw
        self.next_probe = now + PROBE_EVERY
        return 0.0


@dataclass
class Latch:
    """The last refusal of the key, believed for 30 s by all who wait: it stops them all at once."""

    refusal: AuthenticationError | None = None
    until: float = 0.0

    def shut(self, refusal: AuthenticationError, now: float) -> None:
        """The API refused the key."""
        self.refusal, self.until = refusal, now + HOLD

    def check(self, now: float, job: Handle) -> None:
        """Raise the refusal again, about `job`, while it holds."""
        if self.refusal is None or now >= self.until:
            self.refusal = None
            return
        raise again(self.refusal, f"Job {job.id} was not asked about. {self.refusal}", job)


@dataclass
class Throttle:
    """The patience of one client."""

    tokens: Tokens = field(default_factory=Tokens)
    latch: Latch = field(default_factory=Latch)
    _gates: dict[str, Gate] = field(default_factory=dict)

    def gate(self, model: str) -> Gate:
        """The gate of a model."""
        # Each look asks for it, and a gate has a lock to be made.
        return self._gates.get(model) or self._gates.setdefault(model, Gate())
