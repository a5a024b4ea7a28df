# fmt: off
# isort: skip_file
# ruff: noqa
"""Connections of our own, in a pool for each lane.

They stand on the connections of httpcore, the lower half of httpx: a look at a job then costs half
of what it costs through `httpx.Client`, and no cookie or variable of the environment can add
anything to a request. Who waits, waits for a slot here, so it is certain that nothing was sent.
"""

from __future__ import annotations

import asyncio
import sys
import threading
from collections import deque
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import asynccontextmanager, contextmanager, suppress
from typing import Any, Generic, TypeVar, cast
from urllib.parse import unquote

import anyio
import httpcore

from .. import urls
from ..errors import ConfigurationError
from ..protocol.effects import Lane
from . import aside
from .async_deadlines import AsyncBoundedBackend
from .deadlines import BoundedBackend
from .exchange import WireRequest
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
P = TypeVar("P")


class _Idle(Generic[C]):
    """Connections kept for the next request; only those of the lane `api` are."""

    def __init__(self, lane: Lane) -> None:
        self._most = CONNECTIONS if lane == "api" else 0
        self._kept: deque[C] = deque()

    def take(self, origin: httpcore.Origin) -> tuple[C | None, list[C]]:
        """A connection to `origin` if there is one, and those to be closed."""
        over: list[C] = []
        for connection in reversed(tuple(self._kept)):
            expired = connection.has_expired()
            if expired or connection.can_handle_request(origin):
                try:
                    self._kept.remove(connection)
                except ValueError:
                    continue  # another thread took it
                if not expired:
                    return connection, over
                over.append(connection)
        return None, over

    def keep(self, connection: C) -> bool:
        """Whether it is kept; one that is not has to be closed."""
        if not connection.is_idle() or len(self._kept) >= self._most:
            return False
        self._kept.append(connection)
        return True

    def all(self) -> list[C]:
        """Every one of them, none of which is kept any longer."""
        kept = list(self._kept)
        self._kept.clear()
        return kept


class Pool:
    """Connections of one lane, all through the same proxy or none; shared between threads."""

    def __init__(self, lane: Lane, proxy: str | None) -> None:
        self._slots = threading.Semaphore(_SLOTS[lane])
        self._idle: _Idle[httpcore.ConnectionInterface] = _Idle(lane)
        kinds = httpcore.HTTPConnection, httpcore.HTTPProxy, httpcore.SOCKSProxy
        self._connection = _connecting(proxy, *kinds, BoundedBackend())

    @contextmanager
    def open(self, wire: WireRequest, pump: Pump) -> Iterator[Opened]:
        """Send the request; inside, the head of the answer is there and the body is coming."""
        body = wire.body
        content = body if body is None or isinstance(body, bytes) else pump.chunks(body)
        request = _request(wire, content)
        if not self._slots.acquire(timeout=min(pump.left(), threading.TIMEOUT_MAX)):
            raise httpcore.PoolTimeout
        connection = None
        try:
            pump.room()
            connection, over = self._idle.take(request.url.origin)
            for one in over:
                one.close()
            connection = connection or self._connection(request.url.origin)
            answer = connection.handle_request(request)
            yield answer.status, answer.headers, answer.iter_stream()
            answer.close()
        finally:
            if connection is not None and not self._idle.keep(connection):
                connection.close()
            self._slots.release()

    def close(self) -> None:
        """Close the connections nobody uses; the others are closed when they are done with."""
        for connection in self._idle.all():
            connection.close()


class AsyncPool:
    """Connections of one lane, proxy and event loop.

    It holds no loop and no transport of a loop, so that it lives no longer than its own.
    """

    def __init__(self, lane: Lane, proxy: str | None) -> None:
        self._free = _SLOTS[lane]
        self._waiting: deque[asyncio.Future[None]] = deque()
        self._idle: _Idle[httpcore.AsyncConnectionInterface] = _Idle(lane)
        kinds = httpcore.AsyncHTTPConnection, httpcore.AsyncHTTPProxy, httpcore.AsyncSOCKSProxy
        self._connection = _connecting(proxy, *kinds, AsyncBoundedBackend())

    @asynccontextmanager
    async def open(self, wire: WireRequest, pump: Pump) -> AsyncIterator[AsyncOpened]:
        """Send the request; inside, the head of the answer is there and the body is coming."""
        body = wire.body
        content = body if body is None or isinstance(body, bytes) else pump.async_chunks(body)
        request = _request(wire, content)
        with anyio.move_on_after(pump.left()) as waiting:
            await self._slot()
        if waiting.cancelled_caught:
            raise httpcore.PoolTimeout
        connection = None
        try:
            pump.room()
            connection, over = self._idle.take(request.url.origin)
            for one in over:
                await one.aclose()
            connection = connection or self._connection(request.url.origin)
            answer = await connection.handle_async_request(request)
            pieces = answer.aiter_stream()
            try:
                yield answer.status, answer.headers, pieces
                await answer.aclose()
            finally:
                if not connection.is_idle():
                    await connection.aclose()
                    # The generators of httpcore end here, and not when the collector finds them:
                    # that would take a task of the loop, which may be closed by then.
                    with suppress(Exception):
                        async for _ in pieces:
                            pass
        finally:
            if connection is not None and not self._idle.keep(connection):
                await connection.aclose()
            self._release()

    async def _slot(self) -> None:
        if self._free > 0:
            self._free -= 1
            return
        turn = aside.running_loop().create_future()
        self._waiting.append(turn)
        try:
            await turn
        except BaseException:
            if turn.done() and not turn.cancelled():
                self._release()  # its turn had come when it left
            raise

    def _release(self) -> None:
        while self._waiting:
            turn = self._waiting.popleft()
            if not turn.done():
                turn.set_result(None)
                return
        self._free += 1

    async def aclose(self) -> None:
        """Close the connections nobody uses; the others are closed when they are done with."""
        for connection in self._idle.all():
            await connection.aclose()


def _request(wire: WireRequest, content: Any) -> httpcore.Request:
    path = wire.parts.path or "/"
    target = f"{path}?{wire.parts.query}" if "?" in wire.url else path
    host = (wire.parts.hostname or "").encode("ascii")
    url = httpcore.URL(
        scheme=wire.parts.scheme.encode(), host=host, port=wire.parts.port, target=target.encode()
    )
    headers = [(name.encode(), value.encode("latin-1")) for name, value in wire.headers.items()]
    return httpcore.Request(
        wire.method, url, headers=headers, content=content, extensions=wire.extensions
    )


def _connecting(
    proxy: str | None,
    direct: Callable[..., P],
    http: Callable[..., Any],
    socks: Callable[..., Any],
    backend: Any,
) -> Callable[[httpcore.Origin], P]:
    """What makes a new connection to an origin."""
    options = {"keepalive_expiry": KEEPALIVE, "network_backend": backend}
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
    return cast("Callable[[httpcore.Origin], P]", pool.create_connection)
