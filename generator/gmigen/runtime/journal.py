"""What was submitted, on disk before it is sent, so that a killed process leaves no riddle."""

from __future__ import annotations

import contextlib
import errno
import json
import os
import stat
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any, cast

from . import wire
from .records import Attempt, Ending

LINE_LIMIT = 64 * 1024
_ENDINGS: dict[str, Ending] = {
    "accepted": "accepted",
    "refused": "refused",
    "unknown": "unknown",
    "found": "accepted",
}
_NO_SYNC = frozenset({errno.EINVAL, errno.ENOSYS, errno.ENOTSUP, errno.EOPNOTSUPP})


class Journal:
    """A file of JSON lines, readable by its owner only: ids and hashes, no payload and no key."""

    def __init__(self, path: str | os.PathLike[str]) -> None:
        self.path = Path(path)

    def note_intent(self, attempt: Attempt) -> None:
        """Write that this is about to be sent, and see it on disk. Raises OSError, ValueError."""
        self._append(
            event="intent",
            attempt_id=attempt.id,
            model=attempt.model,
            payload_sha256=attempt.payload_sha256,
            t=attempt.started_at,
        )

    def note_ending(self, attempt: Attempt) -> None:
        """Write what became of it. Raises OSError, ValueError."""
        self._append(
            event=attempt.ending,
            attempt_id=attempt.id,
            request_id=attempt.job_id,
            t=attempt.ended_at,
        )

    def note_job(self, job_id: str, status: str, unix: float) -> None:
        """Write how a job ended, at this unix second. Raises OSError, ValueError."""
        self._append(event="ended", request_id=job_id, status=status, t=unix)

    def attempts(self) -> list[Attempt]:
        """Every attempt, oldest first; a missing file is an empty journal. Raises OSError."""
        found: dict[str, Attempt] = {}
        by_job: dict[str, str] = {}
        for line in self._lines():
            identity = wire.identity(line.get("attempt_id"))
            job_id = wire.identity(line.get("request_id"))
            event, when = line.get("event"), wire.moment(line.get("t"))
            if event == "ended":
                if job_id in by_job:
                    status = wire.word(line.get("status"))
                    found[by_job[job_id]] = replace(found[by_job[job_id]], job_status=status)
            elif identity is None:
                continue
            elif event == "intent":
                model = wire.text(line.get("model")) or ""
                digest = wire.word(line.get("payload_sha256")) or ""
                found[identity] = Attempt(identity, model, digest, when or 0.0)
            elif identity in found and isinstance(event, str) and event in _ENDINGS:
                found[identity] = replace(
                    found[identity], ending=_ENDINGS[event], job_id=job_id, ended_at=when
                )
                if job_id:
                    by_job[job_id] = identity
        return list(found.values())

    def _append(self, **line: Any) -> None:
        """Write one line whole, or raise: a line that cannot be read back was not written."""
        written = {name: value for name, value in line.items() if value is not None}
        data = f"{json.dumps(written)}\n".encode()
        self.path.parent.mkdir(parents=True, exist_ok=True)
        descriptor = self._open(os.O_RDWR | os.O_APPEND | os.O_CREAT)
        try:
            size = os.lseek(descriptor, 0, os.SEEK_END)
            if size and _read_at(descriptor, size - 1, 1) != b"\n":
                data = b"\n" + data
            if os.write(descriptor, data) != len(data):
                raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
            sync(descriptor)
            end = os.lseek(descriptor, 0, os.SEEK_CUR)
            if _read_at(descriptor, end - len(data), len(data)) != data:
                raise OSError(errno.EIO, "what was written is not there")
        finally:
            os.close(descriptor)
        if size == 0:
            self._sync_folder()

    def _open(self, flags: int) -> int:
        # Without waiting: opening a pipe that nobody reads would wait for ever.
        flags |= getattr(os, "O_NONBLOCK", 0) | getattr(os, "O_CLOEXEC", 0)
        descriptor = os.open(self.path, flags, 0o600)
        if not stat.S_ISREG(os.fstat(descriptor).st_mode):
            os.close(descriptor)
            raise OSError(errno.EINVAL, "it is not a regular file")
        return descriptor

    def _sync_folder(self) -> None:
        """A new file is only there after a power cut when its folder was written, too."""
        with contextlib.suppress(OSError):  # Windows opens no folders, and needs none
            descriptor = os.open(self.path.parent, os.O_RDONLY)
            try:
                os.fsync(descriptor)
            finally:
                os.close(descriptor)

    def _lines(self) -> Iterator[dict[str, Any]]:
        try:
            descriptor = self._open(os.O_RDONLY)
        except FileNotFoundError:
            return
        with os.fdopen(descriptor, "rb") as stream:
            while line := stream.readline(LINE_LIMIT):
                value = wire.json_value(line)  # None for what was torn by a kill in mid-write
                if isinstance(value, dict):
                    yield cast("dict[str, Any]", value)


def _read_at(descriptor: int, offset: int, size: int) -> bytes:
    os.lseek(descriptor, offset, os.SEEK_SET)
    return os.read(descriptor, size)


def sync(descriptor: int) -> None:
    """See the file on disk, where its file system knows how to. Raises OSError."""
    try:
        os.fsync(descriptor)
    except OSError as refusal:
        if refusal.errno not in _NO_SYNC:  # some file systems cannot, and need not be told twice
            raise
