# fmt: off
# isort: skip_file
# ruff: noqa
"""What one does with a batch: run, resume, work, status, report, cancel the rest."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from decimal import Decimal
from functools import partial
from pathlib import Path
from typing import Any

from ..client.client import Client
from ..runtime.budget import Budget
from ..runtime.errors import ConfigurationError
from ..runtime.version import VERSION
from . import manifest, states
from .database import Database, Place, made
from .flow import prepared
from .lines import Line, Template, from_objects, read_lines
from .plan import Plan, micro_dollars
from .store import Store
from .summary import Summary
from .worker import Office, Told, opened
from .worker import work as _work

URL_VARIABLE = "GMI_BATCH_DATABASE_URL"
CONCURRENCY = 16

Say = Callable[[str], object]
Folder = str | os.PathLike[str]


def _nothing(_: Any) -> None:
    """Whoever wants to hear nothing."""


def run(
    requests: str | os.PathLike[str] | Iterable[Any],
    folder: Folder,
    *,
    template: Template | None = None,
    budget: float | int | str | Decimal | None = None,
    allow_unknown_cost: bool = False,
    dedupe: bool = False,
    unchecked: bool = False,
    concurrency: int = CONCURRENCY,
    database_url: str | None = None,
    name: str = "batch",
    say: Say = _nothing,
    tell: Told = _nothing,
    **client: Any,
) -> Summary:
    """Submit every request once, wait for all, and save what they made below `folder`.

    `requests` is a file of JSON lines or a table (see `Template`), or requests, payloads with their
    model, or mappings like the lines of a file. All are checked before any is submitted. The same
    requests again do what is missing and nothing else. `budget`, in US dollars, is by estimates;
    what may exceed it is held, and a model whose cost nobody knows is refused under one, unless
    `allow_unknown_cost`. `dedupe` pays once for identical requests. `concurrency` is how many of a
    model are under way on one machine. `database_url` names a PostgreSQL that several machines
    share, and `name` the batch in it. `say` gets sentences, `tell` the counts; what else is given
    goes to `Client`. Raises InvalidRequestError with every fault, and ConfigurationError.
    """
    place = _place(folder, database_url, name)
    template = template or Template()
    asked = partial(Plan, dedupe, unchecked, allow_unknown_cost or budget is None)
    limit = _limit(budget)
    if not isinstance(requests, (str, os.PathLike)):
        requests = [*requests]

    def lines() -> Iterator[Line]:
        if isinstance(requests, list):
            return from_objects(requests, template)
        return read_lines(Path(requests), template)

    plan = asked()
    number = sum(1 for _ in plan.rows(lines()))
    plan.check()
    Client(**client).close()  # without a key, nothing is begun
    made(place)
    database = Database(place, _absence(place, say))
    Store(database).begin()
    prepared(database)
    with opened(database) as here:
        running = here.claim("run", _running(here))
        try:
            _begun(here, limit, concurrency, say)
            again = asked()
            new = here.store.add(again.rows(lines()), here.put)
            again.check()
            here.store.say(whole=True)
            say(f"{number} lines, {new} new requests, {here.renew(False)} taken up again.")
            return _done(here, say, tell, client)
        finally:
            running.close()


def resume(
    folder: Folder,
    *,
    budget: float | int | str | Decimal | None = None,
    submit_unknown: bool = False,
    concurrency: int | None = None,
    database_url: str | None = None,
    name: str = "batch",
    say: Say = _nothing,
    tell: Told = _nothing,
    **client: Any,
) -> Summary:
    """Go on with a batch: what was held is submitted, what is paid is fetched, what may have been
    paid is looked for and not submitted.

    `submit_unknown` submits that too, at the price of a possible second charge each. `budget` is
    the new one of the whole batch. For the rest see `run`.
    """
    with _batch(folder, database_url, name, say) as here:
        running = here.claim("run", _running(here))
        try:
            _begun(here, _limit(budget), concurrency, say)
            if not here.store.batch()["whole"]:
                say("The file was not read to its end: run it again to add the rest.")
            say(f"{here.renew(submit_unknown)} requests taken up again.")
            return _done(here, say, tell, client)
        finally:
            running.close()


def work(
    folder: Folder,
    *,
    database_url: str | None = None,
    name: str = "batch",
    say: Say = _nothing,
    tell: Told = _nothing,
    **client: Any,
) -> Summary:
    """Help with a batch that somebody else runs: another process, or another machine.

    Files go below `folder` of this machine. It ends with the batch.
    """
    place = _place(folder, database_url, name)
    made(place) if place.schema else None
    with _batch(folder, database_url, name, say) as here:
        _same_version(here, say)
        _work(here, tell=tell, **client)
        return manifest.summary(here.store)


def status(folder: Folder, *, database_url: str | None = None, name: str = "batch") -> Summary:
    """How a batch stands. Asks the API nothing."""
    with _batch(folder, database_url, name, _nothing) as here:
        return manifest.summary(here.store)


def report(folder: Folder, *, database_url: str | None = None, name: str = "batch") -> Summary:
    """Write `manifest.jsonl` into the folder anew, and return how the batch stands."""
    with _batch(folder, database_url, name, _nothing) as here:
        _manifest(here)
        return manifest.summary(here.store)


def cancel_rest(folder: Folder, *, database_url: str | None = None, name: str = "batch") -> Summary:
    """Take out what was not submitted yet. Jobs that run go on: the API cannot cancel them."""
    with _batch(folder, database_url, name, _nothing) as here:
        here.cancel_rest()
        return manifest.summary(here.store)


def _limit(budget: float | int | str | Decimal | None) -> int | None:
    """In millionths of a dollar. Raises ConfigurationError."""
    return None if budget is None else micro_dollars(Budget(budget).limit)


def _done(here: Office, say: Say, tell: Told, client: Mapping[str, Any]) -> Summary:
    here.queues(here.store.batch()["concurrency"])
    try:
        _work(here, tell=tell, **client)
        # The job list may show by now what it did not show at once.
        if here.store.counts().get(states.UNKNOWN) and not here.store.batch()["halted"]:
            say(f"{here.look_again()} may have been paid; looking for them once more.")
            _work(here, tell=tell, **client)
    finally:
        _manifest(here)
    found = manifest.summary(here.store)
    if found.halted:
        say(found.halted)
    return found


def _begun(here: Office, limit: int | None, concurrency: int | None, say: Say) -> None:
    """What was said anew; what halted the batch before is over."""
    batch = here.store.batch()
    _same_version(here, say)
    told = {"concurrency": concurrency or batch["concurrency"], "halted": None}
    here.store.say(**told, **({} if limit is None else {"budget": limit}))


def _same_version(here: Office, say: Say) -> None:
    theirs = here.store.batch()["version"]
    if theirs != VERSION:
        say(f"The batch was begun by gmi-inference {theirs}; {VERSION} goes on with it.")


def _manifest(here: Office) -> None:
    folder = here.database.place.folder
    try:
        manifest.write(here.store, folder)
    except OSError as refusal:
        told = refusal.strerror or "the system refused it"
        raise ConfigurationError(
            f"{folder / manifest.NAME} could not be written ({told}). Nothing is lost: put that "
            "right, and ask for the report."
        ) from None


def _running(here: Office) -> str:
    names = ", ".join(worker["id"] for worker in here.store.workers()) or "another process"
    return (
        f"The batch in {here.database.place} is run already, by {names}. Nothing was changed. Help "
        "with it: gmi batch work"
    )


def _place(folder: Folder, database_url: str | None, name: str) -> Place:
    return Place.of(Path(folder), database_url or os.environ.get(URL_VARIABLE), name)


@contextmanager
def _batch(folder: Folder, url: str | None, name: str, say: Say) -> Iterator[Office]:
    place = _place(folder, url, name)
    with opened(Database(place, _absence(place, say))) as here:
        yield here


def _absence(place: Place, say: Say) -> Callable[[], object]:
    told = [False]

    def absent() -> None:
        if not told[0]:
            told[0] = True
            say(f"The database {place} is away; waiting for it, up to 15 minutes.")

    return absent


__all__ = ["Template", "cancel_rest", "report", "resume", "run", "status", "work"]
