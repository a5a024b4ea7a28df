# fmt: off
# isort: skip_file
# ruff: noqa
"""Every error the client raises. No error of the HTTP library ever reaches the caller.

GMIError
+-- ConfigurationError             no key, or an address the key may not be sent to
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
|   +-- JobCancelledError
|   +-- JobTimeoutError            also a TimeoutError
|   +-- JobUnreachableError
+-- UploadError
+-- DownloadError
+-- ProtocolError                  an answer that makes no sense

All of them pickle, and carry the job in `.job` when one is known.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from .artifacts import Artifact
    from .core import Core
    from .handles import Handle
    from .reconciliation import Reconciliation

MESSAGE_LIMIT = 4000
LINE_LIMIT = 400


class GMIError(Exception):
    """Base of every error of this client.

    `job` is the job it is about and `request` what was submitted, each None when unknown.
    """

    def __init__(self, message: str = "", *, job: Handle | None = None) -> None:
        super().__init__(message)
        self.job = job
        self.request: Any = None

    @property
    def message(self) -> str:
        """The sentence, without the name of the class."""
        return str(self)

    @property
    def job_id(self) -> str | None:
        """The id of the job, when one is known."""
        return self.job.id if self.job is not None else None


class ConfigurationError(GMIError):
    """The client cannot work as it is set up: no key, or an unusable base URL."""


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

    def __init__(self, faults: Sequence[Fault] = (), *, job: Handle | None = None) -> None:
        self.faults = tuple(faults)
        super().__init__(_one_line_each(self.faults), job=job)
        self.args = (self.faults,)

    def __str__(self) -> str:
        return _one_line_each(self.faults)


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

    def __init__(
        self,
        message: str = "",
        *,
        status_code: int = 0,
        body: Any = None,
        request_id: str | None = None,
        retry_after: float | None = None,
        job: Handle | None = None,
    ) -> None:
        super().__init__(message, job=job)
        self.status_code = status_code
        self.body = body
        self.request_id = request_id
        self.retry_after = retry_after


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


class SubmissionUnknownError(GMIError):
    """The POST may have arrived and may not have: the job may run and be billed.

    It was not sent again. `attempt_id` is ours (it is in the journal); `model`, `payload_sha256`,
    `started_at` and `failed_at` (unix seconds) describe the attempt; `phase` is one of `writing`,
    `awaiting response`, `reading response`, `response unusable`; `status_code` and `body` (at most
    2 KB) are what came back, if anything; `request_id` is set when the answer named one, and then
    `job` can be waited for; `uploaded` lists public URLs of files that need no second upload.
    """

    def __init__(
        self,
        message: str = "",
        *,
        attempt_id: str = "",
        model: str = "",
        payload_sha256: str = "",
        started_at: float = 0.0,
        failed_at: float = 0.0,
        phase: str = "",
        status_code: int | None = None,
        body: str = "",
        request_id: str | None = None,
        uploaded: tuple[str, ...] = (),
        job: Handle | None = None,
        core: Core | None = None,
    ) -> None:
        super().__init__(message, job=job)
        self.attempt_id = attempt_id
        self.model = model
        self.payload_sha256 = payload_sha256
        self.started_at = started_at
        self.failed_at = failed_at
        self.phase = phase
        self.status_code = status_code
        self.body = body
        self.request_id = request_id
        self.uploaded = uploaded
        self._core = core

    def __reduce__(self) -> Any:
        state = {**self.__dict__, "_core": None}
        return type(self), self.args, state

    def reconcile(self) -> Reconciliation:
        """Look in the job list for what this attempt may have started; submits nothing.

        Takes a few seconds, because an empty list is only trusted when it is seen twice.
        Raises what `client.jobs.list` raises.
        """
        from .reconciliation import reconcile

        core = self._attached()
        return core.sync.run(reconcile(core.api, self, core.job))

    async def areconcile(self) -> Reconciliation:
        """The same as `reconcile`, awaited."""
        from .reconciliation import reconcile

        core = self._attached()
        return await core.aio.run(reconcile(core.api, self, core.async_job))

    def _attached(self) -> Core:
        if self._core is None:
            from .default import default_core

            self._core = default_core()
        return self._core


class JobError(GMIError):
    """Something about a job that was accepted; `job` is always set."""


class JobFailedError(JobError):
    """The job ended as failed. `reason` and `code` are the API's words, each may be None."""

    def __init__(
        self,
        message: str = "",
        *,
        reason: str | None = None,
        code: str | None = None,
        job: Handle | None = None,
    ) -> None:
        super().__init__(message, job=job)
        self.reason = reason
        self.code = code


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

    `artifact` can be saved again; `partial_path` is what has arrived so far, if kept.
    """

    def __init__(
        self,
        message: str = "",
        *,
        artifact: Artifact | None = None,
        partial_path: Path | None = None,
        job: Handle | None = None,
    ) -> None:
        super().__init__(message, job=job)
        self.artifact = artifact
        self.partial_path = partial_path


class ProtocolError(GMIError):
    """An answer that makes no sense, such as a web page where JSON should be."""
