"""The commands that only answer: check, diff, and the bundled templates."""

from __future__ import annotations

from pathlib import Path

import click

from ..errors import NO, USAGE
from ..settings import Settings
from .configured import configured, report
from .exits import fail, sentences


@click.command()
@configured
def check(settings: Settings) -> None:
    """Say whether generate would change anything, and why."""
    from ..build import build
    from ..publish.causes import explained
    from ..publish.publish import changes, read_manifests

    with sentences():
        built = build(settings)
        found = changes(settings, built.wanted)
    report(problem for problem in built.problems if problem.level == "refused")
    for told in explained(settings, found, read_manifests(settings), built.wanted):
        click.echo(told)
    if found:
        count = "1 file is" if len(found) == 1 else f"{len(found)} files are"
        fail(f"{count} not as generate leaves them.", NO)
    click.echo(f"{len(built.wanted.files)} files are up to date.")


@click.command()
@configured
@click.argument("old", required=False)
@click.option(
    "--format",
    "form",
    type=click.Choice(["text", "json", "markdown"]),
    default="text",
    show_default=True,
)
@click.option(
    "--output-file",
    type=click.Path(dir_okay=False, path_type=Path),
    help="Write all of it here; what is printed is cut where a pull request would cut it.",
)
@click.option("--exit-code", is_flag=True, help="End with 1 when anything changed.")
def diff(
    settings: Settings, old: str | None, form: str, output_file: Path | None, exit_code: bool
) -> None:
    """Say what changed since OLD: a snapshot folder or a git revision (default: HEAD).

    Each change is breaking or compatible for code that uses the request classes.
    """
    from ..compat.report import PRINTED, told
    from ..compat.since import changes_since
    from ..disk import write_file

    with sentences():
        changes, _ = changes_since(settings, old)
        if output_file is not None:
            write_file(output_file, told(changes, form).encode("utf-8") + b"\n")
    click.echo(told(changes, form, most=PRINTED))
    if exit_code and changes:
        raise click.exceptions.Exit(NO)


@click.group()
def templates() -> None:
    """The bundled templates."""


@templates.command("list")
def list_templates() -> None:
    """Name every template."""
    from .. import resources
    from ..publish.eject import names

    for name in names(resources.templates()):
        click.echo(name)


@templates.command()
@configured
@click.argument("name")
def eject(settings: Settings, name: str) -> None:
    """Copy the template NAME into the folder of your own templates, to change it there."""
    from .. import resources
    from ..publish.eject import eject as copy_out

    if not settings.templates:
        fail("Say where your templates live: --templates DIR, or `templates` in settings.", USAGE)
    with sentences():
        path = copy_out(resources.templates(), settings.root / settings.templates, name)
    click.echo(path)
