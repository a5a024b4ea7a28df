# fmt: off
# isort: skip_file
# ruff: noqa
"""The operations of a client put together from their parts; what both clients drive."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import partial
from typing import TYPE_CHECKING, Any, TypeVar

from .artifacts import Result
from .effects import Flow, blocking
from .errors import GMIError, JobCancelledError, JobFailedError
from .handles import Handle
from .logs import logger
from .record import Record, failure
from .statuses import CANCELLED, FAILED
from .submission import submit
from .submittable import Submittable, model_and_payload
from .uploading import with_uploads
from .waiting import wait

if TYPE_CHECKING:
    from .core import Core

H = TypeVar("H", bound=Handle)


def submitted(
    core: Core,
    request: Submittable,
    payload: Mapping[str, Any] | None,
    make: Callable[[Record], H],
) -> Flow[H]:
    """Upload the local files of a request, then submit it once."""
    try:
        model, given = model_and_payload(request, payload)
        uploaded: list[str] = []
        ready = yield from with_uploads(core.api, given, uploaded)
        return (
            yield from submit(core.api, model, ready, make, uploaded=tuple(uploaded), core=core)
        )
    except GMIError as error:
        error.request = request
        raise


def finished(core: Core, job: Handle, timeout: float | None) -> Flow[Result]:
    """Wait for `job` and return its result. Raises JobFailedError, JobCancelledError and so on."""
    record = yield from wait(core.api, job, timeout)
    yield from _note_ended(core, record)
    return result_of(core, job, record)


def _note_ended(core: Core, record: Record) -> Flow[None]:
    """Tell the journal, so that `resume` leaves the job out."""
    if core.api.journal is None:
        return
    try:
        yield from blocking(partial(core.api.journal.note_job, record.id, record.status))
    except OSError as refusal:
        logger.warning("The journal could not be written: %s", refusal.strerror)


def result_of(core: Core | None, job: Handle, record: Record) -> Result:
    """The result of an ended job; raises when it did not succeed."""
    if record.status == CANCELLED:
        raise JobCancelledError(
            f"Job {job.id} was cancelled. Submit again if it is still wanted.", job=job
        )
    if record.status == FAILED:
        reason, code = failure(record)
        named = f" (code {code})" if code else ""
        raise JobFailedError(
            f"Job {job.id} failed: {(reason or 'the API gave no reason').rstrip('.')}{named}. "
            "Correct the request if the reason points at it, then submit again.",
            reason=reason,
            code=code,
            job=job,
        )
    return Result(job, record.outcome, core)


def run(
    core: Core,
    request: Submittable,
    payload: Mapping[str, Any] | None,
    make: Callable[[Record], Handle],
    timeout: float | None,
) -> Flow[Result]:
    """Submit and wait."""
    job = yield from submitted(core, request, payload, make)
    try:
        result = yield from finished(core, job, timeout)
    except GMIError as error:
        error.request = request
        raise
    result.request = request
    return result
