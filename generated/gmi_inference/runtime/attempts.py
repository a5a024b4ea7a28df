# fmt: off
# isort: skip_file
# ruff: noqa
"""One submission as it is made, what the journal is told of it, and what may have become of it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from functools import partial
from typing import TYPE_CHECKING

from .api import Api
from .effects import Flow, Reply, blocking
from .errors import ConfigurationError, SubmissionUnknownError
from .handles import Handle
from .logs import logger
from .refusals import text_of

if TYPE_CHECKING:
    from .core import Core


@dataclass
class Attempt:
    """A submission; it is the same POST however often it is paced.

    `in_flight` is True from when the POST may be on its way until there is an answer to it.
    """

    id: str
    model: str
    body: bytes = field(repr=False)
    payload_sha256: str
    started_at: float
    uploaded: tuple[str, ...]
    in_flight: bool = False


def note_intent(api: Api, attempt: Attempt) -> Flow[None]:
    """Write down what is about to be submitted; without that, nothing is."""
    if api.journal is None:
        return
    entry = {"model": attempt.model, "payload_sha256": attempt.payload_sha256}
    try:
        yield from blocking(partial(api.journal.append, attempt.id, "intent", **entry))
    except OSError as refusal:
        raise ConfigurationError(
            f"The journal {api.journal.path} cannot be written ({refusal.strerror}), so nothing "
            "was submitted. Correct its place, or leave journal= out."
        ) from None


def note_end(api: Api, attempt_id: str, word: str, request_id: str | None) -> Flow[None]:
    """Write down what became of an attempt; by then it is too late to stop for a full disk."""
    if api.journal is None:
        return
    try:
        yield from blocking(partial(api.journal.append, attempt_id, word, request_id=request_id))
    except OSError as refusal:
        logger.warning("The journal could not be written: %s", refusal.strerror)


def unknown(
    attempt: Attempt,
    failed_at: float,
    phase: str,
    detail: str,
    *,
    answer: Reply | None = None,
    scrub: Callable[[str], str] = str,
    request_id: str | None = None,
    job: Handle | None = None,
    core: Core | None = None,
) -> SubmissionUnknownError:
    """The error for an attempt that may have arrived."""
    look = (
        f"The answer named job {request_id}: wait for it with error.job"
        if request_id
        else "Look with error.reconcile(), which only reads the job list"
    )
    return SubmissionUnknownError(
        f"The submission to {attempt.model} may be running, and billed: {detail}. It was not sent "
        f"again. {look}; submit again only if you accept a possible second charge.",
        attempt_id=attempt.id,
        model=attempt.model,
        payload_sha256=attempt.payload_sha256,
        started_at=attempt.started_at,
        failed_at=failed_at,
        phase=phase,
        status_code=answer.status if answer else None,
        body=text_of(answer.body, scrub) if answer else "",
        request_id=request_id,
        uploaded=attempt.uploaded,
        job=job,
        core=core,
    )


def interrupted(attempt: Attempt) -> str:
    """What to say when a submission was interrupted from outside."""
    if not attempt.in_flight:
        return f"Nothing was submitted to {attempt.model}."
    return (
        f"The submission to {attempt.model} (attempt {attempt.id}) may have arrived and be billed; "
        f'look with client.jobs.list(model="{attempt.model}") before submitting again.'
    )
