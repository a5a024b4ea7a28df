"""The command that asks the API whether it is as believed."""

from __future__ import annotations

import click

from ..errors import NO
from ..settings import Settings
from .configured import configured
from .exits import sentences


@click.command()
@configured
@click.option(
    "--seconds",
    default=900.0,
    show_default=True,
    type=click.FloatRange(1, 7200),
    help="How long all of it may take.",
)
def conformance(settings: Settings, seconds: float) -> None:
    """Ask the API what it really does, and hold that against what is believed.

    GMI_API_KEY, GMI_ORG_ID and GMI_BASE_URL say whom. It creates no job and costs nothing; it
    sends at most 60 requests, and puts seven files of 100 bytes where uploads go.
    """
    import os

    from ..conformance.bounds import Bounds
    from ..conformance.caller import Caller
    from ..conformance.report import told
    from ..conformance.run import run
    from ..runtime.config import ORGANIZATION_VARIABLE, Secret
    from ..runtime.config import settings as client_settings

    with sentences():
        key = Secret()
        caller = Caller(client_settings(key), Bounds(seconds=seconds))
        try:
            report = run(
                caller,
                secrets=[os.environ.get(ORGANIZATION_VARIABLE, "").strip()],
                on_ask=lambda name: click.echo(f"asking: {name}", err=True),
            )
        finally:
            caller.close()
    for line in told(report):
        click.echo(line)
    if report.differs:
        raise click.exceptions.Exit(NO)
