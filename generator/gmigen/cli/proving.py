"""The command that asks the API whether it is as believed."""

from __future__ import annotations

import math
from pathlib import Path
from typing import TYPE_CHECKING

import click

from ..errors import NO
from ..settings import Settings
from .configured import configured
from .exits import sentences

if TYPE_CHECKING:
    from ..conformance.buying import Spend
    from ..conformance.run import Report


@click.command()
@configured
@click.option(
    "--seconds",
    default=900.0,
    show_default=True,
    type=click.FloatRange(1, 7200),
    help="How long all of it may take.",
)
@click.option(
    "--into",
    type=click.Path(exists=True, file_okay=False, path_type=Path),
    default=".",
    help="The folder the recording is written into.",
)
@click.option(
    "--spend",
    metavar="USD",
    type=click.FloatRange(0, 100, min_open=True),
    callback=lambda context, option, value: _amount(value),
    help="Also buy the cheapest job that costs this at most, and follow it. Nothing unless given.",
)
@click.option("--review", is_flag=True, help="Print the recording, and ask before it is kept.")
def conformance(
    settings: Settings, seconds: float, into: Path, spend: float | None, review: bool
) -> None:
    """Ask the API what it really does, and hold that against what is believed.

    GMI_API_KEY, GMI_ORG_ID and GMI_BASE_URL say whom. It creates no job and costs nothing unless
    --spend says how much it may. It sends at most 60 requests, and puts files of 100 bytes where
    uploads go. What it found is kept in conformance-DATE.json, without keys, ids, prompts and
    addresses.
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
                spend=None if spend is None else _may_buy(settings, spend),
                secrets=[os.environ.get(ORGANIZATION_VARIABLE, "").strip()],
                on_ask=lambda name: click.echo(f"asking: {name}", err=True),
            )
        finally:
            caller.close()
    for line in told(report):
        click.echo(line)
    with sentences():
        _keep(report, into, review)
    if report.differs:
        raise click.exceptions.Exit(NO)


def _amount(value: float | None) -> float | None:
    if value is not None and math.isnan(value):
        raise click.BadParameter("an amount in US dollars is a number, such as 0.05.")
    return value


def _may_buy(settings: Settings, limit: float) -> Spend:
    from decimal import Decimal

    from .. import resources
    from ..catalog.models import read_all
    from ..catalog.overlays import read_overlays
    from ..catalog.snapshot import load
    from ..conformance.buying import Spend
    from ..pricing import files as prices

    folder = settings.snapshot_folder
    claims = prices.read_all(settings.overlays_folder)[0]
    source = load(folder if folder.is_dir() else resources.snapshot())
    models = read_all(source, read_overlays(settings)[0], settings, claims=claims).models
    return Spend(Decimal(str(limit)), models, claims)


def _keep(report: Report, folder: Path, review: bool) -> None:
    import datetime

    from .. import disk
    from ..beliefs.recording import written
    from ..conformance.keeping import place, recorded

    date = datetime.datetime.now(datetime.timezone.utc).date().isoformat()
    content = written(recorded(report, date))
    if review:
        click.echo(content.decode())
        try:
            kept = click.confirm("Keep it?", default=False)
        except click.Abort:  # nobody is there to ask
            kept = False
        if not kept:
            click.echo("It was not kept.")
            return
    path = place(folder, date)
    disk.write_file(path, content)
    click.echo(f"Kept in {path}. Look at it before you send it to anybody.")
