# fmt: off
# isort: skip_file
# ruff: noqa
"""`gmi`: parse, call, print, exit code. No logic lives here."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, TypeVar

import click

from .cli_endings import EXIT_CODES, Work, endings
from .cli_output import job_document, moment, note, out, out_json
from .cli_setup import client
from .version import VERSION

Command = TypeVar("Command", bound=Callable[..., Any])

_EPILOG = f"""\
GMI_API_KEY holds the key, GMI_ORG_ID the organisation if there are several, GMI_BASE_URL another
address of the API. Submissions are noted, without their payload, in a file only you can read;
GMI_JOURNAL=off switches that off, GMI_JOURNAL=PATH moves it.

{EXIT_CODES}"""

as_json = click.option("--json", "as_json", is_flag=True, help="JSON on stdout, and nothing else.")
output = click.option(
    "-o",
    "--output",
    metavar="PATH",
    help="Save here: a file, or a folder (one that exists, ends in / or has no extension).",
)
timeout = click.option(
    "--timeout",
    metavar="SECONDS",
    type=click.FloatRange(min=0),
    help="How long to wait, 1800 if not said; inf for ever. The job goes on without you.",
)


def takes_values(command: Command) -> Command:
    """Give a command the model and the values of a request."""
    values = click.argument("values", metavar="[NAME=VALUE]...", nargs=-1)
    return click.argument("model")(values(command))


@click.group(
    context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100},
    epilog=_EPILOG,
)
@click.version_option(VERSION, prog_name="gmi")
def gmi() -> None:
    """Submit requests to GMI Cloud's inference queue, wait for them, and save what they made."""


_VALUES = """

A value is read the way the model takes it:

\b
  prompt="a boat"    a text, number, true, false or null
  image=@first.png   a local file, which is uploaded
  image=@a image=@b  a list
  shots:='[1, 2]'    JSON; in it, "@first.png" is a file where the model takes one

`gmi models MODEL` tells what a model takes.
"""


@gmi.command(help=f"Submit a request, wait for it, and save or print what it made.{_VALUES}")
@takes_values
@output
@timeout
@as_json
def run(
    model: str, values: tuple[str, ...], output: str | None, timeout: float | None, as_json: bool
) -> None:
    with _ending(as_json, model, output) as work:
        from .cli_request import read_request
        from .cli_results import check_output, finish
        from .cli_submission import submit

        check_output(output)
        request = read_request(model, values)
        with client(submits=True) as api:
            finish(submit(api, request, work), work, timeout)


@gmi.command(help=f"Submit a request and print the id of its job, without waiting.{_VALUES}")
@takes_values
@as_json
def submit(model: str, values: tuple[str, ...], as_json: bool) -> None:
    with _ending(as_json, model) as work:
        from .cli_request import read_request
        from .cli_submission import submit

        request = read_request(model, values)
        with client(submits=True) as api:
            job = submit(api, request, work)
        if as_json:
            out_json(job_document(job))
        else:
            out(job.id)


@gmi.command()
@click.argument("id")
@as_json
def status(id: str, as_json: bool) -> None:
    """Ask once how a job is, and print one word.

    A failed job is an answer too: the exit code is 0.
    """
    with _ending(as_json), client() as api:
        from .record import failure

        job = api.jobs.get(id)
        if as_json:
            out_json(job_document(job))
            return
        out(job.status)
        if job.record is not None and (reason := failure(job.record)[0]) and job.record.ended:
            note(reason)


@gmi.command()
@click.argument("id")
@output
@timeout
@as_json
def wait(id: str, output: str | None, timeout: float | None, as_json: bool) -> None:
    """Wait for a job submitted before, and save or print what it made."""
    with _ending(as_json, output=output) as work:
        from .cli_results import check_output, finish

        check_output(output)
        with client() as api:
            work.job = job = api.job(id)
            finish(job, work, timeout)


@gmi.command()
@click.option("--model", metavar="ID", help="Only jobs of this model.")
@click.option("--limit", default=20, show_default=True, type=click.IntRange(1))
@as_json
def jobs(model: str | None, limit: int, as_json: bool) -> None:
    """List jobs of the organisation.

    The columns are id, status, time of submission and model.
    """
    with _ending(as_json), client() as api:
        for job in api.jobs.list(model, limit=limit):
            if as_json:
                out_json(job_document(job))
            else:
                created = job.record.created_at if job.record else None
                out(job.id, job.status, moment(created), job.model)


@gmi.command()
@click.argument("file", type=click.Path(path_type=Path))
@as_json
def upload(file: Path, as_json: bool) -> None:
    """Upload a local file and print its public URL.

    The URL can be used in any number of requests.
    """
    with _ending(as_json):
        from .cli_request import check_files

        check_files({"file": file})
        with client() as api:
            url = api.upload(file)
        if as_json:
            out_json({"url": url})
        else:
            out(url)


@gmi.command()
@click.argument("id", required=False)
@as_json
def models(id: str | None, as_json: bool) -> None:
    """List the models, or tell what one takes and costs.

    A model this package has a request class for is told without asking the API.
    """
    with _ending(as_json):
        from .cli_models import tell_class, tell_details

        if id is None:
            with client() as api:
                ids = api.models.list()
            if as_json:
                out_json(ids)
            for listed in () if as_json else ids:
                out(listed)
        elif not tell_class(id, as_json):
            with client() as api:
                tell_details(api, id, as_json)


@contextmanager
def _ending(as_json: bool, model: str = "", output: str | None = None) -> Iterator[Work]:
    work = Work(as_json=as_json, model=model, output=output)
    with endings(work):
        yield work
