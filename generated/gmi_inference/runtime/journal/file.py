# fmt: off
# isort: skip_file
# ruff: noqa
"""The journal that is a file of JSON lines."""

from __future__ import annotations

import contextlib
import errno
import json
import os
import stat
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import cast

from .. import wire
from ..protocol.entries import Entry, check_version
from .claims import FileClaim, claim

LINE_LIMIT = 64 * 1024
_NO_SYNC = frozenset({errno.EINVAL, errno.ENOSYS, errno.ENOTSUP, errno.EOPNOTSUPP})


class Journal:
    """A file of JSON lines, readable by its owner only: ids and hashes, no payload and no API key.

    Several processes may share it, on one machine.
    """

    def __init__(self, path: str | os.PathLike[str]) -> None:
        self.path = Path(path)
        self._by_key: dict[str, list[Entry]] = {}
        self._read: tuple[int, int, int] = (0, 0, 0)
        self._turn = threading.Lock()

    def append(self, entry: Entry, /) -> None:
        """Write one line whole, or raise: a line that cannot be read back was not written.

        Raises OSError, ValueError.
        """
        data = f"{json.dumps(entry)}\n".encode()
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

    def find(self, key: str | None = None, /) -> list[Entry]:
        """See `JournalStore.find`; a missing file is an empty journal.

        Raises OSError, ValueError.
        """
        if key is None:
            return [entry for entry, _ in self._lines()]
        with self._turn:
            return self._found(key)

    def claim(self, key: str, /) -> FileClaim | None:
        """See `JournalStore.claim`. Raises OSError."""
        return claim(self.path, key)

    def _found(self, key: str) -> list[Entry]:
        """What is there of a key; only the lines that came since the last time are read."""
        try:
            there = self.path.stat()
        except FileNotFoundError:
            return []
        *file, end = self._read
        if file != [there.st_dev, there.st_ino] or there.st_size < end:
            end, self._by_key = 0, {}
        torn: list[Entry] = []
        for entry, after in self._lines(end):
            if after is None:  # The last line has no end yet, and is read again the next time.
                torn = [entry] if entry.get("key") == key else []
                continue
            end = after
            check_version(entry)
            if isinstance(name := entry.get("key"), str):
                self._by_key.setdefault(name, []).append(entry)
        self._read = there.st_dev, there.st_ino, end
        return [*self._by_key.get(key, ()), *torn]

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

    def _lines(self, start: int = 0) -> Iterator[tuple[Entry, int | None]]:
        """The entries from a byte on, each with the byte after it; None after what has no end."""
        try:
            descriptor = self._open(os.O_RDONLY)
        except FileNotFoundError:
            return
        with os.fdopen(descriptor, "rb") as stream:
            stream.seek(start)
            while line := stream.readline(LINE_LIMIT):
                value = wire.json_value(line)  # None for what was torn by a kill in mid-write
                if isinstance(value, dict):
                    whole = line.endswith(b"\n") or len(line) == LINE_LIMIT
                    yield cast("Entry", value), stream.tell() if whole else None

    def __str__(self) -> str:
        return str(self.path)


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
