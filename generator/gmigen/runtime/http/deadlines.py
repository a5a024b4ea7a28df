"""Connections that keep to the deadline of the exchange they serve.

The read timeout of an HTTP library bounds one silence; an answer that drips never meets it. So each
step here is given no more than what is left of the whole exchange, looking a host up included.
These connections also know best whether a request began to be written.
"""

# ruff: noqa: ASYNC109 -- the HTTP library asks so, with its `timeout`

from __future__ import annotations

import contextlib
import socket
import ssl
from collections.abc import Iterator
from functools import partial
from typing import Any, cast

import anyio
import httpcore

from .. import urls
from ..clock import monotonic
from . import aside
from .failures import callers_own
from .pump import current

Errors = tuple[type[Exception], type[Exception]]
CONNECT: Errors = (httpcore.ConnectTimeout, httpcore.ConnectError)
READ: Errors = (httpcore.ReadTimeout, httpcore.ReadError)
WRITE: Errors = (httpcore.WriteTimeout, httpcore.WriteError)

FILE_AT_ONCE = 256 * 1024
_BROKEN = (OSError, UnicodeError, anyio.EndOfStream, anyio.BrokenResourceError)
_SOCKETS = httpcore.SyncBackend()


def left_of(timeout: float | None, errors: Errors) -> float:
    """Seconds this step may take; raises the first error when the exchange is over its time."""
    left = current.get().left()
    if left <= 0:
        raise errors[0]("the exchange did not end in time")
    return left if timeout is None else min(timeout, left)


def writes(data: bytes) -> None:
    """A request begins with a letter; greetings to a proxy and of TLS are no part of it."""
    pump = current.get()
    if not pump.sending and data[:1].isalpha() and not data.startswith(b"CONNECT "):
        pump.send_begins()


def at_once(max_bytes: int) -> int:
    """How much to read at a time: of a file more than the HTTP library asks for."""
    return max_bytes if current.get().effect.sink is None else max(max_bytes, FILE_AT_ONCE)


@contextlib.contextmanager
def named(errors: Errors) -> Iterator[None]:
    """Raise the words of the HTTP library for those of the socket."""
    late, broken = errors
    try:
        yield
    except TimeoutError as error:
        raise late(str(error)) from error
    except _BROKEN as error:
        raise broken(str(error)) from error


@contextlib.contextmanager
def theirs_first() -> Iterator[None]:
    """Raise what a signal handler of the caller's raised in the middle of writing as it is: after
    an error of writing the HTTP library would go on, and read.
    """
    try:
        yield
    except httpcore.WriteError as error:
        if (own := callers_own(error)) is not None:
            raise own from own.__cause__
        raise


@contextlib.contextmanager
def _bounded(timeout: float | None, errors: Errors) -> Iterator[None]:
    with named(errors), anyio.fail_after(left_of(timeout, errors)):
        yield


def reach(host: str, port: int, seconds: float) -> Stream:
    """A connection to the first address of a host that takes one.

    Each gets its share of the time: one that hangs leaves some for the next.
    """
    end = monotonic() + seconds
    found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    addresses = dict.fromkeys(str(address[0]) for *_, address in found)
    problem: Exception = httpcore.ConnectError("the host has no address")
    for tried, address in enumerate(addresses):
        share = max(end - monotonic(), 0.001) / (len(addresses) - tried)
        try:
            return Stream(_SOCKETS.connect_tcp(address, port, share))
        except CONNECT as error:
            problem = error
    raise problem


class BoundedBackend(httpcore.NetworkBackend):
    """Makes connections for synchronous callers."""

    def connect_tcp(self, host: str, port: int, timeout: Any = None, *_: Any, **__: Any) -> Stream:
        left = left_of(timeout, CONNECT)
        connecting = partial(reach, host, port, left)
        with named(CONNECT):
            if urls.literal(host):
                return connecting()
            return aside.call_within(connecting, left, Stream.close)


class Stream(httpcore.NetworkStream):
    """A connection, closed at the latest when nobody holds it any more."""

    def __init__(self, stream: httpcore.NetworkStream) -> None:
        self._stream = stream

    def read(self, max_bytes: int, timeout: float | None = None) -> bytes:
        return self._stream.read(at_once(max_bytes), left_of(timeout, READ))

    def write(self, buffer: bytes, timeout: float | None = None) -> None:
        writes(buffer)
        with theirs_first():
            self._stream.write(buffer, left_of(timeout, WRITE))

    def close(self) -> None:
        self._stream.close()

    def start_tls(
        self, ssl_context: ssl.SSLContext, server_hostname: Any = None, timeout: Any = None
    ) -> Stream:
        left = left_of(timeout, CONNECT)
        self._stream = self._stream.start_tls(ssl_context, server_hostname, left)
        return self

    def get_extra_info(self, info: str) -> Any:
        return self._stream.get_extra_info(info)

    def __del__(self) -> None:
        with contextlib.suppress(Exception):
            self.close()


class AsyncBoundedBackend(httpcore.AsyncNetworkBackend):
    """Makes connections for asynchronous callers, in a thread that can be left behind."""

    async def connect_tcp(
        self, host: str, port: int, timeout: Any = None, *_: Any, **__: Any
    ) -> _AsyncStream:
        left = left_of(timeout, CONNECT)
        with _bounded(left, CONNECT):
            connecting = partial(reach, host, port, left)
            return _AsyncStream(await aside.awaited(connecting, Stream.close))


class _Plain:
    """A socket as AnyIO takes it for the lower half of TLS.

    It belongs to no transport of the loop, so that it can be closed when its loop was closed
    already, and nothing of it keeps that loop alive.
    """

    def __init__(self, opened: socket.socket) -> None:
        self._socket = opened
        opened.setblocking(False)

    async def receive(self, max_bytes: int = 64 * 1024) -> bytes:
        data = await aside.running_loop().sock_recv(self._socket, max_bytes)
        if not data:
            raise anyio.EndOfStream
        return cast("bytes", data)

    async def send(self, item: bytes) -> None:
        await aside.running_loop().sock_sendall(self._socket, item)


class _AsyncStream(httpcore.AsyncNetworkStream):
    def __init__(self, under: Stream) -> None:
        self._under = under
        self._stream: Any = _Plain(under.get_extra_info("socket"))

    async def read(self, max_bytes: int, timeout: float | None = None) -> bytes:
        with _bounded(timeout, READ), contextlib.suppress(anyio.EndOfStream):
            return cast("bytes", await self._stream.receive(at_once(max_bytes)))
        return b""

    async def write(self, buffer: bytes, timeout: float | None = None) -> None:
        writes(buffer)
        if not buffer:  # the end of a message is told in no bytes
            return
        with theirs_first(), _bounded(timeout, WRITE):
            await self._stream.send(buffer)

    async def aclose(self) -> None:
        self._under.close()

    async def start_tls(
        self, ssl_context: ssl.SSLContext, server_hostname: Any = None, timeout: Any = None
    ) -> _AsyncStream:
        from anyio.streams.tls import TLSStream

        how = {"server_side": False, "standard_compatible": False, "hostname": server_hostname}
        try:
            with _bounded(timeout, CONNECT):
                self._stream = await TLSStream.wrap(self._stream, ssl_context=ssl_context, **how)
        except BaseException:
            self._under.close()
            raise
        return self

    def get_extra_info(self, info: str) -> Any:
        return self._under.get_extra_info(info)
