"""What a waiter learns from one record after the other."""

from __future__ import annotations

from dataclasses import dataclass, field

from ..errors import ProtocolError
from ..events import Done, Event, Queued, Stalled, Started
from ..logs import logger
from ..records import KNOWN, SUCCESS, WAITING, Handle, Record
from .context import Context
from .effects import Emit
from .poll import observe
from .retry import Patience

EMPTY_SUCCESS_LOOKS = 5
EMPTY_SUCCESS_PAUSE = 6.0


@dataclass
class PollState:
    """What the waiter remembers from look to look; moments are of the monotonic clock."""

    began: float
    changed: float
    patience: Patience
    looked: float = float("-inf")
    interval: float = 0.0
    shown: str = ""
    seen: bool = False
    stalled: bool = False
    missing_since: float | None = None
    nonsense: int = 0
    empty_looks: int = 0
    unknown_words: set[str] = field(default_factory=set)

    def all_is_well(self) -> None:
        """The API answered about the job."""
        self.seen = True
        self.missing_since = None
        self.nonsense = 0
        self.patience.progress()


async def take(ctx: Context, job: Handle, record: Record, state: PollState) -> Record | None:
    """Learn from a record; the record itself when the job has ended."""
    before = job.record
    record = observe(job, record)
    now = ctx.world.now()
    if record.status == SUCCESS and not record.outcome:
        state.empty_looks += 1
        if state.empty_looks > EMPTY_SUCCESS_LOOKS:
            raise ProtocolError(
                f"Job {job.id} ended as a success, but the API shows no outcome for it. "
                "Ask again later with job.refresh(), then job.result().",
                job=job,
            )
        return None
    event = _event(job, record, now - state.began)
    if record.status not in KNOWN and record.status not in state.unknown_words:
        state.unknown_words.add(record.status)
        logger.warning(
            "Job %s has an unknown status %r; taken as still running.", job.id, record.status
        )
    if state.shown != f"{event.kind} {record.status}":
        if state.shown.partition(" ")[0] != event.kind or event.kind == "started":
            await Emit(event)
        state.shown = f"{event.kind} {record.status}"
        state.changed, state.stalled = now, False
    elif before is not None and record.updated_at != before.updated_at:
        state.changed, state.stalled = now, False
    if record.ended:
        return record
    still = now - state.changed
    if still >= ctx.poll.stalled_after and not state.stalled:
        state.stalled = True
        elapsed = now - state.began
        await Emit(Stalled(job.id, job.model, record.status, elapsed, still, key=job.key))
    return None


def _event(job: Handle, record: Record, elapsed: float) -> Event:
    kind: type[Event] = Started
    if record.status in WAITING:
        kind = Queued
    elif record.ended:
        kind = Done
    return kind(job.id, job.model, record.status, elapsed, key=job.key)
