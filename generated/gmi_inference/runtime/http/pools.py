# fmt: off
# isort: skip_file
# ruff: noqa
"""Connections of our own, in a pool for each lane.

They stand on httpcore, the lower half of httpx: a look at a job then costs half of what it costs
through `httpx.Client`, and no cookie or variable of the environment can add anything to a request.
Who waits, waits for a slot here, so it is certain that nothing was sent.
"""

from __future__ import annotations

import sys
import threading
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager, suppress
from typing import Any
from urllib.parse import unquote

import anyio
import httpcore

from .. import urls
from ..errors import ConfigurationError
from ..protocol.effects import Lane
from .deadlines import AsyncBoundedBackend, BoundedBackend
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


class Pool:
    """Connections of one lane, all through the same proxy or none; shared between threads."""

    def __init__(self, lane: Lane, proxy: str | None, secure: bool) -> None:
        self._slots = threading.Semaphore(_SLOTS[lane])
        kinds = httpcore.ConnectionPool, httpcore.HTTPProxy, httpcore.SOCKSProxy
        options = _options(lane, secure) | {"network_backend": BoundedBackend()}
        self._pool: httpcore.ConnectionPool = _pool(proxy, options, *kinds)

    @contextmanager
    def open(self, wire: WireRequest, pump: Pump) -> Iterator[Opened]:
        """Send the request; inside, the head of the answer is there and the body is coming."""
        request = _request(wire, pump.content(wire.body))
        if not self._slots.acquire(timeout=min(pump.left(), threading.TIMEOUT_MAX)):
            raise httpcore.PoolTimeout
        try:
            pump.room()
            answer = self._pool.handle_request(request)
            try:
                yield answer.status, answer.headers, answer.iter_stream()
            finally:
                answer.close()
        finally:
            self._slots.release()

    def close(self) -> None:
        """Close the connections nobody uses; the others are closed when they are done with."""
        for connection in self._pool.connections:
            if connection.is_idle():
                connection.close()


class AsyncPool:
    """Connections of one lane, proxy and event loop.

    It holds no loop and no transport of a loop, so that it lives no longer than its own.
    """

    def __init__(self, lane: Lane, proxy: str | None, secure: bool) -> None:
        self._slots = anyio.Semaphore(_SLOTS[lane])
        kinds = httpcore.AsyncConnectionPool, httpcore.AsyncHTTPProxy, httpcore.AsyncSOCKSProxy
        options = _options(lane, secure) | {"network_backend": AsyncBoundedBackend()}
        self._pool: httpcore.AsyncConnectionPool = _pool(proxy, options, *kinds)

    @asynccontextmanager
    async def open(self, wire: WireRequest, pump: Pump) -> AsyncIterator[AsyncOpened]:
        """Send the request; inside, the head of the answer is there and the body is coming."""
        request = _request(wire, pump.async_content(wire.body))
        await self._slot(pump)
        try:
            pump.room()
            answer = await self._pool.handle_async_request(request)
            pieces = answer.aiter_stream()
            try:
                yield answer.status, answer.headers, pieces
            finally:
                await answer.aclose()
                # The generators of httpcore end here, and not when the collector finds them: that
                # would take a task of the loop, which may be closed by then.
                with suppress(Exception):
                    async for _ in pieces:
                        pass
        finally:
            self._slots.release()

    async def _slot(self, pump: Pump) -> None:
        with suppress(anyio.WouldBlock):
            return self._slots.acquire_nowait()
        with anyio.move_on_after(pump.left()):
            return await self._slots.acquire()
        raise httpcore.PoolTimeout

    async def aclose(self) -> None:
        """Close the connections nobody uses; the others are closed when they are done with."""
        for connection in self._pool.connections:
            if connection.is_idle():
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


def _options(lane: Lane, secure: bool) -> dict[str, Any]:
    return {
        "max_connections": None,
        "max_keepalive_connections": CONNECTIONS if lane == "api" else 0,
        "keepalive_expiry": KEEPALIVE,
        "ssl_context": tls_context() if secure else None,
    }


def _pool(proxy: str | None, options: dict[str, Any], direct: Any, http: Any, socks: Any) -> Any:
    if proxy is None:
        return direct(**options)
    parts = urls.split(proxy)
    assert parts is not None, "the settings check it"
    if parts.username is not None:
        options["proxy_auth"] = unquote(parts.username), unquote(parts.password or "")
    if parts.scheme == "https":
        options["proxy_ssl_context"] = tls_context()
    kind = socks if parts.scheme.startswith("socks") else http
    try:
        return kind(f"{parts.scheme}://{parts.netloc.rpartition('@')[2]}", **options)
    except RuntimeError:
        raise ConfigurationError(
            "A SOCKS proxy needs one more package: pip install socksio. Or name an http proxy, or "
            "pass proxy='' to go without."
        ) from None
