"""The journal of the client in the database of its batch, so that both know one truth."""

from __future__ import annotations

import sqlalchemy as sa

from ..runtime.protocol.entries import Claim, Entry
from .database import Database
from .locks import Locks, number_of
from .tables import ENTRY


class BatchJournal:
    """See `JournalStore`. While the database is away, a word waits for it."""

    def __init__(self, database: Database, locks: Locks) -> None:
        self._database = database
        self._locks = locks
        self.path = str(database.place)

    def append(self, entry: Entry, /) -> None:
        """See `JournalStore.append`. Raises ConfigurationError.

        An entry that is there twice, because the answer of the database was lost, says the same.
        """
        key, schema = entry.get("key"), self._database.place.schema

        def work(connection: sa.Connection) -> None:
            if schema and key:
                # Numbers are given out in the order of asking: who asks later must commit later.
                turn = number_of(f"{schema} entry {key}")
                connection.execute(sa.select(sa.func.pg_advisory_xact_lock(turn)))
            connection.execute(sa.insert(ENTRY), {"key": key, "entry": dict(entry)})

        self._database.run(work)

    def find(self, key: str | None = None, /) -> list[Entry]:
        """See `JournalStore.find`. Raises ConfigurationError."""
        asked = sa.select(ENTRY.c.entry).order_by(ENTRY.c.n)
        if key is not None:
            asked = asked.where(ENTRY.c.key == key)
        return self._database.run(lambda c: [*c.scalars(asked)])

    def claim(self, key: str, /) -> Claim | None:
        """See `JournalStore.claim`."""
        return self._locks.claim(f"key {key}")
