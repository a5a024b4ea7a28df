# fmt: off
# isort: skip_file
# ruff: noqa
"""What an error means for a request and for the rest of the batch: a table."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from ..runtime import errors
from ..runtime.errors import GMIError
from . import states

TRIES = 8
"""How often a request that was refused for free is put back on its queue."""

FIRST_PAUSE, LONGEST_PAUSE = 10.0, 600.0


@dataclass(frozen=True)
class Verdict:
    """`state` of the request, `free` when nothing can have been paid, `halts` when no other would
    fare better, `again` when it may be submitted later: after `pause` seconds.
    """

    state: str
    free: bool = True
    halts: bool = False
    again: bool = False
    pause: float = FIRST_PAUSE


_HALTS = (
    errors.AuthenticationError,
    errors.InsufficientCreditsError,
    errors.PermissionDeniedError,
    errors.ConfigurationError,
)
_LATER = (errors.RateLimitError, errors.APIConnectionError, errors.UploadError)


def of_submission(error: GMIError, tries: int) -> Verdict:
    """What a submission that ended in this error means; `tries` is how often that was before."""
    if isinstance(error, errors.SubmissionUnknownError):
        return Verdict(states.UNKNOWN, free=False)
    if isinstance(error, _HALTS):
        return Verdict(states.HELD, halts=True)
    later = isinstance(error, _LATER) or getattr(error, "status_code", 0) >= 500
    if later and tries < TRIES:
        asked = getattr(error, "retry_after", None) or FIRST_PAUSE * 2**tries
        return Verdict(states.WAITING, again=True, pause=min(asked, LONGEST_PAUSE))
    if later:
        return Verdict(states.HELD)
    return Verdict(states.REFUSED)


def of_collection(error: GMIError) -> Verdict:
    """What fetching the result of an accepted job means that ended in this error."""
    if isinstance(error, (errors.JobFailedError, errors.JobCancelledError)):
        return Verdict(states.FAILED, free=False)
    halts = isinstance(error, _HALTS) or "no space left" in str(error).casefold()
    return Verdict(states.UNDELIVERED, free=False, halts=halts)


def pace(error: GMIError) -> dict[str, Any] | None:
    """The limit of a queue that a refusal for the rate states; None where it states none."""
    if not isinstance(error, errors.RateLimitError):
        return None
    said = error.body.get("rate_limit") if isinstance(error.body, Mapping) else None
    if isinstance(said, Mapping):
        many, seconds = said.get("limit"), said.get("interval_seconds")
        if isinstance(many, int) and isinstance(seconds, (int, float)) and many > 0 < seconds:
            return {"limit": many, "period": float(seconds)}
    return None
