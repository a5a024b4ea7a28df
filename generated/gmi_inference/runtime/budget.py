# fmt: off
# isort: skip_file
# ruff: noqa
"""How often a client may ask again while the API is in trouble, shared by all its jobs.

The figures are those of the AWS SDKs: 500 tokens, 14 for asking again after trouble, 5 after being
asked to slow down; an answer gives back what the trouble before it had cost, or one. Time gives
back what one job that backs off spends, so that only a crowd can empty it.
"""

from __future__ import annotations

from dataclasses import dataclass

CAPACITY = 500.0
COST = 14.0
PACED_COST = 5.0
PROBE_EVERY = 20.0
REFILL = COST / 10.0


@dataclass
class Budget:
    """Tokens. When they are spent, one probe in 20 s is all that goes out until there is an answer.

    Moments are of the monotonic clock; `draw` in [0, 1) spreads those who wait.
    """

    tokens: float = CAPACITY
    next_probe: float | None = None
    filled: float = 0.0

    def spend(self, cost: float, now: float) -> None:
        """Pay for asking again; without enough tokens, everybody waits for a probe."""
        self.tokens = min(CAPACITY, self.tokens + REFILL * max(now - self.filled, 0.0))
        self.filled = now
        if self.tokens >= cost:
            self.tokens -= cost
        elif self.next_probe is None:
            self.next_probe = now + PROBE_EVERY

    def answered(self, after_trouble: bool) -> None:
        """The API answered: what is left waits no longer than it was told to."""
        self.tokens = min(CAPACITY, self.tokens + (COST if after_trouble else 1.0))
        self.next_probe = None

    def left(self, now: float, draw: float) -> float:
        """Seconds before asking; at zero the caller may ask, and is the probe if there is one."""
        if self.next_probe is None:
            return 0.0
        if now < self.next_probe:
            return self.next_probe - now + PROBE_EVERY * draw
        self.next_probe = now + PROBE_EVERY
        return 0.0
