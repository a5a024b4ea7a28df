"""The commands that give what is known to other languages, tools and people."""

from __future__ import annotations

from pathlib import Path

import click

from ..errors import INCOMPLETE
from ..settings import Settings
from .configured import configured, recordings_of, report
from .exits import sentences

_TO_A_FILE = click.option(
    "--output-file",
    type=click.Path(dir_okay=False, path_type=Path),
    help="Write the document here instead of printing it.",
)


@click.group()
def export() -> None:
    """What is known, as documents."""


@export.command()
@configured
@_TO_A_FILE
def openapi(settings: Settings, output_file: Path | None) -> None:
    """The snapshot as OpenAPI 3.1; --include and --exclude choose the models."""
    _export(settings, "openapi", output_file)


@export.command("json-schema")
@configured
@_TO_A_FILE
def json_schema(settings: Settings, output_file: Path | None) -> None:
    """The snapshot as JSON Schema; --include and --exclude choose the models."""
    _export(settings, "json-schema", output_file)


@export.command()
@configured
@click.option(
    "--format",
    "form",
    type=click.Choice(["markdown", "json"]),
    default="markdown",
    show_default=True,
)
def wire(settings: Settings, form: str) -> None:
    """Print the API as it is believed to be: endpoints, records, refusals, rules, each with how
    well it is known and by whom."""
    from ..beliefs.document import as_json, as_markdown

    with sentences():
        make = as_json if form == "json" else as_markdown
        click.echo(make(recordings_of(settings)))


def _export(settings: Settings, form: str, output_file: Path | None) -> None:
    from ..disk import write_file
    from ..export.export import export as made

    with sentences():
        text, refused = made(settings, form)
        if output_file is None:
            click.echo(text, nl=False)
        else:
            write_file(output_file, text.encode("ascii"))
    report(refused)
    if refused:
        raise click.exceptions.Exit(INCOMPLETE)
