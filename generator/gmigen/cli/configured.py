"""The flags that every command with settings takes, and what commands print in common."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from functools import wraps
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

import click

from ..errors import INCOMPLETE
from ..problems import Problem
from ..settings import Settings, load
from ..text.prose import line
from .exits import fail, sentences

if TYPE_CHECKING:
    from ..beliefs.recording import Recording

Command = TypeVar("Command", bound=Callable[..., Any])

_FLAGS = (
    *("package", "output", "docs", "snapshot", "include", "exclude", "runtime"),
    *("templates", "overlays", "recordings", "strict", "cli"),
)

MOST_TOLD = 200
"""Problems printed one by one; the rest is counted."""


def configured(command: Command) -> Command:
    """Give a command the settings: `[tool.gmigen]`, overridden by flags."""

    @click.option("--package", metavar="NAME", help="Import name of the emitted package.")
    @click.option(
        "--runtime",
        type=click.Choice(["copy", "import"]),
        help="Give the package a runtime of its own, or let it import the installed one.",
    )
    @click.option("--output", metavar="DIR", help="Folder the package is written into.")
    @click.option("--docs", metavar="DIR", help="Folder the pages are written into.")
    @click.option("--snapshot", metavar="DIR", help="Folder of the snapshot.")
    @click.option("--include", metavar="GLOB", multiple=True, help="Models wanted (repeatable).")
    @click.option("--exclude", metavar="GLOB", multiple=True, help="Models left out (repeatable).")
    @click.option("--templates", metavar="DIR", help="Templates that replace bundled ones.")
    @click.option("--overlays", metavar="DIR", help="Corrections of what the API says.")
    @click.option("--recordings", metavar="DIR", help="What `gmigen conformance` wrote.")
    @click.option("--cli/--no-cli", default=None, help="Emit the shell command, too, or not.")
    @click.option("--strict/--no-strict", default=None, help="Write nothing on any warning.")
    @wraps(command)
    def with_settings(**given: Any) -> Any:
        flags = {name: given.pop(name) for name in _FLAGS}
        with sentences():
            settings = load(Path(), flags)
        return command(settings=settings, **given)

    return with_settings  # type: ignore[return-value]  # click's options keep the signature opaque


def recordings_of(settings: Settings) -> tuple[Recording, ...]:
    """The recordings that count, after a note where the folder of the settings is not there."""
    from ..beliefs.kept import absent, every

    problem = absent(settings)
    report([problem] if problem else [])
    return every(settings)


def hold_strict(settings: Settings, problems: Iterable[Problem]) -> None:
    """End here when `strict` is on and anything was found."""
    if settings.strict and any(problem.level != "note" for problem in problems):
        fail("Nothing was written: `strict` is on and there are findings.", INCOMPLETE)


def report(problems: Iterable[Problem]) -> None:
    """Print what was found, except notes about single models."""
    told = [p for p in problems if p.level != "note" or not p.model]
    for problem in told[:MOST_TOLD]:
        place = f"{problem.model} {problem.parameter}".strip()
        about = f"{line(place, 120)}: " if place else ""
        message = f"{line(problem.level, 20)} {line(problem.code, 60)}: {about}"
        click.echo(message + line(problem.message, 400), err=True)
    if len(told) > MOST_TOLD:
        click.echo(f"... and {len(told) - MOST_TOLD} more; findings.json has all.", err=True)


def waiting() -> None:
    """Say that another run is at work."""
    click.echo("Another gmigen is at work here; waiting for it to end.", err=True)
