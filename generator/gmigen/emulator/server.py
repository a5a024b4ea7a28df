"""uvicorn on loopback in a thread: two listeners that start at once and stop without a trace."""

from __future__ import annotations

import asyncio
import ipaddress
import socket
import threading
from collections.abc import Callable, Coroutine, Sequence
from typing import Any

import uvicorn
from starlette.types import ASGIApp

from .connection import Connection, protocol

KEEP_ALIVE_SECONDS = 75
LAST_SECONDS = 2
Arrival = Callable[[Connection], None]


def loopback_socket(host: str, port: int) -> socket.socket:
    """A listening socket on `host`, which must be a loopback address.

    Raises:
        ValueError: others than this machine could reach it.
        OSError: the port is taken.
    """
    if host == "localhost":
        host = "127.0.0.1"
    try:
        local = ipaddress.ip_address(host).is_loopback
    except ValueError:
        local = False
    if not local:
        raise ValueError(f"the emulator binds loopback addresses only, and {host!r} is none")
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    # asyncio sets TCP_NODELAY only where the protocol is spelled out; without it an answer waits
    # 40 ms for the acknowledgement of its own head.
    listener = socket.socket(family, socket.SOCK_STREAM, socket.IPPROTO_TCP)
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        listener.bind((host, port))
        listener.listen(2048)
    except OSError:
        listener.close()
        raise
    return listener


def origin(listener: socket.socket) -> str:
    """`http://host:port` of a bound socket."""
    host, port = listener.getsockname()[:2]
    return f"http://[{host}]:{port}" if ":" in host else f"http://{host}:{port}"


class _Server(uvicorn.Server):
    """A server told to stop by an event, which cuts off whoever is still connected."""

    def __init__(self, application: ASGIApp, arrival: Arrival) -> None:
        super().__init__(
            uvicorn.Config(
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
        )
        self.stopping = asyncio.Event()

    async def main_loop(self) -> None:
        await self.on_tick(0)
        await self.stopping.wait()

    async def close_listener(self) -> None:
        """Refuse whoever connects from now on, and cut off whoever is connected."""
        for server in self.servers:
            server.close()
        self.cut_off()

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        """Close everything now: uvicorn's own way gives clients time, a tenth of a second at
        least, and a test suite starts hundreds of these."""
        for server in self.servers:
            server.close()
        self.cut_off()
        if self.server_state.tasks:
            await asyncio.wait(self.server_state.tasks, timeout=LAST_SECONDS)
        for task in self.server_state.tasks:
            task.cancel()

    def cut_off(self) -> None:
        """Abort every connection that is still open."""
        for connection in list(self.server_state.connections):
            if connection.transport is not None:
                connection.transport.abort()


class Servers:
    """Applications served on sockets of their own, all by one thread with one event loop."""

    def __init__(self, served: Sequence[tuple[socket.socket, ASGIApp, Arrival]]) -> None:
        self._served = served
        self._ready = threading.Event()
        self._servers: list[_Server] = []
        self._loop: asyncio.AbstractEventLoop | None = None
        self._failure: BaseException | None = None
        self._thread = threading.Thread(target=self._run, name="gmigen-emulator", daemon=True)

    def start(self) -> None:
        """Return once connections are accepted; raises what kept the servers from starting."""
        self._thread.start()
        self._ready.wait()
        if self._failure is not None:
            raise self._failure

    def refuse(self, index: int) -> None:
        """Close the listener `index`: connections to it are refused by the operating system."""
        self._do(self._servers[index].close_listener())

    def accept(self, index: int, listener: socket.socket) -> None:
        """Let the server `index` listen again, on a socket bound anew."""
        self._do(self._servers[index].startup(sockets=[listener]))

    def _do(self, work: Coroutine[Any, Any, None]) -> None:
        assert self._loop is not None, "a server is started before it is asked for anything"
        asyncio.run_coroutine_threadsafe(work, self._loop).result()

    def stop(self) -> None:
        """Close every connection and listener, and return when the thread has ended."""
        if self._loop is not None and self._thread.is_alive():
            self._loop.call_soon_threadsafe(self._tell_all)
        self._thread.join()

    def _tell_all(self) -> None:
        for server in self._servers:
            server.stopping.set()

    def _run(self) -> None:
        try:
            asyncio.run(self._serve())
        except BaseException as failure:
            self._failure = failure
        finally:
            self._ready.set()

    async def _serve(self) -> None:
        self._loop = asyncio.get_running_loop()
        self._servers = [_Server(app, arrival) for _, app, arrival in self._served]
        serving = [
            asyncio.ensure_future(server.serve(sockets=[listener]))
            for server, (listener, _, _) in zip(self._servers, self._served, strict=True)
        ]
        # The sockets listen already: whoever connects now waits in their backlog.
        self._ready.set()
        await asyncio.gather(*serving)
        # Who connected in the last moment is accepted by now, and may not outlive the loop.
        for _ in range(3):
            await asyncio.sleep(0)
        for server in self._servers:
            server.cut_off()
        for _ in range(3):
            await asyncio.sleep(0)
