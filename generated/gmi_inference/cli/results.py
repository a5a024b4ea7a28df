# fmt: off
# isort: skip_file
# ruff: noqa
"""Waiting for a job from a shell, and what it made: saved, printed, or where it is."""

from __future__ import annotations

import shutil
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from ..runtime.errors import DownloadError, Fault, InvalidRequestError
from ..runtime.files.paths import destinations, is_folder
from ..runtime.session import DEFAULT
from .endings import way_back
from .output import note, out, out_json, result_document

if TYPE_CHECKING:
    from ..runtime.jobs import Job
    from ..runtime.results import Result
    from .endings import Work

_STDOUT = frozenset({"-", "/dev/stdout", "/dev/fd/1", "/proc/self/fd/1"})


def check_output(work: Work) -> None:
    """Raise InvalidRequestError for a place nothing can be saved in, before a job is paid for."""
    if work.output is None:
        return
    if work.output in _STDOUT:
        _check_stdout(work)
        return
    try:
        folder = is_folder(work.output)
    except DownloadError as refusal:
        raise _at_fault(str(refusal)) from None
    if not folder:
        _refuse_taken([Path(work.output)])


def finish(job: Job, work: Work, timeout: float | None) -> None:
    """Wait for a job, telling what changes, then save what it made or print where it is."""
    bound = DEFAULT if timeout is None else timeout
    for event in job.events(timeout=bound):
        note(event)
    result = job.result(timeout=bound)
    if work.output in _STDOUT:
        _pour(result)
        return
    saved = _saved(result, work.output) if work.output is not None else []
    if work.as_json:
        out_json(result_document(result, saved))
    elif saved:
        for path in saved:
            out(path)
    else:
        _tell_artifacts(result)


def _check_stdout(work: Work) -> None:
    if work.as_json:
        raise _at_fault("standard output cannot take both the file and --json")
    if sys.stdout is None:
        raise _at_fault("standard output is closed")
    if sys.stdout.isatty():
        raise _at_fault("standard output is a terminal; redirect it, or give a file")


def _pour(result: Result) -> None:
    """The bytes of the one file, and nothing else, to standard output."""
    if len(result.artifacts) > 1:
        number = len(result.artifacts)
        raise _at_fault(
            f"the job made {number} files, and standard output takes one; give a folder"
        )
    with result.artifact.open() as stream:
        shutil.copyfileobj(stream, sys.stdout.buffer)
        sys.stdout.buffer.flush()


def _saved(result: Result, output: str) -> list[Path]:
    extensions = [Path(artifact.filename).suffix[1:] for artifact in result.artifacts]
    _refuse_taken(destinations(output, result.job.id, extensions))
    return result.save(output)


def _refuse_taken(places: Sequence[Path]) -> None:
    taken = [place for place in places if place.exists()]
    if taken:
        advice = "exists already and was left alone; give another place"
        raise InvalidRequestError([Fault("--output", f"{place} {advice}") for place in taken])


def _at_fault(why: str) -> InvalidRequestError:
    return InvalidRequestError([Fault("--output", why)])


def _tell_artifacts(result: Result) -> None:
    if not result.artifacts:
        out_json(result.outcome)
    for artifact in result.artifacts:
        if artifact.is_inline:
            back = way_back(result.job)
            note(f"gmi: one {artifact.kind} came without an address; save it: {back} -o FILE")
        else:
            out(artifact.url)
