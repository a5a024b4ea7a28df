# fmt: off
# isort: skip_file
# ruff: noqa
"""Submit a payload: one POST, and an honest word about what became of it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Any, TypeVar

from ..errors import GMIError, ModelNotFoundError, RateLimitError, SubmissionUnknownError
from ..logs import logger
from ..records import CREATED, Attempt, Ending, Handle, Record, read_record
from .attempts import Undertaking, note_ending, note_intent, unknown
from .catalog import add_near_matches
from .context import Context
from .effects import Failure, Reply, Send, send, sleep
from .keys import Held, make_sure
from .pacing import HINT_LIMIT
from .payload import encoded, payload_sha256
from .replies import document, error_from, is_refusal, request_id_in
from .retry import Patience, asked_for
from .throttle import Gate

H = TypeVar("H", bound=Handle)

UNSENT = Patience(seconds=60.0, tries=3, first=1.0, most=2.0)
PACED = 4
"""How often one submission by itself is refused for the rate before it is given up."""

_LONGEST_NAP = 5.0


async def submit(
    ctx: Context,
    model: str,
    payload: Mapping[str, Any],
    make: Callable[[Record], H],
    undertaking: Undertaking,
    *,
    uploaded: tuple[str, ...] = (),
    paced: int | None = PACED,
    within: float | None = None,
    held: Held | None = None,
) -> H:
    """POST `payload` once and return the handle made of the answer.

    `held` is the key it is submitted under, claimed by the caller.

    It is posted again only after a 429 or a failure that provably came before sending: `paced`
    times at most, None for any number, and no later than `within` seconds from now, None for ever.
    Raises SubmissionUnknownError when it may have arrived; any other error means nothing was
    started.
    """
    body = encoded(model, payload)
    digest, began = payload_sha256(payload), ctx.world.unix()
    attempt = Attempt(ctx.world.token(), model, digest, began, uploaded=uploaded)
    if held is not None:
        attempt = replace(attempt, key=held.key, given_sha256=held.given_sha256)
    undertaking.model, undertaking.attempt_id = model, attempt.id
    try:
        await note_intent(ctx, attempt)
        if held is not None:
            await make_sure(ctx, attempt)
        latest = float("inf") if within is None else ctx.world.now() + within
        answer = await _post(ctx, body, undertaking, paced, latest)
        undertaking.job = handle = await _judged(ctx, attempt, answer, make)
        handle.submitted_at, handle.key = ctx.world.unix(), attempt.key
        undertaking.in_flight = False
        ctx.own(handle.id, handle)
        ctx.let_go(handle)
        await note_ending(ctx, attempt, "accepted", handle.id)
        return handle
    except GeneratorExit:
        raise
    except BaseException as exception:
        ending, job_id = _ending(exception, undertaking)
        undertaking.explain(exception)
        await note_ending(ctx, attempt, ending, job_id)
        raise


def _ending(exception: BaseException, undertaking: Undertaking) -> tuple[Ending, str | None]:
    if undertaking.job is not None:
        return "accepted", undertaking.job.id
    if isinstance(exception, SubmissionUnknownError):
        ours = exception.attempt_id == undertaking.attempt_id
        return ("unknown", exception.request_id) if ours else ("refused", None)
    if isinstance(exception, GMIError):
        undertaking.in_flight = False
    return ("unknown" if undertaking.in_flight else "refused"), None


async def _post(
    ctx: Context, body: bytes, undertaking: Undertaking, paced: int | None, latest: float
) -> Reply | Failure:
    """POST until there is an answer other than "not now" and "not sent"."""
    model, unsent = undertaking.model, replace(UNSENT)
    kind, bounds = {"Content-Type": "application/json"}, ctx.submit_timeouts
    request = Send("POST", ctx.url("requests"), "submit", kind, body, bounds)
    gate = ctx.throttle.gate(model)
    ticket: int | None = None
    refused, others = 0, gate.accepted
    answer: Reply | Failure | None = None
    while True:
        ticket = gate.enter(ticket)
        if not await _through_the_gate(ctx, gate, ticket, latest):
            if answer is not None:
                return answer
            raise RateLimitError(
                f"Nothing was submitted to {model}: at the pace the API allows for it, its turn "
                "would have come too late. Submit fewer at a time, or with a longer timeout.",
                status_code=429,
            )
        undertaking.in_flight = True
        answer = await send(request)
        if isinstance(answer, Failure):
            undertaking.in_flight = answer.sent
            if answer.sent or answer.kind in ("tls", "unsupported"):
                return answer
            pause = unsent.pause(ctx.world)
            if pause is None:
                return answer
            await sleep(pause)
        elif answer.status == 429:
            undertaking.in_flight = False
            asked = asked_for(ctx, answer)
            # Jitter is added upwards only: earlier than told is refused again.
            wait = float(2 ** min(refused, 6)) if asked is None else asked
            if gate.accepted > others:  # it was somebody else's turn, which costs time only
                refused, others = 0, gate.accepted
            refused += 1
            if wait > HINT_LIMIT or (paced is not None and refused >= paced):
                return answer
            wait *= 1 + ctx.world.draw() / 20
            gate.refuse(ctx.world.now(), wait, document(answer))
            logger.info("Rate limited on %s; submitting again in %.1f s.", model, wait)
        else:
            gate.accept()
            return answer


async def _through_the_gate(ctx: Context, gate: Gate, ticket: int, latest: float) -> bool:
    """Wait until this ticket is let through; False when that comes too late."""
    try:
        while (left := gate.left(ticket, ctx.world.now())) > 0:
            if ctx.world.now() + left > latest:
                return False
            await sleep(min(left, _LONGEST_NAP))
        return True
    finally:
        gate.leave(ticket)


async def _judged(
    ctx: Context, attempt: Attempt, answer: Reply | Failure, make: Callable[[Record], H]
) -> H:
    """The handle of an accepted submission; everything else is raised."""
    model, failed_at = attempt.model, ctx.world.unix()
    if isinstance(answer, Reply) and 200 <= answer.status < 300:
        record = read_record(document(answer), model=model)
        if record is not None:
            return make(record)
    if is_refusal(answer):
        error = error_from(answer, f"Submitting to {model}", model=model, unix=failed_at)
        if isinstance(error, ModelNotFoundError):
            await add_near_matches(ctx, error, model)
        raise error
    identity = request_id_in(answer)
    job = make(Record(identity, model, CREATED, {})) if identity else None
    raise unknown(attempt, failed_at, _phase(answer), answer, job)


def _phase(answer: Reply | Failure) -> str:
    """How far a submission had come that was not answered in a usable way."""
    if isinstance(answer, Reply):
        return "response unusable"
    return _PHASES.get(answer.kind, "reading response" if answer.status else "awaiting response")


_PHASES = {
    "write timeout": "writing",
    "unreadable": "reading response",
    "too large": "response unusable",
}
