"""Files without the API: a storage on a real socket, one in virtual time, and ways to ask each."""

from __future__ import annotations

import asyncio
import threading
import time
import uuid
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any, TypeVar

from gmigen.runtime.config import Secret, settings
from gmigen.runtime.files import download
from gmigen.runtime.files.outcome import Found, files
from gmigen.runtime.http.drivers import AsyncDriver, FlowRun, SyncDriver
from gmigen.runtime.http.transports import AsyncTransport, SyncTransport
from gmigen.runtime.protocol.context import Context
from gmigen.runtime.protocol.effects import (
    Blocking,
    Failure,
    Flow,
    Head,
    Reply,
    Send,
    Sleep,
    Stored,
    World,
)
from gmigen.runtime.records import Handle

T = TypeVar("T")
PNG = b"\x89PNG\r\n\x1a\n" + bytes(range(256)) * 3
MP4 = b"\0\0\0\x18ftypisom" + bytes(range(256)) * 3
WEBP = b"RIFF\x40\0\0\0WEBPVP8 " + bytes(range(256))
JOB = "5a7a5466-0000-4000-8000-000000000001"
BROKEN = Failure("broken", True, "the connection was dropped")


def found(url: str, kind: str = "image", **facts: Any) -> Found:
    """One file of the job `JOB`."""
    return Found(url, kind, job=Handle(JOB), **facts)  # type: ignore[arg-type]


@dataclass
class Asked:
    """A request as a storage saw it; header names are in lower case."""

    method: str
    path: str
    headers: Mapping[str, str]
    body: bytes = b""


@dataclass
class Answer:
    """What a storage says: `length` beside the truth when given, `cut` ends it early."""

    body: bytes = b""
    headers: Mapping[str, str] = field(default_factory=dict)
    status: int = 200
    length: int | None = None
    chunked: bool = False


Serve = Callable[[Asked], Answer]


class Storage:
    """A server whose answers are a function of what it is asked."""

    def __init__(self, serve: Serve) -> None:
        self.asked: list[Asked] = []
        self.serve = serve
        self.url = ""


@contextmanager
def storing(serve: Serve) -> Iterator[Storage]:
    storage = Storage(serve)

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def log_message(self, *_: object) -> None: ...

        def answer(self) -> None:
            headers = {name.lower(): value for name, value in self.headers.items()}
            body = self.rfile.read(int(headers.get("content-length", 0)))
            asked = Asked(self.command, self.path, headers, body)
            storage.asked.append(asked)
            told = storage.serve(asked)
            self.send_response(told.status)
            for name, value in told.headers.items():
                self.send_header(name, value)
            if told.chunked:
                self.send_header("Transfer-Encoding", "chunked")
            else:
                length = len(told.body) if told.length is None else told.length
                self.send_header("Content-Length", str(length))
            self.send_header("Connection", "close")
            self.close_connection = True
            self.end_headers()
            with suppress(OSError):
                if told.chunked and told.body:
                    self.wfile.write(b"%x\r\n%b\r\n0\r\n\r\n" % (len(told.body), told.body))
                else:
                    self.wfile.write(b"0\r\n\r\n" if told.chunked else told.body)

        do_GET = do_PUT = do_POST = answer

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    storage.url = f"http://127.0.0.1:{server.server_port}"
    thread = threading.Thread(target=server.serve_forever, args=(0.02,), daemon=True)
    thread.start()
    try:
        yield storage
    finally:
        server.shutdown()
        server.server_close()
        thread.join(10)


def whole(body: bytes, etag: str = '"one"', **more: str) -> Serve:
    """A storage with one file that knows ranges."""

    def serve(asked: Asked) -> Answer:
        headers = {"ETag": etag, **more}
        wanted = asked.headers.get("range", "")
        if wanted and asked.headers.get("if-range", etag) == etag:
            start = int(wanted.removeprefix("bytes=").rstrip("-"))
            place = f"bytes {start}-{len(body) - 1}/{len(body)}"
            return Answer(body[start:], {**headers, "Content-Range": place}, 206)
        return Answer(body, headers)

    return serve


def in_turn(*serves: Serve | Answer) -> Serve:
    """Each of these once, the last one for ever."""
    rest = list(serves)

    def serve(asked: Asked) -> Answer:
        now = rest.pop(0) if len(rest) > 1 else rest[0]
        return now if isinstance(now, Answer) else now(asked)

    return serve


class Asker:
    """Runs flows over real sockets in one colour, with little patience between attempts."""

    def __init__(self, colour: str, url: str) -> None:
        config = settings(Secret("sk-files-0123456789"), base_url=f"{url}/api")
        self.is_async = colour == "async"
        self.transport: Any = (AsyncTransport if self.is_async else SyncTransport)(config)
        self.skipped = 0.0
        # Pauses between attempts pass at once: the clock of the flow is moved on by them.
        self.world = World(lambda: time.monotonic() + self.skipped, time.time, lambda: 0.0, token)
        self.ctx = Context(config.base_url, True, self.world, pins=self.transport.pins)
        self.loop = asyncio.new_event_loop() if self.is_async else None

    def __call__(self, flow: Flow[T]) -> T:
        quick = self._quick(flow)
        if self.loop is None:
            return SyncDriver(self.transport).run(quick)
        return self.loop.run_until_complete(AsyncDriver(self.transport).run(quick))

    async def _quick(self, flow: Flow[T]) -> T:
        run = FlowRun(flow)
        try:
            while (effect := run.next()) is not None:
                if isinstance(effect, Sleep):
                    self.skipped += effect.seconds
                    continue
                try:
                    run.answer(await effect)  # type: ignore[misc]
                except BaseException as raised:
                    run.fail(raised)
            return run.value
        finally:
            run.close()

    def close(self) -> None:
        if self.loop is None:
            self.transport.close()
        else:
            self.loop.run_until_complete(self.transport.aclose())
            self.loop.run_until_complete(asyncio.sleep(0))
            self.loop.close()


@contextmanager
def asking(colour: str, url: str) -> Iterator[Asker]:
    asker = Asker(colour, url)
    try:
        yield asker
    finally:
        asker.close()


def token() -> str:
    return uuid.uuid4().hex


WAYS = ("save", "read", "open")


async def have(way: str, ctx: Context, one: Found, folder: Path, **more: Any) -> bytes:
    """The content of a file, had in one of the ways there are."""
    if way == "read":
        return await download.read(ctx, one, **more)
    if way == "open":
        with await download.opened(ctx, one, **more) as stream:
            return stream.read()
    return (await download.save(ctx, one, folder / "file.bin", **more)).read_bytes()


Piece = bytes | float | Failure


@dataclass
class Says:
    """An answer in virtual time: its pieces are bytes, pauses in seconds, and a failure."""

    status: int = 200
    headers: Mapping[str, str] = field(default_factory=dict)
    pieces: Sequence[Piece] = ()


class Virtual:
    """Performs effects in virtual time; `serve(send)` answers requests."""

    def __init__(self, serve: Callable[[Send], Says | Failure], loopback: bool = False) -> None:
        self.serve = serve
        self.now = 0.0
        self.sends: list[Send] = []
        self.bodies: list[bytes] = []
        world = World(lambda: self.now, lambda: 1.8e9 + self.now, lambda: 0.5, token)
        self.ctx = Context("https://api.example/q", loopback, world, pins=lambda _: False)

    def run(self, flow: Flow[T]) -> T:
        run = FlowRun(flow)
        while (effect := run.next()) is not None:
            try:
                if isinstance(effect, Sleep):
                    self.now += effect.seconds
                elif isinstance(effect, Blocking):
                    run.answer(effect.call())
                elif isinstance(effect, Send):
                    run.answer(self.exchange(effect))
            except Exception as raised:
                run.fail(raised)
        return run.value

    def exchange(self, effect: Send) -> Reply | Failure | Stored:
        self.sends.append(effect)
        if effect.body is not None:
            body = effect.body
            self.bodies.append(body if isinstance(body, bytes) else b"".join(body.chunks()))
        says = self.serve(effect)
        if isinstance(says, Failure):
            return says
        head, began = Head(says.status, says.headers), self.now
        sink = effect.sink(head) if effect.sink else None
        written, body = 0, b""
        for piece in says.pieces:
            if isinstance(piece, Failure):
                return Stored(head, written, piece) if sink else piece
            if isinstance(piece, bytes):
                body += piece
                written += len(piece)
                if sink:
                    sink.write(piece)
            else:
                self.now += piece
            if self.now - began > effect.timeouts.total:
                late = Failure("timeout", True, "the answer did not end in time")
                return Stored(head, written, late) if sink else late
        return Stored(head, written) if sink else Reply(says.status, says.headers, body)


def first(outcome: Mapping[str, Any]) -> Found:
    return files(outcome)[0]
