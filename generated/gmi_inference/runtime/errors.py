# fmt: off
# isort: skip_file
# ruff: noqa
"""Every error the client raises. No error of the HTTP library ever reaches the caller.

GMIError
+-- ConfigurationError             no key, or an address the key may not be sent to
+-- BudgetExceededError            it may cost more than is left; nothing was submitted
+-- InvalidRequestError            also a ValueError; every fault of a request at once
+-- APIConnectionError             the API was not reached
|   +-- APITimeoutError            also a TimeoutError
+-- APIStatusError                 the API answered, and the answer is no
|   +-- BadRequestError            400, 422
|   +-- AuthenticationError        401
|   +-- InsufficientCreditsError   402
|   +-- PermissionDeniedError      403
|   +-- NotFoundError              404
|   |   +-- ModelNotFoundError
|   |   +-- JobNotFoundError
|   +-- RateLimitError             429
|   +-- InternalServerError        5xx
+-- SubmissionUnknownError         the job may run and be billed, or may not exist
+-- JobError
|   +-- JobFailedError
|   |   +-- ContentPolicyError     what was asked for, or what came of it, was refused
|   +-- JobCancelledError
|   +-- JobTimeoutError            also a TimeoutError
|   +-- JobUnreachableError
+-- UploadError
+-- DownloadError
+-- ProtocolError                  an answer that makes no sense

All of them pickle, carry the job in `.job` when one is known, and hold neither a key nor the query
of a signed URL.
"""

from __future__ import annotations

import pickle
from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from pathlib import Path
from typing import Any, TypeVar

from .attached import Attached
from .records import Handle, Reconciliation
from .redaction import redacted, without_keys_inside

MESSAGE_LIMIT = 4000
LINE_LIMIT = 400
E = TypeVar("E", bound="GMIError")


class GMIError(Exception):
    """Base of every error of this client; the attributes a class names are its keyword arguments.

    `job` is the job it is about, `request` what was submitted, `key` the caller's name for that,
    and `index` its number among the requests of a batch, from 0; each is None when unknown.
    """

    job: Handle | None = None
    key: str | None = None
    request: Any = None
    index: int | None = None

    def __init__(self, message: str = "", **facts: Any) -> None:
        super().__init__(redacted(message))
        for name, fact in facts.items():
            if not hasattr(type(self), name):
                raise TypeError(f"{type(self).__name__} has no {name}")
            setattr(self, name, without_keys_inside(fact))

    @property
    def message(self) -> str:
        """The sentence, without the name of the class."""
        return str(self)

    @property
    def job_id(self) -> str | None:
        """The id of the job, when one is known."""
        return self.job.id if self.job is not None else None

    def __reduce__(self) -> Any:
        state = {name: fact for name, fact in self.__dict__.items() if name != "_session"}
        if not _pickles(state.get("request")):
            state["request"] = None  # it holds an open file, or something else of this process
        return type(self), self.args, state


def again(error: E, message: str, job: Handle | None) -> E:
    """The same refusal for somebody else, in other words and about another job."""
    other = type(error)(message)
    other.__dict__.update({**error.__dict__, "job": job})
    return other


def _pickles(value: Any) -> bool:
    try:
        pickle.dumps(value)
    except Exception:  # whatever the caller's object raises
        return False
    return True


class ConfigurationError(GMIError):
    """The client cannot work as it is set up: no key, or an unusable base URL."""


class BudgetExceededError(GMIError):
    """A submission may cost more than its budget has left, or nobody knows what; nothing was sent.

    `cost` is what it was counted as, None when unknown; `limit` and `spent` are of the budget. All
    are US dollars, and estimates: none is a bill.
    """

    cost: Decimal | None = None
    limit: Decimal = Decimal(0)
    spent: Decimal = Decimal(0)


@dataclass(frozen=True)
class Fault:
    """One thing wrong with a request.

    `field` is the name the caller used, dotted for nested members; `value_type` the type given;
    `allowed` the accepted values or bounds in words; `nearest` a known name close to an unknown.
    """

    field: str
    message: str
    value_type: str | None = None
    allowed: str | None = None
    nearest: str | None = None

    def __str__(self) -> str:
        text = f"{self.field}: {self.message}"
        if self.allowed:
            text += f" (allowed: {self.allowed})"
        if self.value_type:
            text += f" [got {self.value_type}]"
        if self.nearest:
            text += f"; did you mean {self.nearest}?"
        return text if len(text) <= LINE_LIMIT else text[: LINE_LIMIT - 3] + "..."


class InvalidRequestError(GMIError, ValueError):
    """The request cannot be right, and was not sent. `faults` holds every one of its faults."""

    faults: tuple[Fault, ...] = ()

    def __init__(self, faults: Sequence[Fault] = (), **facts: Any) -> None:
        super().__init__("", **facts)
        self.faults = tuple(faults)
        self.args = (self.faults,)

    @classmethod
    def of(cls, field: str, message: str, value_type: str | None = None) -> InvalidRequestError:
        """The error for a single fault."""
        return cls([Fault(field, message, value_type)])

    def __str__(self) -> str:
        return redacted(_one_line_each(self.faults))


def _one_line_each(faults: Sequence[Fault]) -> str:
    lines: list[str] = []
    size = 0
    for number, fault in enumerate(faults):
        line = " ".join(str(fault).split())
        size += len(line) + 1
        if size > MESSAGE_LIMIT:
            lines.append(f"and {len(faults) - number} more; see .faults")
            break
        lines.append(line)
    return "\n".join(lines) or "The request is not valid."


class APIConnectionError(GMIError):
    """The API was not reached. After a submit: the request provably never left this machine."""


class APITimeoutError(APIConnectionError, TimeoutError):
    """The API was not reached in time."""


class APIStatusError(GMIError):
    """The API answered with an error status.

    `status_code`; `body`, the parsed JSON or the text, cut to 2 KB; `request_id`, when the body
    named one; `retry_after`, in seconds, when the API said how long to wait.
    """

    status_code: int = 0
    body: Any = None
    request_id: str | None = None
    retry_after: float | None = None


class BadRequestError(APIStatusError):
    """400 or 422: the payload was refused. `missing` names the required parameters not sent."""

    missing: tuple[str, ...] = ()


class AuthenticationError(APIStatusError):
    """401: the key was not accepted."""


class InsufficientCreditsError(APIStatusError):
    """402: the account has no credits left."""


class PermissionDeniedError(APIStatusError):
    """403: the key may not do this, or the edge refused the client."""


class NotFoundError(APIStatusError):
    """404: there is nothing at this address."""


class ModelNotFoundError(NotFoundError):
    """No model of this id for this key. `near` holds ids of the catalogue that look like it."""

    near: tuple[str, ...] = ()


class JobNotFoundError(NotFoundError):
    """No job of this id for this key."""


class RateLimitError(APIStatusError):
    """429, for longer than the client waits by itself. `retry_after` is in seconds."""


class InternalServerError(APIStatusError):
    """5xx. `upstream_status` is N when the API said `Backend error (N)`."""

    upstream_status: int | None = None


class SubmissionUnknownError(Attached, GMIError):
    """The POST may have arrived and may not have: the job may run and be billed.

    It was not sent again. `attempt_id` is ours (it is in the journal), empty where somebody else
    submits under the same `key`; `model`, `payload_sha256`, `started_at` and `failed_at` (unix
    seconds) describe the attempt; `phase` is one of `waiting for the key`, `writing`, `awaiting
    response`, `reading response`, `response unusable`; `status_code` and `body` (at most 2 KB) are
    what came back, if anything; `request_id` is set when the answer named one, and then `job` can
    be waited for; `uploaded` lists public URLs of files that need no second upload.
    """

    attempt_id: str = ""
    model: str = ""
    payload_sha256: str = ""
    started_at: float = 0.0
    failed_at: float = 0.0
    phase: str = ""
    status_code: int | None = None
    body: str = ""
    request_id: str | None = None
    uploaded: tuple[str, ...] = ()
    _session: Any = None

    def reconcile(self) -> Reconciliation:
        """Look in the job list for what this attempt may have started; submits nothing.

        Takes a few seconds, because an empty list is only trusted when it is seen twice.
        Raises what `client.jobs.list` raises.
        """
        found: Reconciliation = self._home().reconcile(self)
        return found

    async def areconcile(self) -> Reconciliation:
        """The same as `reconcile`, awaited."""
        found: Reconciliation = await self._home().areconcile(self)
        return found


class JobError(GMIError):
    """Something about a job that was accepted; `job` is always set."""


class JobFailedError(JobError):
    """The job ended as failed. `reason` and `code` are the API's words, each may be None.

    `retryable` is True where those words say that the same request may succeed later, False where
    they say it cannot, and None where nobody knows. Nothing is submitted again by this client.
    """

    reason: str | None = None
    code: str | None = None
    retryable: bool | None = None


class ContentPolicyError(JobFailedError):
    """The vendor's moderation refused the prompt, an input, or what was made of them."""


class JobCancelledError(JobError):
    """The job ended as cancelled."""


class JobTimeoutError(JobError, TimeoutError):
    """The job did not end in the time given. It may still end, and be billed."""


class JobUnreachableError(JobError):
    """The API gave no usable answer about the job for too long. The job itself may be well."""


class UploadError(GMIError):
    """A local file could not be uploaded. Nothing was submitted."""


class DownloadError(GMIError):
    """An artifact could not be saved; the job itself is well.

    `artifact` can be saved again; `partial_path` is what has arrived so far, if kept; `saved` are
    the files of the same result that are complete.
    """

    artifact: Any = None
    partial_path: Path | None = None
    saved: tuple[Path, ...] = ()


class ProtocolError(GMIError):
    """An answer that makes no sense, such as a web page where JSON should be."""
