"""A small catalogue, an account with jobs, what runs the checks, and a proxy that rewrites."""

from __future__ import annotations

import contextlib
import json
import socket
import threading
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from typing import Any
from urllib.parse import urlsplit

import httpx

from gmigen.conformance.bounds import Bounds
from gmigen.conformance.caller import Caller
from gmigen.conformance.run import Report, run
from gmigen.emulator import Clock, Emulator, emulator
from gmigen.runtime.config import Secret, settings

KEY = "sk-CANARY-0123456789abcdef"
ORG = "org-CANARY-77f0"
PROMPT = "a CANARY prompt about a paper boat"
MODEL = "Kling-Text2Video-V1.6-Standard"


def details(model: str, **more: Any) -> bytes:
    document = {
        "model": model,
        "model_type": "video",
        "parameters": [
            {"name": "prompt", "type": "string", "required": True},
            {"name": "duration", "type": "enum", "options": ["5", "10"], "default_value": "5"},
        ],
        "price_info": {"price": 152000, "unit": "second"},
        **more,
    }
    return json.dumps(document).encode()


DOCUMENTS: Mapping[str, bytes] = {name: details(name) for name in ("clip-1", "clip-2", "clip-3")}


@contextmanager
def world(jobs: int = 3, **options: Any) -> Iterator[Emulator]:
    """An emulator whose account has so many finished jobs, each a second newer than the last."""
    # It stands still, at the machine's time: a check holds the Date against that.
    given = {
        "documents": DOCUMENTS,
        "clock": Clock(virtual=True, start=time.time()),
        "job_seconds": 0.5,
        **options,
    }
    with emulator(**given) as running:
        with httpx.Client(trust_env=False, headers={"Authorization": "Bearer a-key"}) as client:
            for _ in range(jobs):
                body = {"model": "clip-1", "payload": {"prompt": PROMPT}}
                client.post(f"{running.base_url}/requests", json=body).raise_for_status()
                running.clock.advance(1)
        yield running


def caller(base_url: str, key: str = KEY, **bounds: Any) -> Caller:
    return Caller(settings(Secret(key), ORG, base_url), Bounds(**bounds), sleep=lambda _: None)


def checked(base_url: str, key: str = KEY, **bounds: Any) -> Report:
    """The report of one run, whose connections are closed."""
    asking = caller(base_url, key, **bounds)
    try:
        return run(asking, secrets=[ORG])
    finally:
        asking.close()


def differing(report: Report) -> dict[str, str]:
    """What came, by the ids of the checks that found a difference."""
    return {one.id: one.came for one in report.findings if one.verdict == "differs"}


def _heard(client: socket.socket) -> bytes:
    """More of a request. Raises ConnectionError for a client that left."""
    if piece := client.recv(65536):
        return piece
    raise ConnectionAbortedError


Rewrite = Callable[[bytes], bytes]


@contextmanager
def proxy(running: Emulator, rewrite: Rewrite) -> Iterator[str]:
    """The base URL of something in front of the API that rewrites every answer, head and all."""
    target = urlsplit(running.base_url)
    listener = socket.create_server(("127.0.0.1", 0))
    open_ones: list[socket.socket] = []

    def serve(client: socket.socket) -> None:
        with client, contextlib.suppress(OSError):
            request = b""
            while b"\r\n\r\n" not in request:
                request += _heard(client)
            head, _, body = request.partition(b"\r\n\r\n")
            lines = [
                line for line in head.split(b"\r\n") if not line.lower().startswith(b"connection:")
            ]
            length = next(
                (int(line[15:]) for line in lines if line.lower().startswith(b"content-length:")), 0
            )
            while len(body) < length:
                body += _heard(client)
            with socket.create_connection((target.hostname, target.port)) as upstream:
                upstream.sendall(b"\r\n".join([*lines, b"Connection: close", b"", body]))
                answer = b""
                while piece := upstream.recv(65536):
                    answer += piece
            client.sendall(rewrite(answer))

    def accept() -> None:
        with contextlib.suppress(OSError):
            while True:
                client, _ = listener.accept()
                open_ones.append(client)
                serve(client)

    thread = threading.Thread(target=accept, daemon=True)
    thread.start()
    try:
        yield f"http://127.0.0.1:{listener.getsockname()[1]}{target.path}"
    finally:
        listener.shutdown(socket.SHUT_RDWR)
        listener.close()
        thread.join()
