"""One TCP connection as a fault needs it: below HTTP, where resets and silence happen."""

from __future__ import annotations

import asyncio
import socket
import struct
from collections.abc import Callable
from typing import Any

from starlette.responses import Response
from starlette.types import Receive, Scope, Send
from uvicorn.protocols.http.h11_impl import H11Protocol


class Connection:
    """The server's end of a connection. `gone` is set once it is closed by either side."""

    def __init__(self) -> None:
        self.gone = asyncio.Event()
        self.deaf = False
        self._transport: asyncio.Transport | None = None

    def opened(self, transport: asyncio.Transport) -> None:
        self._transport = transport

    @property
    def transport(self) -> asyncio.Transport:
        assert self._transport is not None, "a connection is opened before anything else happens"
        return self._transport

    def reset(self) -> None:
        """Drop the connection with RST, whatever was received or is still to be sent."""
        sock = self.transport.get_extra_info("socket")
        # Zero linger: without it the kernel would send FIN when nothing is left unread.
        sock.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        self.transport.abort()

    async def reset_when_sent(self) -> None:
        """RST once everything written has left: it would discard what is still here."""
        # asyncio offers no event for this.
        while self.transport.get_write_buffer_size() and not self.gone.is_set():  # noqa: ASYNC110
            await asyncio.sleep(0.001)
        self.reset()

    def finish(self) -> None:
        """Send what was written, then FIN. Only this side is closed: closing both with bytes left
        unread would turn the FIN into RST."""
        if self.transport.can_write_eof():
            self.transport.write_eof()
        else:
            self.transport.close()

    def dismiss(self) -> None:
        """FIN before anything was said; what still comes is dropped unheard."""
        self.deaf = True
        self.finish()

    def ignore(self) -> None:
        """Read nothing more, so that the sender's window fills."""
        # Not at once: until Python 3.11 a new connection starts reading after `connection_made`,
        # whatever was asked of it there.
        asyncio.get_running_loop().call_soon(self.transport.pause_reading)


class NoAnswer(Response):
    """Stands where an answer would: nothing is sent, and the connection ends when it ends."""

    def __init__(self, connection: Connection) -> None:
        super().__init__()
        self._connection = connection

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        await self._connection.gone.wait()


def protocol(arrival: Callable[[Connection], None]) -> type[H11Protocol]:
    """uvicorn's HTTP protocol, with `scope["state"]["connection"]` beside every request.

    `arrival` is called with each connection before a byte of it is read.
    """

    class LoopbackProtocol(H11Protocol):
        def __init__(self, *args: Any, **kwargs: Any) -> None:
            super().__init__(*args, **kwargs)
            self.connection = Connection()
            self.app_state = {**self.app_state, "connection": self.connection}

        def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
            super().connection_made(transport)
            self.connection.opened(transport)
            arrival(self.connection)

        def data_received(self, data: bytes) -> None:
            if not self.connection.deaf:
                super().data_received(data)

        def connection_lost(self, exc: Exception | None) -> None:
            super().connection_lost(exc)
            self.connection.gone.set()

    return LoopbackProtocol
