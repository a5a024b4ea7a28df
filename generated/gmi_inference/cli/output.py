# fmt: off
# isort: skip_file
# ruff: noqa
"""What `gmi` prints: results on stdout, everything else on stderr, nothing a terminal obeys."""

from __future__ import annotations

import dataclasses
import datetime
import json
import os
import sys
import unicodedata
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from .texts import as_utf8
from .words import said

if TYPE_CHECKING:
    from ..client.results import Artifact, Result
    from ..runtime.records import Handle

_UNSHOWN = frozenset({"Cc", "Cf", "Cn", "Co", "Cs", "Zl", "Zp"})
_TOLD = (
    *("status_code", "request_id", "retry_after", "reason", "code", "attempt_id", "key"),
    *("cost", "limit"),
)
_QUIET = f"{__name__}.quiet"
_above: list[Callable[[str], None]] = []


def shown(text: str) -> str:
    """`text` as one line without control, formatting and private characters.

    What comes from the API, a file name included, must not be able to move the cursor, to colour
    or to hide anything.
    """
    kept = (
        " " if character.isspace() else character
        for character in as_utf8(text)
        if character.isspace() or unicodedata.category(character) not in _UNSHOWN
    )
    return "".join(kept)


def out(*columns: object) -> None:
    """One line of the result, its columns separated by tabs."""
    click.echo("\t".join(shown(str(column)) for column in columns))


def out_lines(text: str) -> None:
    """A result of several lines."""
    for line in text.splitlines():
        click.echo(shown(line))


def out_json(value: Any) -> None:
    """One JSON document on one line, in ASCII."""
    # Infinity and NaN, which are no JSON, become null.
    finite = json.loads(json.dumps(value, default=str), parse_constant=lambda _: None)
    click.echo(json.dumps(finite).replace("\x7f", "\\u007f"))


def note(text: object) -> None:
    """One line for the person at the terminal, unless nobody wants to hear it."""
    if not is_quiet():
        _to_person(str(text))


def complain(text: object) -> None:
    """Why the command did not do what it was asked to, on as many lines as it has."""
    for line in str(text).splitlines():
        _to_person(f"gmi: {line}")


def hush() -> None:
    """From now on this command tells nothing but what went wrong."""
    click.get_current_context().meta[_QUIET] = True


def is_quiet() -> bool:
    """Whether this command tells nothing but what went wrong."""
    context = click.get_current_context(silent=True)
    return bool(context and context.meta.get(_QUIET))


def is_terminal(stream: Any) -> bool:
    """Whether a stream is a terminal on which a line can be written anew."""
    dumb = os.environ.get("TERM", "dumb") in ("dumb", "unknown", "")
    return stream is not None and stream.isatty() and (sys.platform == "win32" or not dumb)


@contextmanager
def above(say: Callable[[str], None]) -> Iterator[None]:
    """Hand what is told to `say`, which keeps it apart from what moves on the terminal."""
    _above.append(say)
    try:
        yield
    finally:
        _above.remove(say)


def _to_person(text: str) -> None:
    if _above:
        _above[-1](shown(text))
    else:
        click.echo(shown(text), err=True)


def moment(seconds: float | None) -> str:
    """Unix seconds as a date and time in UTC."""
    try:
        stamp = datetime.datetime.fromtimestamp(seconds or 0.0, datetime.timezone.utc)
    except (OverflowError, ValueError, OSError):
        return "-"
    return "-" if seconds is None else stamp.strftime("%Y-%m-%dT%H:%M:%SZ")


def job_document(job: Handle) -> dict[str, Any]:
    """A job as `--json` shows it. `outcome` is as the API sent it; the payload is left out."""
    record = job.record
    return {
        "id": job.id,
        "model": job.model or None,
        "status": job.status,
        **({"key": job.key} if job.key else {}),
        "created_at": record.created_at if record else None,
        "updated_at": record.updated_at if record else None,
        "outcome": dict(record.outcome) if record else None,
    }


def result_document(result: Result, saved: Sequence[Path]) -> dict[str, Any]:
    """A result as `--json` shows it, with the files it was saved as."""
    return {
        **job_document(result.job),
        "artifacts": [_artifact_document(artifact) for artifact in result.artifacts],
        "thumbnail_url": result.thumbnail_url,
        "saved": [str(path) for path in saved],
    }


def error_document(error: BaseException, job: Handle | None) -> dict[str, Any]:
    """An error as `--json` shows it, after the job it is about when one is known."""
    told: dict[str, Any] = {"type": type(error).__name__, "message": said(str(error))}
    for name in _TOLD:
        if getattr(error, name, None) is not None:
            told[name] = getattr(error, name)
    if faults := getattr(error, "faults", None):
        told["faults"] = [dataclasses.asdict(fault) for fault in faults]
    return {**(job_document(job) if job else {}), "error": told}


def _artifact_document(artifact: Artifact) -> dict[str, Any]:
    # What came inline stands in the outcome already; its address would repeat megabytes.
    return {
        "url": None if artifact.is_inline else artifact.url,
        "kind": artifact.kind,
        "content_type": artifact.content_type,
        "width": artifact.width,
        "height": artifact.height,
        "duration_s": artifact.duration_s,
    }
