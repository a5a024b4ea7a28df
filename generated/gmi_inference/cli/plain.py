# fmt: off
# isort: skip_file
# ruff: noqa
"""What a person sees of what happens where nothing may move: a line for each change."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

from .output import note

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
