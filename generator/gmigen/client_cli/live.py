"""A line that lives, and bars, on a terminal. Remote text goes in as text, never as markup."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from time import monotonic
from typing import TYPE_CHECKING

from rich.console import Console, ConsoleOptions, RenderResult
from rich.live import Live as Region
from rich.progress import BarColumn, DownloadColumn, TextColumn
from rich.progress import Progress as Bars
from rich.spinner import Spinner
from rich.table import Column
from rich.text import Text

from .output import above, note, shown
from .plain import Show

if TYPE_CHECKING:
    from ..runtime.events import Event
    from ..runtime.protocol.effects import Progress

RETRYING = 15.0
"""Seconds for which a retry is told: longer than the pause between two of them."""

BAR = 20
"""Columns of a bar at most, so that its label has room."""


class Live(Show):
    """Changes on one line; what should stay is printed above it."""

    moves = True

    def __init__(self) -> None:
        self._console = Console(stderr=True, markup=False, highlight=False, emoji=False)

    def watch(self, events: Iterable[Event]) -> None:
        """Keep the first and the last change, and show in between how it is."""
        line = Line(self._console.options.ascii_only)
        first = True
        with self._region(line) as region, above(self._say):
            for event in events:
                # The first and the last stay; of a job that has ended they are one.
                if first or event.kind == "done":
                    note(event)
                first = False
                line.take(event)
                region.refresh()

    @contextmanager
    def doing(self, what: str) -> Iterator[None]:
        """A line that lives for as long as it takes."""
        line = Line(self._console.options.ascii_only, what)
        with self._region(line), above(self._say):
            yield

    @contextmanager
    def transfer(self, label: str) -> Iterator[Progress | None]:
        """A bar for as long as the transfer takes."""
        columns = (
            TextColumn("{task.description}", markup=False, table_column=_one_line()),
            BarColumn(bar_width=min(BAR, self._console.width // 5)),
            DownloadColumn(table_column=_one_line()),
        )
        bars = Bars(*columns, console=self._console, transient=True, expand=False,
                    redirect_stdout=False, redirect_stderr=False)  # fmt: skip
        with bars, above(self._say):
            task = bars.add_task(shown(label), total=None)

            def moved(so_far: int, of_all: int | None) -> None:
                bars.update(task, completed=so_far, total=of_all)

            yield moved

    def _region(self, line: Line) -> Region:
        return Region(line, console=self._console, transient=True, refresh_per_second=8,
                      redirect_stdout=False, redirect_stderr=False)  # fmt: skip

    def _say(self, text: str) -> None:
        self._console.print(Text(text), soft_wrap=True)


def _one_line() -> Column:
    return Column(no_wrap=True, overflow="ellipsis")


class Line:
    """How a job is: `* 0:12 Veo3 processing, no change for 2 min`."""

    def __init__(self, ascii_only: bool = False, what: str = "waiting") -> None:
        self._what = what
        self._spinner = Spinner("line" if ascii_only else "dots", style="cyan")
        self._event: Event | None = None
        self._began = self._at = monotonic()

    def take(self, event: Event) -> None:
        """Show this from now on."""
        self._event = event
        self._at = monotonic()
        self._began = self._at - event.elapsed

    def __rich_console__(self, console: Console, options: ConsoleOptions) -> RenderResult:
        """One line, cut where the terminal ends."""
        now = monotonic()
        minutes, seconds = divmod(int(now - self._began), 60)
        frame = self._spinner.render(console.get_time())
        text = Text.assemble(frame if isinstance(frame, Text) else "", f" {minutes}:{seconds:02} ")
        if self._event is None:
            text.append(shown(self._what))
        else:
            text.append(shown(f"{self._event.model or 'job'} "))
            text.append(shown(self._event.status or self._event.kind), "bold")
            if doing := self._doing(now):
                text.append(f", {shown(doing)}", "yellow")
        text.no_wrap = True
        text.truncate(options.max_width, overflow="ellipsis")
        yield text

    def _doing(self, now: float) -> str:
        """What is out of the ordinary, as long as it is."""
        event = self._event
        if event is not None and event.kind == "stalled":
            still = int(now - self._at + getattr(event, "unchanged_for", 0.0))
            return f"no change for {still // 60} min" if still >= 60 else f"no change for {still} s"
        if event is not None and event.kind == "retrying" and now - self._at < RETRYING:
            return f"retrying, {getattr(event, 'reason', '')}"
        return ""
