"""After trouble: what a process that ended left behind, and what an unknown submission became."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime, timezone
from typing import Any, Generic, TypeVar

from ..errors import ConfigurationError, GMIError, SubmissionUnknownError
from ..journal import Journal
from ..records import Attempt, Handle, Reconciliation, Record
from .attempts import note_ending, unknown, why
from .context import Context
from .effects import Blocking, sleep
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


async def resume(ctx: Context, make: Callable[[Attempt], H], session: Any = None) -> Resumption[H]:
    """Read the journal. Asks the API nothing and submits nothing. Raises ConfigurationError."""
    if ctx.journal is None:
        raise ConfigurationError(
            "There is no journal to resume from. Pass journal= to the client that submits, and to "
            "this one, or set GMI_JOURNAL."
        )
    attempts = [entry for entry in await _attempts(ctx.journal) if entry.job_status is None]
    accepted = [entry for entry in attempts if entry.ending == "accepted" and entry.job_id]
    jobs = tuple(make(entry) for entry in accepted)
    riddles = [
        _unknown(ctx, entry, session, make(entry) if entry.job_id else None)
        for entry in attempts
        if entry.ending == "unknown"
    ]
    return Resumption(jobs, tuple(riddles))


async def _attempts(journal: Journal) -> list[Attempt]:
    try:
        return await Blocking(journal.attempts)
    except (OSError, ValueError) as refusal:
        raise ConfigurationError(
            f"The journal {journal.path} cannot be read ({why(refusal)}). Correct its place."
        ) from None


def _unknown(
    ctx: Context, attempt: Attempt, session: Any, job: Handle | None
) -> SubmissionUnknownError:
    # Without an ending the process died at an unknown moment, while it could still be waiting.
    failed_at = attempt.ended_at or attempt.started_at + ctx.submit_timeouts.total
    error = unknown(attempt, failed_at, "awaiting response", job=job, session=session)
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
        attempt = Attempt(error.attempt_id, error.model, error.payload_sha256, error.started_at)
        if error.attempt_id:
            await note_ending(ctx, attempt, "accepted", jobs[0].id)
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
    owned = set(ctx.owned) - {error.request_id}
    if ctx.journal is not None:
        known = await _attempts(ctx.journal)
        owned |= {entry.job_id for entry in known if entry.job_id and entry.id != error.attempt_id}
    found: dict[str, Record] = {}
    offset = 0
    for _ in range(PAGES):
        jobs = await page(ctx, error.model, PAGE, offset)
        # Their times are of their clock, the attempt's of ours.
        span = (error.started_at + jobs.ahead - WINDOW, error.failed_at + jobs.ahead + WINDOW)
        for record in jobs.records:
            if record.id not in owned and _matches(record, error, span):
                found.setdefault(record.id, record)
        offset += jobs.length
        if not jobs.more or not jobs.length:
            break
    return list(found.values())


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
