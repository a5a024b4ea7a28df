# fmt: off
# isort: skip_file
# ruff: noqa
"""What a person sees while something happens: lines, or on a terminal one line that lives."""

from __future__ import annotations

import sys

from .output import is_quiet, is_terminal
from .plain import Show


def show() -> Show:
    """What fits where standard error goes to; without rich it is plain lines everywhere."""
    if is_quiet() or not is_terminal(sys.stderr):
        return Show()
    try:
        from .live import Live
    except ModuleNotFoundError as missing:
        if (missing.name or "").partition(".")[0] != "rich":
            raise
        return Show()
    return Live()
