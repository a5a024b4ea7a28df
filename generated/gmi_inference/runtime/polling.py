# fmt: off
# isort: skip_file
# ruff: noqa
"""How often to look at a job."""

from __future__ import annotations

from dataclasses import dataclass

SERVER_PACE_LIMIT = 60.0


@dataclass(frozen=True)
class Poll:
    """The pace of looking at a job. All figures but `ratio` are seconds.

    The interval is `ratio` of the time waited, never below `min` or above `max`, give or take a
    tenth. `prior` is how long such a job usually takes: looks are rarer before half of it and
    closer around it. `tolerance` is how long the API may give no usable answer before the wait
    gives up, and `stalled_after` how long a record may stay unchanged before a `stalled` event.
    Raises ValueError for figures that cannot be meant.
    """

    min: float = 0.5
    max: float = 5.0
    ratio: float = 0.05
    prior: float | None = None
    tolerance: float = 120.0
    stalled_after: float = 600.0

    def __post_init__(self) -> None:
        if not 0 < self.min <= self.max < float("inf"):
            raise ValueError("Poll needs 0 < min <= max seconds.")
        if not 0 <= self.ratio <= 1:
            raise ValueError("Poll.ratio is a part of the time waited, between 0 and 1.")

    @classmethod
    def of(cls, value: Poll | float | None) -> Poll:
        """A `Poll` from what the caller gave: itself, a plain interval, or None for the default."""
        if value is None:
            return cls()
        if isinstance(value, Poll):
            return value
        return cls(min=float(value), max=float(value))

    def interval(self, elapsed: float, draw: float) -> float:
        """Seconds until the next look, `elapsed` seconds in; `draw` in [0, 1) is the jitter."""
        return self._plain(elapsed) * (0.9 + 0.2 * draw)

    def _plain(self, elapsed: float) -> float:
        usual = min(max(self.ratio * elapsed, self.min), self.max)
        if self.prior is None or elapsed < self.min or elapsed >= 2 * self.prior:
            return usual
        if elapsed < self.prior / 2:
            return min(max(self.prior / 2 - elapsed, self.min), 2 * self.max)
        return min(max(0.02 * self.prior, self.min), self.max)
