"""The one database of a batch: where it is, and transactions that outlast its absence."""

from __future__ import annotations

import contextlib
import os
import sqlite3
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeVar

import sqlalchemy as sa
from sqlalchemy import event
from sqlalchemy.exc import DBAPIError, OperationalError, SQLAlchemyError
from sqlalchemy.exc import TimeoutError as NoConnection

from ..runtime.errors import ConfigurationError
from ..runtime.redaction import redacted

T = TypeVar("T")

PATIENCE = 900.0
"""Seconds for which a database may be away before a batch stops for it."""

POOL = 24
_FILE = "batch.db"
_DRIVER = "postgresql+psycopg"


@dataclass(frozen=True)
class Place:
    """A folder for files, and a database: SQLite in the folder, or what a URL names."""

    folder: Path
    url: sa.URL
    schema: str | None = None

    @classmethod
    def of(cls, folder: Path, database_url: str | None, name: str) -> Place:
        """Raises ConfigurationError for a URL that is none of PostgreSQL."""
        if not name.isidentifier() or not name.isascii() or len(name) > 40:
            raise ConfigurationError("The name of a batch is letters, digits and _, at most 40.")
        if not database_url:
            return cls(folder, sa.URL.create("sqlite", database=str(folder.absolute() / _FILE)))
        try:
            url = sa.make_url(database_url)
        except SQLAlchemyError:
            url = sa.URL.create("none")
        if url.get_backend_name() not in ("postgresql", "postgres") or not url.database:
            raise ConfigurationError(
                "The URL of the database is none: postgresql://USER@HOST/DATABASE. Without one, a "
                "batch keeps an SQLite file in its own folder, which is right for one machine."
            )
        return cls(folder, url.set(drivername=_DRIVER), f"gmi_{name.casefold()}")

    @property
    def file(self) -> Path | None:
        """The file of an SQLite database."""
        return None if self.schema else Path(str(self.url.database))

    def __str__(self) -> str:
        shown = self.url.set(drivername="postgresql").render_as_string(hide_password=True)
        return str(self.file or shown)


class Database:
    """Transactions on a place; it may be shared between threads."""

    def __init__(self, place: Place, on_absence: Callable[[], object] = lambda: None) -> None:
        self.place = place
        self.on_absence = on_absence
        self.broken = ""
        told: dict[str, Any] = {"connect_args": {"connect_timeout": 10}} if place.schema else {}
        self.engine = sa.create_engine(place.url, pool_size=POOL, pool_pre_ping=True, **told)
        if place.file:
            event.listen(self.engine, "connect", _as_sqlite)
        if place.schema:
            names = {None: place.schema}
            self.engine = self.engine.execution_options(schema_translate_map=names)

    def run(self, work: Callable[[sa.Connection], T], patience: float = PATIENCE) -> T:
        """What `work` gives, in a transaction of its own; again while the database is away.

        Raises ConfigurationError, in a sentence, where it stays away or refuses.
        """
        latest = time.monotonic() + patience
        pause = 0.1
        while True:
            try:
                with self.engine.begin() as connection:
                    return work(connection)
            except SQLAlchemyError as trouble:
                if not away(trouble) or time.monotonic() > latest:
                    raise self.refusal(trouble) from None
            self.on_absence()
            time.sleep(pause)
            pause = min(2 * pause, 5.0)

    def refusal(self, trouble: Exception) -> ConfigurationError:
        """The sentence for what a database raised."""
        said = str(getattr(trouble, "orig", None) or trouble).strip().splitlines()
        why = redacted(said[0] if said else type(trouble).__name__)[:300]
        what = "is full" if "disk is full" in why else f"cannot be used ({why})"
        return ConfigurationError(
            f"The database {self.place} {what}. What was noted before is safe; put that right, "
            "and resume the batch."
        )

    @contextmanager
    def begun(self) -> Iterator[sa.Connection]:
        """A transaction that is not tried again. Raises ConfigurationError."""
        try:
            with self.engine.begin() as connection:
                yield connection
        except SQLAlchemyError as trouble:
            raise self.refusal(trouble) from None

    def close(self) -> None:
        """Close the connections."""
        self.engine.dispose()


def made(place: Place) -> None:
    """Make the folder, and an empty database that only its owner can read, where there is none.

    Raises ConfigurationError.
    """
    try:
        place.folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        if place.file:
            os.close(os.open(place.file, os.O_RDWR | os.O_CREAT, 0o600))
    except OSError as refusal:
        told = refusal.strerror or "the system refused it"
        raise ConfigurationError(f"{place.folder} cannot be written to: {told}.") from None


def away(trouble: Exception) -> bool:
    """Whether a database may be back in a while, and did nothing now."""
    if isinstance(trouble, NoConnection):
        return True
    if not isinstance(trouble, DBAPIError):
        return False
    said, state = str(trouble.orig), getattr(trouble.orig, "sqlstate", "-")
    if "database is locked" in said or trouble.connection_invalidated:
        return True
    # No state at all: there was no server to say one.
    lost = state is None and isinstance(trouble, OperationalError)
    return lost or str(state)[:2] in ("08", "53", "57") or state in ("40001", "40P01", "25P03")


def _as_sqlite(connection: Any, _: Any) -> None:
    # One writer at a time, from the first word of a transaction on, as DBOS has it.
    connection.isolation_level = "IMMEDIATE"
    if sqlite3.sqlite_version_info < (3, 42):
        # From Python 3.12 on DBOS asks SQLite for `unixepoch('subsec')`, which is younger.
        connection.create_function("unixepoch", 1, lambda _: round(time.time(), 3))
    for told in ("busy_timeout = 60000", "synchronous = FULL", "foreign_keys = ON"):
        connection.execute(f"PRAGMA {told}")
    with contextlib.suppress(Exception):  # somebody writes: then it was said already
        connection.execute("PRAGMA journal_mode = WAL")
