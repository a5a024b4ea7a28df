# fmt: off
# isort: skip_file
# ruff: noqa
"""HTTP for asynchronous callers; its connections belong to the running event loop."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from .. import logs
from ..protocol.effects import Failure, Reply, Send, Stored
from . import aside
from .failures import settled
from .pump import Pump, current
from .sync_transport import BaseTransport

if TYPE_CHECKING:
    from .lent import AsyncLent
    from .pools import AsyncPool


class AsyncTransport(BaseTransport):
    """HTTP for asynchronous callers; a second `asyncio.run` just works.

    Nothing here keeps a loop alive. What belonged to a loop that was closed is closed when another
    one is used, or when the collector finds it.
    """

    async def send(self, effect: Send) -> Reply | Failure | Stored:
        """Perform one exchange. Raises ConfigurationError, and what the caller's code raises."""
        loop = self._loop()
        pump = Pump(effect, heard=not self._lends())
        quiet, bound = logs.ours.set(True), current.set(pump)
        try:
            wired = self._wired(effect)
            async with self._source(loop, effect).open(wired, pump) as (status, headers, pieces):
                pump.begin(status, headers, self._settings)
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
            logs.ours.reset(quiet)
        return settled(problem, pump)

    def _source(self, loop: Any, effect: Send) -> AsyncLent | AsyncPool:
        if self._lends():
            from .lent import AsyncLent

            return AsyncLent(self._client)
        from .pools import AsyncPool

        pool: AsyncPool = self._pool(loop, AsyncPool, effect)
        return pool

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
