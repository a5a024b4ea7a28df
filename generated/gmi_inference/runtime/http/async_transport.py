# fmt: off
# isort: skip_file
# ruff: noqa
"""HTTP for asynchronous callers; its connections belong to the running event loop."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, Any
from weakref import WeakKeyDictionary

from .. import logs
from ..config import Settings
from ..protocol.effects import Failure, Lane, Reply, Send, Stored
from . import aside
from .exchange import wire_request
from .failures import closed, settled, unsendable
from .pump import Pump, current

if TYPE_CHECKING:
    from asyncio import AbstractEventLoop

    from .lent import AsyncLent
    from .pools import AsyncPool

Pools = dict[tuple[Lane, "str | None"], "AsyncPool"]


class AsyncTransport:
    """A connection pool for each lane, proxy and event loop, so a second `asyncio.run` just works.

    Nothing here keeps a loop alive. What belonged to a loop that was closed is closed when another
    one is used, or when the collector finds it. With `client`, an `httpx.AsyncClient`, all goes
    through that one, as long as it is open.
    """

    def __init__(self, settings: Settings, client: Any = None) -> None:
        self._settings = settings
        self._client = client
        self._closed = False
        self._process = os.getpid()
        self._loops: WeakKeyDictionary[AbstractEventLoop, Pools] = WeakKeyDictionary()

    def pins(self, url: str) -> bool:
        """Whether `connect_to` is heeded for this URL: not by a proxy, nor by a lent client."""
        return not self._lends() and self._settings.proxy_of(url) is None

    async def send(self, effect: Send) -> Reply | Failure | Stored:
        """Perform one exchange. Raises ConfigurationError, and what the caller's code raises."""
        aside.running_loop()
        lent = self._lends()
        pump = Pump(effect, heard=not lent)
        quiet, bound = logs.ours.set(True), current.set(pump)
        try:
            return await self._exchanged(effect, pump, lent)
        except Exception as error:
            problem = error
        finally:
            current.reset(bound)
            logs.ours.reset(quiet)
        return settled(problem, pump)

    async def _exchanged(self, effect: Send, pump: Pump, lent: bool) -> Reply | Failure | Stored:
        if effect.lane != "bare" and (self._closed or (self._client is not None and not lent)):
            raise closed()
        wire = wire_request(effect, self._settings)
        if wire is None:
            return unsendable()
        source = self._lent() if lent else await self._pool(effect.lane, effect.url)
        async with source.open(wire, pump) as (status, headers, pieces):
            pump.begin(status, headers, self._settings)
            if effect.sink is not None:
                await aside.awaited(pump.judge)
            async for piece in pieces:
                if pump.take(piece):
                    break
            return pump.answer()

    def _lends(self) -> bool:
        return self._client is not None and not getattr(self._client, "is_closed", False)

    def _lent(self) -> AsyncLent:
        from .lent import AsyncLent

        logs.quieten()
        return AsyncLent(self._client)

    async def _pool(self, lane: Lane, url: str) -> AsyncPool:
        proxy = self._settings.proxy_of(url)
        pools = await self._of_this_loop()
        if (lane, proxy) not in pools:
            from .pools import AsyncPool

            logs.quieten()
            pools[lane, proxy] = AsyncPool(lane, proxy)
        return pools[lane, proxy]

    async def _of_this_loop(self) -> Pools:
        if self._process != os.getpid():
            # A forked child: what is there belongs to loops of the parent.
            self._process = os.getpid()
            self._loops = WeakKeyDictionary()
        loop = aside.running_loop()
        if loop not in self._loops:
            await self._leave_closed_loops()
            self._loops[loop] = {}
        return self._loops[loop]

    async def _leave_closed_loops(self) -> None:
        for loop, pools in list(self._loops.items()):
            if loop.is_closed():
                self._loops.pop(loop, None)
                for pool in pools.values():
                    await pool.aclose()

    async def aclose(self) -> None:
        """Close the connections of the running loop, and of those that were closed.

        Public files can still be fetched: those connections are never kept.
        """
        self._closed = True
        await self._leave_closed_loops()
        for pool in (await self._of_this_loop()).values():
            await pool.aclose()
