# fmt: off
# isort: skip_file
# ruff: noqa
"""Submitting from a shell, and what is told when nobody knows whether it arrived."""

from __future__ import annotations

import shlex
from typing import TYPE_CHECKING

from .cli_output import note
from .errors import GMIError, SubmissionUnknownError

if TYPE_CHECKING:
    from .cli_endings import Work
    from .cli_request import Given
    from .client import Client
    from .jobs import Job
    from .reconciliation import Reconciliation


def submit(client: Client, request: Given, work: Work) -> Job:
    """Submit once. After an unknown submission, look for its job before raising that."""
    work.perhaps_submitted = True
    try:
        work.job = job = client.submit(*request)
    except SubmissionUnknownError as unknown:
        raise _for_shells(unknown, _looked_for(unknown)) from None
    return job


def _looked_for(unknown: SubmissionUnknownError) -> Reconciliation | None:
    note("gmi: it is not known whether the submission arrived; looking in the job list ...")
    try:
        return unknown.reconcile()
    except (GMIError, KeyboardInterrupt):
        return None


def _for_shells(
    unknown: SubmissionUnknownError, found: Reconciliation | None
) -> SubmissionUnknownError:
    """The same error, with what the job list shows and with commands as its advice."""
    seen = str(found) if found else "The job list could not be read."
    return SubmissionUnknownError(
        f"The submission to {unknown.model} may be running, and billed (trouble while "
        f"{unknown.phase}). It was not sent again. {seen} "
        f"See: gmi jobs --model {shlex.quote(unknown.model)}. Submit again only if you accept a "
        "possible second charge.",
        attempt_id=unknown.attempt_id,
        model=unknown.model,
        status_code=unknown.status_code,
        request_id=unknown.request_id,
        job=found.jobs[0] if found and found.verdict == "one" else unknown.job,
    )
