"""Details documents of invented models, and a client that sends a key."""

from __future__ import annotations

import json
import socket
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Literal
from urllib.parse import urlsplit

import httpx

from gmigen.emulator import Emulator

KEY = "sk-CANARY-0123456789"


def details(model: str, output: str = "video", **more: Any) -> bytes:
    """A details document whose one required parameter is `prompt`, unless told otherwise."""
    document = {
        "model": model,
        "model_type": output,
        "modalities": {"input": ["text"], "output": [output]},
        "parameters": [{"name": "prompt", "type": "string", "required": True}],
        **more,
    }
    return json.dumps(document).encode()


def element(name: str, type: str, required: bool = False, **more: Any) -> dict[str, Any]:
    return {"name": name, "type": type, "required": required, **more}


def client_of(running: Emulator) -> httpx.Client:
    headers = {"Authorization": f"Bearer {KEY}"}
    return httpx.Client(base_url=running.base_url, headers=headers, trust_env=False)


def submitted(client: httpx.Client, model: str = "clip-1", **payload: Any) -> dict[str, Any]:
    """Submit a job that is accepted, and return the answer."""
    body = {"model": model, "payload": payload or {"prompt": "a boat"}}
    answer = client.post("/requests", json=body)
    assert answer.status_code == 200, answer.text
    record: dict[str, Any] = answer.json()
    return record


@dataclass(frozen=True)
class Heard:
    """What came over a raw connection, and how its end looked to the operating system."""

    content: bytes
    ending: Literal["fin", "reset", "nothing yet"]

    @property
    def body(self) -> bytes:
        return self.content.partition(b"\r\n\r\n")[2]


def address_of(origin: str) -> tuple[str, int]:
    parts = urlsplit(origin)
    assert parts.hostname is not None
    assert parts.port is not None
    return parts.hostname, parts.port


def talk(origin: str, request: bytes, seconds: float = 5) -> Heard:
    """Send `request` as it is, and listen to the end, or until nothing came for `seconds`."""
    content = b""
    try:
        with socket.create_connection(address_of(origin), timeout=seconds) as raw:
            raw.sendall(request)
            while piece := raw.recv(65536):
                content += piece
    except (ConnectionResetError, BrokenPipeError):
        return Heard(content, "reset")
    except TimeoutError:
        return Heard(content, "nothing yet")
    return Heard(content, "fin")


def soon(holds: Callable[[], bool]) -> bool:
    """Whether it comes to hold, however busy the machine."""
    limit = time.monotonic() + 20
    while not (held := holds()) and time.monotonic() < limit:
        time.sleep(0.005)
    return held


def submission(running: Emulator, body: bytes | None = None) -> bytes:
    """A whole submission as it goes over the wire."""
    if body is None:
        body = json.dumps({"model": "clip-1", "payload": {"prompt": "x"}}).encode()
    path = urlsplit(running.base_url).path
    head = [
        f"POST {path}/requests HTTP/1.1",
        "Host: 127.0.0.1",
        f"Authorization: Bearer {KEY}",
        f"Content-Length: {len(body)}",
    ]
    return "\r\n".join([*head, "", ""]).encode() + body
