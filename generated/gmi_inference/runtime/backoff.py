# fmt: off
# isort: skip_file
# ruff: noqa
"""How long to pause before asking again."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

HINT_LIMIT = 120.0
_IN_TEXT = re.compile(r"[Rr]etry in (\d{1,9}) ?(ms|s)\b")


def growing(attempt: int, draw: float, *, first: float = 0.5, most: float = 10.0) -> float:
    """Seconds before retry number `attempt` (from 0): doubling, the upper half jittered."""
    return float(min(most, first * 2.0 ** min(attempt, 30)) * (0.5 + draw / 2))


def hinted(headers: Mapping[str, str], body: Any = None) -> float | None:
    """The longest pause the server asked for, in seconds; None when it asked for nothing usable.

    Read from `Retry-After` (seconds or a date, counted from the answer's own `Date`),
    `retry-after-ms`, and `rate_limit.retry_after_ms` or the sentence in the body, which were
    recorded in public. Negative, past and garbled values count for nothing.
    """
    hints = [
        _number(headers.get("retry-after"), 1.0),
        _number(headers.get("retry-after-ms"), 0.001),
        _date(headers.get("retry-after"), headers.get("date")),
    ]
    if isinstance(body, Mapping):
        limit = body.get("rate_limit")
        if isinstance(limit, Mapping):
            hints.append(_number(limit.get("retry_after_ms"), 0.001))
        if found := _IN_TEXT.search(str(body.get("error") or "")):
            hints.append(_number(found[1], 0.001 if found[2] == "ms" else 1.0))
    return max((hint for hint in hints if hint is not None), default=None)


def _number(value: Any, unit: float) -> float | None:
    if isinstance(value, bool) or not isinstance(value, (str, int, float)):
        return None
    try:
        seconds = float(value) * unit
    except (ValueError, OverflowError):
        return None
    return seconds if 0 <= seconds < float("inf") else None


def _date(value: str | None, now: str | None) -> float | None:
    if not value or not any(letter.isalpha() for letter in value):
        return None
    from datetime import datetime, timezone
    from email.utils import parsedate_to_datetime

    def parsed(text: str) -> datetime:
        moment = parsedate_to_datetime(text)
        return moment if moment.tzinfo else moment.replace(tzinfo=timezone.utc)

    try:
        until = parsed(value)
        since = parsed(now) if now else datetime.now(timezone.utc)
    except (TypeError, ValueError, IndexError):
        return None
    return _number((until - since).total_seconds(), 1.0)
