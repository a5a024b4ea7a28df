# fmt: off
# isort: skip_file
# ruff: noqa
"""Look at a job once."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TypeVar

from .api import Api, parsed
from .backoff import hinted
from .effects import Flow, Reply, Send, Trouble, send
from .errors import JobUnreachableError
from .handles import Handle
from .logs import logger
from .record import Record, read_record
from .refusals import error_for, error_from, what_came

H = TypeVar("H", bound=Handle)
_FINAL = frozenset({400, 401, 403, 405, 410, 422})


@dataclass(frozen=True)
class Sight:
    """A usable answer; `pause` is the pace the API asked for, in seconds."""

    record: Record
    pause: float | None = None


@dataclass(frozen=True)
class Puzzle:
    """An answer that says nothing about the job: ask again, after `pause` seconds if told.

    `busy` means that nothing was asked, for want of a free connection, so it is nobody's fault.
    """

    reason: str
    pause: float | None = None
    missing: Reply | None = None
    asked_to_wait: bool = False
    nonsense: bool = False
    busy: bool = False


def look(api: Api, job: Handle, *, within: float | None = None) -> Flow[Sight | Puzzle]:
    """Ask for the record of `job` once, in no more than `within` seconds.

    Raises when the API refuses for good.
    """
    timeouts = api.ask_timeouts.within(within)
    answer = yield from send(Send("GET", api.url("requests", job.id), "api", timeouts=timeouts))
    if isinstance(answer, Trouble):
        if answer.kind == "tls":
            # A certificate does not mend itself, and what it guards is the key.
            raise error_for(answer, f"Asking for job {job.id}", job=job)
        return Puzzle(
            answer.detail,
            nonsense=answer.kind in ("unreadable", "too large"),
            busy=answer.kind == "pool",
        )
    if answer.status in _FINAL:
        raise error_from(answer, api.scrub, about=f"Asking for job {job.id}", job=job)
    body = parsed(answer.body)
    pause = hinted(answer.headers, body)
    if answer.status == 404:
        return Puzzle("the job is not found", pause, missing=answer)
    if not 200 <= answer.status < 300:
        came = what_came(answer, api.scrub)
        return Puzzle(came, pause, asked_to_wait=answer.status == 429)
    record = read_record(body, model=job.model)
    if record is None and isinstance(body, Mapping) and "request_id" not in body:
        # Some gateways drop the id from the record; the address already says which job it is.
        record = read_record({**body, "request_id": job.id}, model=job.model)
    if record is None or not record.status:
        return Puzzle(what_came(answer, api.scrub), pause, nonsense=True)
    if record.id != job.id:
        return Puzzle(f"it answered about another job ({record.id})", pause, nonsense=True)
    if job.model and record.model.casefold() != job.model.casefold():
        return Puzzle(f"it answered about another model ({record.model})", pause, nonsense=True)
    return Sight(record, pause)


def refresh(api: Api, job: H) -> Flow[H]:
    """Ask once and return `job` with what was learned. Raises when there is no usable answer."""
    answer = yield from look(api, job)
    if isinstance(answer, Sight):
        observe(job, answer.record)
        return job
    if answer.missing is not None:
        raise error_from(answer.missing, api.scrub, about=f"Asking for job {job.id}", job=job)
    raise JobUnreachableError(
        f"Job {job.id} could not be asked about: {answer.reason}. "
        "The job itself is not affected; try again.",
        job=job,
    )


def observe(job: Handle, record: Record) -> Record:
    """Let the handle take over the record; what counts afterwards is what the handle holds."""
    if not job.observe(record):
        logger.warning("Job %s had ended; a later %s is ignored.", job.id, record.status)
    return job.record or record
