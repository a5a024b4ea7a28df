"""The HTTP client of the caller behind the same `open` as a pool of our own, and the same bounds.

What that client adds by itself stays away from our requests: its cookies, keys, parameters, base
URL. What it shows others, such as hooks and mocked transports, stays.
"""

from __future__ import annotations

import queue
from collections.abc import AsyncIterator, Callable, Iterator, Mapping
from contextlib import asynccontextmanager, contextmanager, suppress
from typing import Any

import anyio

from . import aside
from .exchange import WireRequest
from .pump import AsyncOpened, Opened, Pump, RawHeaders

GRACE = 1.0
"""Seconds past the deadline in which such a client may still say that it sent nothing."""

_ITS_OWN = {"host", "content-length", "transfer-encoding"}
_HOW = {"stream": True, "auth": None, "follow_redirects": False}
_Told = tuple[Any, "BaseException | None"]


def _request(client: Any, wire: WireRequest, content: Any, trace: Any) -> Any:
    extensions = {**wire.extensions, "trace": trace}
    request = client.build_request(
        wire.method, wire.url, headers=wire.headers, content=content, extensions=extensions
    )
    # Its own `params` would stand in place of the signature of a signed URL.
    request.url = type(request.url)(wire.url)
    wanted = _ITS_OWN.union(name.lower() for name in wire.headers)
    for name in list(request.headers):
        if name.lower() not in wanted:
            del request.headers[name]
    return request


def _heard(pump: Pump, name: str, info: Mapping[str, Any]) -> None:
    """One step of the client, by its `trace` extension."""
    pump.heard = pump.connected = True
    to_a_proxy = getattr(info.get("request"), "method", b"") == b"CONNECT"
    if name.endswith("send_request_headers.started") and not to_a_proxy:
        pump.send_begins()


def _in_error(error: Exception) -> Any:
    """The answer in an error that a hook raised for it, as `raise_for_status` does."""
    if any(kind.__name__ == "HTTPStatusError" for kind in type(error).__mro__):
        return getattr(error, "response", None)
    return None


def _head(answer: Any) -> tuple[int, RawHeaders, bytes | None]:
    """Status, headers, and the body if somebody has read it: a mocked transport or a hook.

    Such a body is unpacked already. It is None when it is still to be read.
    """
    try:
        content: bytes | None = answer.content
    except Exception:  # it was not read
        content = b"" if answer.is_closed else None
    raw: RawHeaders = answer.headers.raw
    if content is not None:
        raw = [(name, value) for name, value in raw if name.lower() != b"content-encoding"]
    return answer.status_code, raw, content


class Lent:
    """A synchronous client. It is asked from a thread that is left behind when the time is over:
    what the caller's connections read cannot be bounded from outside.
    """

    def __init__(self, client: Any) -> None:
        self._client = client

    @contextmanager
    def open(self, wired: Callable[[], WireRequest], pump: Pump) -> Iterator[Opened]:
        """Send the request; inside, the head of the answer is there and the body is coming."""
        wire = wired()
        content = pump.content(wire.body)
        request = _request(self._client, wire, content, lambda *step: _heard(pump, *step))
        wanted: queue.SimpleQueue[bool] = queue.SimpleQueue()
        told: queue.SimpleQueue[_Told] = queue.SimpleQueue()
        ended: queue.SimpleQueue[None] = queue.SimpleQueue()

        def work() -> None:
            answer = None
            try:
                try:
                    answer = self._client.send(request, **_HOW)
                except Exception as error:
                    if (answer := _in_error(error)) is None:
                        raise
                status, headers, content = _head(answer)
                pieces = answer.iter_raw() if content is None else iter((content,))
                told.put(((status, headers), None))
                while wanted.get():
                    told.put((next(pieces, None), None))
            except BaseException as error:
                told.put((None, error))
            finally:
                with suppress(Exception):
                    answer.close()  # type: ignore[union-attr]
                ended.put(None)

        def pieces() -> Iterator[bytes]:
            wanted.put(True)
            while (piece := _next(told, pump)) is not None:
                yield piece
                wanted.put(True)

        aside.start(work, "gmi-exchange")
        try:
            yield (*_next(told, pump), pieces())
            wanted.put(False)
            with suppress(queue.Empty):
                ended.get(timeout=min(pump.left(), GRACE))
        finally:
            pump.give_up()
            wanted.put(False)


def _next(told: queue.SimpleQueue[_Told], pump: Pump) -> Any:
    try:
        value, error = told.get(timeout=pump.left())
    except queue.Empty:
        if pump.heard:
            raise TimeoutError from None
        try:
            value, error = told.get(timeout=GRACE)
        except queue.Empty:
            raise TimeoutError from None
    if error is not None:
        raise error
    return value


class AsyncLent:
    """An asynchronous client; its exchange is cancelled when the time is over."""

    def __init__(self, client: Any) -> None:
        self._client = client

    @asynccontextmanager
    async def open(
        self, wired: Callable[[], WireRequest], pump: Pump
    ) -> AsyncIterator[AsyncOpened]:
        """Send the request; inside, the head of the answer is there and the body is coming."""
        wire = wired()

        async def trace(name: str, info: Mapping[str, Any]) -> None:
            _heard(pump, name, info)

        content = pump.async_content(wire.body)
        request = _request(self._client, wire, content, trace)
        answer = None
        try:
            with anyio.fail_after(pump.left() + GRACE):
                try:
                    answer = await self._client.send(request, **_HOW)
                except Exception as error:
                    if (answer := _in_error(error)) is None:
                        raise
            status, headers, content = _head(answer)
            yield status, headers, _pieces(answer, content, pump)
        finally:
            if answer is not None:
                with anyio.move_on_after(GRACE, shield=True):
                    await answer.aclose()


async def _pieces(answer: Any, content: bytes | None, pump: Pump) -> AsyncIterator[bytes]:
    if content is not None:
        yield content
        return
    pieces = answer.aiter_raw()
    while True:
        with anyio.fail_after(pump.left()):
            piece = await anext(pieces, None)
        if piece is None:
            return
        yield piece
