"""One process that works on a batch: it runs what DBOS hands it, and what the dead left."""

from __future__ import annotations

import contextlib
import logging
import os
import socket
import time
import uuid
from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack, contextmanager
from typing import Any

from dbos import DBOS, DBOSPortableJSONSerializer
from sqlalchemy.exc import SQLAlchemyError

from ..runtime.client import Client
from ..runtime.errors import ConfigurationError
from ..runtime.logs import logger
from ..runtime.protocol.entries import Claim
from . import states
from .database import Database, away
from .flow import APPLICATION, HERE, VERSION, office, putting, queue_of, workflow_of
from .journal import BatchJournal
from .locks import Locks, locks_of
from .steps import Steps
from .store import CHUNK, Rows, Store

BEAT = 0.5
"""Seconds between two looks at how the batch stands."""

LONGEST = 5.0

RESCUE = 2.0
"""Seconds between two looks for the dead; twice seen dead, what they had is taken up."""

POLLING = 0.5
"""Seconds between two looks of DBOS at a queue."""

JOB_SECONDS = 6 * 3600.0
"""How long the end of one job is waited for, before it is left for `resume`."""

_REFUSED = "(sqlite3.OperationalError"
"""How a refusal of SQLite begins in what DBOS tells."""

LIVING = ["ENQUEUED", "PENDING", "DELAYED"]
"""How DBOS calls workflows that somebody has, or will have."""

Told = Callable[[Mapping[str, int]], object]
"""Is told, every now and then, how many requests are in each state."""


class Office:
    """A batch as one process has it open: its store, its locks, and what puts work on queues."""

    def __init__(self, database: Database, store: Store, locks: Locks) -> None:
        self.database, self.store, self.locks = database, store, locks
        self.client = office(database)
        self.put = putting(self.client)

    def queues(self, concurrency: int) -> None:
        """Have a queue for each model, with room for so many requests on each machine."""
        for model in self.store.models():
            name = queue_of(model)
            self.client.register_queue(
                name, worker_concurrency=concurrency, polling_interval_sec=POLLING
            )

    def pause(self) -> None:
        """Have no queue hand out anything, to any machine."""
        for model in self.store.models():
            queue = self.client.retrieve_queue(queue_of(model))
            if queue is not None:
                queue.set_worker_concurrency(0)

    def cancel_rest(self) -> int:
        """Take out what was not submitted yet; how many."""
        ids = [workflow_of(key, round) for key, round in self.store.cancel_rest()]
        for first in range(0, len(ids), CHUNK):
            self.client.cancel_workflows(ids[first : first + CHUNK])
        return len(ids)

    def look_again(self) -> int:
        """Have what may have been paid looked for; how many."""
        return self.store.renew(self.put, states.UNKNOWN, only=list)

    def renew(self, submit_unknown: bool) -> int:
        """Put on its queue again what was held, is unknown or undelivered, or was left by a process
        that could not go on; how many.
        """
        kept = (states.HELD, states.UNDELIVERED, *(() if submit_unknown else (states.UNKNOWN,)))
        number = 0
        if submit_unknown:
            number = self.store.renew(self.put, states.UNKNOWN, only=self.forsaken, anew=True)
        return number + self.store.renew(self.put, *kept, *states.ACTIVE, only=self.forsaken)

    def forsaken(self, rows: Rows) -> Rows:
        """Those whose workflow nobody has, or will have."""
        names = {workflow_of(row["key"], row["round"]): row for row in rows}
        living = self.client.list_workflows(
            workflow_ids=[*names], status=LIVING, load_input=False, load_output=False
        )
        alive = {one.workflow_id for one in living}
        return [row for name, row in names.items() if name not in alive]

    def claim(self, name: str, told: str) -> Claim:
        """Raise ConfigurationError with this sentence where somebody has it."""
        claim = self.locks.claim(name)
        if claim is None:
            raise ConfigurationError(told)
        return claim


@contextmanager
def opened(database: Database) -> Iterator[Office]:
    """A batch that is there, for a `with` block. Raises ConfigurationError."""
    _quiet(database)
    store = Store(database)
    with ExitStack() as closed:
        closed.callback(database.close)
        store.check()
        locks = locks_of(database)
        closed.callback(locks.close)
        yield Office(database, store, locks)


def work(
    here: Office, *, timeout: float = JOB_SECONDS, tell: Told = lambda _: None, **client: Any
) -> None:
    """Work on the batch until nothing of it is left, or something halts it.

    Raises ConfigurationError, and KeyboardInterrupt after an interruption: what was on hand is
    taken up by the others, or the next time.
    """
    name = f"{socket.gethostname()[:60]}-{os.getpid()}-{uuid.uuid4().hex[:8]}"
    folder = here.database.place.folder
    with ExitStack() as closed:
        alive = here.claim(f"worker {name}", "two processes have one name")
        closed.callback(alive.close)
        journal = BatchJournal(here.database, here.locks)
        api = closed.enter_context(Client(journal=journal, **client))
        here.store.work_begins(name, socket.gethostname(), os.getpid())
        steps = Steps(here.store, api, folder, name, timeout, _slowing(here))
        closed.enter_context(_launched(here.database, steps, name))
        _watch(here, steps, name, tell)
        with contextlib.suppress(ConfigurationError):
            here.store.work_ended(name)


def _watch(here: Office, steps: Steps, name: str, tell: Told) -> None:
    suspects: set[str] = set()
    looked = 0.0
    while True:
        began = time.monotonic()
        if steps.trouble is not None:
            raise _sentence(here, steps.trouble)
        if here.database.broken:
            raise here.database.refusal(OSError(here.database.broken))
        batch, counts = here.store.batch(), here.store.counts()
        tell(counts)
        if not sum(counts.get(state, 0) for state in states.ACTIVE):
            return
        try:
            if batch["halted"]:
                here.pause()
                if not _pending(here, executor_id=name):
                    return
            if time.monotonic() - looked > RESCUE:
                looked = time.monotonic()
                here.locks.keep()
                suspects = _rescued(here, steps, name, suspects)
                # A process taken for dead may have had the last word on what another had ended.
                here.store.renew(here.put, states.SUBMITTING, states.RUNNING, only=here.forsaken)
        except SQLAlchemyError as trouble:
            if not away(trouble):
                raise here.database.refusal(trouble) from None
        # Counting many takes longer, and is done less often.
        time.sleep(min(max(BEAT, 10 * (time.monotonic() - began)), LONGEST))


def _sentence(here: Office, trouble: Exception) -> Exception:
    if isinstance(trouble, SQLAlchemyError):
        return here.database.refusal(trouble)
    return trouble


def _pending(here: Office, **whose: Any) -> list[Any]:
    how: dict[str, Any] = {"load_input": False, "load_output": False, **whose}
    return here.client.list_workflows(status="PENDING", **how)


def _rescued(here: Office, steps: Steps, name: str, suspects: set[str]) -> set[str]:
    """Put back what the dead had, and what this process was handed and could not begin; what was
    seen so for the first time is suspected only.
    """
    pending = _pending(here)
    found = set()
    for other in {one.executor_id for one in pending} - {name, None}:
        claim = here.locks.claim(f"worker {other}")
        if claim is None:
            continue
        try:
            found.add(other)
            if other in suspects:
                # Listed anew under the lock: somebody may have put them back just before.
                _put_back(here, _pending(here, executor_id=other))
                here.store.work_ended(other)
        finally:
            claim.close()
    mine = [one for one in pending if one.executor_id == name]
    idle = [one for one in mine if one.workflow_id not in steps.begun]
    _put_back(here, [one for one in idle if one.workflow_id in suspects])
    return found | {one.workflow_id for one in idle}


def _put_back(here: Office, workflows: list[Any]) -> None:
    for queue in {one.queue_name for one in workflows}:
        ids = [one.workflow_id for one in workflows if one.queue_name == queue]
        here.client.resume_workflows(ids, queue_name=queue)


def _slowing(here: Office) -> Callable[[str, Mapping[str, Any]], object]:
    def slow_down(model: str, limit: Mapping[str, Any]) -> None:
        queue = here.client.retrieve_queue(queue_of(model))
        if queue is not None:
            queue.set_limiter({"limit": limit["limit"], "period": limit["period"]})

    return slow_down


@contextmanager
def _launched(database: Database, steps: Steps, name: str) -> Iterator[None]:
    """DBOS at work in this process: no console, no telemetry, no port and no network of its own."""
    DBOS(
        config={
            "name": APPLICATION,
            "system_database_engine": database.engine,
            "dbos_system_schema": database.place.schema or "dbos",
            "application_version": VERSION,
            "executor_id": name,
            "serializer": DBOSPortableJSONSerializer(),
            "enable_otlp": False,
            "log_level": "WARNING",
        }
    )
    if DBOS.executor_id != name:
        raise ConfigurationError(
            "This process runs DBOS for something else already. Run the batch in one of its own."
        )
    HERE.steps = steps

    def still_told(_: logging.LogRecord) -> bool:
        return not steps.stopping.is_set()  # each job would say that it still runs

    logger.addFilter(still_told)
    try:
        DBOS.launch()
        yield
    finally:
        steps.stopping.set()
        steps.client.close()
        DBOS.destroy()
        logger.removeFilter(still_told)
        HERE.steps = None


def _quiet(database: Database) -> None:
    """Have DBOS say nothing to anybody but this, which tells of a database that is away."""
    theirs = logging.getLogger("dbos")
    theirs.propagate = False
    theirs.handlers[:] = [_Listening(database)]


class _Listening(logging.Handler):
    def __init__(self, database: Database) -> None:
        super().__init__(logging.WARNING)
        self._database = database

    def emit(self, record: logging.LogRecord) -> None:
        told = str(record.msg)
        if "Database connection failed" in told:
            self._database.on_absence()
        # DBOS asks again, for ever, also where a disk is full or broken.
        told = f"{told} {record.exc_info[1] if record.exc_info else ''}"
        if _REFUSED in told and "is locked" not in told:
            self._database.broken = told.partition(_REFUSED)[2].splitlines()[0].strip(") ")
