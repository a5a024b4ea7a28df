"""The requests of a batch as they stand: every change is one transaction, and may be made twice."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from functools import partial
from itertools import islice
from typing import Any

import sqlalchemy as sa

from ..runtime.errors import ConfigurationError, InvalidRequestError
from ..runtime.version import VERSION
from . import states
from .database import Database
from .plan import Row
from .tables import BATCH, FORMAT, METADATA, REQUEST, WORKER

Put = Callable[[sa.Connection, str, str, int, int | None], object]
"""Puts one request on the queue of its model: connection, key, model, round, priority."""

Rows = list[Mapping[str, Any]]

CHUNK = 500

_SPENT = "The budget does not suffice for more, by estimates; resume with a higher one."


class Store:
    """What is kept of one batch; it may be shared between threads."""

    def __init__(self, database: Database) -> None:
        self.database = database

    def begin(self) -> None:
        """Make the tables where there are none. Raises ConfigurationError."""

        def work(connection: sa.Connection) -> None:
            if schema := self.database.place.schema:
                connection.execute(sa.schema.CreateSchema(schema, if_not_exists=True))
            METADATA.create_all(connection)
            if connection.scalar(sa.select(sa.func.count()).select_from(BATCH)) == 0:
                first = {"id": 1, "format": FORMAT, "version": VERSION, "begun": time.time()}
                connection.execute(sa.insert(BATCH), {**first, "spent": 0, "concurrency": 16})

        self.database.run(work, patience=0)

    def batch(self) -> Mapping[str, Any]:
        """The batch itself, which is there."""
        return self.database.run(lambda c: dict(c.execute(sa.select(BATCH)).mappings().one()))

    def check(self) -> None:
        """Raise ConfigurationError where there is no batch, or one of another format."""
        nothing = (
            f"There is no batch in {self.database.place}. Begin one: gmi batch run FILE -o DIR"
        )
        file = self.database.place.file
        if file is not None and not file.is_file():
            raise ConfigurationError(nothing)

        def work(connection: sa.Connection) -> Mapping[str, Any] | None:
            if not sa.inspect(connection).has_table(BATCH.name, self.database.place.schema):
                return None
            row = connection.execute(sa.select(BATCH)).mappings().first()
            return dict(row) if row else None

        found = self.database.run(work, patience=0)
        if found is None:
            raise ConfigurationError(nothing)
        if found["format"] != FORMAT:
            theirs = found["version"]
            raise ConfigurationError(
                f"The batch in {self.database.place} was begun by gmi-inference {theirs}, which "
                f"keeps batches differently from {VERSION}. Nothing was touched. Finish it with "
                f"that one: pip install 'gmi-inference[batch]=={theirs}'"
            )

    def say(self, **what: Any) -> None:
        """Change facts of the batch."""
        self.database.run(lambda c: c.execute(sa.update(BATCH).values(**what)))

    def halt(self, why: str) -> None:
        """Let nothing more be submitted; the first reason stands."""
        told = sa.update(BATCH).where(BATCH.c.halted.is_(None)).values(halted=why)
        self.database.run(lambda c: c.execute(told))

    def add(self, rows: Iterable[Row], put: Put) -> int:
        """Note rows and put them on their queues, a chunk at once; how many were new.

        A key that is there stays as it is. Raises InvalidRequestError where it stands for another
        request, and ConfigurationError.
        """
        new = 0
        for chunk in _chunks(rows):
            new += self.database.run(partial(_add, chunk, put))
        return new

    def row(self, key: str) -> Mapping[str, Any]:
        """One request."""
        asked = sa.select(REQUEST).where(REQUEST.c.key == key)
        return self.database.run(lambda c: dict(c.execute(asked).mappings().one()))

    def rows(self, *in_state: str) -> Iterator[Mapping[str, Any]]:
        """The requests in these states, or all, by their lines."""
        for chunk in self.chunks(*in_state):
            yield from chunk

    def chunks(self, *in_state: str) -> Iterator[Rows]:
        """The same, so many at a time as fit into memory."""
        last = (-1, "")
        place = sa.tuple_(REQUEST.c.line, REQUEST.c.key)
        while True:
            asked = sa.select(REQUEST).where(place > sa.tuple_(*map(sa.literal, last)))
            if in_state:
                asked = asked.where(REQUEST.c.state.in_(in_state))
            asked = asked.order_by(REQUEST.c.line, REQUEST.c.key).limit(CHUNK)
            found = self.database.run(partial(_all, asked))
            if found:
                yield found
                last = (found[-1]["line"], found[-1]["key"])
            if len(found) < CHUNK:
                return

    def reserve(self, key: str, round: int, worker: str) -> str:
        """Count a request against the budget and say that it is on its way; the state it is in.

        It is on its way before anything is sent: whoever finds it so looks before submitting.
        """
        return self.database.run(lambda c: _reserve(c, key, round, worker))

    def note(self, key: str, state: str, *, free: bool = False, **what: Any) -> None:
        """Say what became of a request; `free` gives back what was counted for it."""
        changed = {"state": state, "changed": time.time(), **what}

        def work(connection: sa.Connection) -> None:
            if free:
                _give_back(connection, key)
            # What is done stays so, whatever a process that was taken for dead says later.
            mine = (REQUEST.c.key == key) & (REQUEST.c.state != states.DONE)
            connection.execute(sa.update(REQUEST).where(mine).values(**changed))

        self.database.run(work)

    def renew(
        self, put: Put, *in_state: str, only: Callable[[Rows], Rows], anew: bool = False
    ) -> int:
        """Put requests in these states on their queues again, in a new round; how many.

        `anew` has them paid again: what they were counted as stays spent.
        """
        number = 0
        for chunk in self.chunks(*in_state):
            for row in only(chunk):
                number += self.database.run(partial(_renewed, row, put, anew))
        return number

    def counts(self) -> dict[str, int]:
        """How many requests are in each state."""
        asked = sa.select(REQUEST.c.state, sa.func.count().label("many")).group_by(REQUEST.c.state)
        return self.database.run(lambda c: {one.state: one.many for one in c.execute(asked)})

    def models(self) -> list[str]:
        """The models there are requests for."""
        asked = sa.select(REQUEST.c.model).distinct().order_by(REQUEST.c.model)
        return self.database.run(lambda c: [*c.scalars(asked)])

    def reasons(self) -> list[tuple[str, str, int]]:
        """What was told of requests, by state, the most frequent first; the first twenty."""
        many = sa.func.count().label("many")
        asked = sa.select(REQUEST.c.state, REQUEST.c.told, many).where(REQUEST.c.told.is_not(None))
        asked = asked.group_by(REQUEST.c.state, REQUEST.c.told).order_by(many.desc()).limit(20)
        return self.database.run(lambda c: [(r.state, r.told, r.many) for r in c.execute(asked)])

    def cancel_rest(self) -> list[tuple[str, int]]:
        """Take out what was not submitted yet; the key and the round of each."""
        waiting = REQUEST.c.state.in_((states.WAITING, states.HELD)) & REQUEST.c.counted.is_(None)
        told = sa.update(REQUEST).where(waiting).values(state=states.CANCELLED, changed=time.time())
        asked = told.returning(REQUEST.c.key, REQUEST.c.round)
        return self.database.run(lambda c: [(one.key, one.round) for one in c.execute(asked)])

    def work_begins(self, id: str, host: str, process: int) -> None:
        """Note who works from now on."""
        told = {"id": id, "host": host, "process": process, "begun": time.time()}
        self.database.run(lambda c: c.execute(sa.insert(WORKER), told))

    def work_ended(self, id: str) -> None:
        """Note that somebody does not any more."""
        told = sa.update(WORKER).where(WORKER.c.id == id).values(ended=time.time())
        self.database.run(lambda c: c.execute(told), patience=5)

    def workers(self) -> list[Mapping[str, Any]]:
        """Who works, or died working."""
        asked = sa.select(WORKER).where(WORKER.c.ended.is_(None)).order_by(WORKER.c.begun)
        return self.database.run(lambda c: [dict(row) for row in c.execute(asked).mappings()])


def _add(chunk: Sequence[Row], put: Put, connection: sa.Connection) -> int:
    asked = sa.select(REQUEST.c.key, REQUEST.c.payload_sha256, REQUEST.c.line, REQUEST.c.more_lines)
    keys = [row.key for row in chunk]
    there = {one.key: one for one in connection.execute(asked.where(REQUEST.c.key.in_(keys)))}
    fresh: dict[str, dict[str, Any]] = {}
    more: dict[str, list[int]] = {}
    for row in chunk:
        known = there.get(row.key)
        if row.key in fresh:
            fresh[row.key]["more_lines"].append(row.line)
        elif known is None:
            fresh[row.key] = _as_kept(row)
        elif known.payload_sha256 != row.sha256:
            told = "it stands for another request of this batch; give each its own"
            raise InvalidRequestError.of(f"line {row.line}, key", told)
        elif row.line not in (known.line, *(known.more_lines or ())):
            more.setdefault(row.key, [*(known.more_lines or ())]).append(row.line)
    if fresh:
        connection.execute(sa.insert(REQUEST), [*fresh.values()])
    for key, lines in more.items():
        told_more = sa.update(REQUEST).where(REQUEST.c.key == key).values(more_lines=lines)
        connection.execute(told_more)
    for one in fresh.values():
        put(connection, one["key"], one["model"], 1, one["priority"])
    return len(fresh)


def _all(asked: sa.Select[Any], connection: sa.Connection) -> Rows:
    return [dict(row) for row in connection.execute(asked).mappings()]


def _renewed(row: Mapping[str, Any], put: Put, anew: bool, connection: sa.Connection) -> int:
    """1, or 0 where somebody was faster."""
    changed = {"state": states.WAITING, "round": row["round"] + 1, "tries": 0}
    if anew:
        changed |= {"again": row["again"] + 1, "counted": None}
    mine = [REQUEST.c[name] == row[name] for name in ("key", "round", "state")]
    if not connection.execute(sa.update(REQUEST).where(*mine).values(**changed)).rowcount:
        return 0
    put(connection, row["key"], row["model"], row["round"] + 1, row["priority"])
    return 1


def _reserve(connection: sa.Connection, key: str, round: int, worker: str) -> str:
    row = connection.execute(sa.select(REQUEST).where(REQUEST.c.key == key)).mappings().one()
    if row["round"] != round or row["state"] not in states.ACTIVE:
        return str(row["state"])
    halted = connection.scalar(sa.select(BATCH.c.halted))
    changed: dict[str, Any] = {"state": states.SUBMITTING, "worker": worker, "changed": time.time()}
    if row["counted"] is None and halted:
        changed |= {"state": states.HELD, "told": halted}
    elif row["counted"] is None:
        cost = row["high"] if row["high"] is not None else row["low"] or 0
        fits = BATCH.c.budget.is_(None) | (BATCH.c.spent + cost <= BATCH.c.budget)
        taken = sa.update(BATCH).where(fits).values(spent=BATCH.c.spent + cost)
        if connection.execute(taken).rowcount:
            changed["counted"] = cost
        else:
            changed |= {"state": states.HELD, "told": _SPENT}
            connection.execute(sa.update(BATCH).values(halted=_SPENT))
    connection.execute(sa.update(REQUEST).where(REQUEST.c.key == key).values(**changed))
    return str(changed["state"])


def _give_back(connection: sa.Connection, key: str) -> None:
    counted = connection.scalar(sa.select(REQUEST.c.counted).where(REQUEST.c.key == key))
    if counted is not None:
        connection.execute(sa.update(BATCH).values(spent=BATCH.c.spent - counted))
        connection.execute(sa.update(REQUEST).where(REQUEST.c.key == key).values(counted=None))


def _as_kept(row: Row) -> dict[str, Any]:
    return {
        "key": row.key,
        "line": row.line,
        "more_lines": [],
        "model": row.model,
        "payload": row.payload,
        "payload_sha256": row.sha256,
        "unchecked": row.unchecked,
        "priority": row.priority,
        "low": row.low,
        "high": row.high,
        "state": states.WAITING,
        "round": 1,
        "tries": 0,
        "again": 0,
        "changed": time.time(),
    }


def _chunks(rows: Iterable[Row]) -> Iterator[list[Row]]:
    left = iter(rows)
    while chunk := [*islice(left, CHUNK)]:
        yield chunk
