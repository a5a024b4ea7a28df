# fmt: off
# isort: skip_file
# ruff: noqa
"""How a command of `gmi` ends: every error as a sentence, what to do next, and an exit code."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING

import click

from .output import complain, error_document, out_json
from .words import command, said, said_of

if TYPE_CHECKING:
    from ..runtime.records import Handle

FINE, FAILED, USAGE, UNSETTLED, UNREACHABLE, BROKEN, INTERRUPTED = 0, 1, 2, 3, 4, 70, 130

EXIT_CODES = """\
Exit codes: 0 fine; 1 the job failed or was cancelled; 2 wrong usage, settings or request, or more
than --max-cost; 3 out of time, or a submission that may have arrived: a job may still run, and how
to come back to it is printed; 4 the API or its storage was not reached or refused the key; 70 a
fault of gmi itself; 130 interrupted."""


@dataclass
class Work:
    """What a command has begun, for when it is interrupted."""

    as_json: bool = False
    model: str = ""
    job: Handle | None = None
    output: str | None = None
    perhaps_submitted: bool = False
    emulated: bool = False


def code_of(error: Exception) -> int:
    """The exit code for an error."""
    from ..runtime import errors

    vendor_refused = getattr(error, "upstream_status", None) in (400, 403)
    if vendor_refused:
        return USAGE
    for kinds, code in (
        ((errors.JobFailedError, errors.JobCancelledError), FAILED),
        ((errors.JobTimeoutError, errors.SubmissionUnknownError), UNSETTLED),
        ((errors.InvalidRequestError, errors.ConfigurationError), USAGE),
        ((errors.BudgetExceededError,), USAGE),
        ((errors.BadRequestError, errors.ModelNotFoundError, errors.JobNotFoundError), USAGE),
        ((errors.GMIError,), UNREACHABLE),
    ):
        if isinstance(error, kinds):
            return code
    return BROKEN


@contextmanager
def endings(work: Work) -> Iterator[None]:
    """Turn whatever ends a command early into sentences, a document and an exit code."""
    try:
        yield
    except (click.ClickException, click.exceptions.Exit, BrokenPipeError):
        raise
    except KeyboardInterrupt as interruption:
        if work.as_json:
            out_json(error_document(interruption, work.job))
        complain(_interrupted(work))
        raise click.exceptions.Exit(INTERRUPTED) from None
    except Exception as error:
        code = code_of(error)
        work.job = getattr(error, "job", None) or work.job
        told = said_of(error)
        if work.as_json:
            out_json(error_document(told, work.job))
        complain(said(str(told)) if code != BROKEN else _fault_of_ours(error))
        if advice := _advice(error, work):
            complain(advice)
        raise click.exceptions.Exit(code) from None


def _interrupted(work: Work) -> str:
    if work.emulated:
        return "Interrupted. It was the emulator's job: it ended with it, and nothing is billed."
    if work.job is not None:
        ended = work.job.record is not None and work.job.record.ended
        state = "has ended" if ended else "is still running and may be billed"
        back = way_back(work.job, work.output)
        return f"Interrupted. Job {work.job.id} {state}. Come back with: {back}"
    if work.perhaps_submitted:
        return (
            f"Interrupted while submitting to {work.model}: a job may have been started, and be "
            f"billed. Look before submitting again: {command('jobs', '--model', work.model)}"
        )
    return f"Interrupted. Nothing was submitted to {work.model}." if work.model else "Interrupted."


def _advice(error: Exception, work: Work) -> str:
    """How to come back to a job that may still run, or whose files are still to be had."""
    from ..runtime import errors

    over = (errors.JobFailedError, errors.JobCancelledError, errors.JobNotFoundError)
    if work.job is None or isinstance(error, over) or way_back(work.job) in str(error):
        return ""
    if work.emulated:
        return "It was the emulator's job, and ended with it; nothing is billed."
    if isinstance(error, errors.InvalidRequestError):
        return f"Come back with: {way_back(work.job)} -o ANOTHER_PLACE"
    if isinstance(error, errors.ProtocolError):
        return f"Come back with: {way_back(work.job)}"
    return f"Come back with: {way_back(work.job, work.output)}"


def way_back(job: Handle, output: str | None = None) -> str:
    """The command that takes up a job, safe to paste into a shell."""
    return command("wait", job.id, *(["-o", output] if output else []))


def _fault_of_ours(error: Exception) -> str:
    if isinstance(error, OSError) and error.strerror:
        return f"{error.strerror}: {error.filename or 'the system refused it'}"
    trace = error.__traceback__
    while trace is not None and trace.tb_next is not None:
        trace = trace.tb_next
    place = f"{trace.tb_frame.f_globals.get('__name__')}:{trace.tb_lineno}" if trace else "?"
    return f"This is a fault of gmi itself ({type(error).__name__} at {place}). Please report it."
