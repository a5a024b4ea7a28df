# fmt: off
# isort: skip_file
# ruff: noqa
"""What can be seen of a job while it runs. Only changes are events; `print(event)` is one line."""

from __future__ import annotations

from dataclasses import dataclass, field


@dataclass(frozen=True)
class Event:
    """Something changed. `elapsed` counts seconds since the waiting began; `key` is that of the
    submission, if it had one.
    """

    job_id: str
    model: str
    status: str
    elapsed: float
    key: str | None = field(default=None, kw_only=True)

    @property
    def kind(self) -> str:
        """`queued`, `started`, `stalled`, `retrying` or `done`."""
        return type(self).__name__.lower()

    def __str__(self) -> str:
        minutes, seconds = divmod(int(self.elapsed), 60)
        return f"[{minutes}:{seconds:02}] {self.model or 'job'} {self.job_id}: {self._says()}"

    def _says(self) -> str:
        return f"{self.kind} ({self.status})"


@dataclass(frozen=True)
class Queued(Event):
    """The job waits for its turn."""

    def _says(self) -> str:
        return self.kind


@dataclass(frozen=True)
class Started(Event):
    """The job runs, or shows a status word this client does not know."""


@dataclass(frozen=True)
class Stalled(Event):
    """The record has not changed for `unchanged_for` seconds."""

    unchanged_for: float = 0.0

    def _says(self) -> str:
        return f"stalled, still {self.status} after {int(self.unchanged_for)} s without a change"


@dataclass(frozen=True)
class Retrying(Event):
    """The API gave no usable answer; it is asked again. The job itself is not affected."""

    reason: str = ""

    def _says(self) -> str:
        return f"retrying, {self.reason}"


@dataclass(frozen=True)
class Done(Event):
    """The job ended: `status` is success, failed or cancelled."""
