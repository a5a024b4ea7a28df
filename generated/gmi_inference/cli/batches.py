# fmt: off
# isort: skip_file
# ruff: noqa
"""`gmi batch`: thousands of requests that survive crashes."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

import click

from ..batch import NEEDED
from ..runtime.errors import InvalidRequestError
from .endings import FAILED, INTERRUPTED, UNSETTLED, USAGE, Work, endings
from .output import is_terminal, note, out, out_json
from .parameters import as_json
from .setup import _warnings as warnings_shown
from .words import command, said_of

if TYPE_CHECKING:
    from ..batch.summary import Summary

Function = TypeVar("Function", bound=Callable[..., Any])

_FOLDER = click.option(
    "-o",
    "--output",
    "folder",
    metavar="DIR",
    default=".",
    type=click.Path(path_type=Path, file_okay=False),
    help="The folder of the batch: its files, its manifest, and its database unless named.",
)
_URL = click.option(
    "--database-url",
    metavar="URL",
    envvar="GMI_BATCH_DATABASE_URL",
    help="A PostgreSQL that several machines share: postgresql://USER@HOST/DATABASE. "
    "GMI_BATCH_DATABASE_URL says it out of sight.",
)
_NAME = click.option(
    "--name", default="batch", show_default=True, help="Which batch of that database."
)
_BUDGET = click.option(
    "--budget", metavar="USD", help="What the whole batch may cost, by estimates."
)
_CONCURRENCY = click.option(
    "--concurrency",
    type=click.IntRange(1, 200),
    help="Requests of one model under way on one machine, 16 if not said.",
)


def _common(function: Function) -> Function:
    for option in (as_json, _NAME, _URL, _FOLDER):
        function = option(function)
    return function


@click.group()
def batch() -> None:
    """Run thousands of requests that survive crashes: each paid once, each result kept once.

    What was done is kept in the folder of the batch, or in a PostgreSQL that machines share. It
    may be killed at any moment; `resume` goes on.
    """


@batch.command()
@click.argument("file", type=click.Path(path_type=Path))
@click.option("--model", metavar="ID", help="The model of lines that name none.")
@click.option("--set", "sets", metavar="NAME=TEXT", multiple=True, help="For a table: {column}.")
@click.option("--key", metavar="TEXT", help="For a table: the key of a row, as {column}.")
@_BUDGET
@click.option("--allow-unknown-cost", is_flag=True, help="Under a budget, count the least.")
@click.option("--dedupe", is_flag=True, help="Pay once for requests that are identical.")
@click.option("--unchecked", is_flag=True, help="Submit what this package refuses, as it is.")
@_CONCURRENCY
@_common
def run(
    file: Path, model: str | None, sets: tuple[str, ...], key: str | None, as_json: bool, **how: Any
) -> None:
    """Submit every request of a file once, wait for all, and save what they made.

    Each line is an object: {"model": "Veo3", "payload": {"prompt": "a boat"}}, with a "key" of
    yours and a "priority" if you like. A table (.csv) needs --model and --set prompt={column}.
    Every line is checked before any is submitted. The same file again does what is missing.
    """
    with _ending(as_json) as work:
        from ..batch.api import Template
        from ..batch.api import run as run_batch

        template = Template(model, sets, key)
        how = {name: value for name, value in how.items() if value is not None}
        _tell(run_batch(file, template=template, say=_say, tell=_live(), **how), work)


@batch.command()
@_BUDGET
@click.option(
    "--submit-unknown",
    is_flag=True,
    help="Submit again what may have been paid, at a possible second charge each.",
)
@_CONCURRENCY
@_common
def resume(as_json: bool, **how: Any) -> None:
    """Go on with a batch: submit what was held, fetch what is paid, look for what may be.

    What may have been paid is not submitted again.
    """
    with _ending(as_json) as work:
        from ..batch.api import resume as resume_batch

        _tell(resume_batch(say=_say, tell=_live(), **how), work)


@batch.command()
@_common
def work(as_json: bool, **how: Any) -> None:
    """Help with a batch that is run: from another machine, or another process. Ends with it."""
    with _ending(as_json) as told:
        from ..batch.api import work as work_batch

        _tell(work_batch(say=_say, tell=_live(), **how), told)


@batch.command()
@_common
def status(as_json: bool, **how: Any) -> None:
    """Tell how a batch stands. Nobody is asked, and nothing is changed."""
    with _ending(as_json) as work:
        from ..batch.api import status as status_of

        _show(status_of(**how), work)


@batch.command()
@_common
def report(as_json: bool, **how: Any) -> None:
    """Write manifest.jsonl anew, and tell how a batch stands and what a person has to decide."""
    with _ending(as_json) as work:
        from ..batch.api import report as report_of

        _show(report_of(**how), work)


@batch.command("cancel-rest")
@_common
def cancel_rest(as_json: bool, **how: Any) -> None:
    """Take out what was not submitted yet. Jobs that run go on: the API cannot cancel them."""
    with _ending(as_json) as work:
        from ..batch.api import cancel_rest as cancel

        _show(cancel(**how), work)


@contextmanager
def _ending(as_json: bool) -> Iterator[Work]:
    told = Work(as_json=as_json)
    with endings(told), warnings_shown():
        try:
            yield told
        except ModuleNotFoundError as missing:
            if missing.name not in NEEDED:
                raise
            needed = f"This needs {missing.name}: pip install 'gmi-inference[batch]'"
            raise click.UsageError(needed) from None
        except KeyboardInterrupt:
            note(f"gmi: Interrupted. Nothing is lost; go on with: {_way_back()}")
            raise click.exceptions.Exit(INTERRUPTED) from None
        except InvalidRequestError as error:
            # A file may have more faults than an error tells by itself; each has its line.
            if as_json:
                raise
            for fault in getattr(said_of(error), "faults", ()):
                note(f"gmi: {fault}")
            raise click.exceptions.Exit(USAGE) from None


def _way_back() -> str:
    given = click.get_current_context().params
    named = ["--name", given["name"]] if given["name"] != "batch" else []
    return command("batch", "resume", "-o", str(given["folder"]), *named)


def _say(sentence: str) -> None:
    note(f"gmi: {sentence}")


def _live() -> Callable[[Mapping[str, int]], None]:
    """Tells the counts: one line that is written over on a terminal, else when they change much."""
    last: dict[str, Any] = {}

    def tell(counts: Mapping[str, int]) -> None:
        line = ", ".join(f"{many} {state}" for state, many in sorted(counts.items()))
        if is_terminal(sys.stderr):
            click.echo(f"\r\033[K{line}", nl=False, err=True)
            return
        ended, every = counts.get("done", 0), max(sum(counts.values()) // 10, 1)
        if last.get("tenth") != ended // every:
            last["tenth"] = ended // every
            note(f"gmi: {line}")

    return tell


def _tell(found: Summary, work: Work) -> None:
    """What became of it, and the exit code that says whether anything is open."""
    if is_terminal(sys.stderr):
        click.echo(err=True)
    _show(found, work)
    if not found.done:
        raise click.exceptions.Exit(UNSETTLED)
    if found.states.get("failed") or found.states.get("refused"):
        raise click.exceptions.Exit(FAILED)


def _show(found: Summary, work: Work) -> None:
    if work.as_json:
        out_json(found.document())
        return
    for line in found.lines():
        out(line)
    for one in found.undecided:
        out("undecided", f"line {one['line']}", one["model"], one["told"] or "")
