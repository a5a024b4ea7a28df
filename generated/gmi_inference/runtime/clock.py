# fmt: off
# isort: skip_file
# ruff: noqa
"""The clock that bounds are measured with."""

from __future__ import annotations

import time
from collections.abc import Callable


def _clock() -> Callable[[], float]:
    # Tests of users freeze `time.monotonic`, as freezegun does; a wait would then never end.
    read = getattr(time, "clock_gettime", None)
    if read is None:
        return time.monotonic
    kind = time.CLOCK_MONOTONIC

    def now() -> float:
        seconds: float = read(kind)
        return seconds

    return now


monotonic = _clock()
"""Seconds that never go back, whatever is done to the time of day."""
