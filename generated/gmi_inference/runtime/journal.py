# fmt: off
# isort: skip_file
# ruff: noqa
"""What was submitted, on disk before it is sent, so that a killed process leaves no riddle."""

from __future__ import annotations

import contextlib
import json
import os
import time
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

# `found` is an unknown attempt whose job turned up in the list.
_ENDINGS = {
    "accepted": "accepted",
    "refused": "refused",
    "unknown": "unknown",
    "found": "accepted",
}


@dataclass(frozen=True)
class Entry:
    """One attempt as the journal knows it.

    `ending` is `accepted`, `refused` or `unknown`; an attempt without an ending is unknown too.
    `ended_at` is when that was known, in unix seconds, and `ended` the final status of the job,
    when somebody waited for it.
    """

    attempt_id: str
    model: str
    payload_sha256: str
    started_at: float
    ending: str = "unknown"
    request_id: str | None = None
    ended_at: float | None = None
    ended: str | None = None


class Journal:
    """A file of JSON lines, readable by its owner only: ids and hashes, no payload and no key."""

    def __init__(self, path: str | os.PathLike[str]) -> None:
        self.path = Path(path)

    def append(self, attempt_id: str, event: str, **details: Any) -> None:
        """Write one line and see it on disk before returning. Raises OSError."""
        line = {"attempt_id": attempt_id, "event": event, "t": time.time()}
        line.update({name: value for name, value in details.items() if value is not None})
        self._write(line)

    def note_job(self, request_id: str, status: str) -> None:
        """Write down how a job ended. Raises OSError."""
        self._write(
            {"event": "ended", "request_id": request_id, "status": status, "t": time.time()}
        )

    def _write(self, line: dict[str, Any]) -> None:
        self.path.parent.mkdir(parents=True, exist_ok=True)
        descriptor = os.open(self.path, os.O_RDWR | os.O_APPEND | os.O_CREAT, 0o600)
        try:
            size = os.lseek(descriptor, 0, os.SEEK_END)
            torn = size > 0 and not self._ends_whole(descriptor)
            os.write(descriptor, f"{chr(10) * torn}{json.dumps(line)}\n".encode())
            os.fsync(descriptor)
        finally:
            os.close(descriptor)
        if size == 0:
            self._sync_folder()

    def _sync_folder(self) -> None:
        """A new file is only there after a power cut when its folder was written, too."""
        with contextlib.suppress(OSError):  # Windows opens no folders, and needs none
            descriptor = os.open(self.path.parent, os.O_RDONLY)
            try:
                os.fsync(descriptor)
            finally:
                os.close(descriptor)

    @staticmethod
    def _ends_whole(descriptor: int) -> bool:
        os.lseek(descriptor, -1, os.SEEK_END)
        return os.read(descriptor, 1) == b"\n"

    def entries(self) -> list[Entry]:
        """Every attempt, oldest first; a missing file is an empty journal. Raises OSError."""
        attempts: dict[str, Entry] = {}
        by_job: dict[str, str] = {}
        for line in self._lines():
            identity, event = line.get("attempt_id"), line.get("event")
            job = _text(line.get("request_id"))
            if event == "ended" and job in by_job:
                ended = _text(line.get("status"))
                attempts[by_job[job]] = replace(attempts[by_job[job]], ended=ended)
            elif not isinstance(identity, str):
                continue
            elif event == "intent":
                model, digest = _text(line.get("model")), _text(line.get("payload_sha256"))
                attempts[identity] = Entry(identity, model, digest, _moment(line))
            elif identity in attempts and event in _ENDINGS:
                attempts[identity] = replace(
                    attempts[identity],
                    ending=_ENDINGS[event],
                    request_id=job or None,
                    ended_at=_moment(line),
                )
                if job:
                    by_job[job] = identity
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


def _text(value: Any) -> str:
    return value if isinstance(value, str) else ""


def _moment(line: dict[str, Any]) -> float:
    moment = line.get("t")
    return float(moment) if isinstance(moment, (int, float)) else 0.0
