# fmt: off
# isort: skip_file
# ruff: noqa
"""Submit a payload: one POST, and an honest word about what became of it."""

from __future__ import annotations

import uuid
from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any, TypeVar

from . import catalogue, statuses
from .api import Api, parsed
from .attempts import Attempt, interrupted, note_end, note_intent, unknown
from .backoff import HINT_LIMIT, growing, hinted
from .effects import (
    Flow,
    Reply,
    Send,
    Trouble,
    clock,
    draw,
    send,
    sleep,
    wall_clock,
)
from .errors import (
    GMIError,
    ModelNotFoundError,
    SubmissionUnknownError,
)
from .handles import Handle
from .logs import annotate, logger
from .record import Record, read_record
from .refusals import error_for, error_from, request_id_in, upstream_status, what_came
from .submittable import encoded, payload_sha256

if TYPE_CHECKING:
    from .core import Core

H = TypeVar("H", bound=Handle)

UNSENT_RETRIES = 2
PACED_RETRIES = 3
# Refusals that are believed even without a JSON body; other 4xx pages may come from a gateway
# that had passed the request on.
_REFUSED = frozenset({400, 401, 402, 403, 404, 405, 406, 409, 410, 411, 413, 414, 415, 422, 431})


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
    yield from note_intent(api, attempt)
    try:
        answer = yield from _post(api, attempt)
        record = yield from _judged(api, attempt, answer, make, core)
    except GeneratorExit:
        raise
    except SubmissionUnknownError as error:
        yield from note_end(api, attempt.id, "unknown", error.request_id)
        raise
    except GMIError:
        yield from note_end(api, attempt.id, "refused", None)
        raise
    except BaseException as interruption:
        annotate(interruption, interrupted(attempt))
        ending = "unknown" if attempt.in_flight else "refused"
        yield from note_end(api, attempt.id, ending, None)
        raise
    yield from note_end(api, attempt.id, "accepted", record.id)
    handle = make(record)
    handle.submitted_at = yield from wall_clock()
    return handle


def _post(api: Api, attempt: Attempt) -> Flow[Reply | Trouble]:
    """POST until there is an answer other than "not now" and "not sent"."""
    started = yield from clock()
    unsent = paced = 0
    while True:
        yield from api.pauses.observe(attempt.model, (yield from clock()))
        attempt.in_flight = True
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
            attempt.in_flight = False
            wait = growing(unsent, (yield from draw()), first=1.0, most=2.0)
            unsent += 1
        elif answer.status == 429:
            attempt.in_flight = False
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
        raise unknown(attempt, failed_at, phase, answer.detail, core=core)
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
    raise unknown(
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
