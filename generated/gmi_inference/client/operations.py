# fmt: off
# isort: skip_file
# ruff: noqa
"""The operations of a client put together from their parts; what both clients drive."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import ExitStack, closing, contextmanager
from dataclasses import dataclass
from functools import partial
from typing import Any, TypedDict, TypeVar

from ..runtime.budget import Budget
from ..runtime.errors import (
    ContentPolicyError,
    Fault,
    GMIError,
    InvalidRequestError,
    JobCancelledError,
    JobFailedError,
    SubmissionUnknownError,
)
from ..runtime.files.upload import Prepared, prepared
from ..runtime.logs import logger
from ..runtime.protocol import keys
from ..runtime.protocol.attempts import Undertaking, note_job
from ..runtime.protocol.payload import (
    Submittable,
    TypedRequest,
    check_id,
    encoded,
    payload_sha256,
    refuse_empty,
)
from ..runtime.protocol.submit import PACED, submit
from ..runtime.protocol.verdicts import verdict
from ..runtime.protocol.wait import wait
from ..runtime.records import CANCELLED, FAILED, Handle, Record, failure
from ..runtime.session import Session
from .classes import request_class
from .guessed import refuse
from .results import AsyncResult, Result

H = TypeVar("H", bound=Handle)
R = TypeVar("R", bound="Result | AsyncResult")


class Checks(TypedDict, total=False):
    """What a request is held to: `allow_empty` lets a payload pass that holds nothing, `unchecked`
    one that the request class of its model would refuse, `allow_unknown_cost` one that nobody knows
    the cost of, under a budget.
    """

    allow_empty: bool
    unchecked: bool
    allow_unknown_cost: bool


class Manners(Checks, total=False):
    """How a request is submitted: under a journal, the same `key` never pays twice."""

    key: str | None


class BatchManners(Checks, total=False):
    """How many requests are submitted: `key` are their keys in their order, or gives the one of a
    request; `budget` is theirs together, in US dollars.
    """

    key: Iterable[str] | Callable[[Any], str] | None
    budget: Budget | float | None


@dataclass(frozen=True)
class Manner:
    """The same for one, and how often the API may refuse it for the rate, None for any number,
    within how many seconds.
    """

    allow_empty: bool = False
    unchecked: bool = False
    allow_unknown_cost: bool = False
    key: str | None = None
    budget: Budget | None = None
    paced: int | None = PACED
    within: float | None = None

    @classmethod
    def of(cls, word: str, given: Mapping[str, Any], **more: Any) -> Manner:
        """What was said to `word`. Raises TypeError for what it does not take."""
        allowed = BatchManners if word == "map" else Manners
        refuse(word, given.keys() - allowed.__annotations__.keys())
        return cls(**given, **more)


async def submitted(
    session: Session,
    request: Submittable,
    payload: Mapping[str, Any] | None,
    make: Callable[[Record], H],
    manner: Manner,
    undertaking: Undertaking | None = None,
) -> H:
    """Upload the local files of a request, then submit it once; a key that was accepted before
    gives its job.
    """
    undertaking = undertaking or Undertaking()
    undertaking.key = manner.key
    with undertaking.explained():
        try:
            model, given, kinds, estimate = read_request(request, payload, manner)
            undertaking.model = model
            with closing(await prepared(given, kinds)) as files:
                return await _submitted(session, model, files, estimate, make, manner, undertaking)
        except GMIError as error:
            error.request = request
            if isinstance(error, SubmissionUnknownError):
                error._session = session
            raise


async def _submitted(
    session: Session,
    model: str,
    files: Prepared,
    estimate: Callable[[], Any],
    make: Callable[[Record], H],
    manner: Manner,
    undertaking: Undertaking,
) -> H:
    ctx = session.context
    within = ctx.wait if manner.within is None else manner.within
    held = None
    with ExitStack() as kept:
        if manner.key is not None:
            given = await files.by_content()
            encoded(model, given)
            digest = payload_sha256(given)
            held = await keys.hold(ctx, manner.key, model, digest, within)
            kept.callback(held.claim.close)
            job = await keys.known(ctx, held, model, make)
            if job is not None:
                undertaking.job = job
                ctx.own(job.id, job)
                return job
        kept.enter_context(_counted(session, model, estimate, manner, undertaking))
        uploaded: list[str] = []
        ready = await files.uploaded(ctx, session.uploads, uploaded)
        return await submit(
            ctx,
            model,
            ready,
            make,
            undertaking,
            uploaded=tuple(uploaded),
            paced=manner.paced,
            within=within,
            held=held,
        )


@contextmanager
def _counted(
    session: Session,
    model: str,
    estimate: Callable[[], Any],
    manner: Manner,
    undertaking: Undertaking,
) -> Iterator[None]:
    """Count a submission in every budget there is, or raise BudgetExceededError before it.

    What provably started nothing is given back.
    """
    budgets = [one for one in (session.budget, manner.budget) if one is not None]
    with ExitStack() as undone:
        told = estimate() if budgets else None
        for budget in budgets:
            cost = budget.take(model, told, allow_unknown_cost=manner.allow_unknown_cost)
            undone.callback(budget.give_back, cost)
        try:
            yield
        finally:
            if undertaking.matters:
                undone.pop_all()


def read_request(
    request: Submittable, payload: Mapping[str, Any] | None, manner: Manner
) -> tuple[str, dict[str, Any], Mapping[str, Any], Callable[[], Any]]:
    """The model id, the payload to send, the kinds of its media, and what estimates its cost.

    Raises InvalidRequestError.

    The payload of a model this package knows is checked like its class, unless `unchecked`.
    """
    if isinstance(request, str):
        check_id(request, "model")
        if not isinstance(payload, Mapping):
            fault = Fault("payload", "a model id needs its payload as a dict", _type(payload))
            raise InvalidRequestError([fault])
        told: list[str] = []
        known = None if manner.unchecked else request_class(request, told)
        if known is None:
            for sentence in told[:1]:
                logger.warning("%s", sentence)
            refuse_empty(payload, not manner.allow_empty)
            estimate = getattr(request_class(request), "estimate_of", lambda _: None)
            return request, dict(payload), {}, partial(estimate, payload)
        refuse_empty(payload, known.takes_parameters() and not manner.allow_empty)
        request, payload = _checked(known, payload), None
    if isinstance(request, type) or not isinstance(request, TypedRequest):
        advice = "give a request object, or a model id and a payload"
        raise InvalidRequestError.of("request", advice, _type(request))
    if payload is not None:
        advice = "a request object brings its own; use extra_payload= when making it"
        raise InvalidRequestError.of("payload", advice)
    given = request.payload()
    takes = getattr(type(request), "takes_parameters", lambda: True)
    refuse_empty(given, takes() and not manner.allow_empty)
    kinds = getattr(type(request), "media_kinds", dict)
    return request.MODEL_ID, given, kinds(), getattr(request, "estimate", lambda: None)


def _checked(known: Any, payload: Mapping[str, Any]) -> TypedRequest:
    try:
        request: TypedRequest = known.from_payload(payload)
    except InvalidRequestError as error:
        way = Fault("payload", "say unchecked=True to send it although this package refuses it")
        raise InvalidRequestError([*error.faults, way]) from None
    return request


async def finished(
    session: Session, job: Handle, timeout: float | None, make: Callable[..., R]
) -> R:
    """Wait for `job` and return its result. Raises JobFailedError, JobCancelledError and so on."""
    record = await wait(session.context, job, timeout)
    with Undertaking(job.model, job=job).explained():
        await note_job(session.context, job)
        raise_unless_successful(job, record)
    return make(job, record.outcome, session)


def raise_unless_successful(job: Handle, record: Record) -> None:
    """Raise JobFailedError or JobCancelledError for a job that ended without a result."""
    if record.status == CANCELLED:
        told = f"Job {job.id} was cancelled. Submit again if it is still wanted."
        raise JobCancelledError(told, job=job)
    if record.status == FAILED:
        reason, code = failure(record)
        found = verdict(reason, code)
        named = f" (code {code})" if code else ""
        kind = ContentPolicyError if found.content else JobFailedError
        raise kind(
            f"Job {job.id} failed: {(reason or 'the API gave no reason').rstrip('.')}{named}. "
            f"{found.advice}",
            reason=reason,
            code=code,
            retryable=found.retryable,
            job=job,
        )


async def run(
    session: Session,
    request: Submittable,
    payload: Mapping[str, Any] | None,
    make_job: Callable[[Record], Handle],
    make_result: Callable[..., R],
    timeout: float | None,
    manner: Manner,
    undertaking: Undertaking | None = None,
) -> R:
    """Submit and wait."""
    job = await submitted(session, request, payload, make_job, manner, undertaking)
    try:
        result = await finished(session, job, timeout, make_result)
    except GMIError as error:
        error.request, error.key = request, job.key
        raise
    result.request = request
    return result


def _type(value: Any) -> str:
    return type(value).__name__
