# fmt: off
# isort: skip_file
# ruff: noqa
"""The clocks that bounds and files are measured with."""

from __future__ import annotations

import time
from collections.abc import Callable
from functools import partial


def _clock(kind: str, otherwise: Callable[[], float]) -> Callable[[], float]:
    # Tests of users freeze the functions of `time`, as freezegun does; a wait would then never end.
    read = getattr(time, "clock_gettime", None)
    return otherwise if read is None else partial(read, getattr(time, kind))


monotonic = _clock("CLOCK_MONOTONIC", time.monotonic)
"""Seconds that never go back, whatever is done to the time of day."""

stamping = _clock("CLOCK_REALTIME", time.time)
"""The time of day in unix seconds, as files are stamped with it."""
