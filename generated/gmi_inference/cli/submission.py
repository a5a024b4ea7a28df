# fmt: off
# isort: skip_file
# ruff: noqa
"""Submitting from a shell, and what is told when nobody knows whether it arrived."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ..runtime.errors import ConfigurationError, GMIError, SubmissionUnknownError, UploadError
from .output import note
from .setup import without_journal
from .values import local_files
from .words import command

if TYPE_CHECKING:
    from ..client.client import Client
    from ..client.jobs import Job
    from ..runtime.records import Reconciliation
    from .endings import Work
    from .plain import Show
    from .request import Given


def submit(client: Client, request: Given, work: Work, show: Show, key: str | None = None) -> Job:
    """Submit once, local files first. After an unknown submission, look for its job, then raise it.

    A journal nobody asked for does not stop it: the client has submitted nothing when that cannot
    be written, so it is left out then. Whoever gives a key asks for one.
    """
    # A key may stand for a job that is there already, which needs no file again.
    if show.moves and key is None:
        upload(client, request, show)
    work.perhaps_submitted = True
    try:
        try:
            # Some models hold the answer until they are done.
            with show.doing(f"submitting to {request.model}"):
                job = request.submit(client, key)
        except ConfigurationError:
            plain = without_journal() if key is None else None
            if plain is None:
                raise
            job = request.submit(plain)
            note("gmi: no journal is kept: its file could not be written.")
    except SubmissionUnknownError as unknown:
        if not unknown.attempt_id:  # it is somebody else's, and under way
            raise
        raise _for_shells(unknown, _looked_for(unknown)) from None
    work.job = job
    return job


def upload(client: Client, request: Given, show: Show) -> None:
    """Upload the local files of a request, so that its submission finds them there.

    Raises UploadError.
    """
    for path in dict.fromkeys(local_files(request.payload)):
        with show.transfer(f"uploading {path.name}") as progress:
            try:
                client.upload(path, on_progress=progress)
            except UploadError as error:
                raise UploadError(f"{error.message} Nothing was submitted.") from None


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
    anew = "under another key " if unknown.key else ""
    seen = str(found) if found else "The job list could not be read."
    return SubmissionUnknownError(
        f"The submission to {unknown.model} may be running, and billed (trouble while "
        f"{unknown.phase}). It was not sent again. {seen} "
        f"See: {command('jobs', '--model', unknown.model)}. Submit again {anew}only if you accept "
        "a possible second charge.",
        attempt_id=unknown.attempt_id,
        key=unknown.key,
        model=unknown.model,
        status_code=unknown.status_code,
        request_id=unknown.request_id,
        job=found.jobs[0] if found and found.verdict == "one" else unknown.job,
    )
