"""Faults below HTTP, on real TCP connections."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from dataclasses import dataclass
from typing import Literal

from starlette.responses import Response, StreamingResponse

from ..connection import Connection
from ..exchange import Exchange
from .answers import head, prepare

Moment = Literal["before", "after"]


@dataclass(frozen=True)
class Reset:
    """RST, `before` or `after` the body was read. At `connect`: before anything was.

    process: the work was done first (only `after`).
    """

    when: Moment = "after"
    process: bool = False

    async def answer(self, exchange: Exchange) -> Response:
        if self.when == "after":
            await prepare(exchange, self.process)
        exchange.connection.reset()
        return exchange.silence()

    def meet(self, connection: Connection) -> None:
        connection.reset()


@dataclass(frozen=True)
class Fin:
    """The connection is closed in an orderly way without an answer; otherwise as `Reset`."""

    when: Moment = "after"
    process: bool = False

    async def answer(self, exchange: Exchange) -> Response:
        if self.when == "after":
            await prepare(exchange, self.process)
        exchange.connection.finish()
        return exchange.silence()

    def meet(self, connection: Connection) -> None:
        connection.dismiss()


@dataclass(frozen=True)
class Hang:
    """Nothing more happens until the client gives up. `before`: not even the body is read, so a
    large one never gets through."""

    when: Moment = "after"
    process: bool = False

    async def answer(self, exchange: Exchange) -> Response:
        if self.when == "after":
            await prepare(exchange, self.process)
        return exchange.silence()

    def meet(self, connection: Connection) -> None:
        connection.ignore()


@dataclass(frozen=True)
class Drip:
    """The honest answer, `size` bytes every `seconds` of real time: no single read is slow.

    head: the status line and the headers drip, too.
    """

    size: int = 1
    seconds: float = 0.05
    head: bool = False

    async def answer(self, exchange: Exchange) -> Response:
        honest = await exchange.honest()
        if self.head:
            body = bytes(honest.body)
            start = head(honest, [f"content-length: {len(body)}"])
            async for drop in self._drops(start + body):
                if exchange.connection.gone.is_set():
                    break
                exchange.connection.transport.write(drop)
            exchange.connection.finish()
            return exchange.silence()
        return StreamingResponse(
            self._drops(bytes(honest.body)), honest.status_code, dict(honest.headers)
        )

    async def _drops(self, body: bytes) -> AsyncIterator[bytes]:
        for start in range(0, len(body), self.size):
            await asyncio.sleep(self.seconds)
            yield body[start : start + self.size]


@dataclass(frozen=True)
class Raw:
    """These bytes in place of an HTTP answer, then the ending."""

    content: bytes
    ending: Literal["fin", "reset", "open"] = "fin"
    process: bool = False

    async def answer(self, exchange: Exchange) -> Response:
        await prepare(exchange, self.process)
        exchange.connection.transport.write(self.content)
        if self.ending == "reset":
            await exchange.connection.reset_when_sent()
        elif self.ending == "fin":
            exchange.connection.finish()
        return exchange.silence()
