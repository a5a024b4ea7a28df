"""The commands that show what is known to other tools and people."""

from __future__ import annotations

import click

from ..settings import Settings
from .configured import configured, recordings_of
from .exits import sentences


@click.group()
def export() -> None:
    """What is known, as documents."""


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
