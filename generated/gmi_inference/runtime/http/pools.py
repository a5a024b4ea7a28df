# fmt: off
# isort: skip_file
# ruff: noqa
"""Connections of our own, in a pool for each lane.

They stand on the connections of httpcore, the lower half of httpx: a look at a job then costs half
of what it costs through `httpx.Client`, and no cookie or variable of the environment can add
anything to a request. Who waits, waits for a slot here, so it is certain that nothing was sent;
what is to be sent is put together after that, because thousands may stand in line.
"""

from __future__ import annotations

import sys
import threading
from collections import deque
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import asynccontextmanager, contextmanager, suppress
from typing import Any, Generic, TypeVar
from urllib.parse import unquote

import anyio
import httpcore

from .. import urls
from ..errors import ConfigurationError
from ..protocol.effects import Body, Lane
from .deadlines import AsyncBoundedBackend, BoundedBackend
from .exchange import wire_request
from .pump import AsyncOpened, Opened, Pump
from .tls import tls_context

# httpx forgets an idle connection after 5 s by default, so that every slow poll paid a handshake.
KEEPALIVE = 75.0
CONNECTIONS = 20
# A submission may be held for minutes, so there is room for many; but a process has only so many
# files, and who finds no room waits.
HELD = 64

_SLOTS: dict[Lane, int] = {"api": CONNECTIONS, "submit": HELD, "bare": sys.maxsize}
C = TypeVar("C", httpcore.ConnectionInterface, httpcore.AsyncConnectionInterface)


class _Pool(Generic[C]):
    def __init__(self, lane: Lane, new: Callable[..., C]) -> None:
        self._keeps = lane == "api"
        self._kept: deque[C] = deque()
        self._new: Callable[..., C] = new

    def _taken(self, origin: httpcore.Origin, stale: list[C]) -> C:
        """One that was kept, or a new one; what can be used no more is put into `stale`."""
        with suppress(IndexError):  # none is left
            while connection := self._kept.pop():
                if connection.can_handle_request(origin) and not connection.has_expired():
                    return connection
                stale.append(connection)
        return self._new(origin)

    def _keep(self, connection: C) -> bool:
        """Whether it is kept for the next request; one that is not has to be closed."""
        kept = self._keeps and connection.is_idle()
        if kept:
            self._kept.append(connection)
        return kept


class Pool(_Pool[httpcore.ConnectionInterface]):
    """Connections of one lane, all through the same proxy or none; shared between threads."""

    def __init__(self, lane: Lane, proxy: str | None) -> None:
        kinds = httpcore.HTTPConnection, httpcore.HTTPProxy, httpcore.SOCKSProxy
        super().__init__(lane, _connecting(proxy, BoundedBackend(), *kinds))
        self._slots = threading.Semaphore(_SLOTS[lane])

    @contextmanager
    def open(self, pump: Pump) -> Iterator[Opened]:
        """Send the request; inside, the head of the answer is there and the body is coming."""
        if not self._slots.acquire(timeout=min(pump.left(), threading.TIMEOUT_MAX)):
            raise httpcore.PoolTimeout
        connection, stale = None, list[httpcore.ConnectionInterface]()
        try:
            pump.room()
            request = _request(pump, pump.chunks)
            connection = self._taken(request.url.origin, stale)
            for one in stale:
                one.close()
            answer = connection.handle_request(request)
            yield answer.status, answer.headers, answer.iter_stream()
            answer.close()
        finally:
            if connection is not None and not self._keep(connection):
                connection.close()
            self._slots.release()

    def close(self) -> None:
        """Close the connections nobody uses; the others are closed when they are done with."""
        with suppress(IndexError):
            while connection := self._kept.pop():
                connection.close()


class AsyncPool(_Pool[httpcore.AsyncConnectionInterface]):
    """Connections of one lane, proxy and event loop.

    It holds no loop and no transport of a loop, so that it lives no longer than its own.
    """

    def __init__(self, lane: Lane, proxy: str | None) -> None:
        kinds = httpcore.AsyncHTTPConnection, httpcore.AsyncHTTPProxy, httpcore.AsyncSOCKSProxy
        super().__init__(lane, _connecting(proxy, AsyncBoundedBackend(), *kinds))
        self._slots = anyio.Semaphore(_SLOTS[lane])

    @asynccontextmanager
    async def open(self, pump: Pump) -> AsyncIterator[AsyncOpened]:
        """Send the request; inside, the head of the answer is there and the body is coming."""
        await self._slot(pump)
        connection, stale = None, list[httpcore.AsyncConnectionInterface]()
        pieces = None
        try:
            pump.room()
            request = _request(pump, pump.async_chunks)
            connection = self._taken(request.url.origin, stale)
            for one in stale:
                await one.aclose()
            answer = await connection.handle_async_request(request)
            pieces = answer.aiter_stream()
            yield answer.status, answer.headers, pieces
            await answer.aclose()
        finally:
            if connection is not None and not self._keep(connection):
                await connection.aclose()
                # The generators of httpcore end here, and not when the collector finds them: that
                # would take a task of the loop, which may be closed by then.
                with suppress(Exception):
                    while pieces is not None:
                        await anext(pieces)
            self._slots.release()

    async def _slot(self, pump: Pump) -> None:
        with suppress(anyio.WouldBlock):
            return self._slots.acquire_nowait()
        with anyio.move_on_after(pump.left()):
            return await self._slots.acquire()
        raise httpcore.PoolTimeout

    async def aclose(self) -> None:
        """Close the connections nobody uses; the others are closed when they are done with."""
        while self._kept:
            await self._kept.pop().aclose()


def _request(pump: Pump, streamed: Callable[[Body], Any]) -> httpcore.Request:
    wire = wire_request(pump.effect, pump.settings)
    parts, extensions = wire.parts, wire.extensions
    path = parts.path or "/"
    target = f"{path}?{parts.query}" if "?" in wire.url else path
    host = (parts.hostname or "").encode("ascii")
    url = httpcore.URL(
        scheme=parts.scheme.encode(), host=host, port=parts.port, target=target.encode()
    )
    headers = [(name.encode(), value.encode("latin-1")) for name, value in wire.headers.items()]
    body = wire.content(streamed)
    return httpcore.Request(wire.method, url, headers=headers, content=body, extensions=extensions)


def _connecting(proxy: str | None, backend: Any, direct: Any, http: Any, socks: Any) -> Any:
    """What makes a new connection to an origin."""
    options: dict[str, Any] = {"keepalive_expiry": KEEPALIVE, "network_backend": backend}
    if proxy is None:
        return lambda origin: direct(
            origin, ssl_context=tls_context() if origin.scheme == b"https" else None, **options
        )
    parts = urls.split(proxy)
    assert parts is not None, "the settings check it"
    if parts.username is not None:
        options["proxy_auth"] = unquote(parts.username), unquote(parts.password or "")
    options["ssl_context"] = tls_context()
    if parts.scheme == "https":
        options["proxy_ssl_context"] = tls_context()
    kind = socks if parts.scheme.startswith("socks") else http
    try:
        pool = kind(f"{parts.scheme}://{parts.netloc.rpartition('@')[2]}", **options)
    except RuntimeError:
        raise ConfigurationError(
            "A SOCKS proxy needs one more package: pip install socksio. Or name an http proxy, or "
            "pass proxy='' to go without."
        ) from None
    return pool.create_connection
