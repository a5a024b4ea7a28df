"""Waiting for a job from a shell, and what it made: saved, printed, or where it is."""

from __future__ import annotations

import shutil
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from ..runtime.errors import DownloadError, Fault, InvalidRequestError
from ..runtime.files.paths import destinations, is_folder
from ..runtime.session import DEFAULT
from .endings import way_back
from .opening import launch
from .output import complain, out, out_json, result_document
from .pictures import shown_inline

if TYPE_CHECKING:
    from ..client.jobs import Job
    from ..client.results import Result
    from .endings import Work
    from .plain import Show

_STDOUT = frozenset({"-", "/dev/stdout", "/dev/fd/1", "/proc/self/fd/1"})


@dataclass(frozen=True)
class Delivery:
    """How the files of a job are wanted: what is in the way replaced, opened, shown."""

    overwrite: bool = False
    open: bool = False
    no_inline: bool = False


def check_output(work: Work, delivery: Delivery) -> None:
    """Raise InvalidRequestError for a place nothing can be saved in, before a job is paid for."""
    if work.output is None:
        return
    if work.output in _STDOUT:
        _check_stdout(work, delivery)
        return
    try:
        folder = is_folder(work.output)
    except DownloadError as refusal:
        raise _at_fault(str(refusal)) from None
    if not folder and not delivery.overwrite:
        _refuse_taken([Path(work.output)])


def finish(job: Job, work: Work, timeout: float | None, delivery: Delivery, show: Show) -> None:
    """Wait for a job, telling what changes, then save what it made or print where it is."""
    bound = DEFAULT if timeout is None else timeout
    show.watch(job.events(timeout=bound))
    result = job.result(timeout=bound)
    if work.output in _STDOUT:
        _pour(result, show)
        return
    saved = _saved(result, work.output, delivery, show) if work.output is not None else []
    if not (work.as_json or delivery.no_inline):
        shown_inline(result, saved)
    if work.as_json:
        out_json(result_document(result, saved))
    elif saved:
        for path in saved:
            out(path)
    else:
        _tell_artifacts(result)
    if delivery.open:
        launch(result, saved)


def _check_stdout(work: Work, delivery: Delivery) -> None:
    if work.as_json:
        raise _at_fault("standard output cannot take both the file and --json")
    if delivery.open:
        raise _at_fault("what goes to standard output cannot be opened; give a file")
    if sys.stdout is None:
        raise _at_fault("standard output is closed")
    if sys.stdout.isatty():
        raise _at_fault("standard output is a terminal; redirect it, or give a file")


def _pour(result: Result, show: Show) -> None:
    """The bytes of the one file, and nothing else, to standard output."""
    if len(result.artifacts) > 1:
        number = len(result.artifacts)
        raise _at_fault(
            f"the job made {number} files, and standard output takes one; give a folder"
        )
    with show.transfer("fetching") as progress:
        stream = result.artifact.open(on_progress=progress)
    with stream:
        shutil.copyfileobj(stream, sys.stdout.buffer)
        sys.stdout.buffer.flush()


def _saved(result: Result, output: str, delivery: Delivery, show: Show) -> list[Path]:
    extensions = [Path(artifact.filename).suffix[1:] for artifact in result.artifacts]
    places = destinations(output, result.job.id, extensions)
    if not delivery.overwrite:
        _refuse_taken(places)
    label = f"saving {len(places)} files" if len(places) > 1 else f"saving {Path(output).name}"
    with show.transfer(label) as progress:
        return result.save(output, overwrite=delivery.overwrite, on_progress=progress)


def _refuse_taken(places: Sequence[Path]) -> None:
    taken = [place for place in places if place.exists()]
    if taken:
        advice = "exists already and was left alone; give another place, or say --overwrite"
        raise InvalidRequestError([Fault("--output", f"{place} {advice}") for place in taken])


def _at_fault(why: str) -> InvalidRequestError:
    return InvalidRequestError.of("--output", why)


def _tell_artifacts(result: Result) -> None:
    if not result.artifacts:
        out_json(result.outcome)
    for artifact in result.artifacts:
        if artifact.is_inline:
            # Told to the quiet, too: nothing else says that there is a file.
            back = way_back(result.job)
            complain(f"one {artifact.kind} came without an address; save it: {back} -o FILE")
        else:
            out(artifact.url)
