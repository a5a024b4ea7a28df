"""`gmigen`: parse, call, print, exit code. No logic lives here."""

from __future__ import annotations

import datetime
import sys
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from functools import wraps
from pathlib import Path
from typing import Any, TypeVar

import click

from .. import __version__
from ..problems import Problem
from ..settings import Settings, SettingsError, load
from ..text.prose import line
from .exits import INCOMPLETE, NO, USAGE, fail, sentences

Command = TypeVar("Command", bound=Callable[..., Any])


@click.group(context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100})
@click.version_option(__version__, prog_name="gmigen")
def main() -> None:
    """Typed Python requests for the models on GMI Cloud's inference queue.

    fetch takes a snapshot of the catalogue; generate, check and diff work from the snapshot and
    never touch the network. Settings are read from [tool.gmigen] in ./pyproject.toml.
    """


def _configured(command: Command) -> Command:
    """Give a command the settings: `[tool.gmigen]`, overridden by flags."""

    @click.option("--package", metavar="NAME", help="Import name of the emitted package.")
    @click.option("--output", metavar="DIR", help="Folder the package is written into.")
    @click.option("--docs", metavar="DIR", help="Folder the pages are written into.")
    @click.option("--snapshot", metavar="DIR", help="Folder of the snapshot.")
    @click.option("--include", metavar="GLOB", multiple=True, help="Models wanted (repeatable).")
    @click.option("--exclude", metavar="GLOB", multiple=True, help="Models left out (repeatable).")
    @click.option("--templates", metavar="DIR", help="Templates that replace bundled ones.")
    @click.option("--overlays", metavar="DIR", help="Corrections of what the API says.")
    @click.option("--strict/--no-strict", default=None, help="Write nothing on any warning.")
    @wraps(command)
    def configured(**given: Any) -> Any:
        flags = {name: given.pop(name) for name in _FLAGS}
        return command(settings=_settings(flags), **given)

    return configured  # type: ignore[return-value]  # click's options keep the signature opaque


_FLAGS = (
    "package",
    "output",
    "docs",
    "snapshot",
    "include",
    "exclude",
    "templates",
    "overlays",
    "strict",
)


@main.command()
@_configured
@click.option("--jobs", default=8, show_default=True, type=click.IntRange(1, 64))
@click.option("--allow-shrink", is_flag=True, help="Accept a catalogue that lost many models.")
@click.option(
    "--from-dir",
    type=click.Path(exists=True, file_okay=False, path_type=Path),
    help="Take the details from files instead of the API.",
)
@click.option("--provenance", metavar="TEXT", help="What the lock says of where they come from.")
def fetch(
    settings: Settings,
    jobs: int,
    allow_shrink: bool,
    from_dir: Path | None,
    provenance: str | None,
) -> None:
    """Take a snapshot of the catalogue (GMI_API_KEY, GMI_ORG_ID, GMI_BASE_URL)."""
    from ..catalog.fetch import collect_from_api, collect_from_folder
    from ..catalog.store import store

    with sentences():
        if from_dir is not None:
            collected = collect_from_folder(settings, from_dir)
        else:
            with _progress() as on_progress:
                collected = collect_from_api(settings, jobs=jobs, on_progress=on_progress)
        stored = store(
            settings.snapshot_folder,
            collected,
            today=datetime.datetime.now(datetime.timezone.utc).date().isoformat(),
            wants=settings.wants,
            allow_shrink=allow_shrink,
            provenance=provenance,
        )
    _report(stored.problems)
    click.echo(
        f"{len(collected.listed)} models listed: {len(stored.added)} added, "
        f"{len(stored.changed)} changed, {len(stored.removed)} removed, "
        f"{len(stored.kept_old)} kept from before."
    )
    if stored.problems:
        raise click.exceptions.Exit(INCOMPLETE)


@main.command()
@_configured
@click.option("--force", is_flag=True, help="Overwrite files that were changed by hand.")
@click.option(
    "--changelog",
    type=click.Path(dir_okay=False, path_type=Path),
    help="Add what changed since the committed snapshot to this file.",
)
def generate(settings: Settings, force: bool, changelog: Path | None) -> None:
    """Make the package and the pages from the snapshot."""
    from ..compat import as_markdown
    from ..compat.since import changes_since
    from ..publish.changelog import add

    entry = None
    if changelog is not None:
        with sentences():
            changes, date = changes_since(settings, None)
            entry = as_markdown(changes) if changes else None
    refused = _generate(settings, force)
    if changelog is not None and entry is not None:
        with sentences():
            add(changelog, date, entry)
    if refused:
        raise click.exceptions.Exit(INCOMPLETE)


def _generate(settings: Settings, force: bool) -> int:
    """Generate and say what was done; how many models were refused."""
    from ..build import build
    from ..publish.publish import publish, read_manifest

    with sentences():
        built = build(settings, old=read_manifest(settings, forgiving=force), force=force)
        _report(built.problems)
        _hold_strict(settings, built.problems)
        written = 0
        if built.files is not None:
            published = publish(settings, built.files, built.manifest, force=force)
            written = len(published.written)
            for kept in published.kept:
                click.echo(
                    f"kept {settings.place_of(kept.key)}: no longer wanted, but changed by hand"
                )
    click.echo(f"{built.models} models, {built.refused} refused; files written: {written}.")
    return built.refused


@main.command()
@_configured
@click.argument("models", nargs=-1)
def prune(settings: Settings, models: tuple[str, ...]) -> None:
    """Forget models that left the catalogue (all, or those named), and their modules."""
    from ..catalog.snapshot import LOCK, read_lock, without_removed
    from ..publish.publish import write_folder

    with sentences():
        removed = read_lock(settings.snapshot_folder).removed
        forgotten = sorted(set(models or removed) & set(removed))
        unknown = sorted(set(models) - set(removed))
        if unknown:
            fail(f"{unknown[0]} is no model that left the catalogue.", USAGE)
        if not forgotten:
            click.echo("Nothing to prune: no model left the catalogue.")
            return
        lock = without_removed(settings.snapshot_folder, forgotten)
        write_folder(settings.snapshot_folder, {LOCK: lock.encode("utf-8")})
    click.echo(f"Forgotten: {', '.join(line(model, 120) for model in forgotten)}.")
    if _generate(settings, force=False):
        raise click.exceptions.Exit(INCOMPLETE)


@main.command()
@_configured
@click.argument("old", required=False)
@click.option(
    "--format",
    "form",
    type=click.Choice(["text", "json", "markdown"]),
    default="text",
    show_default=True,
)
@click.option("--exit-code", is_flag=True, help="End with 1 when anything changed.")
def diff(settings: Settings, old: str | None, form: str, exit_code: bool) -> None:
    """Say what changed since OLD: a snapshot folder or a git revision (default: HEAD).

    Each change is breaking or compatible for code that uses the request classes.
    """
    from ..compat import as_json, as_markdown, as_text
    from ..compat.since import changes_since

    with sentences():
        changes, _ = changes_since(settings, old)
    click.echo({"text": as_text, "json": as_json, "markdown": as_markdown}[form](changes))
    if exit_code and changes:
        raise click.exceptions.Exit(NO)


@main.group()
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
@_configured
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


@main.command()
@_configured
def check(settings: Settings) -> None:
    """Say whether generate would change anything, and why."""
    from ..build import build
    from ..publish.causes import explained
    from ..publish.publish import changes, read_manifest

    with sentences():
        old = read_manifest(settings)
        built = build(settings, old=old)
        found = [] if built.files is None else changes(settings, built.files, old)
    for told in explained(settings, found, old, built.manifest):
        click.echo(told)
    if found:
        count = "1 file is" if len(found) == 1 else f"{len(found)} files are"
        fail(f"{count} not as generate leaves them.", NO)
    click.echo(f"{len(built.manifest.files)} files are up to date.")


@main.command()
@_configured
@click.option("--port", default=0, help="Port of the API; 0 takes a free one.")
@click.option("--job-seconds", default=2.0, show_default=True, help="How long a job takes.")
@click.option("--key", help="Let in this key only, so that every other one is a 401.")
@click.option("--tls", is_flag=True, help="https, with a certificate made for this run.")
@click.option(
    "--accept-unknown-models", is_flag=True, help="Take models the snapshot lacks, unchecked."
)
@click.option("--coverage", is_flag=True, help="Say how well each behaviour is known, and end.")
def emulate(
    settings: Settings,
    port: int,
    job_seconds: float,
    key: str | None,
    tls: bool,
    accept_unknown_models: bool,
    coverage: bool,
) -> None:
    """Run the API on loopback, serving the snapshot: no models, no money."""
    with sentences():
        from ..catalog.serving import documents
        from ..emulator import Options
        from ..emulator.catalogue import corrections
        from ..emulator.provenance import told
        from ..emulator.serve import serve

        if coverage:
            click.echo(told())
            return
        own = settings.root / settings.overlays if settings.overlays else None
        serve(
            documents(settings.snapshot_folder),
            port=port,
            options=Options(
                job_seconds=job_seconds,
                keys=None if key is None else (key,),
                tls=tls,
                unknown_models="accept" if accept_unknown_models else "refuse",
            ),
            overlays=corrections(own if own and own.is_dir() else None),
            say=click.echo,
        )


@main.command()
@click.option(
    "--keep", type=click.Path(file_okay=False, path_type=Path), help="Work in this folder."
)
def demo(keep: Path | None) -> None:
    """Do the whole job offline: fetch, generate, import, submit, poll, download."""
    with sentences():
        from ..demo.tour import run

        run(keep, say=click.echo)


def _settings(flags: dict[str, Any]) -> Settings:
    try:
        return load(Path(), flags)
    except SettingsError as error:
        fail(str(error), USAGE)


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


def _hold_strict(settings: Settings, problems: Iterable[Problem]) -> None:
    if settings.strict and any(problem.level != "note" for problem in problems):
        fail("Nothing was written: `strict` is on and there are findings.", INCOMPLETE)


def _report(problems: Iterable[Problem]) -> None:
    for problem in problems:
        if problem.level == "note":
            continue
        place = f"{problem.model} {problem.parameter}".rstrip()
        click.echo(
            f"{problem.level} {problem.code}: {line(place, 120)}: {line(problem.message, 400)}",
            err=True,
        )
