# fmt: off
# isort: skip_file
# ruff: noqa
"""One wait for one job: what it remembers from look to look, and what it learns from a record."""

from __future__ import annotations

from typing import Any

from .. import wire
from ..errors import JobTimeoutError, ProtocolError
from ..events import Done, Event, Queued, Stalled, Started
from ..logs import logger
from ..records import KNOWN, SUCCESS, WAITING, Handle, Record
from .context import Context
from .effects import Emit, sleep
from .poll import observe
from .retry import Patience
from .waiters import Group

EMPTY_SUCCESS_LOOKS = 5
# A pause that took so much longer than asked: the machine slept, and its network with it.
ASLEEP = 60.0
# Nothing was touched for so long: that is no queue, but the mark of a model that never runs.
NEVER_RUNS = 300.0


class Watch:
    """Who waits for `job`, for at most `timeout` seconds, and what was seen meanwhile.

    Moments are of the monotonic clock. `group` are those who wait for jobs of the same model.
    """

    def __init__(self, ctx: Context, job: Handle, timeout: float | None) -> None:
        self.ctx = ctx
        self.job = job
        self.timeout = float("inf") if timeout is None else timeout
        self.began = self.changed = ctx.world.now()
        self.looked = float("-inf")
        self.interval = pace = ctx.poll.min
        self.patience = Patience(ctx.poll.tolerance, first=pace, most=max(10.0, pace))
        self.group: Group | None = None
        self.shown: tuple[type[Event], str] = (Event, "")
        self.seen = self.stalled = False
        self.missing_since: float | None = None
        self.nonsense = self.empty_looks = 0
        self.unknown_words: set[str] = set()

    @property
    def elapsed(self) -> float:
        """Seconds since the wait began."""
        return self.ctx.world.now() - self.began

    @property
    def left(self) -> float:
        """Seconds until it is over."""
        # Rounded like the clock itself: whoever sleeps for what is left then finds nothing left.
        return self.began + self.timeout - self.ctx.world.now()

    def all_is_well(self) -> None:
        """The API answered about the job."""
        self.seen = True
        self.missing_since = None
        self.nonsense = 0
        self.patience.progress()

    def next_interval(self) -> float:
        """Seconds to the next look when all is well."""
        self.interval = self.ctx.poll.interval(self.elapsed, self.ctx.world.draw())
        return self.interval

    async def pause(self, seconds: float) -> None:
        """Sleep, but never beyond the time given; at its end the wait is over."""
        if self.left <= 0:
            raise self._out_of_time()
        seconds = min(seconds, self.left)
        before = self.ctx.world.now()
        await sleep(seconds)
        if self.ctx.world.now() - before > seconds + ASLEEP:
            # Nobody could have been reached meanwhile, which says nothing against the API.
            self.patience.since = None

    def _out_of_time(self) -> JobTimeoutError:
        job = self.job
        state = f"It was last seen as {job.status or 'unknown'}."
        if job.record is not None and job.record.never_started and self.timeout >= NEVER_RUNS:
            state = (
                "It never left the queue: its record was not touched since it was made, which is "
                "how models look that accept jobs and never run them."
            )
        return JobTimeoutError(
            f"Job {job.id} did not end within {self.timeout:g} s. {state} It may still end, and "
            f"may be billed. Come back with client.job({wire.quoted(job.id)}).result().",
            job=job,
        )

    async def tell(self, kind: type[Event], *more: Any) -> None:
        """Hand the caller an event about the job as it was last seen."""
        job = self.job
        await Emit(kind(job.id, job.model, job.status or "", self.elapsed, *more, key=job.key))

    async def take(self, record: Record) -> Record | None:
        """Learn from a record; the record itself when the job has ended."""
        job, before = self.job, self.job.record
        record = observe(job, record)
        now = self.ctx.world.now()
        if record.status == SUCCESS and not record.outcome:
            self.empty_looks += 1
            if self.empty_looks > EMPTY_SUCCESS_LOOKS:
                raise ProtocolError(
                    f"Job {job.id} ended as a success, but the API shows no outcome for it. "
                    "Ask again later with job.refresh(), then job.result().",
                    job=job,
                )
            return None
        if record.status not in KNOWN and record.status not in self.unknown_words:
            self.unknown_words.add(record.status)
            told = "Job %s has an unknown status %r; taken as still running."
            logger.warning(told, job.id, record.status)
        shown = _kind(record), record.status
        differs = shown != self.shown
        if differs and (shown[0] is Started or shown[0] is not self.shown[0]):
            await self.tell(shown[0])
        if differs or (before is not None and record.updated_at != before.updated_at):
            self.shown, self.changed, self.stalled = shown, now, False
        if record.ended:
            return record
        still = now - self.changed
        if still >= self.ctx.poll.stalled_after and not self.stalled:
            self.stalled = True
            await self.tell(Stalled, still)
        return None


def _kind(record: Record) -> type[Event]:
    if record.status in WAITING:
        return Queued
    return Done if record.ended else Started
