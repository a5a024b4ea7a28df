"""A raw TCP server that reads a whole HTTP request and then misbehaves as told, for any client.

It answers in the shape each client expects, so that what differs between them is their policy.
"""

from __future__ import annotations

import json
import socket
import struct
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from typing import Any

JOB = "7f0c5f6e-4b9e-4c35-9f4e-0d6f2c9b7a11"


@dataclass
class Server:
    """One client's counterpart: `posts` and `gets` count what arrived whole.

    `post_fault` strikes at every POST, `get_fault` at the GETs whose numbers are in `struck`.
    """

    client: str
    post_fault: str = ""
    get_fault: str = ""
    struck: frozenset[int] = frozenset({2, 3})
    posts: int = 0
    gets: int = 0
    keys: set[str] = field(default_factory=set)
    base: str = ""
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def handle(self, connection: socket.socket) -> None:
        with connection:
            connection.settimeout(30)
            stream = connection.makefile("rb")
            while (request := _read(stream)) is not None:
                method, path, key = request
                with self._lock:
                    if method == "POST":
                        self.posts += 1
                        self.keys.add(key)
                    else:
                        self.gets += 1
                    number = self.gets
                fault = self.post_fault if method == "POST" else ""
                if method == "GET" and number in self.struck:
                    fault = self.get_fault
                if fault in FAULTS:
                    connection.sendall(FAULTS[fault])
                    return
                if fault == "reset":
                    linger = struct.pack("ii", 1, 0)
                    connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, linger)
                    return
                if fault == "fin":
                    return
                if fault == "hang":
                    with suppress(OSError):
                        connection.recv(1)
                    return
                body = json.dumps(self._honest(method, path, done=number > max(self.struck)))
                whole = body if fault != "cut json" else body[: len(body) // 2]
                connection.sendall(_answer("200 OK", "application/json", whole))

    def _honest(self, method: str, path: str, *, done: bool) -> Any:
        if self.client in ("ours", "genblaze-gmicloud"):
            told: dict[str, Any] = {"request_id": JOB, "model": "m", "created_at": 1}
            told |= {"status": "success" if done else "processing", "updated_at": 2 + done}
            url = "https://media.example/a.png"
            told["outcome"] = {"media_urls": [{"id": "0", "url": url}]} if done else None
            return told if method == "GET" else {**told, "status": "queued", "outcome": None}
        if self.client == "fal-client":
            urls = {f"{k}_url": f"{self.base}/requests/{JOB}/{k}" for k in ("status", "cancel")}
            if method == "POST":
                return {"request_id": JOB, "response_url": f"{self.base}/requests/{JOB}", **urls}
            if path.partition("?")[0].endswith("/status"):
                return {"status": "COMPLETED" if done else "IN_PROGRESS", "logs": [], "metrics": {}}
            return {"images": []}
        if self.client == "replicate":
            links = {"get": f"{self.base}/v1/predictions/{JOB}", "cancel": f"{self.base}/cancel"}
            told = {"id": JOB, "model": "a/m", "version": "hidden", "input": {}, "logs": ""}
            told |= {"status": "succeeded" if done else "processing", "output": ["x"]}
            return {**told, "created_at": "2026-01-01T00:00:00Z", "urls": links}
        if self.client == "openai":
            if "images" in path:
                return {"created": 1, "data": [{"url": "https://media.example/a.png"}]}
            told = {"id": JOB, "object": "video", "created_at": 1, "model": "sora-2"}
            status = "completed" if done else "in_progress"
            return {**told, "status": status, "progress": 1, "seconds": "4", "size": "720x1280"}
        if method == "GET" and path.rstrip("/").endswith(JOB):
            return {"images": []}
        return {"request_id": JOB, "status": "COMPLETED" if done else "IN_PROGRESS"}


def _answer(status: str, content_type: str, body: str, *headers: str) -> bytes:
    lines = [f"HTTP/1.1 {status}", f"Content-Type: {content_type}", f"Content-Length: {len(body)}"]
    return ("\r\n".join([*lines, *headers, "", ""]) + body).encode()


def _error(status: str, text: str, *headers: str) -> bytes:
    body = json.dumps({"error": text, "message": text})
    return _answer(status, "application/json", body, "Connection: close", *headers)


PAGE = "<html><head><title>Bad gateway</title></head><body>nginx</body></html>"
FAULTS = {
    "408": _error("408 Request Timeout", "timeout"),
    "409": _error("409 Conflict", "conflict"),
    "429": _error("429 Too Many Requests", "slow down", "Retry-After: 1"),
    "500": _error("500 Internal Server Error", "oops"),
    "502 html": _answer("502 Bad Gateway", "text/html", PAGE, "Connection: close"),
    "503": _error("503 Service Unavailable", "capacity"),
    "504": _error("504 Gateway Timeout", "gateway"),
    "html 200": _answer("200 OK", "text/html", PAGE, "Connection: close"),
    "404": _error("404 Not Found", "not found"),
}


def _read(stream: Any) -> tuple[str, str, str] | None:
    """Method, path and idempotency key of one whole request; None when the client has gone."""
    try:
        line = stream.readline().decode("latin-1").split()
        if len(line) != 3:
            return None
        headers: dict[str, str] = {}
        while (header := stream.readline().decode("latin-1").strip()) != "":
            name, _, value = header.partition(":")
            headers[name.lower()] = value.strip()
        if headers.get("transfer-encoding", "").lower() == "chunked":
            while size := int(stream.readline().split(b";")[0], 16):
                stream.read(size + 2)
            stream.readline()
        else:
            stream.read(int(headers.get("content-length", "0")))
    except (OSError, ValueError):
        return None
    return line[0], line[1], headers.get("idempotency-key", "")


@contextmanager
def serving(server: Server) -> Iterator[Server]:
    """Run `server` on loopback for a `with` block."""
    listener = socket.create_server(("127.0.0.1", 0), backlog=64)
    server.base = f"http://127.0.0.1:{listener.getsockname()[1]}"

    def accept() -> None:
        while True:
            try:
                connection, _ = listener.accept()
            except OSError:
                return
            threading.Thread(target=server.handle, args=(connection,), daemon=True).start()

    threading.Thread(target=accept, daemon=True).start()
    try:
        yield server
    finally:
        listener.close()
