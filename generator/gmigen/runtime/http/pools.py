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
from typing import Any, Generic, Protocol, TypeVar
from urllib.parse import unquote

import anyio
import httpcore

from .. import urls
from ..errors import ConfigurationError
from ..protocol.effects import Lane
from . import aside
from .deadlines import AsyncBoundedBackend, BoundedBackend
from .exchange import Pump, RawHeaders, WireRequest
from .tls import tls_context

# httpx forgets an idle connection after 5 s by default, so that every slow poll paid a handshake.
KEEPALIVE = 75.0
CONNECTIONS = 20
# A submission may be held for minutes, so there is room for many; but a process has only so many
# files, and who finds no room waits.
HELD = 64
_SLOTS: dict[Lane, int] = {"api": CONNECTIONS, "submit": HELD, "bare": sys.maxsize}


class Opened(Protocol):
    """An answer whose head is there."""

    status: int
    headers: RawHeaders

    def pieces(self) -> Iterator[bytes]: ...
    def close(self) -> None: ...


class AsyncOpened(Protocol):
    """The same for asynchronous callers."""

    status: int
    headers: RawHeaders

    def pieces(self) -> AsyncIterator[bytes]: ...
    async def close(self) -> None: ...


class Connection(Protocol):
    """What both kinds of connections of httpcore tell of themselves."""

    def can_handle_request(self, origin: httpcore.Origin) -> bool: ...
    def has_expired(self) -> bool: ...
    def is_idle(self) -> bool: ...


C = TypeVar("C", bound=Connection)


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
            if not expired and not connection.can_handle_request(origin):
                continue
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
        kept = list(self._kept)
        self._kept.clear()
        return kept


class Pool:
    """Connections of one lane, all through the same proxy or none; shared between threads."""

    def __init__(self, lane: Lane, proxy: str | None) -> None:
        self._slots = threading.Semaphore(_SLOTS[lane])
        self._idle: _Idle[httpcore.ConnectionInterface] = _Idle(lane)
        self._backend = BoundedBackend()
        self._proxy = None
        if proxy is not None:
            self._proxy = _through(proxy, httpcore.HTTPProxy, httpcore.SOCKSProxy, self._backend)

    def open(self, wire: WireRequest, pump: Pump) -> Opened:
        """Send the request, and return once the head of the answer is there."""
        request = _request(wire, wire.body if wire.body is None else _Content(pump, wire.body))
        if not self._slots.acquire(timeout=min(pump.left(), threading.TIMEOUT_MAX)):
            raise httpcore.PoolTimeout
        connection = None
        try:
            pump.room()
            connection, over = self._idle.take(request.url.origin)
            for one in over:
                one.close()
            connection = connection or self._connection(request.url.origin)
            return _Opened(self, connection, connection.handle_request(request))
        except BaseException:
            if connection is not None:
                connection.close()
            self._slots.release()
            raise

    def _connection(self, origin: httpcore.Origin) -> httpcore.ConnectionInterface:
        if self._proxy is not None:
            return self._proxy.create_connection(origin)
        return httpcore.HTTPConnection(origin, **_options(origin, self._backend))

    def done(self, connection: httpcore.ConnectionInterface) -> None:
        try:
            if not self._idle.keep(connection):
                connection.close()
        finally:
            self._slots.release()

    def close(self) -> None:
        """Close the connections nobody uses; the others are closed when they are done with."""
        for connection in self._idle.all():
            connection.close()


class _Opened:
    def __init__(
        self, pool: Pool, connection: httpcore.ConnectionInterface, answer: httpcore.Response
    ) -> None:
        self.status = answer.status
        self.headers: RawHeaders = answer.headers
        self._answer = answer
        self._pool, self._connection = pool, connection

    def pieces(self) -> Iterator[bytes]:
        return self._answer.iter_stream()

    def close(self) -> None:
        try:
            self._answer.close()
        finally:
            self._pool.done(self._connection)


class AsyncPool:
    """Connections of one lane and one event loop.

    It holds no loop and no transport of a loop, so that it lives no longer than its own.
    """

    def __init__(self, lane: Lane, proxy: str | None) -> None:
        self._free = _SLOTS[lane]
        self._waiting: deque[asyncio.Future[None]] = deque()
        self._idle: _Idle[httpcore.AsyncConnectionInterface] = _Idle(lane)
        self._backend = AsyncBoundedBackend()
        self._proxy = None
        if proxy is not None:
            kinds = httpcore.AsyncHTTPProxy, httpcore.AsyncSOCKSProxy
            self._proxy = _through(proxy, *kinds, self._backend)

    async def open(self, wire: WireRequest, pump: Pump) -> AsyncOpened:
        """Send the request, and return once the head of the answer is there."""
        content = wire.body if wire.body is None else _AsyncContent(pump, wire.body)
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
            return _AsyncOpened(self, connection, await connection.handle_async_request(request))
        except BaseException:
            if connection is not None:
                await connection.aclose()
            self._release()
            raise

    def _connection(self, origin: httpcore.Origin) -> httpcore.AsyncConnectionInterface:
        if self._proxy is not None:
            return self._proxy.create_connection(origin)
        return httpcore.AsyncHTTPConnection(origin, **_options(origin, self._backend))

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

    async def done(self, connection: httpcore.AsyncConnectionInterface) -> None:
        try:
            if not self._idle.keep(connection):
                await connection.aclose()
        finally:
            self._release()

    async def aclose(self) -> None:
        """Close the connections nobody uses; the others are closed when they are done with."""
        for connection in self._idle.all():
            await connection.aclose()


class _AsyncOpened:
    def __init__(
        self,
        pool: AsyncPool,
        connection: httpcore.AsyncConnectionInterface,
        answer: httpcore.Response,
    ) -> None:
        self.status = answer.status
        self.headers: RawHeaders = answer.headers
        self._answer = answer
        self._pool, self._connection = pool, connection
        self._pieces = aiter(answer.aiter_stream())

    def pieces(self) -> AsyncIterator[bytes]:
        return self._pieces

    async def close(self) -> None:
        try:
            await self._answer.aclose()
            if not self._connection.is_idle():
                # The generators of httpcore end here, and not when the collector finds them: that
                # would be a task of the loop, which may be closed by then.
                await self._connection.aclose()
                async for _ in self._pieces:
                    pass
        except Exception:
            pass  # what was wanted of the answer is there
        finally:
            await self._pool.done(self._connection)


class _Content:
    """A body to be sent; None of it is, once nobody waits any more."""

    def __init__(self, pump: Pump, body: Any) -> None:
        self._pump, self._body = pump, body

    def __iter__(self) -> Iterator[bytes]:
        if not isinstance(self._body, bytes):
            yield from self._pump.chunks(self._body)
        elif self._body:
            yield self._body


class _AsyncContent:
    def __init__(self, pump: Pump, body: Any) -> None:
        self._pump, self._body = pump, body

    async def __aiter__(self) -> AsyncIterator[bytes]:
        if not isinstance(self._body, bytes):
            pieces = self._pump.chunks(self._body)
            while piece := await aside.awaited(lambda: next(pieces, b"")):
                yield piece
        elif self._body:
            yield self._body


def _request(wire: WireRequest, content: Any) -> httpcore.Request:
    path = wire.parts.path or "/"
    target = f"{path}?{wire.parts.query}" if "?" in wire.url else path
    extensions: dict[str, Any] = {"timeout": wire.timeout}
    if wire.sni is not None:
        extensions["sni_hostname"] = wire.sni
    host = (wire.parts.hostname or "").encode("ascii")
    url = httpcore.URL(
        scheme=wire.parts.scheme.encode(), host=host, port=wire.parts.port, target=target.encode()
    )
    headers = [(name.encode(), value.encode("latin-1")) for name, value in wire.headers.items()]
    return httpcore.Request(
        wire.method, url, headers=headers, content=content, extensions=extensions
    )


def _options(origin: httpcore.Origin, backend: Any) -> dict[str, Any]:
    options = {"keepalive_expiry": KEEPALIVE, "network_backend": backend}
    return {**options, "ssl_context": tls_context()} if origin.scheme == b"https" else options


P = TypeVar("P")


def _through(proxy: str, http: Callable[..., P], socks: Callable[..., Any], backend: Any) -> P:
    parts = urls.split(proxy)
    assert parts is not None, "the settings check it"
    auth = None
    if parts.username is not None:
        auth = unquote(parts.username), unquote(parts.password or "")
    place = f"{parts.scheme}://{parts.netloc.rpartition('@')[2]}"
    options = {
        "proxy_auth": auth,
        "ssl_context": tls_context(),
        "keepalive_expiry": KEEPALIVE,
        "network_backend": backend,
    }
    if not parts.scheme.startswith("socks"):
        secure = tls_context() if parts.scheme == "https" else None
        return http(place, proxy_ssl_context=secure, **options)
    try:
        pool: P = socks(place, **options)
    except RuntimeError:
        raise ConfigurationError(
            "A SOCKS proxy needs one more package: pip install socksio. Or name an http proxy, or "
            "pass proxy='' to go without."
        ) from None
    return pool
