"""Putting one folder in the place of another."""

from __future__ import annotations

import ctypes
import os
import sys
from pathlib import Path


def exchange(new: Path, old: Path, aside: Path) -> None:
    """Put `new` where `old` is and `old` where `new` was, in one step where the system has one.

    Elsewhere `old` goes to `aside`.
    """
    if not old.exists():
        new.rename(old)
    elif not (sys.platform == "linux" and _renameat2(new, old)):
        old.rename(aside)
        new.rename(old)


def _renameat2(one: Path, other: Path) -> bool:
    """Linux's atomic exchange of two paths; False where kernel, C library or disk lack it."""
    at_cwd, in_exchange = -100, 2
    try:
        call = ctypes.CDLL(None).renameat2
    except (OSError, AttributeError):
        return False
    return bool(call(at_cwd, os.fsencode(one), at_cwd, os.fsencode(other), in_exchange) == 0)
