# fmt: off
# isort: skip_file
# ruff: noqa
"""`gmi`: parse, call, print, exit code. No logic lives here."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import click

from ..runtime.version import VERSION
from .batches import batch
from .endings import EXIT_CODES, Work, endings
from .output import job_document, moment, note, out, out_json
from .parameters import (
    ModelCommand,
    Program,
    as_json,
    brings_files,
    complete_kinds,
    complete_models,
    quiet,
    takes_values,
    timeout,
)
from .setup import client, has_key

_EPILOG = f"""\
GMI_API_KEY holds the key, GMI_ORG_ID the organisation if there are several, GMI_BASE_URL another
address of the API. Submissions are noted, without their payload, in a file only you can read;
GMI_JOURNAL=off switches that off, GMI_JOURNAL=PATH moves it.

Completion in bash: eval "$(_GMI_COMPLETE=bash_source gmi)"; zsh_source and fish_source are there,
too.

{EXIT_CODES}"""


@click.group(
    cls=Program,
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
  prompt=@words.txt  the text in a file; prompt=- is that on standard input
  image=@first.png   a local file, which is uploaded, where the model takes one
  image=@a image=@b  a list
  shots:='[1, 2]'    JSON; in it, "@first.png" is a file where the model takes one

With the name of a model, --help tells what it takes; so does the command models.
"""


@gmi.command(
    cls=ModelCommand,
    help=f"Submit a request, wait for it, and save or print what it made.{_VALUES}",
)
@takes_values
@brings_files
@timeout
@click.option("--emulate", is_flag=True, help="Run it on an emulator, which costs nothing.")
@quiet
@as_json
def run(**given: Any) -> None:
    from .running import Asked, run

    with _ending(given["as_json"], given["model"], given["output"]) as work:
        run(Asked.of(given), work)


@gmi.command(
    cls=ModelCommand,
    help=f"Submit a request and print the id of its job, without waiting.{_VALUES}",
)
@takes_values
@quiet
@as_json
def submit(**given: Any) -> None:
    from .running import Asked, submit

    with _ending(given["as_json"], given["model"]) as work:
        submit(Asked.of(given), work)


@gmi.command()
@click.argument("id")
@as_json
def status(id: str, as_json: bool) -> None:
    """Ask once how a job is, and print one word.

    A failed job is an answer too: the exit code is 0.
    """
    with _ending(as_json), client() as api:
        from ..runtime.records import failure

        job = api.jobs.get(id)
        if as_json:
            out_json(job_document(job))
            return
        out(job.status)
        if job.record is not None and (reason := failure(job.record)[0]) and job.record.ended:
            note(reason)


@gmi.command()
@click.argument("id")
@brings_files
@timeout
@quiet
@as_json
def wait(id: str, **given: Any) -> None:
    """Wait for a job submitted before, and save or print what it made."""
    from .running import Asked, wait

    with _ending(given["as_json"], output=given["output"]) as work:
        wait(id, Asked.of(given), work)


@gmi.command()
@as_json
def resume(as_json: bool) -> None:
    """List the jobs of the journal whose end nobody saw; nothing is asked or submitted.

    The columns are id, time of submission and model.
    """
    with _ending(as_json), client(goes_on=True) as api:
        from .recovery import tell_open

        tell_open(api.resume(), as_json)


@gmi.command()
@click.argument("attempt", required=False)
@as_json
def reconcile(attempt: str | None, as_json: bool) -> None:
    """Look in the job list for what submissions became whose answer never came.

    The columns are the id of the attempt, one, several or none, and the ids of the jobs it may be.
    Nothing is submitted. The exit code is 3 where that leaves a question open.
    """
    with _ending(as_json):
        from .recovery import settle

        with client(goes_on=True) as api:
            settle(api.resume(), attempt, as_json)


@gmi.command()
@click.option(
    "--model", metavar="ID", shell_complete=complete_models, help="Only jobs of this model."
)
@click.option("--limit", default=20, show_default=True, type=click.IntRange(1))
@as_json
def jobs(model: str | None, limit: int, as_json: bool) -> None:
    """List jobs of the organisation.

    The columns are id, status, time of submission and model.
    """
    with _ending(as_json), client() as api:
        from .classes import meant
        from .tables import tell_rows

        known = meant(model) if model else None
        found = api.jobs.list(known.MODEL_ID if known else model, limit=limit)
        if as_json:
            for job in found:
                out_json(job_document(job))
            return
        tell_rows(
            ("ID", "STATUS", "SUBMITTED", "MODEL"),
            (
                (
                    job.id,
                    job.status,
                    moment(job.record.created_at if job.record else None),
                    job.model,
                )
                for job in found
            ),
        )


@gmi.command()
@click.argument("file", type=click.Path(path_type=Path))
@quiet
@as_json
def upload(file: Path, as_json: bool) -> None:
    """Upload a local file and print its public URL.

    The URL can be used in any number of requests.
    """
    with _ending(as_json):
        from .progress import show
        from .request import check_files

        check_files({"file": file})
        with client() as api, show().transfer(f"uploading {file.name}") as progress:
            url = api.upload(file, on_progress=progress)
        if as_json:
            out_json({"url": url})
        else:
            out(url)


@gmi.command()
@click.argument("words", metavar="[ID | WORD...]", nargs=-1, shell_complete=complete_models)
@click.option(
    "--takes",
    multiple=True,
    shell_complete=complete_kinds,
    help="Only models that take text, image, video or audio.",
)
@click.option(
    "--gives", shell_complete=complete_kinds, help="Only models that give image, video or audio."
)
@click.option(
    "--max-price",
    type=click.FloatRange(min=0),
    metavar="USD",
    help="Only models whose smallest request costs no more, by what is published.",
)
@as_json
def models(
    words: tuple[str, ...],
    takes: tuple[str, ...],
    gives: str | None,
    max_price: float | None,
    as_json: bool,
) -> None:
    """List the models, tell what one takes and costs, or search for some.

    The columns are id, what goes in, what comes out, and the price, as far as this package knows
    them. A model it has a request class for is told without asking the API.
    """
    with _ending(as_json):
        from .models import bundled, found, narrowed, tell_class, tell_details, tell_list

        if takes or gives or max_price is not None:
            return tell_list(found(words, narrowed(takes, gives, max_price)), as_json)
        one = words[0] if len(words) == 1 else ""
        if one and tell_class(one, as_json):
            return
        ids = bundled()
        if has_key() or not ids:
            with client() as api:
                listed = api.models.list()
                alike = [id for id in listed if id.casefold() == one.casefold()]
                if alike:
                    return tell_details(api, one if one in alike else alike[0], as_json)
            ids = list(dict.fromkeys([*listed, *ids])) if words else listed
        else:
            note("gmi: asked nobody; these are the models this package knows.")
        tell_list(found(words, ids), as_json)


@gmi.command()
@as_json
def doctor(as_json: bool) -> None:
    """Look for what keeps this from working; only asks, and spends nothing.

    The exit code is 0 where nothing fails, 2 where a setting does, 4 where the API does.
    """
    with _ending(as_json):
        from .doctor import examine

        examine(as_json)


@gmi.command()
@click.option(
    "--models",
    metavar="GLOB,GLOB",
    required=True,
    help="The models that become tools, by id: 'Veo3*,kling-*'.",
)
@click.option(
    "--budget",
    metavar="USD",
    required=True,
    type=click.FloatRange(min=0),
    help="What they may cost together, by estimates, until this ends.",
)
@click.option(
    "--files",
    metavar="FOLDER",
    type=click.Path(path_type=Path, exists=True, file_okay=False),
    help="The only folder whose files may be uploaded; none if not said.",
)
@click.option(
    "--allow-unknown-cost", is_flag=True, help="Allow models whose highest cost nobody knows."
)
@click.option(
    "--http", metavar="PORT", type=int, help="Serve on loopback, not on stdin and stdout."
)
@click.option("--emulate", is_flag=True, help="Against an emulator, which costs nothing.")
def mcp(models: str, **how: Any) -> None:
    """Serve models as tools to an agent (Model Context Protocol).

    The agent names models, parameters and files in one folder; it cannot name hosts of a private
    network, other files, another address of the API, or spend more than the budget.
    """
    with _ending(as_json=False):
        from .serving import serve

        serve([one.strip() for one in models.split(",") if one.strip()], **how)


gmi.add_command(batch)


@contextmanager
def _ending(as_json: bool, model: str = "", output: str | None = None) -> Iterator[Work]:
    work = Work(as_json=as_json, model=model, output=output)
    with endings(work):
        yield work
