# fmt: off
# isort: skip_file
# ruff: noqa
"""Locks that go with whoever has them: of the system for SQLite, of the server for PostgreSQL."""

from __future__ import annotations

import hashlib
import threading
import time
from collections.abc import Callable
from pathlib import Path
from typing import Protocol

import sqlalchemy as sa
from sqlalchemy.exc import SQLAlchemyError

from ..runtime.errors import ConfigurationError
from ..runtime.journal.claims import claim
from ..runtime.protocol.entries import Claim
from .database import PATIENCE, Database, away

PAUSE = 0.5
"""Seconds between two words to a server that is away."""


class Locks(Protocol):
    """What is claimed by a name is nobody else's until it is closed or its holder has died."""

    def claim(self, name: str) -> Claim | None:
        """None, without waiting, while somebody has it."""
        ...

    def keep(self) -> None:
        """Take again what was lost with the database. Raises ConfigurationError."""
        ...

    def close(self) -> None:
        """Let go of everything."""
        ...


def locks_of(database: Database) -> Locks:
    """The locks beside a database."""
    file = database.place.file
    return _FileLocks(file) if file else _ServerLocks(database)


class _FileLocks:
    def __init__(self, file: Path) -> None:
        self._file = file

    def claim(self, name: str) -> Claim | None:
        try:
            return claim(self._file, name)
        except OSError as refusal:
            told = refusal.strerror or "the system refused it"
            raise ConfigurationError(
                f"Nothing can be locked beside {self._file}: {told}."
            ) from None

    def keep(self) -> None:
        pass

    def close(self) -> None:
        pass


class _Held:
    def __init__(self, release: Callable[[], None]) -> None:
        self._release = release

    def close(self) -> None:
        self._release()


class _ServerLocks:
    """Advisory locks of one session: when its process dies, the server lets go of them.

    When only the session is lost, they are taken again with the next word.
    """

    def __init__(self, database: Database) -> None:
        self._database = database
        self._turn = threading.RLock()
        self._session: sa.Connection | None = None
        self._held: dict[str, int] = {}

    def claim(self, name: str) -> Claim | None:
        with self._turn:
            if name in self._held:
                return None
            number = number_of(f"{self._database.place.schema} {name}")
            if not self._asked("pg_try_advisory_lock", number):
                return None
            self._held[name] = number
        return _Held(lambda: self._released(name))

    def _released(self, name: str) -> None:
        with self._turn:
            number = self._held.pop(name, None)
            if number is not None and self._session is not None:
                try:
                    self._told("pg_advisory_unlock", number)
                except SQLAlchemyError:
                    self.close()  # and the server lets go of it by itself

    def _asked(self, function: str, number: int) -> bool:
        """What the server says; while it is away, it is waited for."""
        latest = time.monotonic() + PATIENCE
        while True:
            try:
                return self._told(function, number)
            except SQLAlchemyError as trouble:
                self.close()
                if not away(trouble) or time.monotonic() > latest:
                    raise self._database.refusal(trouble) from None
            self._database.on_absence()
            time.sleep(PAUSE)

    def _told(self, function: str, number: int) -> bool:
        return bool(self._open().scalar(sa.select(getattr(sa.func, function)(number))))

    def _open(self) -> sa.Connection:
        if self._session is None:
            engine = self._database.engine.execution_options(isolation_level="AUTOCOMMIT")
            self._session = engine.connect()
            for number in self._held.values():
                self._session.scalar(sa.select(sa.func.pg_try_advisory_lock(number)))
        return self._session

    def keep(self) -> None:
        with self._turn:
            self._asked("abs", 0)

    def close(self) -> None:
        with self._turn:
            session, self._session = self._session, None
            if session is not None:
                session.invalidate()
                session.close()


def number_of(name: str) -> int:
    return int.from_bytes(hashlib.sha256(name.encode()).digest()[:8], "big", signed=True)
