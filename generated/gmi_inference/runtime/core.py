# fmt: off
# isort: skip_file
# ruff: noqa
"""What a client is made of; shared by its jobs and results, sync and async alike."""

from __future__ import annotations

import os
import threading
from typing import TYPE_CHECKING, Any

from .api import DEFAULT_WAIT, Api
from .errors import ConfigurationError
from .polling import Poll
from .secret import Secret
from .settings import settings

if TYPE_CHECKING:
    from .async_driver import AsyncDriver
    from .jobs import AsyncJob, Job
    from .journal import Entry, Journal
    from .record import Record
    from .sync_driver import SyncDriver

JOURNAL_VARIABLE = "GMI_JOURNAL"


class Core:
    """The API, and the two drivers, each made when first needed. It refuses to be pickled."""

    __slots__ = ("_aio", "_async_client", "_lock", "_settings", "_sync", "_sync_client", "api")

    def __init__(
        self,
        key: Secret | str | None = None,
        org_id: str | None = None,
        base_url: str | None = None,
        *,
        timeout: float | None = None,
        poll: Poll | float | None = None,
        journal: str | os.PathLike[str] | None = None,
        sync_client: Any = None,
        async_client: Any = None,
    ) -> None:
        self._settings = settings(key, org_id, base_url)
        self.api = Api.of(
            self._settings,
            poll=_poll(poll),
            wait=DEFAULT_WAIT if timeout is None else bounded(timeout),
            journal=_journal(journal),
            pins_addresses=sync_client is None and async_client is None,
        )
        self._sync_client = sync_client
        self._async_client = async_client
        self._sync: SyncDriver | None = None
        self._aio: AsyncDriver | None = None
        self._lock = threading.Lock()

    @property
    def sync(self) -> SyncDriver:
        """The driver for synchronous calls."""
        with self._lock:
            if self._sync is None:
                from .sync_driver import SyncDriver
                from .sync_transport import SyncTransport

                self._sync = SyncDriver(SyncTransport(self._settings, self._sync_client))
            return self._sync

    @property
    def aio(self) -> AsyncDriver:
        """The driver for asynchronous calls."""
        with self._lock:
            if self._aio is None:
                from .async_driver import AsyncDriver
                from .async_transport import AsyncTransport

                self._aio = AsyncDriver(AsyncTransport(self._settings, self._async_client))
            return self._aio

    def job(self, record: Record) -> Job:
        """A handle on a job of this record."""
        from .jobs import Job

        return Job.attached(self, record.id, record=record)

    def async_job(self, record: Record) -> AsyncJob:
        """The same, awaited."""
        from .jobs import AsyncJob

        return AsyncJob.attached(self, record.id, record=record)

    def resumed_job(self, entry: Entry) -> Job:
        """A handle on a job the journal knows."""
        from .jobs import Job

        assert entry.request_id is not None, "only accepted attempts are jobs"
        known = {"model": entry.model, "submitted_at": entry.ended_at}
        return Job.attached(self, entry.request_id, **known)

    def resumed_async_job(self, entry: Entry) -> AsyncJob:
        """The same, awaited."""
        from .jobs import AsyncJob

        assert entry.request_id is not None, "only accepted attempts are jobs"
        known = {"model": entry.model, "submitted_at": entry.ended_at}
        return AsyncJob.attached(self, entry.request_id, **known)

    def close(self) -> None:
        """Close what was opened for synchronous calls, and allow no more of either kind."""
        self.sync.transport.close()

    async def aclose(self) -> None:
        """Close everything that was opened."""
        await self.aio.transport.aclose()
        self.sync.transport.close()

    def __repr__(self) -> str:
        return "Core()"

    def __reduce__(self) -> Any:
        raise TypeError("A client holds the API key and cannot be pickled; make one where needed.")


def bounded(timeout: float) -> float | None:
    """A bound on waiting in seconds; infinity means none. Raises ConfigurationError."""
    if not timeout >= 0:
        raise ConfigurationError("timeout= is a number of seconds, zero or more.")
    return None if timeout == float("inf") else float(timeout)


def _journal(given: str | os.PathLike[str] | None) -> Journal | None:
    place = given or os.environ.get(JOURNAL_VARIABLE)
    if not place:
        return None
    from .journal import Journal

    return Journal(place)


def _poll(value: Poll | float | None) -> Poll:
    try:
        return Poll.of(value)
    except (TypeError, ValueError) as refusal:
        raise ConfigurationError(f"poll= is not usable: {refusal}") from None


def waiting_time(core: Core, timeout: float | DefaultType | None) -> float | None:
    """The bound for one wait: what was given, or that of the client."""
    if isinstance(timeout, DefaultType):
        return core.api.wait
    return None if timeout is None else bounded(timeout)


class DefaultType:
    """The type of `DEFAULT`."""

    __slots__ = ()

    def __repr__(self) -> str:
        return "DEFAULT"


DEFAULT = DefaultType()
"""Stands for the bound the client was made with, 30 minutes unless said otherwise."""


def check_colour(http_client: Any, *, asynchronous: bool) -> None:
    """Raise ConfigurationError for an HTTP client of the wrong kind."""
    if http_client is not None and hasattr(http_client, "aclose") is not asynchronous:
        kind = "httpx.AsyncClient" if asynchronous else "httpx.Client"
        raise ConfigurationError(f"http_client= must be an {kind} here.")
