# fmt: off
# isort: skip_file
# ruff: noqa
"""After an unknown submission: is there a job that it may have started?"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Literal, TypeVar

from .api import Api
from .effects import Flow, sleep
from .errors import SubmissionUnknownError
from .handles import Handle
from .listing import list_jobs
from .record import Record
from .resumption import note_found
from .submittable import payload_sha256

H = TypeVar("H", bound=Handle)
WINDOW = 300.0
LOOKS = 2
PAUSE = 3.0


@dataclass(frozen=True)
class Reconciliation:
    """What the job list shows for one attempt.

    `verdict` is `one`, `several` or `none`, and `jobs` are the candidates. `none` means that
    nothing was found in two looks, not that nothing happened.
    """

    verdict: Literal["one", "several", "none"]
    jobs: tuple[Handle, ...]

    def __str__(self) -> str:
        if self.verdict == "one":
            return f"The submission most likely became job {self.jobs[0].id}."
        if self.verdict == "several":
            names = ", ".join(job.id for job in self.jobs)
            return f"The submission may be any of {len(self.jobs)} jobs: {names}."
        return "No job was found for the submission; it may still appear."


def reconcile(
    api: Api, unknown: SubmissionUnknownError, make: Callable[[Record], H]
) -> Flow[Reconciliation]:
    """List jobs of the model and match them by time and payload. Submits nothing."""
    if unknown.request_id is not None and unknown.job is not None:
        return Reconciliation("one", (unknown.job,))
    for look in range(LOOKS):
        yield from sleep(PAUSE if look else 0.0)
        jobs = yield from list_jobs(api, make, unknown.model, 500)
        found = tuple(job for job in jobs if _matches(job, unknown))
        if len(found) == 1 and unknown.attempt_id:
            yield from note_found(api, unknown.attempt_id, found[0].id)
        if found:
            return Reconciliation("one" if len(found) == 1 else "several", found)
    return Reconciliation("none", ())


def _matches(job: Handle, unknown: SubmissionUnknownError) -> bool:
    record = job.record
    if record is None or record.model != unknown.model:
        return False
    made = record.created_at
    if made is not None and not (unknown.started_at - WINDOW <= made <= unknown.failed_at + WINDOW):
        return False
    echoed = record.raw.get("payload")
    if not isinstance(echoed, Mapping) or not echoed:
        return True  # the API may leave the payload out, so its absence says nothing
    try:
        return payload_sha256(echoed) == unknown.payload_sha256
    except (TypeError, ValueError):
        return False
