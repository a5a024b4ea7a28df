"""The HTTP client of the caller behind the same `open` as a pool of our own, and the same bounds.

What that client adds by itself stays away from our requests: its cookies, keys, parameters, base
URL. What it shows others, such as hooks and mocked transports, stays.
"""

from __future__ import annotations

import contextlib
import queue
from collections.abc import AsyncIterator, Iterator, Mapping
from typing import Any

import anyio

from . import aside
from .exchange import Pump, RawHeaders, WireRequest

GRACE = 1.0
"""Seconds past the deadline in which such a client may still say that it sent nothing."""

_ITS_OWN = {"host", "content-length", "transfer-encoding"}


def _request(client: Any, wire: WireRequest, content: Any, trace: Any) -> Any:
    extensions = {"timeout": wire.timeout, "trace": trace}
    if wire.sni is not None:
        extensions["sni_hostname"] = wire.sni
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


def _unread(answer: Any) -> bytes | None:
    """The body when somebody has read it already; None when it is to be read.

    That is so for mocked transports and for hooks that read. It is then unpacked.
    """
    try:
        content: bytes = answer.content
    except Exception:  # it was not read
        return b"" if answer.is_closed else None
    return content


def _headers(answer: Any, content: bytes | None) -> RawHeaders:
    raw: RawHeaders = answer.headers.raw
    if content is None:
        return raw
    return [(name, value) for name, value in raw if name.lower() != b"content-encoding"]


class Lent:
    """A synchronous client. It is asked from a thread that is left behind when the time is over:
    what the caller's connections read cannot be bounded from outside.
    """

    def __init__(self, client: Any) -> None:
        self._client = client

    def open(self, wire: WireRequest, pump: Pump) -> _LentOpened:
        """Send the request, and return once the head of the answer is there."""
        body = wire.body
        content = body if body is None or isinstance(body, bytes) else pump.chunks(body)
        request = _request(self._client, wire, content, lambda *step: _heard(pump, *step))
        return _LentOpened(self._client, request, pump)


class _LentOpened:
    def __init__(self, client: Any, request: Any, pump: Pump) -> None:
        self._client, self._request, self._pump = client, request, pump
        self._asked: queue.SimpleQueue[bool] = queue.SimpleQueue()
        self._told: queue.SimpleQueue[tuple[Any, BaseException | None]] = queue.SimpleQueue()
        self._ended: queue.SimpleQueue[None] = queue.SimpleQueue()
        aside.start(self._work, "gmi-exchange")
        answer, content = self._next()
        self.status: int = answer.status_code
        self.headers = _headers(answer, content)

    def _work(self) -> None:
        answer = None
        try:
            try:
                answer = self._client.send(
                    self._request, stream=True, auth=None, follow_redirects=False
                )
            except Exception as error:
                if (answer := _in_error(error)) is None:
                    raise
            content = _unread(answer)
            pieces = answer.iter_raw() if content is None else iter((content,))
            self._told.put(((answer, content), None))
            while self._asked.get():
                self._told.put((next(pieces, None), None))
        except BaseException as error:
            self._told.put((None, error))
        finally:
            if answer is not None:
                with contextlib.suppress(Exception):
                    answer.close()
            self._ended.put(None)

    def _next(self) -> Any:
        pump = self._pump
        try:
            try:
                value, error = self._told.get(timeout=pump.left())
            except queue.Empty:
                if pump.heard:
                    raise
                value, error = self._told.get(timeout=GRACE)
        except BaseException as interruption:
            pump.give_up()
            self._asked.put(False)
            if isinstance(interruption, queue.Empty):
                raise TimeoutError from None
            raise
        if error is not None:
            raise error
        return value

    def pieces(self) -> Iterator[bytes]:
        self._asked.put(True)
        while (piece := self._next()) is not None:
            yield piece
            self._asked.put(True)

    def close(self) -> None:
        self._asked.put(False)
        with contextlib.suppress(queue.Empty):
            self._ended.get(timeout=min(self._pump.left(), GRACE))


class AsyncLent:
    """An asynchronous client; its exchange is cancelled when the time is over."""

    def __init__(self, client: Any) -> None:
        self._client = client

    async def open(self, wire: WireRequest, pump: Pump) -> _AsyncLentOpened:
        """Send the request, and return once the head of the answer is there."""

        async def trace(name: str, info: Mapping[str, Any]) -> None:
            _heard(pump, name, info)

        body = wire.body
        content = body if body is None or isinstance(body, bytes) else _chunks(pump, body)
        request = _request(self._client, wire, content, trace)
        with anyio.fail_after(pump.left() + GRACE):
            try:
                answer = await self._client.send(
                    request, stream=True, auth=None, follow_redirects=False
                )
            except Exception as error:
                if (answer := _in_error(error)) is None:
                    raise
        return _AsyncLentOpened(answer, pump)


async def _chunks(pump: Pump, body: Any) -> AsyncIterator[bytes]:
    pieces = pump.chunks(body)
    while piece := await aside.awaited(lambda: next(pieces, b"")):
        yield piece


class _AsyncLentOpened:
    def __init__(self, answer: Any, pump: Pump) -> None:
        self._answer, self._pump = answer, pump
        self._content = _unread(answer)
        self.status: int = answer.status_code
        self.headers = _headers(answer, self._content)

    async def pieces(self) -> AsyncIterator[bytes]:
        if self._content is not None:
            yield self._content
            return
        pieces = self._answer.aiter_raw()
        while True:
            with anyio.fail_after(self._pump.left()):
                piece = await anext(pieces, None)
            if piece is None:
                return
            yield piece

    async def close(self) -> None:
        with anyio.move_on_after(GRACE, shield=True):
            await self._answer.aclose()
