"""A key for each submission: one that was accepted is a job, one that is unknown stays a question.

What makes a key safe is the journal's order. Who submits under a key notes so first and then looks:
the first note wins, even where the claim was lost in between, as that of a store that went away.
The claim only spares others the trouble.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import partial
from typing import Any, TypeVar, cast

from .. import wire
from ..errors import ConfigurationError, GMIError, InvalidRequestError, SubmissionUnknownError
from ..records import Attempt, Handle, Record
from ..redaction import redacted
from .attempts import asked, noted
from .context import Context
from .effects import sleep
from .entries import Claim
from .recovery import handle_of, reconcile, riddle
from .retry import Patience

H = TypeVar("H", bound=Handle)

OCCUPIED = Patience(first=0.04, most=1.0)


@dataclass(frozen=True)
class Held:
    """A key that nobody else submits under until it is closed."""

    key: str
    given_sha256: str
    claim: Claim


def check_key(key: Any) -> None:
    """Raise InvalidRequestError for what cannot stand in a line of a journal."""
    if not isinstance(key, str):
        raise InvalidRequestError.of("key", "a key is a text", type(key).__name__)
    if wire.identity(key) != key:
        raise InvalidRequestError.of(
            "key",
            "a key is a text of up to 400 characters, without line breaks and other control "
            "characters, without spaces around it, not empty and not dots alone",
        )
    if redacted(key) != key:
        told = "it holds an API key, or a URL with its query; a key of yours is written to the disk"
        raise InvalidRequestError.of("key", told)


async def hold(ctx: Context, key: str, model: str, given_sha256: str, within: float | None) -> Held:
    """Wait, at most `within` seconds, until nobody else submits under `key`, and claim it.

    Raises SubmissionUnknownError when that takes too long, and ConfigurationError.
    """
    check_key(key)
    if ctx.journal is None:
        raise ConfigurationError(
            "A key is kept in a journal, and this client has none, so nothing was submitted. Pass "
            "journal= to it, or set GMI_JOURNAL."
        )
    patience = replace(OCCUPIED, seconds=float("inf") if within is None else within)
    while True:
        claim = await asked(ctx, partial(ctx.journal.claim, key), "locked")
        if claim is not None:
            return Held(key, given_sha256, claim)
        pause = patience.pause(ctx.world)
        if pause is None:
            raise _taken(key, model, "is still submitting")
        await sleep(pause)


async def known(ctx: Context, held: Held, model: str, make: Callable[[Record], H]) -> H | None:
    """The job that was submitted under this key before; None when nothing was.

    Raises InvalidRequestError for a key of another request, and SubmissionUnknownError while
    nobody knows what became of it.
    """
    attempt = _standing(await noted(ctx, held.key))
    if attempt is None:
        return None
    given = attempt.given_sha256 or attempt.payload_sha256
    if (attempt.model, given) != (model, held.given_sha256):
        told = f"it stands for another request, to {attempt.model}; give each request its own"
        refused = InvalidRequestError.of("key", told)
        refused.key = held.key
        raise refused
    if attempt.ending == "accepted" and (job := handle_of(attempt, make)) is not None:
        return job
    error = riddle(ctx, attempt, make)
    try:
        found = await reconcile(ctx, error, make)
        if found.verdict == "one":
            return cast("H", found.jobs[0])
        told = str(found)
    except GMIError as trouble:
        told = f"The job list could not be read: {trouble.message}"
    error.args = (f"{error} {told}",)
    raise error


async def make_sure(ctx: Context, attempt: Attempt) -> None:
    """Raise SubmissionUnknownError unless this attempt, noted already, came first with its key."""
    assert attempt.key is not None, "it is held"
    first = _standing(await noted(ctx, attempt.key))
    if first is None or first.id != attempt.id:
        raise _taken(attempt.key, attempt.model, "submitted at the same moment")


def _standing(attempts: list[Attempt]) -> Attempt | None:
    """The first that was not refused: a refusal started nothing and is forgotten."""
    return next((one for one in attempts if one.ending != "refused"), None)


def _taken(key: str, model: str, does: str) -> SubmissionUnknownError:
    return SubmissionUnknownError(
        f"Somebody else {does} under the key {wire.quoted(key)}; nothing was sent to {model} from "
        "here. Submit it again under the same key, which gives the job of the other.",
        key=key,
        model=model,
        phase="waiting for the key",
    )
