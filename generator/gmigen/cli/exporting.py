"""The command that gives the snapshot to other languages and tools."""

from __future__ import annotations

from pathlib import Path

import click

from ..errors import INCOMPLETE
from ..settings import Settings
from .configured import configured, report
from .exits import sentences


@click.command()
@click.argument("form", type=click.Choice(["openapi", "json-schema"]))
@configured
@click.option(
    "--output-file",
    type=click.Path(dir_okay=False, path_type=Path),
    help="Write the document here instead of printing it.",
)
def export(settings: Settings, form: str, output_file: Path | None) -> None:
    """Give the snapshot to other languages: as OpenAPI 3.1, or as JSON Schema.

    --include and --exclude choose the models.
    """
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
