"""A server on a raw socket whose answers are published ones with something wrong in them.

What is wrong is drawn from a seed: the status line, headers, the body, the packing, or when and how
the connection ends. The last answers are remembered, for who has to explain a failure.
"""

from __future__ import annotations

import gzip
import json
import socket
import struct
import threading
import zlib
from collections import deque
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from random import Random
from typing import Any

from material import published

STATUS_LINES = [
    b"HTTP/1.1 200 OK", b"HTTP/1.1 200 OK", b"HTTP/1.1 200 OK", b"HTTP/1.0 200 OK",
    b"HTTP/1.1 201 Made", b"HTTP/1.1 204 No", b"HTTP/1.1 206 Part", b"HTTP/1.1 307 Go",
    b"HTTP/1.1 302 Go", b"HTTP/1.1 400 Bad", b"HTTP/1.1 401 No", b"HTTP/1.1 402 Pay",
    b"HTTP/1.1 403 No", b"HTTP/1.1 404 No", b"HTTP/1.1 405 No", b"HTTP/1.1 408 Late",
    b"HTTP/1.1 409 No", b"HTTP/1.1 418 Tea", b"HTTP/1.1 422 Bad", b"HTTP/1.1 429 Slow",
    b"HTTP/1.1 500 Ow", b"HTTP/1.1 502 Ow", b"HTTP/1.1 503 Ow", b"HTTP/1.1 504 Ow",
    b"HTTP/1.1 101 Up", b"HTTP/1.1 99 x", b"HTTP/1.1 1000 x", b"HTTP/2 200", b"ICY 200 OK",
    b"HTTP/1.1", b"", b"<html>", b"\x16\x03\x01\x02\x00",
]  # fmt: skip
HEADERS = [
    b"Retry-After: 0", b"Retry-After: -5", b"Retry-After: nan", b"Retry-After: 1e999",
    b"Retry-After: Wed, 21 Oct 99999 07:28:00 GMT", b"Retry-After: " + b"9" * 500,
    b"Retry-After: Thu, 01 Jan 1970 00:00:00 GMT", b"Date: Wed, 21 Oct 99999 07:28:00 GMT",
    b"Date: 0", b"retry-after-ms: 1", b"retry-after-ms: 1e400", b"Location: http://[::1",
    b"Location: https://a..b/", b"Location: \xff\xfe", b"Content-Encoding: gzip",
    b"Content-Encoding: br", b"Content-Encoding: gzip, gzip", b"Content-Encoding: deflate",
    b"Content-Type: text/html", b"Content-Length: 5", b"Content-Length: -1",
    b"Content-Length: 99999999999999999999999", b"Content-Length: 5, 5", b"Content-Length: x",
    b"Transfer-Encoding: chunked", b"Transfer-Encoding: gzip, chunked", b"Connection: close",
    b"ETag: \x80\x81", b"X: " + b"y" * 70_000, b"Content-Range: bytes 5-1/0", b": nameless",
    b"no colon", b"X-\x00: 1", b"Set-Cookie: a=b", b"x-goog-hash: md5=!!!",
    b"X: sk-CANARY-0123456789",
]  # fmt: skip
WEIRD: list[Any] = [
    None, True, 0, -1, 1e308, "", " ", ".", "..", "a/b", "\ud800", "\0", "x" * 5000, [], {}, [[]],
    "sk-CANARY-0123456789", {"error": {"error": {"error": {"message": 5}}}}, "9" * 400, "j1",
    "https://a..b/x.mp4", "file:///etc/passwd", "data:image/png;base64,!!", "http://[", "success",
]  # fmt: skip


def answer(random: Random) -> bytes:
    """The bytes of one answer."""
    body = _body(random)
    lines = [random.choice(STATUS_LINES if random.random() < 0.5 else STATUS_LINES[:3])]
    lines += random.choices(HEADERS, k=random.choice([0, 0, 0, 1, 2, 4]))
    how = random.random()
    if how < 0.1:
        body = gzip.compress(body)
        lines.append(b"Content-Encoding: gzip")
    elif how < 0.15:
        body = zlib.compress(body)
        lines.append(b"Content-Encoding: deflate")
    elif how < 0.17:
        body = gzip.compress(gzip.compress(b"\0" * 1_000_000))
        lines.append(b"Content-Encoding: gzip")
    if random.random() < 0.15:
        size = random.choice([b"%x" % len(body), b"0", b"ffffffffffffffffff", b"zz", b""])
        body = size + b"\r\n" + body + random.choice([b"\r\n0\r\n\r\n", b"", b"\r\n0\r\nX: y\r\n"])
        lines.append(b"Transfer-Encoding: chunked")
    elif random.random() < 0.8:
        length = len(body) + (random.choice([-3, 1, 1000]) if random.random() < 0.1 else 0)
        lines.append(b"Content-Length: %d" % max(length, 0))
    raw = random.choice([b"\r\n"] * 9 + [b"\n"]).join([*lines, b"", b""]) + body
    return _damaged(raw, random) if random.random() < 0.25 else raw


def _body(random: Random) -> bytes:
    value = json.loads(json.dumps(random.choice(published())))
    if random.random() < 0.3:
        value = random.choice(
            [{"requests": [value] * 3, "has_more": True}, {"model_ids": [value]}, [value],
             {"requests": "x"}, {"upload_url": "https://a/b?sig=1", "public_url": value}]
        )  # fmt: skip
    if random.random() < 0.6:
        place = value
        while isinstance(place, dict) and place:
            name = random.choice(sorted(place))
            if not isinstance(place[name], dict) or random.random() < 0.5:
                place[name] = random.choice(WEIRD)
                break
            place = place[name]
    data = json.dumps(value).encode()
    how = random.random()
    if how < 0.05:
        return random.randbytes(random.randrange(200))
    if how < 0.1:
        return data.replace(b'"', b"'")
    if how < 0.13:
        return b'{"created_at": ' + b"9" * 5000 + b", " + data[1:]
    if how < 0.15:
        return b'{"a":' * 3000 + data
    return data


def _damaged(raw: bytes, random: Random) -> bytes:
    place = random.randrange(len(raw) + 1)
    how = random.randrange(4)
    if how == 0:
        return raw[:place]
    if how == 1:
        return raw[:place] + random.randbytes(random.randrange(1, 5)) + raw[place + 3 :]
    if how == 2:
        return raw[:place] + raw[place // 2 :]
    return bytes(
        byte ^ (1 << random.randrange(8)) if random.random() < 0.01 else byte for byte in raw
    )


class WildServer:
    """Where it listens, and what it said last."""

    def __init__(self, seed: int) -> None:
        self.listener = socket.create_server(("127.0.0.1", 0), backlog=128)
        self.url = f"http://127.0.0.1:{self.listener.getsockname()[1]}"
        self.said: deque[bytes] = deque(maxlen=12)
        self.count = 0
        self.over = threading.Event()
        self._random = Random(seed)
        self._lock = threading.Lock()

    def serve(self) -> None:
        while True:
            try:
                connection, _ = self.listener.accept()
            except OSError:
                return
            threading.Thread(target=self._talk, args=(connection,), daemon=True).start()

    def _next(self) -> tuple[bytes, float]:
        with self._lock:
            raw = answer(self._random)
            self.said.append(raw)
            self.count += 1
            return raw, self._random.random()

    def _talk(self, connection: socket.socket) -> None:
        with connection, suppress(OSError):
            connection.settimeout(5)
            while self._hear(connection):
                raw, fate = self._next()
                connection.sendall(raw)
                if fate < 0.03:
                    self.over.wait(3)
                    return
                if fate < 0.05:
                    linger = struct.pack("ii", 1, 0)
                    connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, linger)
                    return
                if fate < 0.6:
                    return

    @staticmethod
    def _hear(connection: socket.socket) -> bool:
        data = b""
        while b"\r\n\r\n" not in data:
            if not (more := connection.recv(65536)):
                return False
            data += more
        head, _, body = data.partition(b"\r\n\r\n")
        found = [line for line in head.lower().split(b"\r\n") if line.startswith(b"content-length")]
        left = int(found[0].split(b":")[1]) - len(body) if found else 0
        while left > 0 and (more := connection.recv(65536)):
            left -= len(more)
        return True


@contextmanager
def wild_server(seed: int) -> Iterator[WildServer]:
    """A server for the length of a `with`."""
    server = WildServer(seed)
    thread = threading.Thread(target=server.serve)
    thread.start()
    try:
        yield server
    finally:
        server.over.set()
        with suppress(OSError):
            server.listener.shutdown(socket.SHUT_RDWR)
        server.listener.close()
        thread.join()
