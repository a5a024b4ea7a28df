"""What was submitted, on disk before it is sent, so that a killed process leaves no riddle."""

from __future__ import annotations

import json
import os
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any


@dataclass(frozen=True)
class Entry:
    """One attempt as the journal knows it.

    `ending` is `accepted`, `refused` or `unknown`; an attempt without an ending is unknown too.
    """

    attempt_id: str
    model: str
    payload_sha256: str
    started_at: float
    ending: str = "unknown"
    request_id: str | None = None


class Journal:
    """A file of JSON lines, readable by its owner only: ids and hashes, no payload and no key."""

    def __init__(self, path: str | os.PathLike[str]) -> None:
        self.path = Path(path)

    def append(self, attempt_id: str, event: str, **details: Any) -> None:
        """Write one line and see it on disk before returning. Raises OSError."""
        line = {"attempt_id": attempt_id, "event": event, "t": time.time()}
        line.update({name: value for name, value in details.items() if value is not None})
        self.path.parent.mkdir(parents=True, exist_ok=True)
        descriptor = os.open(self.path, os.O_RDWR | os.O_APPEND | os.O_CREAT, 0o600)
        try:
            torn = os.lseek(descriptor, 0, os.SEEK_END) > 0 and not self._ends_whole(descriptor)
            os.write(descriptor, f"{chr(10) * torn}{json.dumps(line)}\n".encode())
            os.fsync(descriptor)
        finally:
            os.close(descriptor)

    @staticmethod
    def _ends_whole(descriptor: int) -> bool:
        os.lseek(descriptor, -1, os.SEEK_END)
        return os.read(descriptor, 1) == b"\n"

    def entries(self) -> list[Entry]:
        """Every attempt, oldest first; a missing file is an empty journal."""
        attempts: dict[str, Entry] = {}
        for line in self._lines():
            identity, event = line.get("attempt_id"), line.get("event")
            if not isinstance(identity, str):
                continue
            if event == "intent":
                attempts[identity] = Entry(
                    identity,
                    str(line.get("model", "")),
                    str(line.get("payload_sha256", "")),
                    float(line.get("t", 0.0)),
                )
            elif identity in attempts and event in ("accepted", "refused", "unknown"):
                begun = attempts[identity]
                attempts[identity] = Entry(
                    identity,
                    begun.model,
                    begun.payload_sha256,
                    begun.started_at,
                    event,
                    line.get("request_id"),
                )
        return list(attempts.values())

    def _lines(self) -> Iterator[dict[str, Any]]:
        try:
            text = self.path.read_text("utf-8", "replace")
        except FileNotFoundError:
            return
        for line in text.splitlines():
            try:
                value = json.loads(line)
            except ValueError:
                continue  # torn by a kill in mid-write
            if isinstance(value, dict):
                yield value
