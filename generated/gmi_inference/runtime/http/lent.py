# fmt: off
# isort: skip_file
# ruff: noqa
"""The HTTP client of the caller, opened as a pool of our own is, within the same bounds.

What that client adds by itself stays away from our requests: its cookies, keys, parameters, base
URL. What it shows others, such as hooks and mocked transports, stays.
"""

from __future__ import annotations

import queue
from collections.abc import AsyncIterator, Callable, Iterator, Mapping
from contextlib import asynccontextmanager, closing, contextmanager, suppress
from typing import Any

import anyio

from ..protocol.effects import Body
from . import aside
from .exchange import wire_request
from .pump import AsyncOpened, Opened, Pump, RawHeaders

GRACE = 1.0
"""Seconds past the deadline in which such a client may still say that it sent nothing."""

_ITS_OWN = {"host", "content-length", "transfer-encoding"}
_HOW = {"stream": True, "auth": None, "follow_redirects": False}


def _request(client: Any, pump: Pump, streamed: Callable[[Body], Any], trace: Any) -> Any:
    wire = wire_request(pump.effect, pump.settings)
    body, extensions = wire.content(streamed), {**wire.extensions, "trace": trace}
    request = client.build_request(
        wire.method, wire.url, headers=wire.headers, content=body, extensions=extensions
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
    """The answer in an error that a hook raised for it, as `raise_for_status` does. Raises any
    other error again.
    """
    told = any(kind.__name__ == "HTTPStatusError" for kind in type(error).__mro__)
    if (answer := getattr(error, "response", None) if told else None) is None:
        raise error
    return answer


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


@contextmanager
def opened(client: Any, pump: Pump) -> Iterator[Opened]:
    """Send by a synchronous client; inside, the head of the answer is there, the body is coming.

    It is asked from a thread that is left behind when the time is over: what the caller's
    connections read cannot be bounded from outside.
    """
    request = _request(client, pump, pump.chunks, lambda *step: _heard(pump, *step))
    wanted: queue.Queue[bool] = queue.Queue()
    told: queue.Queue[aside.Outcome] = queue.Queue()

    def send() -> Any:
        try:
            return client.send(request, **_HOW)
        except Exception as error:
            return _in_error(error)

    def work() -> None:
        try:
            with closing(send()) as answer:
                status, headers, content = _head(answer)
                pieces = answer.iter_raw() if content is None else iter((content,))
                told.put(((status, headers), None))
                while wanted.get():
                    told.put((next(pieces, None), None))
        except BaseException as error:
            told.put((None, error))

    def next_piece() -> bytes | None:
        wanted.put(True)
        piece: bytes | None = _next(told, pump)
        return piece

    thread = aside.start(work, "gmi-exchange")
    try:
        yield (*_next(told, pump), iter(next_piece, None))
        wanted.put(False)
        thread.join(min(pump.left(), GRACE))
    finally:
        pump.give_up()
        wanted.put(False)


def _next(told: queue.Queue[aside.Outcome], pump: Pump) -> Any:
    outcome: aside.Outcome | None = None
    with suppress(queue.Empty):
        outcome = told.get(timeout=pump.left())
    with suppress(queue.Empty):
        outcome = outcome or told.get(timeout=0.0 if pump.heard else GRACE)
    if outcome is None:
        raise TimeoutError
    return aside.value_of(outcome)


@asynccontextmanager
async def async_opened(client: Any, pump: Pump) -> AsyncIterator[AsyncOpened]:
    """The same by an asynchronous client; its exchange is cancelled when the time is over."""

    async def trace(name: str, info: Mapping[str, Any]) -> None:
        _heard(pump, name, info)

    request = _request(client, pump, pump.async_chunks, trace)
    with anyio.fail_after(pump.left() + GRACE):
        try:
            answer = await client.send(request, **_HOW)
        except Exception as error:
            answer = _in_error(error)
    try:
        status, headers, content = _head(answer)
        yield status, headers, _pieces(answer, content, pump)
    finally:
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
