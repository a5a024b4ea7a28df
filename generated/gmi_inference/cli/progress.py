# fmt: off
# isort: skip_file
# ruff: noqa
"""What a person sees while something happens: lines, or on a terminal one line that lives."""

from __future__ import annotations

import sys
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

from .output import is_quiet, is_terminal, note

if TYPE_CHECKING:
    from ..runtime.events import Event
    from ..runtime.protocol.effects import Progress


class Show:
    """Plain lines, one for each change; none of a transfer."""

    moves = False
    """Whether transfers are shown as they go."""

    def watch(self, events: Iterable[Event]) -> None:
        """Show what changes until there is nothing more to come."""
        for event in events:
            note(event)

    @contextmanager
    def doing(self, what: str) -> Iterator[None]:
        """Show that something takes its time, for a `with` block."""
        yield

    @contextmanager
    def transfer(self, label: str) -> Iterator[Progress | None]:
        """Show a transfer for a `with` block; what comes is told the bytes so far, and of all."""
        yield None


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
