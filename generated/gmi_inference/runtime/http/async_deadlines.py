# fmt: off
# isort: skip_file
# ruff: noqa
"""The same for asynchronous callers: plain sockets, and TLS over them.

They belong to no transport of the loop, so that they can be closed when their loop was closed
already, and nothing of them keeps that loop alive.
"""

from __future__ import annotations

import contextlib
import socket
import ssl
from collections.abc import Callable, Iterator
from functools import partial
from typing import Any, cast

import httpcore

from .. import urls
from ..clock import monotonic
from . import aside
from .deadlines import CONNECT, in_turn, left_of, look_up, named, writes


@contextlib.contextmanager
def _bounded(seconds: float, late: type[Exception], broken: type[Exception]) -> Iterator[None]:
    import anyio

    with named(late, broken), anyio.fail_after(seconds):
        yield


class AsyncBoundedBackend(httpcore.AsyncNetworkBackend):
    """Makes connections for asynchronous callers."""

    async def connect_tcp(
        self, host: str, port: int, timeout: float | None = None, *_: Any, **__: Any
    ) -> httpcore.AsyncNetworkStream:
        left = left_of(timeout, httpcore.ConnectTimeout)
        found_by = partial(look_up, host, port)
        began = monotonic()
        with _bounded(left, *CONNECT):
            found = found_by() if urls.literal(host) else await aside.awaited(found_by)
        problem: Exception = httpcore.ConnectError("the host has no address")
        for share, (family, address) in in_turn(found, left - (monotonic() - began)):
            opened = socket.socket(family, socket.SOCK_STREAM)
            try:
                opened.setblocking(False)
                opened.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
                with _bounded(share, *CONNECT):
                    await aside.running_loop().sock_connect(opened, address)
                return _AsyncStream(opened)
            except CONNECT as error:
                opened.close()
                problem = error
            except BaseException:
                opened.close()
                raise
        raise problem


class _AsyncStream(httpcore.AsyncNetworkStream):
    def __init__(self, opened: socket.socket) -> None:
        self._socket = opened

    async def read(self, max_bytes: int, timeout: float | None = None) -> bytes:
        left = left_of(timeout, httpcore.ReadTimeout)
        with _bounded(left, httpcore.ReadTimeout, httpcore.ReadError):
            return cast("bytes", await aside.running_loop().sock_recv(self._socket, max_bytes))

    async def write(self, buffer: bytes, timeout: float | None = None) -> None:
        writes(buffer)
        left = left_of(timeout, httpcore.WriteTimeout)
        with _bounded(left, httpcore.WriteTimeout, httpcore.WriteError):
            await aside.running_loop().sock_sendall(self._socket, buffer)

    async def aclose(self) -> None:
        self._socket.close()

    async def start_tls(
        self,
        ssl_context: ssl.SSLContext,
        server_hostname: str | None = None,
        timeout: float | None = None,
    ) -> httpcore.AsyncNetworkStream:
        return await _secured(self, ssl_context, server_hostname, timeout)

    def get_extra_info(self, info: str) -> Any:
        if info == "socket":
            return self._socket
        if info == "is_readable":
            try:
                self._socket.recv(1, socket.MSG_PEEK)
            except BlockingIOError:
                return False
            except OSError:
                pass
            return True
        return None

    def __del__(self) -> None:
        self._socket.close()


async def _secured(
    under: httpcore.AsyncNetworkStream,
    context: ssl.SSLContext,
    host: str | None,
    timeout: float | None,
) -> _Secured:
    try:
        stream = _Secured(under, context, host)
        await stream.moved(stream.tls.do_handshake, timeout)
    except BaseException as error:
        await under.aclose()
        if isinstance(error, httpcore.TimeoutException):
            raise httpcore.ConnectTimeout("the handshake did not end in time") from error
        if isinstance(error, (ssl.SSLError, httpcore.NetworkError)):
            raise httpcore.ConnectError(str(error)) from error
        raise
    return stream


class _Secured(httpcore.AsyncNetworkStream):
    """TLS over another stream, which may itself be one (a proxy that is asked over https)."""

    def __init__(
        self, under: httpcore.AsyncNetworkStream, context: ssl.SSLContext, host: str | None
    ) -> None:
        self._under = under
        self._came, self._goes = ssl.MemoryBIO(), ssl.MemoryBIO()
        self.tls = context.wrap_bio(self._came, self._goes, server_hostname=host)

    async def moved(self, step: Callable[[], Any], timeout: float | None) -> Any:
        """What a step of TLS returns, once enough has been read and all has been written."""
        while True:
            try:
                value = step()
            except ssl.SSLWantReadError:
                await self._flush(timeout)
                if data := await self._under.read(64 * 1024, timeout):
                    self._came.write(data)
                else:
                    self._came.write_eof()
            else:
                await self._flush(timeout)
                return value

    async def _flush(self, timeout: float | None) -> None:
        if data := self._goes.read():
            await self._under.write(data, timeout)

    async def read(self, max_bytes: int, timeout: float | None = None) -> bytes:
        try:
            return cast("bytes", await self.moved(lambda: self.tls.read(max_bytes), timeout))
        except (ssl.SSLEOFError, ssl.SSLZeroReturnError):
            return b""
        except ssl.SSLError as error:
            raise httpcore.ReadError(str(error)) from error

    async def write(self, buffer: bytes, timeout: float | None = None) -> None:
        writes(buffer)
        rest = memoryview(buffer)
        try:
            while rest:
                some = rest[: 64 * 1024]
                await self.moved(partial(self.tls.write, some), timeout)
                rest = rest[len(some) :]
        except ssl.SSLError as error:
            raise httpcore.WriteError(str(error)) from error

    async def aclose(self) -> None:
        await self._under.aclose()

    async def start_tls(
        self,
        ssl_context: ssl.SSLContext,
        server_hostname: str | None = None,
        timeout: float | None = None,
    ) -> httpcore.AsyncNetworkStream:
        return await _secured(self, ssl_context, server_hostname, timeout)

    def get_extra_info(self, info: str) -> Any:
        return self.tls if info == "ssl_object" else self._under.get_extra_info(info)
