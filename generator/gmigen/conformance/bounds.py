"""How much is asked at most."""

from __future__ import annotations

from dataclasses import dataclass

REQUESTS = 60
MOST_BYTES = 8 * 1024 * 1024


@dataclass(frozen=True)
class Bounds:
    """requests: how many are sent at most. seconds: how long all of it takes at most. each: how
    many seconds one answer may take; `submission` those of the one that may be held for minutes.
    """

    requests: int = REQUESTS
    seconds: float = 900.0
    each: float = 30.0
    submission: float = 330.0
