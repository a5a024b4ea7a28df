"""`gmigen`: parse, call, print, exit code. No logic lives in this room."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import click

from .. import __version__
from ..settings import Settings
from .asking import check, diff, templates
from .configured import configured, recordings_of
from .exits import sentences
from .exporting import export
from .making import fetch, generate, prune
from .naming import names
from .proving import conformance


@click.group(context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100})
@click.version_option(__version__, prog_name="gmigen")
def main() -> None:
    """Typed Python requests for the models on GMI Cloud's inference queue.

    fetch takes a snapshot of the catalogue; generate, check and diff work from the snapshot and
    never touch the network. Settings are read from [tool.gmigen] in the nearest pyproject.toml.
    """


for command in (fetch, generate, check, diff, export, prune, names, templates, conformance):
    main.add_command(command)


@main.command()
@configured
@click.option("--port", default=0, help="Port of the API; 0 takes a free one.")
@click.option("--job-seconds", default=2.0, show_default=True, help="How long a job takes.")
@click.option("--key", help="Let in this key only, so that every other one is a 401.")
@click.option("--tls", is_flag=True, help="https, with a certificate made for this run.")
@click.option(
    "--accept-unknown-models", is_flag=True, help="Take models the snapshot lacks, unchecked."
)
@click.option(
    "--like",
    type=click.Path(path_type=Path),
    help="Behave as this recording of `gmigen conformance` says, wherever it says something.",
)
@click.option("--coverage", is_flag=True, help="Say how well each behaviour is known, and end.")
def emulate(
    settings: Settings,
    port: int,
    job_seconds: float,
    key: str | None,
    tls: bool,
    accept_unknown_models: bool,
    like: Path | None,
    coverage: bool,
) -> None:
    """Run the API on loopback, serving the snapshot: no models, no money.

    Without a snapshot, the one that came with gmigen is served.
    """
    with sentences():
        from .. import resources
        from ..beliefs.marks import told
        from ..catalog.lock import read_lock
        from ..catalog.snapshot import documents
        from ..emulator import Options
        from ..emulator.catalogue import corrections
        from ..emulator.serve import serve
        from ..pricing.files import read_all

        if coverage:
            click.echo("\n".join(told(recordings_of(settings))))
            return
        folder = settings.snapshot_folder
        if not folder.is_dir():
            click.echo(f"There is no snapshot in {folder}: serving the one that came with gmigen.")
            folder = resources.snapshot()
        own = settings.overlays_folder
        recorded = {} if like is None else _recorded(like)
        serve(
            documents(folder),
            port=port,
            options=Options(
                job_seconds=job_seconds,
                keys=None if key is None else (key,),
                tls=tls,
                unknown_models="accept" if accept_unknown_models else "refuse",
                **recorded,
            ),
            overlays=corrections(own if own and own.is_dir() else None),
            claims=read_all(own)[0],
            date=read_lock(folder).source.date,
            say=click.echo,
        )


def _recorded(path: Path) -> dict[str, Any]:
    from ..beliefs.recording import read
    from ..conformance.likeness import options

    recording = read(path)
    click.echo(f"Behaving as recorded on {recording.date} of {recording.of}, where that says how.")
    return options(recording)


@main.command()
@click.option(
    "--keep", type=click.Path(file_okay=False, path_type=Path), help="Work in this folder."
)
def demo(keep: Path | None) -> None:
    """Do the whole job offline: fetch, generate, import, submit, poll, download."""
    with sentences():
        from ..demo.extras import require

        require()
        from ..demo.tour import run

        run(keep, say=click.echo)
