"""Details of every wanted model, from the API or from a folder, each document on its own."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING

from .. import disk, resources
from ..errors import FetchError
from ..problems import Problem
from ..schema import read_document
from ..schema.json_text import MAX_BYTES
from ..settings import Settings
from .lock import Source, read_lock
from .pages import goes_on, unusable
from .snapshot import document_names

if TYPE_CHECKING:
    from ..runtime.session import Session

Progress = Callable[[int, int], None]
"""Called with how many models are done, and of how many."""


@dataclass(frozen=True)
class Collected:
    """What a catalogue gave: readable documents by id, and why the others are missing.

    `listed` holds every wanted id of the catalogue, whether its document could be had or not.
    Where it is not `whole`, what it does not list may well be there.
    """

    source: Source
    listed: tuple[str, ...]
    documents: Mapping[str, bytes]
    problems: tuple[Problem, ...]
    whole: bool = True


def collect_from_api(
    settings: Settings, *, jobs: int, most: int, on_progress: Progress
) -> Collected:
    """Ask the API, whose address and key come from the environment, for every wanted model.

    Args:
        settings: `include` and `exclude` say which models are wanted.
        jobs: how many details are asked for at once.
        most: how many models there may be.
        on_progress: called after each model.

    Raises:
        FetchError: when the catalogue lists more.
        GMIError: when there is no key, or the list of models cannot be had at all.
    """
    from ..runtime.config import Secret
    from ..runtime.session import Session

    return asyncio.run(_collect(Session(Secret()), settings, jobs, most, on_progress))


def collect_from_folder(settings: Settings, folder: Path) -> Collected:
    """Read details that are already on disk: every `*.json` of `folder` but lock and ledger."""
    documents: dict[str, bytes] = {}
    problems: list[Problem] = []
    whole = True
    for path in (folder / name for name in document_names(folder)):
        text = disk.read(path, MAX_BYTES)
        if text is None:
            continue
        model = read_document(text)
        if isinstance(model, Problem):
            whole = whole and bool(model.model)  # else it may be any of those that are known
            name = model.model or path.name
            problems.append(Problem(model.level, name, model.parameter, model.code, model.message))
        elif model.id in documents:
            message = f"{path.name} describes a model that another file describes too"
            problems.append(Problem("refused", model.id, "", "model-twice", message))
        elif settings.wants(model.id):
            documents[model.id] = text
    listed = tuple(sorted({*documents, *(problem.model for problem in problems)}))
    source = Source("files", "Read from files; nothing says where those came from.")
    return Collected(source, listed, documents, tuple(problems), whole)


def collect_bundled(settings: Settings) -> Collected:
    """The snapshot that came with gmigen, with its own words about where it comes from."""
    folder = resources.snapshot()
    collected = collect_from_folder(settings, folder)
    return replace(collected, source=replace(read_lock(folder).source, date=""))


async def _collect(
    session: Session, settings: Settings, jobs: int, most: int, on_progress: Progress
) -> Collected:
    from ..runtime.protocol import catalog

    try:
        ids, reply = await session.aio.run(catalog.listed_models(session.context))
        wanted = sorted(model_id for model_id in ids if settings.wants(model_id))
        if len(wanted) > most:
            raise FetchError(
                f"The catalogue lists {len(wanted):,} models that are wanted, more than {most:,}; "
                "if that is right, fetch again with --max-models."
            )
        slots = asyncio.Semaphore(jobs)
        done = 0

        async def one(model_id: str) -> bytes | Problem:
            nonlocal done
            async with slots:
                document = await _details(session, model_id)
            done += 1
            on_progress(done, len(wanted))
            return document

        answers = await asyncio.gather(*(one(model_id) for model_id in wanted))
    finally:
        await session.aclose()
    pairs = list(zip(wanted, answers, strict=True))
    is_cut = goes_on(reply.body, reply.headers)
    return Collected(
        Source(session.context.base_url, f"Fetched from {session.context.base_url}."),
        tuple(wanted),
        {model_id: answer for model_id, answer in pairs if isinstance(answer, bytes)},
        (
            *(answer for _, answer in pairs if isinstance(answer, Problem)),
            *(_unusable(told) for told in unusable(reply.body, frozenset(ids))),
            *([_cut(len(ids))] if is_cut else []),
        ),
        whole=not is_cut,
    )


def _unusable(told: str) -> Problem:
    """Half a surrogate pair, control characters, a name of 300 letters: no path of a URL."""
    name = ascii(told)[1:-1]
    name = name if len(name) <= 120 else f"{name[:117]}..."
    return Problem("refused", name, "", "id-unusable", "nobody can ask for a model by this id")


def _cut(count: int) -> Problem:
    told = (
        f"the API says that its list goes on after the {count:,} models it gave; whatever it does "
        "not list is kept as it was"
    )
    return Problem("warning", "", "", "list-cut", told)


async def _details(session: Session, model_id: str) -> bytes | Problem:
    from ..runtime.errors import GMIError
    from ..runtime.protocol import catalog

    try:
        text = await session.aio.run(catalog.model_details_bytes(session.context, model_id))
    except GMIError as error:
        return Problem("refused", model_id, "", "not-fetched", str(error))
    model = read_document(text, model_id=model_id)
    return model if isinstance(model, Problem) else text
