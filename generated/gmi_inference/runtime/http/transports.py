# fmt: off
# isort: skip_file
# ruff: noqa
"""HTTP for either colour of caller; the HTTP library is imported at the first request."""

from __future__ import annotations

import os
from collections.abc import Callable
from contextlib import AbstractAsyncContextManager, AbstractContextManager
from typing import Any, TypeVar
from weakref import WeakKeyDictionary

from .. import logs
from ..config import Settings
from ..errors import ConfigurationError
from ..protocol.effects import Failure, Lane, Reply, Send, Stored
from . import aside
from .failures import settled
from .pump import AsyncOpened, Opened, Pump, current

P = TypeVar("P")


class BaseTransport:
    """What both colours have: pools that belong to somebody, such as an event loop, and go with it.

    There is one for each lane and proxy, made when first needed. With `client`, one of httpx, all
    goes through that one, as long as it is open.
    """

    def __init__(self, settings: Settings, client: Any = None) -> None:
        self._settings = settings
        self._client = client
        logs.quieten()
        self._closed = False
        self._process = os.getpid()
        self._owned: WeakKeyDictionary[Any, dict[Any, Any]] = WeakKeyDictionary()

    def pins(self, url: str) -> bool:
        """Whether `connect_to` is heeded for this URL: not by a proxy, nor by a lent client."""
        return not self._lends() and self._settings.proxy_of(url) is None

    def _lends(self) -> bool:
        return self._client is not None and not getattr(self._client, "is_closed", False)

    def _pump(self, effect: Send) -> Pump:
        closed = self._closed or (self._client is not None and not self._lends())
        if closed and effect.lane != "bare":
            raise ConfigurationError(
                "This client is closed. Make a new one, or use it inside its with."
            )
        return Pump(effect, self._settings, heard=not self._lends())

    def _pools(self, owner: Any) -> dict[Any, Any]:
        if self._process != os.getpid():
            # A forked child: what is there belongs to the threads and loops of the parent.
            self._process, self._owned = os.getpid(), WeakKeyDictionary()
        return self._owned.setdefault(owner, {})

    def _pool(self, owner: Any, kind: Callable[[Lane, str | None], P], effect: Send) -> P:
        key = effect.lane, self._settings.proxy_of(effect.url)
        pools: dict[Any, P] = self._pools(owner)
        if key not in pools:
            pools.setdefault(key, kind(*key))
        return pools[key]


class SyncTransport(BaseTransport):
    """HTTP for synchronous callers; threads may share it."""

    def send(self, effect: Send) -> Reply | Failure | Stored:
        """Perform one exchange. Raises ConfigurationError, and what the caller's code raises."""
        pump = self._pump(effect)
        bound = current.set(pump)
        try:
            with self._opened(pump) as (status, headers, pieces):
                pump.begin(status, headers)
                pump.judge()
                for piece in pieces:
                    if pump.take(piece):
                        break
                return pump.answer()
        except Exception as error:
            problem = error
        finally:
            current.reset(bound)
        return settled(problem, pump)

    def _opened(self, pump: Pump) -> AbstractContextManager[Opened]:
        if self._lends():
            from .lent import opened

            return opened(self._client, pump)
        from .pools import Pool

        return self._pool(type(self), Pool, pump.effect).open(pump)

    def close(self) -> None:
        """Close the connections; a client given by the caller is left to the caller.

        Public files can still be fetched: those connections are never kept.
        """
        self._closed = True
        for pool in list(self._pools(type(self)).values()):
            pool.close()


class AsyncTransport(BaseTransport):
    """HTTP for asynchronous callers; a second `asyncio.run` just works.

    Its connections belong to the running event loop, and nothing here keeps a loop alive. What
    belonged to a loop that was closed is closed when another one is used, or when the collector
    finds it.
    """

    async def send(self, effect: Send) -> Reply | Failure | Stored:
        """Perform one exchange. Raises ConfigurationError, and what the caller's code raises."""
        loop = self._loop()
        pump = self._pump(effect)
        bound = current.set(pump)
        try:
            async with self._opened(loop, pump) as (status, headers, pieces):
                pump.begin(status, headers)
                if effect.sink is not None:
                    await aside.awaited(pump.judge)
                async for piece in pieces:
                    if pump.take(piece):
                        break
                return pump.answer()
        except Exception as error:
            problem = error
        finally:
            current.reset(bound)
        return settled(problem, pump)

    def _opened(self, loop: Any, pump: Pump) -> AbstractAsyncContextManager[AsyncOpened]:
        if self._lends():
            from .lent import async_opened

            return async_opened(self._client, pump)
        from .pools import AsyncPool

        return self._pool(loop, AsyncPool, pump.effect).open(pump)

    def _loop(self) -> Any:
        """The running one; connections of those that were closed are closed."""
        for known in self._owned.keyrefs():
            if (loop := known()) is not None and loop.is_closed():
                self._owned.pop(loop, None)
        return aside.running_loop()

    async def aclose(self) -> None:
        """Close the connections of the running loop, and of those that were closed.

        Public files can still be fetched: those connections are never kept.
        """
        self._closed = True
        for pool in list(self._pools(self._loop()).values()):
            await pool.aclose()
