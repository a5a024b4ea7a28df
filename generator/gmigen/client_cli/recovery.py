"""What the journal knows of unfinished business, and what became of unknown submissions."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import click

from ..runtime.errors import InvalidRequestError
from .endings import UNSETTLED, way_back
from .output import moment, note, out, out_json
from .words import command

if TYPE_CHECKING:
    from ..client.jobs import Job
    from ..runtime.errors import SubmissionUnknownError
    from ..runtime.protocol.recovery import Resumption


def tell_open(open_: Resumption[Job], as_json: bool) -> None:
    """Print the jobs nobody saw the end of, one a line, and what else is open as commands."""
    for job in () if as_json else open_.jobs:
        out(job.id, moment(job.submitted_at), job.model)
    if as_json:
        jobs = [
            {
                "id": job.id,
                "model": job.model,
                "submitted_at": job.submitted_at,
                **({"key": job.key} if job.key else {}),
            }
            for job in open_.jobs
        ]
        out_json({"jobs": jobs, "unknown": [_attempt(unknown) for unknown in open_.unknown]})
    for unknown in open_.unknown:
        when = moment(unknown.started_at)
        look = command("reconcile", unknown.attempt_id)
        note(f"gmi: a submission to {unknown.model} of {when} may have arrived. Look with: {look}")
    if open_.jobs:
        note(f"gmi: come back to one with: {command('wait')} ID")
    elif not open_.unknown:
        note("gmi: the journal knows of nothing unfinished.")


def settle(open_: Resumption[Job], attempt_id: str | None, as_json: bool) -> None:
    """Look in the job list for what unknown submissions became, and print that."""
    asked = [one for one in open_.unknown if attempt_id in (None, one.attempt_id)]
    if attempt_id is not None and not asked:
        why = f"the journal has no open submission of this id; see: {command('resume')}"
        raise InvalidRequestError.of("attempt", why)
    if not asked:
        note("gmi: the journal knows of no submission that may have arrived.")
    unsettled = False
    for unknown in asked:
        found = unknown.reconcile()
        ids = [job.id for job in found.jobs]
        unsettled = unsettled or found.verdict != "one"
        if as_json:
            out_json({**_attempt(unknown), "verdict": found.verdict, "jobs": ids})
            continue
        out(unknown.attempt_id, found.verdict, *ids)
        note(f"gmi: {found}")
        if found.verdict == "one":
            note(f"gmi: Come back with: {way_back(found.jobs[0])}")
    if unsettled:
        raise click.exceptions.Exit(UNSETTLED)


def _attempt(unknown: SubmissionUnknownError) -> dict[str, Any]:
    return {
        "attempt_id": unknown.attempt_id,
        **({"key": unknown.key} if unknown.key else {}),
        "model": unknown.model,
        "started_at": unknown.started_at,
    }
