# fmt: off
# isort: skip_file
# ruff: noqa
"""Look at a job once."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TypeVar

from ..errors import AuthenticationError, JobUnreachableError
from ..logs import logger
from ..records import CANCELLED, FAILED, Handle, Record, read_record
from .context import Context
from .effects import Failure, Reply, send
from .pacing import hinted
from .replies import document, error_from, what_came

H = TypeVar("H", bound=Handle)
_FINAL = frozenset({400, 401, 403, 405, 410, 422})


@dataclass(frozen=True)
class JobSeen:
    """A usable answer; `pause` is the pace the API asked for, in seconds."""

    record: Record
    pause: float | None = None


@dataclass(frozen=True)
class Inconclusive:
    """An answer that says nothing about the job: ask again, after `pause` seconds if told.

    `busy` means that nothing was asked, for want of a free connection, so it is nobody's fault.
    """

    reason: str
    pause: float | None = None
    missing: Reply | None = None
    asked_to_wait: bool = False
    nonsense: bool = False
    busy: bool = False


async def look(ctx: Context, job: Handle, within: float | None = None) -> JobSeen | Inconclusive:
    """Ask for the record of `job` once, in no more than `within` seconds.

    Raises when the API refuses for good.
    """
    about = f"Asking for job {job.id}"
    answer = await send(ctx.get("requests", job.id, within=within))
    # A certificate does not mend itself, and what it guards is the key.
    if isinstance(answer, Failure) and answer.kind != "tls":
        nonsense = answer.kind in ("unreadable", "too large")
        return Inconclusive(answer.detail, nonsense=nonsense, busy=answer.kind == "pool")
    if isinstance(answer, Failure) or answer.status in _FINAL:
        error = error_from(answer, about, job=job, unix=ctx.world.unix())
        if isinstance(error, AuthenticationError):
            ctx.throttle.latch.shut(error, ctx.world.now())
        raise error
    body = document(answer)
    pause = hinted(answer.headers, body, unix=ctx.world.unix())
    if answer.status == 404:
        return Inconclusive("the job is not found", pause, missing=answer)
    if not 200 <= answer.status < 300:
        return Inconclusive(what_came(answer), pause, asked_to_wait=answer.status == 429)
    # The address already says which job and model it is, should a gateway leave that out.
    record = read_record(body, id=job.id, model=job.model)
    if record is None or not record.status:
        reason = what_came(answer)
    elif record.status in (FAILED, CANCELLED) and "request_id" not in record.raw:
        # So reads the trouble of a gateway, too, and a job that runs would be given up for it.
        reason = f"it says {record.status} and does not name the job"
    elif record.id != job.id:
        reason = f"it answered about another job ({record.id})"
    elif job.model and record.model.casefold() != job.model.casefold():
        reason = f"it answered about another model ({record.model})"
    else:
        return JobSeen(record, pause)
    return Inconclusive(reason, pause, nonsense=True)


async def refresh(ctx: Context, job: H) -> H:
    """Ask once and return `job` with what was learned. Raises when there is no usable answer."""
    answer = await look(ctx, job)
    if isinstance(answer, JobSeen):
        observe(job, answer.record)
        ctx.let_go(job)
        return job
    if answer.missing is not None:
        raise error_from(answer.missing, f"Asking for job {job.id}", job=job)
    raise JobUnreachableError(
        f"Job {job.id} could not be asked about: {answer.reason}. "
        "The job itself is not affected; try again.",
        job=job,
    )


def observe(job: Handle, record: Record) -> Record:
    """Let the handle take over the record; what counts afterwards is what the handle holds."""
    if job.record is not None and job.record.ended and not record.ended:
        logger.warning("Job %s had ended; a later %s is ignored.", job.id, record.status)
        return job.record
    job.record, job.model = record, record.model or job.model
    return record
