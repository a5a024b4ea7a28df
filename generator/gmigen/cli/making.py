"""The commands that write: fetch, generate, prune."""

from __future__ import annotations

import datetime
import sys
from collections.abc import Callable, Collection, Iterator
from contextlib import contextmanager
from pathlib import Path

import click

from ..errors import INCOMPLETE, USAGE
from ..settings import Settings
from ..text.prose import line
from .configured import configured, hold_strict, report, waiting
from .exits import fail, sentences


@click.command()
@configured
@click.option("--jobs", default=8, show_default=True, type=click.IntRange(1, 64))
@click.option("--allow-shrink", is_flag=True, help="Accept a catalogue that lost many models.")
@click.option(
    "--max-models",
    default=5000,
    show_default=True,
    type=click.IntRange(1),
    help="Refuse a catalogue that lists more.",
)
@click.option(
    "--from-dir",
    type=click.Path(exists=True, file_okay=False, path_type=Path),
    help="Take the details from files instead of the API.",
)
@click.option("--bundled", is_flag=True, help="Take the snapshot that came with gmigen.")
@click.option("--provenance", metavar="TEXT", help="What the lock says of where they come from.")
def fetch(
    settings: Settings,
    jobs: int,
    allow_shrink: bool,
    max_models: int,
    from_dir: Path | None,
    bundled: bool,
    provenance: str | None,
) -> None:
    """Take a snapshot of the catalogue (GMI_API_KEY, GMI_ORG_ID, GMI_BASE_URL)."""
    from .. import disk
    from ..catalog.fetch import collect_bundled, collect_from_api, collect_from_folder
    from ..catalog.store import store

    with sentences():
        if bundled:
            collected = collect_bundled(settings)
        elif from_dir is not None:
            collected = collect_from_folder(settings, from_dir)
        else:
            with _progress() as on_progress:
                collected = collect_from_api(
                    settings, jobs=jobs, most=max_models, on_progress=on_progress
                )
        with disk.held([settings.snapshot_folder], waiting):
            stored = store(
                settings.snapshot_folder,
                collected,
                today=datetime.datetime.now(datetime.timezone.utc).date().isoformat(),
                wants=settings.wants,
                allow_shrink=allow_shrink,
                provenance=provenance,
            )
    report(stored.problems)
    click.echo(
        f"{len(collected.listed)} models listed: {len(stored.added)} added, "
        f"{len(stored.changed)} changed, {len(stored.removed)} removed, "
        f"{len(stored.kept_old)} kept from before."
    )
    if stored.problems:
        raise click.exceptions.Exit(INCOMPLETE)


@click.command()
@configured
@click.option("--force", is_flag=True, help="Overwrite files that were changed by hand.")
@click.option(
    "--changelog",
    type=click.Path(dir_okay=False, path_type=Path),
    help="Add what changed since the committed snapshot to this file.",
)
def generate(settings: Settings, force: bool, changelog: Path | None) -> None:
    """Make the package and the pages from the snapshot."""
    entry = None
    if changelog is not None:
        from ..compat.since import entry_since

        with sentences():
            entry = entry_since(settings, say=lambda told: click.echo(line(told, 600), err=True))
    refused = _generate(settings, force)
    if changelog is not None and entry is not None:
        from ..publish.changelog import add

        with sentences():
            add(changelog, entry.date, entry.notes)
    if refused:
        raise click.exceptions.Exit(INCOMPLETE)


@click.command()
@configured
@click.argument("models", nargs=-1)
def prune(settings: Settings, models: tuple[str, ...]) -> None:
    """Forget models that left the catalogue (all, or those named), and their modules."""
    from .. import disk
    from ..catalog.lock import read_lock
    from ..catalog.prune import forget
    from ..catalog.snapshot import read_ledger

    with sentences():
        folder = settings.snapshot_folder
        lock, ledger = read_lock(folder), read_ledger(folder)
        lost = set(ledger.models if ledger else ()) - lock.files.keys()
        forgotten = sorted(set(models or lock.removed) & {*lock.removed, *lost})
        unknown = sorted(set(models) - {*lock.removed, *lost})
        if unknown:
            fail(f"{unknown[0]} is no model that left the catalogue.", USAGE)
        if not forgotten:
            click.echo("Nothing to prune: no model left the catalogue.")
            return
        with disk.held([folder], waiting):
            forget(folder, forgotten)
    click.echo(f"Forgotten: {', '.join(line(model, 120) for model in forgotten)}.")
    if _generate(settings, force=False, forget=forgotten):
        raise click.exceptions.Exit(INCOMPLETE)


def _generate(settings: Settings, force: bool, forget: Collection[str] = ()) -> int:
    """Generate and say what was done; how many models were refused."""
    from .. import disk
    from ..build import build
    from ..publish.publish import publish

    with sentences(), disk.held(settings.folders.values(), waiting):
        built = build(settings, force=force, forget=forget)
        report(built.problems)
        hold_strict(settings, built.problems)
        published = publish(settings, built.wanted, force=force)
    for kept in published.kept:
        place = settings.place_of(kept.key)
        click.echo(f"kept {place}: no longer wanted, but changed by hand")
    for key in built.wanted.kept:
        if key[0] == "package":
            click.echo(f"kept {settings.place_of(key)}: its model cannot be made now")
    written = len(published.written)
    click.echo(f"{built.models} models, {built.refused} refused; files written: {written}.")
    return built.refused


@contextmanager
def _progress() -> Iterator[Callable[[int, int], None]]:
    """A bar on a terminal, nothing elsewhere."""
    if not sys.stderr.isatty():
        yield lambda done, total: None
        return
    with click.progressbar(length=1, label="Fetching", file=sys.stderr) as bar:

        def on_progress(done: int, total: int) -> None:
            bar.length = total
            bar.update(done - bar.pos)

        yield on_progress
