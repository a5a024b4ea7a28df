"""From a report to the file that is kept."""

from __future__ import annotations

from dataclasses import fields
from pathlib import Path

from .. import __version__
from ..beliefs.recording import Recorded, Recording
from .run import Report

_NAMES = [one.name for one in fields(Recorded)]


def recorded(report: Report, date: str) -> Recording:
    """What is kept of a report. `date` is the day, as `2026-11-29`."""
    return Recording(
        date=date,
        of=report.of,
        complete=report.complete,
        requests=report.requests,
        findings=tuple(
            Recorded(**{name: getattr(finding, name) for name in _NAMES})
            for finding in report.findings
        ),
        gmigen=__version__,
    )


def place(folder: Path, date: str) -> Path:
    """Where the recording of a day goes: beside those of the same day, never over one."""
    number = 1
    while True:
        path = folder / f"conformance-{date}{f'-{number}' if number > 1 else ''}.json"
        if not path.exists():
            return path
        number += 1
