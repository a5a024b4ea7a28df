"""A journal in an SQLite database: found by key at once, however long it has grown."""

from __future__ import annotations

import json
import os
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from .. import wire
from ..protocol.entries import VERSION, Entry
from .claims import FileClaim, claim

if TYPE_CHECKING:
    import sqlite3

BUSY = 30.0
"""Seconds to wait for another writer, who is done in milliseconds."""

_TABLE = f"""\
BEGIN IMMEDIATE;
CREATE TABLE IF NOT EXISTS entries (n INTEGER PRIMARY KEY, key TEXT, entry TEXT NOT NULL);
CREATE INDEX IF NOT EXISTS entries_by_key ON entries (key);
PRAGMA user_version = {VERSION};
COMMIT;
"""
# In one statement, because another process may be making the table.
_STATE = "SELECT user_version, EXISTS (SELECT 1 FROM sqlite_master) FROM pragma_user_version"


class SQLiteJournal:
    """Like `Journal`, in a database; `Client(journal="jobs.db")` makes one, too.

    Every word opens the file anew, so that threads, forks and other processes may share it.
    """

    def __init__(self, path: str | os.PathLike[str]) -> None:
        self.path = Path(path)

    def append(self, entry: Entry, /) -> None:
        """See `JournalStore.append`. Raises OSError, ValueError."""
        told = (entry.get("key"), json.dumps(entry))
        with self._open() as database:
            database.execute("INSERT INTO entries (key, entry) VALUES (?, ?)", told)

    def find(self, key: str | None = None, /) -> list[Entry]:
        """See `JournalStore.find`; a missing file is an empty journal.

        Raises OSError, ValueError.
        """
        if not self.path.exists():
            return []
        where, which = ("", ()) if key is None else ("WHERE key = ?", (key,))
        with self._open() as database:
            rows = database.execute(f"SELECT entry FROM entries {where} ORDER BY n", which)
            return [wire.json_mapping(entry) for (entry,) in rows]

    def claim(self, key: str, /) -> FileClaim | None:
        """See `JournalStore.claim`: a lock in the database would hold up every other key."""
        return claim(self.path, key)

    @contextmanager
    def _open(self) -> Iterator[sqlite3.Connection]:
        import sqlite3

        if not self.path.exists():
            self.path.parent.mkdir(parents=True, exist_ok=True)
            os.close(os.open(self.path, os.O_RDWR | os.O_CREAT, 0o600))
        try:
            with closing(sqlite3.connect(self.path, timeout=BUSY, isolation_level=None)) as opened:
                opened.execute("PRAGMA synchronous = FULL")
                version, used = opened.execute(_STATE).fetchone()
                if not version and not used:
                    opened.executescript(_TABLE)
                elif version != VERSION:
                    raise ValueError(
                        f"it is a database of version {version}, and this gmi-inference reads "
                        f"version {VERSION}"
                    )
                yield opened
        except sqlite3.Error as refusal:
            raise OSError(f"{refusal}") from None

    def __str__(self) -> str:
        return str(self.path)
