"""How long to pause: before looking again, and before asking again."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from .. import wire
from ..errors import ConfigurationError

HINT_LIMIT = 120.0
"""Seconds a server may ask for; who asks for more is told so at once."""

SERVER_PACE_LIMIT = 60.0
_IN_TEXT = re.compile(r"[Rr]etry in (\d{1,9}) ?(ms|s)\b")


def growing(attempt: int, draw: float, *, first: float = 0.5, most: float = 10.0) -> float:
    """Seconds before retry number `attempt` (from 0): doubling, the upper half jittered."""
    return float(min(most, first * 2.0 ** min(attempt, 30)) * (0.5 + draw / 2))


def hinted(headers: Mapping[str, str], body: Any = None, *, unix: float = 0.0) -> float | None:
    """The longest pause the server asked for, in seconds; None when it asked for nothing usable.

    Read from `Retry-After` (seconds or a date, counted from the answer's own `Date`, else from
    `unix`), `retry-after-ms`, and `rate_limit.retry_after_ms` or the sentence in the body, which
    were recorded in public. Negative, past and garbled values count for nothing.
    """
    told = _IN_TEXT.search(str(body.get("error") or "")[:2000] if isinstance(body, Mapping) else "")
    until = wire.date_header(headers.get("retry-after"))
    since = unix if until is None else wire.date_header(headers.get("date")) or unix
    hints = (
        wire.number_text(headers.get("retry-after")),
        _milliseconds(headers.get("retry-after-ms")),
        _milliseconds(rate_limit(body).get("retry_after_ms")),
        None if told is None else float(told[1]) * (0.001 if told[2] == "ms" else 1.0),
        None if until is None or until < since else until - since,
    )
    return max((hint for hint in hints if hint is not None), default=None)


def rate_limit(body: Any) -> Mapping[str, Any]:
    """What a body says of the rate, empty when it says nothing."""
    limit = body.get("rate_limit") if isinstance(body, Mapping) else None
    return limit if isinstance(limit, Mapping) else {}


def _milliseconds(value: Any) -> float | None:
    number = wire.number_text(value)
    return None if number is None else number / 1000


@dataclass(frozen=True)
class Poll:
    """The pace of looking at a job. All figures but `ratio` are seconds.

    The interval is `min` and `ratio` of the time waited, never above `max`, give or take a tenth:
    it grows from the start, so that no job is looked at often in vain. `prior` is how long such a
    job usually takes: looks are rarer before half of it and closer around it. `tolerance` is how
    long the API may give no usable answer before the wait gives up, and `stalled_after` how long a
    record may stay unchanged before a `stalled` event.
    Raises ConfigurationError for figures that cannot be meant.
    """

    min: float = 0.6
    max: float = 5.0
    ratio: float = 0.03
    prior: float | None = None
    tolerance: float = 120.0
    stalled_after: float = 600.0

    def __post_init__(self) -> None:
        prior = 0.0 if self.prior is None else self.prior
        figures = (self.min, self.max, self.ratio, prior, self.tolerance, self.stalled_after)
        meant = all(isinstance(figure, (int, float)) and figure >= 0 for figure in figures)
        if not meant or not 0 < self.min <= self.max < float("inf") or self.ratio > 1:
            raise ConfigurationError(
                "Poll needs 0 < min <= max seconds, a ratio from 0 to 1, and no figure below 0."
            )

    @classmethod
    def of(cls, value: Poll | float | None) -> Poll:
        """A `Poll` from what the caller gave: itself, a plain interval, or None for the default."""
        if value is None:
            return cls()
        if isinstance(value, Poll):
            return value
        try:
            return cls(min=float(value), max=float(value))
        except (TypeError, ValueError, OverflowError) as refusal:
            raise ConfigurationError(f"poll= is not usable: {refusal}") from None

    def interval(self, elapsed: float, draw: float) -> float:
        """Seconds until the next look, `elapsed` seconds in; `draw` in [0, 1) is the jitter."""
        pause = min(self.min + self.ratio * elapsed, self.max)
        if self.prior is not None and self.min <= elapsed < self.prior / 2:
            pause = min(max(self.prior / 2 - elapsed, self.min), 2 * self.max)
        elif self.prior is not None and self.min <= elapsed < 2 * self.prior:
            pause = min(max(0.02 * self.prior, self.min), self.max)
        return pause * (0.9 + 0.2 * draw)
