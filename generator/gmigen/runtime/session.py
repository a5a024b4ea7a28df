"""What a client is made of; shared by its jobs and results, sync and async alike."""

from __future__ import annotations

import random
import time
import uuid
import weakref
from functools import partial
from typing import Any

from .budget import Budget
from .clock import monotonic
from .config import Secret, settings
from .errors import ConfigurationError, SubmissionUnknownError
from .files.upload import Uploads
from .http.drivers import AsyncDriver, SyncDriver
from .http.transports import AsyncTransport, SyncTransport
from .protocol.context import DEFAULT_WAIT, Context
from .protocol.effects import World
from .protocol.entries import JournalStore
from .protocol.pacing import Poll
from .protocol.recovery import reconcile
from .records import Handle, Reconciliation, Record

FOR_EVER = 1e9
"""Seconds from which a bound is none: thirty years."""


class DefaultType:
    """The type of `DEFAULT`."""

    __slots__ = ()

    def __repr__(self) -> str:
        return "DEFAULT"


DEFAULT = DefaultType()
"""Stands for the bound the client was made with, 30 minutes unless said otherwise."""


Bound = float | DefaultType | None
"""A bound on waiting in seconds; None waits for ever."""


def real_world() -> World:
    """The clocks of this machine, and a die of our own: that of the process is the caller's."""
    return World(monotonic, time.time, random.Random().random, lambda: str(uuid.uuid4()))


class Session:
    """The API, and a driver for each colour. It holds the key, and refuses to be pickled.

    `handle` makes the handles of jobs it names by itself, when an unknown submission is looked for,
    and `awaited` does where somebody awaits that.
    """

    __slots__ = (
        "__weakref__",
        "_awaited",
        "_handle",
        "_settings",
        "aio",
        "budget",
        "context",
        "sync",
        "uploads",
    )

    def __init__(
        self,
        key: Secret,
        org_id: str | None = None,
        base_url: str | None = None,
        *,
        handle: type[Handle] = Handle,
        awaited: type[Handle] | None = None,
        timeout: float | None = None,
        poll: Poll | float | None = None,
        journal: JournalStore | None = None,
        proxy: str | None = None,
        budget: Budget | float | None = None,
        sync_client: Any = None,
        async_client: Any = None,
        keyless: bool = False,
    ) -> None:
        self._settings = known = settings(key, org_id, base_url, proxy, keyless=keyless)
        self._handle, self._awaited = handle, awaited or handle
        self.budget = Budget.of(budget)
        self.sync = SyncDriver(SyncTransport(known, sync_client))
        self.aio = AsyncDriver(AsyncTransport(known, async_client))
        self.context = Context(
            known.base_url,
            known.loopback,
            real_world(),
            poll=Poll.of(poll),
            wait=DEFAULT_WAIT if timeout is None else seconds(timeout),
            journal=journal,
            pins=(self.sync if async_client is None else self.aio).transport.pins,
        )
        self.uploads = Uploads()
        # Whoever forgets to close it, or cannot: it goes with the last that holds it.
        weakref.finalize(self, self.sync.transport.close)

    def require_key(self) -> None:
        """Raise ConfigurationError when there is no key to ask with."""
        self._settings.authorize(self._settings.base_url, {})

    def job(self, record: Record, kind: type[Handle] | None = None) -> Handle:
        """A handle on the job of this record."""
        handle = (kind or self._handle)(record.id, record=record)
        handle._session = self  # type: ignore[attr-defined]
        return handle

    def reconcile(self, error: SubmissionUnknownError) -> Reconciliation:
        """See `SubmissionUnknownError.reconcile`."""
        return self.sync.run(reconcile(self.context, error, self.job))

    async def areconcile(self, error: SubmissionUnknownError) -> Reconciliation:
        """The same, awaited."""
        make = partial(self.job, kind=self._awaited)
        return await self.aio.run(reconcile(self.context, error, make))

    def close(self) -> None:
        """Close what was opened for synchronous calls, and ask nothing more of the API."""
        self.sync.transport.close()

    async def aclose(self) -> None:
        """Close everything that was opened."""
        await self.aio.transport.aclose()
        self.close()

    def __repr__(self) -> str:
        return "Session()"

    def __reduce__(self) -> Any:
        raise TypeError("A client holds the API key and cannot be pickled; make one where needed.")


def seconds(timeout: Any, name: str = "timeout") -> float | None:
    """A bound in seconds, None for ever. Raises ConfigurationError for what is no such number."""
    if timeout is None:
        return None
    if isinstance(timeout, bool) or not isinstance(timeout, (int, float)) or not timeout >= 0:
        raise ConfigurationError(
            f"{name}= is a number of seconds, zero or more; math.inf waits for ever."
        )
    return float(timeout) if timeout < FOR_EVER else None


def waiting_time(session: Session, timeout: Bound) -> float | None:
    """The bound for one wait: what was given, or that of the client."""
    return session.context.wait if isinstance(timeout, DefaultType) else seconds(timeout)


def check_colour(http_client: Any, *, asynchronous: bool) -> None:
    """Raise ConfigurationError for an HTTP client of the wrong kind."""
    if http_client is not None and hasattr(http_client, "aclose") is not asynchronous:
        kind = "httpx.AsyncClient" if asynchronous else "httpx.Client"
        raise ConfigurationError(f"http_client= must be an {kind} here.")
