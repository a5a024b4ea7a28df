"""One submission on its way: what the journal is told, and what any exception says of it."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from functools import partial
from typing import TypeVar

from .. import wire
from ..errors import ConfigurationError, GMIError, SubmissionUnknownError
from ..local import said
from ..logs import annotate, logger
from ..records import Attempt, Ending, Handle
from ..redaction import redacted
from . import entries
from .context import Context
from .effects import Blocking, Failure, Reply
from .entries import Entry
from .replies import start_of, text_of, what_came

T = TypeVar("T")


@dataclass
class Undertaking:
    """What a caller has begun, for whatever exception may leave it.

    `in_flight` is True from when the POST may be on its way until there is an answer to it.
    """

    model: str = ""
    attempt_id: str = ""
    in_flight: bool = False
    job: Handle | None = None
    key: str | None = None

    @property
    def matters(self) -> bool:
        """Whether a job may run, or have run, on account of it."""
        return self.in_flight or self.job is not None

    def sentence(self) -> str:
        """What became of it, and how to come back."""
        if self.job is not None:
            back = f"come back with client.job({wire.quoted(self.job.id)})"
            if self.job.record is not None and self.job.record.ended:
                return f"Job {self.job.id} has ended ({self.job.status}); {back}."
            return f"Job {self.job.id} is still running and may be billed; {back}."
        if self.in_flight:
            return (
                f"The submission to {self.model} (attempt {self.attempt_id}) may have arrived and "
                f"be billed; look with client.jobs.list(model={wire.quoted(self.model)}) before "
                "submitting again."
            )
        return f"Nothing was submitted to {self.model}." if self.model else "Nothing was submitted."

    @contextmanager
    def explained(self) -> Iterator[None]:
        """Let whatever leaves the block name what it leaves behind, but for the end of a flow that
        nobody steps any more.
        """
        try:
            yield
        except GeneratorExit:
            raise
        except BaseException as exception:
            self.explain(exception)
            raise

    def explain(self, exception: BaseException) -> None:
        """Let an exception name the job or the attempt it leaves behind."""
        if not isinstance(exception, GMIError):
            annotate(exception, self.sentence(), log=self.matters)
            return
        exception.key = exception.key or self.key or (self.job.key if self.job else None)
        if exception.job is None and self.job is not None:
            # Such as that of a client which somebody closed meanwhile: its text names no job.
            exception.job = self.job
            annotate(exception, self.sentence())


async def asked(ctx: Context, call: Callable[[], T], how: str) -> T:
    """What the journal answers before anything was sent. Raises ConfigurationError."""
    try:
        return await Blocking(call)
    except Exception as refusal:  # a journal of the caller's own raises what it likes
        place, why = getattr(ctx.journal, "path", type(ctx.journal).__name__), said(refusal)
        raise ConfigurationError(
            f"The journal {place} cannot be {how} ({why}), so nothing was submitted. Correct its "
            "place, or leave journal= out."
        ) from None


async def note_intent(ctx: Context, attempt: Attempt) -> None:
    """Write down what is about to be submitted; without that, nothing is."""
    if ctx.journal is not None:
        await asked(ctx, partial(ctx.journal.append, entries.intent(attempt)), "written")


async def note_ending(
    ctx: Context, attempt: Attempt, ending: Ending, job_id: str | None = None
) -> None:
    """Write down what became of an attempt; by then it is too late to stop for a full disk."""
    if job_id is not None:
        ctx.own(job_id)
    ended = replace(attempt, ending=ending, job_id=job_id, ended_at=ctx.world.unix())
    await _note(ctx, entries.ending(ended))


async def note_job(ctx: Context, job: Handle) -> None:
    """Write down how a job ended, so that `resume` leaves it out."""
    if job.status is not None:
        await _note(ctx, entries.job_ended(job.id, job.key, job.status, ctx.world.unix()))


async def _note(ctx: Context, entry: Entry) -> None:
    if ctx.journal is None:
        return
    try:
        await Blocking(partial(ctx.journal.append, entry))
    except Exception as refusal:  # a journal of the caller's own raises what it likes
        logger.warning("The journal could not be written: %s", said(refusal))


async def noted(ctx: Context, key: str | None = None) -> list[Attempt]:
    """The attempts in the journal, all or those of a key. Raises ConfigurationError."""
    journal = ctx.journal
    if journal is None:
        return []
    return await asked(ctx, lambda: entries.attempts(journal.find(key)), "read")


def unknown(
    attempt: Attempt,
    failed_at: float,
    phase: str,
    answer: Reply | Failure | None = None,
    job: Handle | None = None,
) -> SubmissionUnknownError:
    """The error for an attempt that may have arrived."""
    look = "Look with error.reconcile(), which only reads the job list"
    if job is not None:
        look = f"The answer named job {job.id}: wait for it with error.job"
    detail, status, body = "its answer never came", None, ""
    if answer is not None:
        detail, status = what_came(answer), answer.status
        body = redacted(text_of(start_of(answer)))
    under = f" under the key {wire.quoted(attempt.key)}" if attempt.key else ""
    anew = "under another key " if attempt.key else ""
    return SubmissionUnknownError(
        f"The submission to {attempt.model}{under} may be running, and billed: {detail}. It was "
        f"not sent again. {look}; submit again {anew}only if you accept a possible second charge.",
        key=attempt.key,
        attempt_id=attempt.id,
        model=attempt.model,
        payload_sha256=attempt.payload_sha256,
        started_at=attempt.started_at,
        failed_at=failed_at,
        phase=phase,
        status_code=status,
        body=body,
        request_id=job.id if job is not None else None,
        uploaded=attempt.uploaded,
        job=job,
    )
