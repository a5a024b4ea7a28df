"""The hosts in a thread: they start at once and stop without a trace."""

from __future__ import annotations

import asyncio
import socket
import ssl
import threading
from collections.abc import Callable, Coroutine, Sequence
from typing import Any, TypeVar

from starlette.types import ASGIApp

from .acceptor import Acceptor, Arrival

T = TypeVar("T")
Served = tuple[socket.socket, ASGIApp, Arrival]


class Server:
    """Applications served on sockets of their own, all by one thread with one event loop."""

    def __init__(self, served: Sequence[Served], tls: Sequence[ssl.SSLContext | None]) -> None:
        self._served = served
        self._tls = tls
        self._ready = threading.Event()
        self._acceptors: list[Acceptor] = []
        self._failure: BaseException | None = None
        self._stopping: asyncio.Event | None = None
        # Readers of sockets are what acceptors are made of, and Windows' own loop has none.
        self._loop = asyncio.SelectorEventLoop()
        self._thread = threading.Thread(target=self._run, name="gmigen-emulator", daemon=True)

    def start(self) -> None:
        """Return once connections are accepted; raises what kept the acceptors from starting."""
        self._thread.start()
        self._ready.wait()
        if self._failure is not None:
            raise self._failure

    def refuse(self, index: int) -> None:
        """Close the listener `index`: connections to it are refused by the operating system."""
        self._do(self._acceptors[index].close())

    def accept(self, index: int, listener: socket.socket) -> None:
        """Let the acceptor `index` listen again, on a socket bound anew."""

        async def listen() -> None:
            self._acceptors[index].listen(listener)

        self._do(listen())

    def call(self, work: Callable[[], T]) -> T:
        """What `work` returns, done on the loop's thread, where all state lives."""

        async def called() -> T:
            return work()

        return asyncio.run_coroutine_threadsafe(called(), self._loop).result()

    def _do(self, work: Coroutine[Any, Any, None]) -> None:
        asyncio.run_coroutine_threadsafe(work, self._loop).result()

    def stop(self) -> None:
        """Close every connection and listener, and return when the thread has ended."""
        stopping = self._stopping
        if stopping is not None and self._thread.is_alive():
            self._loop.call_soon_threadsafe(stopping.set)
        self._thread.join()

    def _run(self) -> None:
        try:
            self._loop.run_until_complete(self._serve())
            self._loop.run_until_complete(self._loop.shutdown_asyncgens())
        except BaseException as failure:
            self._failure = failure
        finally:
            self._loop.close()
            self._ready.set()

    async def _serve(self) -> None:
        self._stopping = asyncio.Event()
        for (listener, application, arrival), tls in zip(self._served, self._tls, strict=True):
            acceptor = Acceptor(application, arrival, tls)
            self._acceptors.append(acceptor)
            acceptor.listen(listener)
        # The sockets listen already: whoever connects now waits in their backlog.
        self._ready.set()
        await self._stopping.wait()
        for acceptor in self._acceptors:
            await acceptor.close()
