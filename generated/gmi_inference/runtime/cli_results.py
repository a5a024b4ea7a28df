# fmt: off
# isort: skip_file
# ruff: noqa
"""Waiting for a job from a shell, and what it made: saved, or where it is."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from .cli_endings import way_back
from .cli_output import note, out, out_json, result_document
from .core import DEFAULT
from .errors import Fault, InvalidRequestError
from .filenames import destinations, is_folder

if TYPE_CHECKING:
    from .artifacts import Result
    from .cli_endings import Work
    from .jobs import Job


def check_output(output: str | None) -> None:
    """Raise InvalidRequestError when there is a file already, before a job is paid for."""
    if output is not None and not is_folder(output):
        _refuse_taken([Path(output)])


def finish(job: Job, work: Work, timeout: float | None) -> None:
    """Wait for a job, telling what changes, then save what it made or print where it is."""
    bound = DEFAULT if timeout is None else timeout
    for event in job.events(timeout=bound):
        note(event)
    result = job.result(timeout=bound)
    saved = _saved(result, work.output) if work.output is not None else []
    if work.as_json:
        out_json(result_document(result, saved))
    elif saved:
        for path in saved:
            out(path)
    else:
        _tell_artifacts(result)


def _saved(result: Result, output: str) -> list[Path]:
    extensions = [Path(artifact.filename).suffix[1:] for artifact in result.artifacts]
    _refuse_taken(destinations(output, result.job.id, extensions))
    return result.save(output)


def _refuse_taken(places: Sequence[Path]) -> None:
    taken = [place for place in places if place.exists()]
    if taken:
        advice = "exists already and was left alone; give another place"
        raise InvalidRequestError([Fault("--output", f"{place} {advice}") for place in taken])


def _tell_artifacts(result: Result) -> None:
    if not result.artifacts:
        out_json(result.outcome)
    for artifact in result.artifacts:
        if artifact.is_inline:
            back = way_back(result.job)
            note(f"gmi: one {artifact.kind} came without an address; save it: {back} -o FILE")
        else:
            out(artifact.url)
