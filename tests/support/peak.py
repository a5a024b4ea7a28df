"""The most memory a process has held.

`ru_maxrss` of a child begins with what its parent held, so that it tells nothing in a large suite.
"""

from __future__ import annotations

import contextlib
import resource
import sys
from pathlib import Path

STATUS = Path("/proc/self/status")


def peak_kib() -> int:
    """KiB held at the most since the process began, or since `forget`."""
    if STATUS.exists():
        told = STATUS.read_text("ascii", "replace").split("VmHWM:")[1]
        return int(told.split()[0])
    unit = 1 if sys.platform == "linux" else 1024
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // unit


def forget() -> None:
    """Count anew from what is held now, where the system can."""
    with contextlib.suppress(OSError):
        Path("/proc/self/clear_refs").write_text("5")
