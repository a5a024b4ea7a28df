# fmt: off
# isort: skip_file
# ruff: noqa
"""Connection pools of our own, one for each lane.

They stand on httpcore, the lower half of httpx: a look at a job then costs half of what it costs
through `httpx.Client`, no cookie or environment variable can add anything to a request, and an
exchange has a deadline. Answers are `httpx.Response`, which knows how to decode a body.
"""

from __future__ import annotations

import asyncio
import sys
from collections.abc import AsyncIterator, Iterator
from importlib.util import find_spec
from typing import Any, cast

import httpcore
import httpx

from .bounded import AsyncBoundedBackend, BoundedBackend
from .effects import Lane
from .transport import Asked, pool_options

# httpcore tries to import sniffio at every lock, and where it is not installed that search costs a
# third of a look. None is what `import` takes for "known not to be there".
if "sniffio" not in sys.modules and find_spec("sniffio") is None:
    cast("dict[str, Any]", sys.modules)["sniffio"] = None


class SyncLane:
    """A pool for synchronous callers."""

    def __init__(self, lane: Lane) -> None:
        self.pool = httpcore.ConnectionPool(network_backend=BoundedBackend(), **pool_options(lane))

    def open(self, asked: Asked, body: Any) -> httpx.Response:
        """Send the request, and return once the head of the answer is there."""
        answer = self.pool.handle_request(_request(asked, body))
        return httpx.Response(answer.status, headers=answer.headers, stream=_Stream(answer))

    def close(self) -> None:
        """Close the connections."""
        self.pool.close()


class AsyncLane:
    """A pool for asynchronous callers, of one event loop.

    `slots` are as many as there are connections. Who waits, waits for a slot: the pool looks
    through all its waiting requests at every step, which thousands would bring to a standstill.
    """

    def __init__(self, lane: Lane) -> None:
        options = pool_options(lane)
        self.pool = httpcore.AsyncConnectionPool(network_backend=AsyncBoundedBackend(), **options)
        self.slots = asyncio.Semaphore(options["max_connections"] or sys.maxsize)

    async def open(self, asked: Asked, body: Any) -> httpx.Response:
        """Send the request, and return once the head of the answer is there."""
        answer = await self.pool.handle_async_request(_request(asked, body))
        return httpx.Response(answer.status, headers=answer.headers, stream=_AsyncStream(answer))

    async def aclose(self) -> None:
        """Close the connections."""
        await self.pool.aclose()


class _Stream(httpx.SyncByteStream):
    def __init__(self, answer: httpcore.Response) -> None:
        self._answer = answer

    def __iter__(self) -> Iterator[bytes]:
        return iter(cast("Any", self._answer.stream))

    def close(self) -> None:
        self._answer.close()


class _AsyncStream(httpx.AsyncByteStream):
    def __init__(self, answer: httpcore.Response) -> None:
        self._answer = answer

    def __aiter__(self) -> AsyncIterator[bytes]:
        return aiter(cast("Any", self._answer.stream))

    async def aclose(self) -> None:
        await self._answer.aclose()


def _request(asked: Asked, body: Any) -> httpcore.Request:
    url = _url(asked.url)
    headers = [(name.encode(), value.encode("latin-1")) for name, value in asked.headers.items()]
    if "Host" not in asked.headers:
        headers.insert(0, (b"Host", _host(url)))
    if isinstance(body, bytes):
        headers.append((b"Content-Length", b"%d" % len(body)))
    return httpcore.Request(
        asked.method,
        url,
        headers=headers,
        content=body,
        extensions={"timeout": asked.timeout, **asked.extensions},
    )


def _url(text: str) -> httpcore.URL:
    url = httpx.URL(text)
    return httpcore.URL(
        scheme=url.raw_scheme, host=url.raw_host, port=url.port, target=url.raw_path
    )


def _host(url: httpcore.URL) -> bytes:
    host = b"[%b]" % url.host if b":" in url.host else url.host
    return host if url.port is None else b"%b:%d" % (host, url.port)
