"""Connections that keep to the deadline of the exchange they serve.

The read timeout of an HTTP library bounds one silence; an answer that drips never meets it. So each
step here is given no more than what is left of the whole exchange, looking a host up included.
These connections also know best whether a request began to be written.
"""

from __future__ import annotations

import contextlib
import socket
import time
from collections.abc import Callable, Iterator
from functools import partial
from typing import TYPE_CHECKING, Any, cast

import httpcore

from .. import urls
from . import aside
from .exchange import current

if TYPE_CHECKING:
    import ssl

Address = tuple[Any, Any]


def _left(timeout: float | None, late: type[Exception]) -> float:
    """Seconds this step may take; raises `late` when the exchange is over its time."""
    pump = current.get()
    left = float("inf") if pump is None else pump.left()
    if left <= 0:
        raise late("the exchange did not end in time")
    return left if timeout is None else min(timeout, left)


def _writes(data: bytes) -> None:
    """A request begins with a letter; greetings to a proxy and of TLS are no part of it."""
    pump = current.get()
    if pump is None or pump.sending:
        return
    if data[:1].isalpha() and not data.startswith(b"CONNECT "):
        pump.send_begins()


def _look_up(host: str, port: int) -> Callable[[], list[Address]]:
    def addresses() -> list[Address]:
        found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
        return list(dict.fromkeys((family, address) for family, _, _, _, address in found))

    return addresses


def _in_turn(addresses: list[Address], seconds: float) -> Iterator[tuple[float, Address]]:
    """Each address with its share of the time: one that hangs leaves some for the next."""
    end = time.monotonic() + seconds
    for number, address in enumerate(addresses):
        left = max(end - time.monotonic(), 0.001)
        yield left / (len(addresses) - number), address


class BoundedBackend(httpcore.NetworkBackend):
    """Makes connections for synchronous callers."""

    def __init__(self) -> None:
        self._backend = httpcore.SyncBackend()

    def connect_tcp(
        self,
        host: str,
        port: int,
        timeout: float | None = None,
        *_: Any,
        **__: Any,
    ) -> httpcore.NetworkStream:
        left = _left(timeout, httpcore.ConnectTimeout)
        look_up = _look_up(host, port)
        began = time.monotonic()
        try:
            found = look_up() if urls.literal(host) else aside.call_within(look_up, left)
        except TimeoutError as error:
            raise httpcore.ConnectTimeout("the host was not looked up in time") from error
        except (OSError, UnicodeError) as error:
            raise httpcore.ConnectError(str(error)) from error
        problem: Exception = httpcore.ConnectError("the host has no address")
        for share, (_, address) in _in_turn(found, left - (time.monotonic() - began)):
            try:
                return _Stream(self._backend.connect_tcp(address[0], port, share))
            except (httpcore.ConnectError, httpcore.ConnectTimeout) as error:
                problem = error
        raise problem


class _Stream(httpcore.NetworkStream):
    def __init__(self, stream: httpcore.NetworkStream, under: _Stream | None = None) -> None:
        self._stream = stream
        self._under = under

    def read(self, max_bytes: int, timeout: float | None = None) -> bytes:
        return self._stream.read(max_bytes, _left(timeout, httpcore.ReadTimeout))

    def write(self, buffer: bytes, timeout: float | None = None) -> None:
        _writes(buffer)
        self._stream.write(buffer, _left(timeout, httpcore.WriteTimeout))

    def close(self) -> None:
        self._stream.close()

    def start_tls(
        self,
        ssl_context: ssl.SSLContext,
        server_hostname: str | None = None,
        timeout: float | None = None,
    ) -> httpcore.NetworkStream:
        left = _left(timeout, httpcore.ConnectTimeout)
        return _Stream(self._stream.start_tls(ssl_context, server_hostname, left), self)

    def get_extra_info(self, info: str) -> Any:
        return self._stream.get_extra_info(info)

    def __del__(self) -> None:
        with contextlib.suppress(Exception):
            self._stream.close()


class AsyncBoundedBackend(httpcore.AsyncNetworkBackend):
    """Makes connections for asynchronous callers.

    They are plain sockets that belong to no transport of the loop, so that they can be closed when
    their loop was closed already.
    """

    async def connect_tcp(
        self,
        host: str,
        port: int,
        timeout: float | None = None,
        *_: Any,
        **__: Any,
    ) -> httpcore.AsyncNetworkStream:
        left = _left(timeout, httpcore.ConnectTimeout)
        look_up = _look_up(host, port)
        began = time.monotonic()
        late, broken = httpcore.ConnectTimeout, httpcore.ConnectError
        with _bounded(left, late, broken):
            found = look_up() if urls.literal(host) else await aside.awaited(look_up)
        problem: Exception = broken("the host has no address")
        for share, (family, address) in _in_turn(found, left - (time.monotonic() - began)):
            opened = socket.socket(family, socket.SOCK_STREAM)
            try:
                opened.setblocking(False)
                opened.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
                with _bounded(share, late, broken):
                    await aside.running_loop().sock_connect(opened, address)
                return _AsyncStream(opened)
            except (late, broken) as error:
                opened.close()
                problem = error
            except BaseException:
                opened.close()
                raise
        raise problem


@contextlib.contextmanager
def _bounded(seconds: float, late: type[Exception], broken: type[Exception]) -> Iterator[None]:
    import anyio

    try:
        with anyio.fail_after(seconds):
            yield
    except TimeoutError as error:
        raise late(str(error)) from error
    except (OSError, UnicodeError) as error:
        raise broken(str(error)) from error


class _AsyncStream(httpcore.AsyncNetworkStream):
    def __init__(self, opened: socket.socket) -> None:
        self._socket = opened

    async def read(self, max_bytes: int, timeout: float | None = None) -> bytes:
        left = _left(timeout, httpcore.ReadTimeout)
        with _bounded(left, httpcore.ReadTimeout, httpcore.ReadError):
            return cast("bytes", await aside.running_loop().sock_recv(self._socket, max_bytes))

    async def write(self, buffer: bytes, timeout: float | None = None) -> None:
        _writes(buffer)
        left = _left(timeout, httpcore.WriteTimeout)
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
    import ssl

    try:
        stream = _Secured(under, context, host)
        await stream.moved(stream.tls.do_handshake, timeout)
    except BaseException as error:
        await under.aclose()
        if isinstance(error, httpcore.TimeoutException):
            raise httpcore.ConnectTimeout("the handshake did not end in time") from error
        if isinstance(error, (ssl.SSLError, ssl.CertificateError, httpcore.NetworkError)):
            raise httpcore.ConnectError(str(error)) from error
        raise
    return stream


class _Secured(httpcore.AsyncNetworkStream):
    """TLS over another stream, which may itself be one (a proxy that is asked over https)."""

    def __init__(
        self, under: httpcore.AsyncNetworkStream, context: ssl.SSLContext, host: str | None
    ) -> None:
        import ssl

        self._under = under
        self._came, self._goes = ssl.MemoryBIO(), ssl.MemoryBIO()
        self._wants = ssl.SSLWantReadError
        self._broken = ssl.SSLError
        self._ended = (ssl.SSLEOFError, ssl.SSLZeroReturnError)
        self.tls = context.wrap_bio(self._came, self._goes, server_hostname=host)

    async def moved(self, step: Callable[[], Any], timeout: float | None) -> Any:
        """What a step of TLS returns, once enough has been read and all has been written."""
        while True:
            try:
                value = step()
            except self._wants:
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
        except self._ended:
            return b""
        except self._broken as error:
            raise httpcore.ReadError(str(error)) from error

    async def write(self, buffer: bytes, timeout: float | None = None) -> None:
        _writes(buffer)
        rest = memoryview(buffer)
        try:
            while rest:
                some = rest[: 64 * 1024]
                await self.moved(partial(self.tls.write, some), timeout)
                rest = rest[len(some) :]
        except self._broken as error:
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
