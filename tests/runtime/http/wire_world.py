"""A server on a raw socket that says exactly what it is told to, and every way to ask it."""

from __future__ import annotations

import asyncio
import socket
import ssl
import struct
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from typing import Any

import httpx

from gmigen.runtime.config import Secret, Settings, settings
from gmigen.runtime.http.transports import AsyncTransport, SyncTransport
from gmigen.runtime.protocol.effects import Failure, Reply, Send, Stored, Timeouts

KEY = "sk-CANARY-0123456789"
SECRET = Secret(KEY)
PATIENT = Timeouts(connect=10.0, read=10.0, total=10.0)
"""For whoever answers, on however busy a machine."""

QUICK = Timeouts(connect=0.5, read=0.4, total=0.6)
LATEST = 0.6 + 4.0
"""Seconds by which every exchange with `QUICK` has ended: sooner than by any other bound."""

Answer = Reply | Failure | Stored
Script = Callable[["Talk"], object]
CLOSES = "Connection: close"
"""For who asks more than once: otherwise the end of a connection may cross the next request."""

WAYS = ("own sync", "lent sync", "own async", "lent async")


class Talk:
    """One connection, seen from the server."""

    def __init__(self, connection: Any, server: Server) -> None:
        self.connection = connection
        self.server = server

    def hear(self) -> bytes:
        """The next request, to the end of its body."""
        data = b""
        while b"\r\n\r\n" not in data:
            if not (more := self.connection.recv(65536)):
                return data
            data += more
        head, _, body = data.partition(b"\r\n\r\n")
        length = 0
        for line in head.lower().split(b"\r\n"):
            if line.startswith(b"content-length:"):
                length = int(line.split(b":")[1])
        while len(body) < length and (more := self.connection.recv(65536)):
            body += more
        self.server.requests.append(head + b"\r\n\r\n" + body)
        return data

    def say(self, data: bytes) -> None:
        self.connection.sendall(data)

    def drip(self, data: bytes, pause: float = 0.05) -> None:
        """A byte at a time, over and over, until the test is over."""
        while not self.server.over.is_set():
            for number in range(len(data)):
                self.say(data[number : number + 1])
                if self.server.over.wait(pause):
                    return

    def hang(self) -> None:
        self.server.over.wait(30)

    def reset(self) -> None:
        """End the connection with a RST instead of a FIN."""
        linger = struct.pack("ii", 1, 0)
        self.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, linger)


@dataclass
class Server:
    """Where it listens, and the requests it heard."""

    url: str
    requests: list[bytes] = field(default_factory=list)
    connections: list[Any] = field(default_factory=list)
    threads: list[threading.Thread] = field(default_factory=list)
    over: threading.Event = field(default_factory=threading.Event)


@contextmanager
def serving(script: Script, context: ssl.SSLContext | None = None) -> Iterator[Server]:
    """Runs the script for each connection, then closes it."""
    listener = socket.create_server(("127.0.0.1", 0), backlog=64)
    scheme = "http" if context is None else "https"
    server = Server(f"{scheme}://127.0.0.1:{listener.getsockname()[1]}")

    def talk(raw: socket.socket) -> None:
        with raw, suppress(OSError):
            connection = raw if context is None else context.wrap_socket(raw, server_side=True)
            with connection:
                script(Talk(connection, server))

    def accept() -> None:
        with suppress(OSError):
            while True:
                raw, _ = listener.accept()
                server.connections.append(raw)
                raw.settimeout(30)
                server.threads.append(threading.Thread(target=talk, args=(raw,), daemon=True))
                server.threads[-1].start()

    acceptor = threading.Thread(target=accept, daemon=True)
    acceptor.start()
    try:
        yield server
    finally:
        server.over.set()
        listener.shutdown(socket.SHUT_RDWR)
        listener.close()
        for raw in server.connections:
            with suppress(OSError):
                raw.shutdown(socket.SHUT_RDWR)
        for thread in (acceptor, *server.threads):
            thread.join(10)


def says(*pieces: bytes) -> Script:
    """A script that hears a request, says this and closes."""

    def script(talk: Talk) -> None:
        talk.hear()
        for piece in pieces:
            talk.say(piece)

    return script


def answer(body: bytes, *headers: str, status: int = 200, length: int | None = None) -> bytes:
    """A whole answer with a length."""
    lines = [f"HTTP/1.1 {status} X", f"Content-Length: {len(body) if length is None else length}"]
    return "\r\n".join([*lines, *headers, "", ""]).encode("latin-1") + body


def settings_of(url: str, **more: Any) -> Settings:
    return settings(SECRET, base_url=f"{url}/api", **more)


class Asker:
    """A transport of some colour, own connections or lent; calling it performs an exchange."""

    def __init__(self, way: str, config: Settings, **client: Any) -> None:
        lent, self.is_async = way.startswith("lent"), way.endswith("async")
        self.client: Any = None
        if lent:
            self.client = (httpx.AsyncClient if self.is_async else httpx.Client)(**client)
        kind: Any = AsyncTransport if self.is_async else SyncTransport
        self.transport = kind(config, self.client)
        self.loop = asyncio.new_event_loop() if self.is_async else None

    def __call__(self, effect: Send) -> Answer:
        result: Answer = self.wait(self.transport.send(effect))
        return result

    def wait(self, value: Any) -> Any:
        return value if self.loop is None else self.loop.run_until_complete(value)

    def close(self) -> None:
        if self.loop is None:
            self.transport.close()
            if self.client is not None:
                self.client.close()
            return
        self.wait(self.transport.aclose())
        if self.client is not None:
            self.wait(self.client.aclose())
        self.wait(asyncio.sleep(0))
        self.wait(self.loop.shutdown_asyncgens())
        self.loop.close()


@contextmanager
def asking(way: str, url: str, **client: Any) -> Iterator[Asker]:
    asker = Asker(way, settings_of(url), **client)
    try:
        yield asker
    finally:
        asker.close()


def get(url: str, **more: Any) -> Send:
    more = {"lane": "api", "timeouts": PATIENT, **more}
    return Send(more.pop("method", "GET"), f"{url}/api/requests/1", **more)


def post(url: str, **more: Any) -> Send:
    more = {"lane": "submit", "timeouts": PATIENT, "body": b'{"prompt": "x"}', **more}
    return Send("POST", f"{url}/api/requests", **more)


def failed(found: Answer) -> Failure:
    assert isinstance(found, Failure), found
    return found
