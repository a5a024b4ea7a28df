"""A plain server that costs little: it answers jobs, and takes and gives files."""

from __future__ import annotations

import json
import socket
import threading
import time
from contextlib import suppress
from typing import Any

JOB = "7f0c5f6e-4b9e-4c35-9f4e-0d6f2c9b7a11"
CHUNK = bytes(1 << 20)


class Loopback:
    """`looks` is how many looks a job runs for; `posted` is when each POST was read.

    The file of a job whose payload says "small" is one of 1 KB, for who warms up.
    """

    def __init__(self, looks: int = 0, file_mb: int = 0) -> None:
        self.posted: list[float] = []
        self.gets = 0
        self.got = 0
        self._looks = looks
        self._left = 0
        self._file_mb = file_mb
        self._name = "file.mp4"

    def __enter__(self) -> Loopback:
        self._listener = socket.create_server(("127.0.0.1", 0), backlog=64)
        self.base = f"http://127.0.0.1:{self._listener.getsockname()[1]}"
        threading.Thread(target=self._accept, daemon=True).start()
        return self

    def __exit__(self, *_: object) -> None:
        self._listener.close()

    def _accept(self) -> None:
        while True:
            try:
                connection, _ = self._listener.accept()
            except OSError:
                return
            connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            threading.Thread(target=self._serve, args=(connection,), daemon=True).start()

    def _serve(self, connection: socket.socket) -> None:
        with connection, connection.makefile("rb") as stream, suppress(OSError, ValueError):
            while line := stream.readline():
                method, path = line.decode("latin-1").split()[:2]
                size = 0
                while (header := stream.readline().strip()) != b"":
                    name, _, value = header.partition(b":")
                    if name.lower() == b"content-length":
                        size = int(value)
                if method == "POST":
                    self.posted.append(time.perf_counter())
                    self._left = self._looks
                while size:
                    piece = stream.read(min(size, 1 << 20))
                    self.got += len(piece)
                    size -= len(piece)
                    if method == "POST":
                        self._name = "small.mp4" if b"small" in piece else "file.mp4"
                if path.startswith(("/file", "/small")):
                    bytes_of = 1024 if "small" in path else self._file_mb << 20
                    self._file(connection, bytes_of if method == "GET" else 0)
                    continue
                if path.endswith("upload-url"):
                    place = f"{self.base}/file"
                    connection.sendall(_answer({"upload_url": place, "public_url": place}))
                    continue
                self.gets += method == "GET"
                done = method == "GET" and self._left <= 1
                self._left -= method == "GET"
                connection.sendall(_answer(self._job(done)))

    def _job(self, done: bool) -> dict[str, Any]:
        told: dict[str, Any] = {"request_id": JOB, "model": "Veo3", "created_at": 1}
        if done:
            outcome = {"video_url": f"{self.base}/{self._name}"}
            return {**told, "status": "success", "outcome": outcome}
        return {**told, "status": "processing"}

    def _file(self, connection: socket.socket, size: int) -> None:
        head = f"HTTP/1.1 200 OK\r\nContent-Type: video/mp4\r\nContent-Length: {size}\r\n\r\n"
        connection.sendall(head.encode())
        for start in range(0, size, len(CHUNK)):
            connection.sendall(CHUNK[: size - start])


def _answer(body: Any) -> bytes:
    text = json.dumps(body).encode()
    head = b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: "
    return head + str(len(text)).encode() + b"\r\n\r\n" + text
