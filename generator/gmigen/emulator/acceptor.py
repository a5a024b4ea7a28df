"""One listener and the connections it accepted, none of which outlives it."""

from __future__ import annotations

import asyncio
import socket
import ssl
from collections.abc import Callable

import uvicorn
from starlette.types import ASGIApp
from uvicorn.server import ServerState

from .connection import Connection, protocol

KEEP_ALIVE_SECONDS = 75
AT_ONCE = 16
PAUSE_SECONDS = 0.1
LAST_SECONDS = 2

Arrival = Callable[[Connection], None]


class Acceptor:
    """uvicorn's HTTP on connections that are accepted here.

    `asyncio.Server` forgets a connection between accepting it and serving it, and one that is
    forgotten when the loop ends is never closed. Here each accepted socket is known from the first
    moment until it is closed. Everything happens on the loop's thread.
    """

    def __init__(self, application: ASGIApp, arrival: Arrival, tls: ssl.SSLContext | None) -> None:
        self._config = uvicorn.Config(
            application,
            http=protocol(arrival),
            ws="none",
            lifespan="off",
            log_config=None,
            log_level="critical",
            access_log=False,
            server_header=False,
            date_header=False,
            headers=[("X-Emulator", "1")],
            timeout_keep_alive=KEEP_ALIVE_SECONDS,
        )
        self._config.load()
        self._protocol = protocol(arrival)
        self._tls = tls
        self._state = ServerState()
        self._state.default_headers = self._config.encoded_headers
        self._listener: socket.socket | None = None
        self._accepted: set[socket.socket] = set()
        self._greetings: set[asyncio.Task[None]] = set()

    def listen(self, listener: socket.socket) -> None:
        """Accept whoever connects to `listener`, which is closed by `close`."""
        self._listener = listener
        asyncio.get_running_loop().add_reader(listener, self._accept, listener)

    def _accept(self, listener: socket.socket) -> None:
        self._accepted = self._open()
        # Not all who wait: a crowd that keeps connecting would keep the loop from everything else.
        for _ in range(AT_ONCE):
            try:
                accepted, _ = listener.accept()
            except (BlockingIOError, InterruptedError, ConnectionAbortedError):
                return
            except OSError:
                self._pause(listener)
                return
            accepted.setblocking(False)
            self._accepted.add(accepted)
            greeting = asyncio.get_running_loop().create_task(self._greet(accepted))
            self._greetings.add(greeting)
            greeting.add_done_callback(self._greetings.discard)

    def _pause(self, listener: socket.socket) -> None:
        """There is no file descriptor left: look again a little later."""
        loop = asyncio.get_running_loop()
        loop.remove_reader(listener)

        def again() -> None:
            if self._listener is listener:
                self.listen(listener)

        loop.call_later(PAUSE_SECONDS, again)

    async def _greet(self, accepted: socket.socket) -> None:
        loop = asyncio.get_running_loop()
        try:
            await loop.connect_accepted_socket(self._make_protocol, accepted, ssl=self._tls)
        except OSError:
            # No handshake, or already gone: there is nobody to be told.
            accepted.close()

    def _make_protocol(self) -> asyncio.Protocol:
        return self._protocol(self._config, self._state, {})

    async def close(self) -> None:
        """Refuse whoever connects from now on, and cut off whoever is connected.

        Returns once every accepted socket is closed and every answer has ended.
        """
        loop = asyncio.get_running_loop()
        if self._listener is not None:
            loop.remove_reader(self._listener)
            self._listener.close()
            self._listener = None
        # A greeting that never began could not close what it was given.
        await asyncio.sleep(0)
        greetings = list(self._greetings)
        for greeting in greetings:
            greeting.cancel()
        await asyncio.gather(*greetings, return_exceptions=True)
        for connection in list(self._state.connections):
            connection.transport.abort()
        await self._until_closed(loop.time() + LAST_SECONDS)
        for sock in self._accepted:
            sock.close()
        self._accepted.clear()
        await self._end_answers()

    async def _until_closed(self, deadline: float) -> None:
        loop = asyncio.get_running_loop()
        # asyncio tells nobody when a socket is closed at last.
        while self._open() and loop.time() < deadline:  # noqa: ASYNC110
            await asyncio.sleep(0)

    def _open(self) -> set[socket.socket]:
        return {sock for sock in self._accepted if sock.fileno() != -1}

    async def _end_answers(self) -> None:
        if self._state.tasks:
            await asyncio.wait(self._state.tasks, timeout=LAST_SECONDS)
        for task in self._state.tasks:
            task.cancel()
        await asyncio.gather(*self._state.tasks, return_exceptions=True)
