# fmt: off
# isort: skip_file
# ruff: noqa
"""What a waiter learns from one record after the other."""

from __future__ import annotations

from dataclasses import dataclass, field

from . import statuses
from .api import Api
from .effects import Flow, clock, emit
from .errors import ProtocolError
from .events import Done, Event, Queued, Stalled, Started
from .handles import Handle
from .logs import logger
from .looking import observe
from .record import Record

EMPTY_SUCCESS_LOOKS = 5
EMPTY_SUCCESS_PAUSE = 6.0


@dataclass
class Watch:
    """What the waiter remembers from look to look; moments are of the monotonic clock."""

    began: float
    changed: float
    looked: float = float("-inf")
    interval: float = 0.0
    shown: str = ""
    seen: bool = False
    stalled: bool = False
    trouble_since: float | None = None
    missing_since: float | None = None
    troubles: int = 0
    nonsense: int = 0
    empty_looks: int = 0
    unknown_words: set[str] = field(default_factory=set)

    def all_is_well(self) -> None:
        """The API answered about the job."""
        self.seen = True
        self.trouble_since = self.missing_since = None
        self.troubles = self.nonsense = 0


def take(api: Api, job: Handle, record: Record, watch: Watch) -> Flow[Record | None]:
    """Learn from a record; the record itself when the job has ended."""
    before = job.record
    record = observe(job, record)
    now = yield from clock()
    if record.status == statuses.SUCCESS and not record.outcome:
        watch.empty_looks += 1
        if watch.empty_looks > EMPTY_SUCCESS_LOOKS:
            raise ProtocolError(
                f"Job {job.id} ended as a success, but the API shows no outcome for it. "
                "Ask again later with job.refresh(), then job.result().",
                job=job,
            )
        return None
    event = _event(job, record, now - watch.began)
    if record.status not in statuses.KNOWN and record.status not in watch.unknown_words:
        watch.unknown_words.add(record.status)
        logger.warning(
            "Job %s has an unknown status %r; taken as still running.", job.id, record.status
        )
    if watch.shown != f"{event.kind} {record.status}":
        if watch.shown.partition(" ")[0] != event.kind or event.kind == "started":
            yield from emit(event)
        watch.shown = f"{event.kind} {record.status}"
        watch.changed, watch.stalled = now, False
    elif before is not None and record.updated_at != before.updated_at:
        watch.changed, watch.stalled = now, False
    if record.ended:
        return record
    still = now - watch.changed
    if still >= api.poll.stalled_after and not watch.stalled:
        watch.stalled = True
        yield from emit(Stalled(job.id, job.model, record.status, now - watch.began, still))
    return None


def _event(job: Handle, record: Record, elapsed: float) -> Event:
    kind: type[Event] = Started
    if record.status in statuses.WAITING:
        kind = Queued
    elif record.ended:
        kind = Done
    return kind(job.id, job.model, record.status, elapsed)
