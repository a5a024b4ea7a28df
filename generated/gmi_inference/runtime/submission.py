"""Submit a payload: one POST, and an honest word about what became of it."""

from __future__ import annotations

import uuid
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING, Any, TypeVar

from . import catalogue, statuses
from .api import Api, parsed
from .backoff import HINT_LIMIT, growing, hinted
from .effects import (
    Flow,
    Reply,
    Send,
    Trouble,
    blocking,
    clock,
    draw,
    send,
    sleep,
    wall_clock,
)
from .errors import (
    ConfigurationError,
    GMIError,
    ModelNotFoundError,
    SubmissionUnknownError,
)
from .handles import Handle
from .logs import logger
from .record import Record, read_record
from .refusals import error_for, error_from, request_id_in, text_of, upstream_status, what_came
from .submittable import encoded, payload_sha256

if TYPE_CHECKING:
    from .core import Core

H = TypeVar("H", bound=Handle)

UNSENT_RETRIES = 2
PACED_RETRIES = 3
# Refusals that are believed even without a JSON body; other 4xx pages may come from a gateway
# that had passed the request on.
_REFUSED = frozenset({400, 401, 402, 403, 404, 405, 406, 409, 410, 411, 413, 414, 415, 422, 431})


@dataclass(frozen=True)
class Attempt:
    """One submission as it is about to be made; it is the same POST however often it is paced."""

    id: str
    model: str
    body: bytes
    payload_sha256: str
    started_at: float
    uploaded: tuple[str, ...]


def submit(
    api: Api,
    model: str,
    payload: Mapping[str, Any],
    make: Callable[[Record], H],
    *,
    uploaded: tuple[str, ...] = (),
    core: Core | None = None,
) -> Flow[H]:
    """POST `payload` once and return the handle made of the answer.

    It is posted again only after a 429 or a failure that provably came before sending. Raises
    SubmissionUnknownError when it may have arrived; any other error means nothing was started.
    """
    attempt = Attempt(
        id=str(uuid.uuid4()),
        model=model,
        body=encoded(model, payload),
        payload_sha256=payload_sha256(payload),
        started_at=(yield from wall_clock()),
        uploaded=uploaded,
    )
    yield from _note_intent(api, attempt)
    try:
        answer = yield from _post(api, attempt)
        record = yield from _judged(api, attempt, answer, make, core)
    except GeneratorExit:
        raise
    except SubmissionUnknownError as unknown:
        yield from _note_end(api, attempt, "unknown", unknown.request_id)
        raise
    except GMIError:
        yield from _note_end(api, attempt, "refused", None)
        raise
    except BaseException as interruption:
        _explain(interruption, attempt)
        yield from _note_end(api, attempt, "unknown", None)
        raise
    yield from _note_end(api, attempt, "accepted", record.id)
    handle = make(record)
    handle.submitted_at = yield from wall_clock()
    return handle


def _post(api: Api, attempt: Attempt) -> Flow[Reply | Trouble]:
    """POST until there is an answer other than "not now" and "not sent"."""
    started = yield from clock()
    unsent = paced = 0
    while True:
        yield from api.pauses.observe(attempt.model, (yield from clock()))
        answer = yield from send(
            Send(
                "POST",
                api.url("requests"),
                "submit",
                headers={"Content-Type": "application/json"},
                body=attempt.body,
                timeouts=api.submit_timeouts,
            )
        )
        now = yield from clock()
        if isinstance(answer, Trouble):
            if answer.sent or answer.kind == "tls" or unsent >= UNSENT_RETRIES:
                return answer
            wait = growing(unsent, (yield from draw()), first=1.0, most=2.0)
            unsent += 1
        elif answer.status == 429:
            asked = hinted(answer.headers, parsed(answer.body))
            wait = 2.0**paced if asked is None else asked
            wait *= 1 + 0.1 * (yield from draw())
            paced += 1
            if paced > PACED_RETRIES or (now - started) + wait > HINT_LIMIT:
                return answer
            api.pauses.set(attempt.model, now + wait)
            logger.info("Rate limited on %s; submitting again in %.1f s.", attempt.model, wait)
            continue
        else:
            return answer
        yield from sleep(wait)


def _judged(
    api: Api,
    attempt: Attempt,
    answer: Reply | Trouble,
    make: Callable[[Record], H],
    core: Core | None,
) -> Flow[Record]:
    """The record of an accepted submission; everything else is raised."""
    about = f"Submitting to {attempt.model}"
    failed_at = yield from wall_clock()
    if isinstance(answer, Trouble):
        if not answer.sent:
            raise error_for(answer, about)
        phase = {"write timeout": "writing", "unreadable": "reading response"}.get(
            answer.kind, "awaiting response"
        )
        raise _unknown(attempt, failed_at, phase, answer.detail, core=core)
    if 200 <= answer.status < 300:
        record = read_record(parsed(answer.body), model=attempt.model)
        if record is not None:
            return record
    elif _is_refusal(answer):
        error = error_from(answer, api.scrub, about=about, model=attempt.model)
        if isinstance(error, ModelNotFoundError):
            yield from catalogue.add_near_matches(api, error, attempt.model)
        raise error
    identity = request_id_in(answer.body)
    raise _unknown(
        attempt,
        failed_at,
        "response unusable",
        what_came(answer, api.scrub),
        answer=answer,
        scrub=api.scrub,
        request_id=identity,
        job=make(Record(identity, attempt.model, statuses.CREATED, {})) if identity else None,
        core=core,
    )


def _is_refusal(reply: Reply) -> bool:
    """Whether the answer proves that nothing was started."""
    if 300 <= reply.status < 400 or reply.status == 429:
        return True
    if 400 <= reply.status < 500 and reply.status != 408:
        return reply.status in _REFUSED or isinstance(parsed(reply.body), Mapping)
    upstream = upstream_status(reply) if isinstance(parsed(reply.body), Mapping) else None
    return reply.status == 500 and upstream is not None and 400 <= upstream < 500


def _unknown(
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


def _explain(interruption: BaseException, attempt: Attempt) -> None:
    sentence = (
        f"The submission to {attempt.model} (attempt {attempt.id}) may have arrived and be billed; "
        f'look with client.jobs.list(model="{attempt.model}") before submitting again.'
    )
    annotate(interruption, sentence)


def annotate(error: BaseException, sentence: str) -> None:
    """Add a note to an interruption that is not ours; Python 3.10 has no notes, so it is logged."""
    logger.warning(sentence)
    add_note = getattr(error, "add_note", None)
    if add_note is not None:
        add_note(sentence)


def _note_intent(api: Api, attempt: Attempt) -> Flow[None]:
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


def _note_end(api: Api, attempt: Attempt, word: str, request_id: str | None) -> Flow[None]:
    if api.journal is None:
        return
    try:
        yield from blocking(partial(api.journal.append, attempt.id, word, request_id=request_id))
    except OSError as refusal:
        logger.warning("The journal could not be written: %s", refusal.strerror)
