"""After trouble: what a process that ended left behind, and what an unknown submission became."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime, timezone
from typing import Any, Generic, TypeVar

from ..errors import ConfigurationError, GMIError, SubmissionUnknownError
from ..records import Attempt, Handle, Reconciliation, Record
from .attempts import note_ending, noted, unknown
from .context import Context
from .effects import sleep
from .job_list import PAGE, page
from .payload import payload_sha256
from .poll import JobSeen, look, observe

H = TypeVar("H", bound=Handle)
WINDOW = 300.0
LOOKS = 2
PAUSE = 3.0
PAGES = 5


@dataclass(frozen=True)
class Resumption(Generic[H]):
    """`jobs` were accepted, and nobody saw their end: wait for them. `unknown` are attempts whose
    answer never came or could not be used; each has `.reconcile()`, which looks for its job and
    submits nothing.
    """

    jobs: tuple[H, ...]
    unknown: tuple[SubmissionUnknownError, ...]


async def resume(ctx: Context, make: Callable[[Record], H], session: Any = None) -> Resumption[H]:
    """Read the journal. Asks the API nothing and submits nothing. Raises ConfigurationError."""
    if ctx.journal is None:
        raise ConfigurationError(
            "There is no journal to resume from. Pass journal= to the client that submits, and to "
            "this one, or set GMI_JOURNAL."
        )
    attempts = [entry for entry in await noted(ctx) if entry.job_status is None]
    jobs = [handle_of(entry, make) for entry in attempts if entry.ending == "accepted"]
    riddles = [riddle(ctx, entry, make) for entry in attempts if entry.ending == "unknown"]
    for error in riddles:
        error._session = session
    return Resumption(tuple(job for job in jobs if job is not None), tuple(riddles))


def handle_of(attempt: Attempt, make: Callable[[Record], H]) -> H | None:
    """A handle on the job an attempt became, that was not asked for yet."""
    if not attempt.job_id:
        return None
    job = make(Record(attempt.job_id, attempt.model, "", {}))
    job.record, job.submitted_at, job.key = None, attempt.ended_at, attempt.key
    return job


def riddle(
    ctx: Context, attempt: Attempt, make: Callable[[Record], Handle]
) -> SubmissionUnknownError:
    """The error for an attempt of the journal whose answer never came, or was of no use."""
    # Without an ending the process died at an unknown moment, while it could still be waiting.
    failed_at = attempt.ended_at or attempt.started_at + ctx.submit_timeouts.total
    error = unknown(attempt, failed_at, "awaiting response", job=handle_of(attempt, make))
    when = datetime.fromtimestamp(attempt.started_at, timezone.utc).isoformat(" ", "seconds")
    error.args = (str(error).replace(attempt.model, f"{attempt.model} of {when}", 1),)
    return error


async def reconcile(
    ctx: Context, error: SubmissionUnknownError, make: Callable[[Record], H]
) -> Reconciliation:
    """Look for the job that the answer named; else list jobs of the model and match them by time
    and payload. Submits nothing.

    Jobs that other submissions of this client or its journal became are no candidates.
    """
    jobs: tuple[Handle, ...] = ()
    if error.job is not None and await _exists(ctx, error.job):
        jobs = (error.job,)
    for number in () if jobs else range(LOOKS):
        await sleep(PAUSE if number else 0.0)
        jobs = tuple(make(record) for record in await _candidates(ctx, error))
        if jobs:
            break
    if len(jobs) == 1:
        jobs[0].key = error.key
        if error.attempt_id:
            told = (error.attempt_id, error.model, error.payload_sha256, error.started_at)
            await note_ending(ctx, Attempt(*told, key=error.key), "accepted", jobs[0].id)
        return Reconciliation("one", jobs)
    return Reconciliation("several" if jobs else "none", jobs)


async def _exists(ctx: Context, job: Handle) -> bool:
    """Whether there is this job: what an unusable answer names may be the id of something else."""
    try:
        seen = await look(ctx, job)
    except GMIError:
        return False
    if isinstance(seen, JobSeen):
        observe(job, seen.record)
        return True
    return False


async def _candidates(ctx: Context, error: SubmissionUnknownError) -> list[Record]:
    others = [entry for entry in await noted(ctx) if entry.id != error.attempt_id]
    owned = {*ctx.owned, *(entry.job_id for entry in others)} - {error.request_id}
    found: dict[str, Record] = {}
    offset = 0
    for _ in range(PAGES):
        jobs = await page(ctx, error.model, PAGE, offset)
        # Their times are of their clock, the attempt's of ours.
        # Whose clock was put back meanwhile failed before it started.
        first, last = sorted((error.started_at, error.failed_at))
        span = (first + jobs.ahead - WINDOW, last + jobs.ahead + WINDOW)
        for record in jobs.records:
            if (
                record.id not in owned
                and _matches(record, error, span)
                and not any(_may_own(ctx, other, record, error) for other in others)
            ):
                found.setdefault(record.id, record)
        offset += jobs.length
        if not jobs.more:
            break
    return list(found.values())


def _may_own(ctx: Context, other: Attempt, record: Record, error: SubmissionUnknownError) -> bool:
    """Whether the job of `error` may as well be that of an attempt that is still on its way."""
    on_its_way = other.ending == "unknown" and other.ended_at is None
    old = ctx.world.unix() - other.started_at > ctx.submit_timeouts.total
    same = other.payload_sha256 == error.payload_sha256 or not record.raw.get("payload")
    return on_its_way and not old and other.model == error.model and same


def _matches(record: Record, error: SubmissionUnknownError, span: tuple[float, float]) -> bool:
    if record.model != error.model:
        return False
    made = record.created_at
    if made is not None and not span[0] <= made <= span[1]:
        return False
    echoed = record.raw.get("payload")
    if not isinstance(echoed, Mapping) or not echoed:
        return True  # the API may leave the payload out, so its absence says nothing
    try:
        return payload_sha256(echoed) == error.payload_sha256
    except (TypeError, ValueError, RecursionError):
        return False
