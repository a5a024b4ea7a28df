# fmt: off
# isort: skip_file
# ruff: noqa
"""Connections that keep to the deadline of the exchange they serve.

The read timeout of an HTTP library bounds one silence; an answer that drips never meets it. So each
step here is given no more than what is left of the whole exchange, looking a host up included.
These connections also know best whether a request began to be written.
"""

from __future__ import annotations

import contextlib
import socket
import ssl
from collections.abc import Iterator
from functools import partial
from typing import Any

import httpcore

from .. import urls
from ..clock import monotonic
from . import aside
from .pump import current

Address = tuple[Any, Any]
CONNECT = (httpcore.ConnectTimeout, httpcore.ConnectError)


def left_of(timeout: float | None, late: type[Exception]) -> float:
    """Seconds this step may take; raises `late` when the exchange is over its time."""
    pump = current.get()
    left = float("inf") if pump is None else pump.left()
    if left <= 0:
        raise late("the exchange did not end in time")
    return left if timeout is None else min(timeout, left)


def writes(data: bytes) -> None:
    """A request begins with a letter; greetings to a proxy and of TLS are no part of it."""
    pump = current.get()
    if pump is None or pump.sending:
        return
    if data[:1].isalpha() and not data.startswith(b"CONNECT "):
        pump.send_begins()


def look_up(host: str, port: int) -> list[Address]:
    """Family and socket address of each address a host has."""
    found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    return list(dict.fromkeys((family, address) for family, _, _, _, address in found))


def in_turn(addresses: list[Address], seconds: float) -> Iterator[tuple[float, Address]]:
    """Each address with its share of the time: one that hangs leaves some for the next."""
    end = monotonic() + seconds
    for number, address in enumerate(addresses):
        left = max(end - monotonic(), 0.001)
        yield left / (len(addresses) - number), address


@contextlib.contextmanager
def named(late: type[Exception], broken: type[Exception]) -> Iterator[None]:
    """Raise the words of the HTTP library for those of the socket."""
    try:
        yield
    except TimeoutError as error:
        raise late(str(error)) from error
    except (OSError, UnicodeError) as error:
        raise broken(str(error)) from error


class BoundedBackend(httpcore.NetworkBackend):
    """Makes connections for synchronous callers."""

    def __init__(self) -> None:
        self._backend = httpcore.SyncBackend()

    def connect_tcp(
        self, host: str, port: int, timeout: float | None = None, *_: Any, **__: Any
    ) -> httpcore.NetworkStream:
        left = left_of(timeout, httpcore.ConnectTimeout)
        found_by = partial(look_up, host, port)
        began = monotonic()
        with named(*CONNECT):
            found = found_by() if urls.literal(host) else aside.call_within(found_by, left)
        problem: Exception = httpcore.ConnectError("the host has no address")
        for share, (_, address) in in_turn(found, left - (monotonic() - began)):
            try:
                return _Stream(self._backend.connect_tcp(address[0], port, share))
            except CONNECT as error:
                problem = error
        raise problem


class _Stream(httpcore.NetworkStream):
    def __init__(self, stream: httpcore.NetworkStream, under: _Stream | None = None) -> None:
        self._stream = stream
        self._under = under

    def read(self, max_bytes: int, timeout: float | None = None) -> bytes:
        return self._stream.read(max_bytes, left_of(timeout, httpcore.ReadTimeout))

    def write(self, buffer: bytes, timeout: float | None = None) -> None:
        writes(buffer)
        self._stream.write(buffer, left_of(timeout, httpcore.WriteTimeout))

    def close(self) -> None:
        self._stream.close()

    def start_tls(
        self,
        ssl_context: ssl.SSLContext,
        server_hostname: str | None = None,
        timeout: float | None = None,
    ) -> httpcore.NetworkStream:
        left = left_of(timeout, httpcore.ConnectTimeout)
        return _Stream(self._stream.start_tls(ssl_context, server_hostname, left), self)

    def get_extra_info(self, info: str) -> Any:
        return self._stream.get_extra_info(info)

    def __del__(self) -> None:
        with contextlib.suppress(Exception):
            self._stream.close()
