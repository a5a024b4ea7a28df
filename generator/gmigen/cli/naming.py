"""`gmigen names`: the ledger of names, and settling it after a merge."""

from __future__ import annotations

import click

from ..settings import Settings
from ..text.prose import line
from .configured import configured, waiting
from .exits import sentences


@click.command()
@configured
@click.option("--settle", "settling", is_flag=True, help="Mend it: what is published stays.")
@click.option("--keep", metavar="ID", multiple=True, help="Who keeps a name that several want.")
def names(settings: Settings, settling: bool, keep: tuple[str, ...]) -> None:
    """Show every name that was given: the id, the module, the class.

    --settle makes one ledger of the two sides of a merge, of one in which two things bear one
    name, or, where it is lost, of the emitted package. Nothing that is published is renamed.
    """
    from .. import disk
    from ..build import emitted_modules
    from ..catalog.snapshot import read_ledger
    from ..naming import ledger
    from ..naming.emitted import read_back
    from ..naming.settle import settle, sides

    with sentences():
        place = settings.snapshot_folder / ledger.FILE
        if settling:
            with disk.held([settings.snapshot_folder], waiting):
                content = disk.read(place, ledger.MAX_BYTES) or b""
                known = sides(content.decode("utf-8", "replace"))
                settled = settle(known, read_back(emitted_modules(settings)).ledger, keep)
                disk.write_file(place, ledger.dump(settled).encode("ascii"))
            renamed = sorted({m for side in known for m in side.models} - settled.models.keys())
            for model_id in renamed:
                click.echo(f"{line(model_id, 120)} is named anew by the next generate.")
        shown = read_ledger(settings.snapshot_folder)
    for model_id, given in sorted(shown.models.items() if shown else ()):
        click.echo(f"{line(model_id, 120)}  {given.module}  {given.request.cls}")
