# fmt: off
# isort: skip_file
# ruff: noqa
"""A local file to upload, whatever shape the caller has it in."""

from __future__ import annotations

import hashlib
import io
import os
import tempfile
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import IO, Any, cast

from .errors import UploadError
from .filetypes import SNIFFED, FileType, file_type

CHUNK = 256 * 1024
READABLE = "png, jpg, jpeg, mp4, mp3 and wav"


@dataclass(frozen=True)
class Source:
    """A file measured and hashed, ready to be read from its start as often as needed."""

    label: str
    type: FileType
    size: int
    sha256: str
    open: Callable[[], IO[bytes]] = field(repr=False)
    mark: Callable[[], object] = field(repr=False)
    close: Callable[[], None] = field(repr=False)
    marked: object = field(repr=False, default=None)

    def changed(self) -> bool:
        """Whether the file was written to since it was measured."""
        return self.mark() != self.marked

    def chunks(self) -> Iterator[bytes]:
        """The bytes from the start, in pieces."""
        with self.open() as stream:
            while piece := stream.read(CHUNK):
                yield piece


def is_local(value: Any) -> bool:
    """Whether a payload value is a local file: a path object, bytes, or an open file."""
    return isinstance(value, (os.PathLike, bytes, bytearray, memoryview)) or hasattr(value, "read")


def prepare(value: Any, name: str | None = None) -> Source:
    """Measure and hash a local file. Touches the disk; raises UploadError."""
    label = name or _name_of(value)
    try:
        access = _access(value)
        marked = access.mark()
        digest, size, start = _measured(access.open)
    except OSError as refusal:
        why = refusal.strerror or type(refusal).__name__
        raise UploadError(f"{label} cannot be read: {why}. Nothing was submitted.") from None
    try:
        found = _checked(label, size, start)
    except UploadError:
        access.close()
        raise
    return Source(label, found, size, digest, access.open, access.mark, access.close, marked)


def _checked(label: str, size: int, start: bytes) -> FileType:
    if size == 0:
        raise UploadError(f"{label} is empty. Give a file with content; nothing was submitted.")
    found = file_type(label, start)
    if found is None:
        raise UploadError(
            f"{label} is of a type the API does not take. It takes {READABLE}; convert it, or pass "
            "the URL of a hosted file. Nothing was submitted."
        )
    return found


def _name_of(value: Any) -> str:
    if isinstance(value, os.PathLike):
        return Path(value).name
    name = getattr(value, "name", None)
    return Path(name).name if isinstance(name, str) else "the given data"


@dataclass(frozen=True)
class _Access:
    open: Callable[[], IO[bytes]]
    mark: Callable[[], object] = lambda: None
    close: Callable[[], None] = lambda: None


def _access(value: Any) -> _Access:
    if isinstance(value, os.PathLike):
        path = Path(value)

        def state() -> object:
            found = path.stat()
            return found.st_size, found.st_mtime_ns

        return _Access(lambda: path.open("rb"), state)
    if isinstance(value, (bytes, bytearray, memoryview)):
        data = bytes(value)
        return _Access(lambda: io.BytesIO(data))
    if not isinstance(value.read(0), bytes):
        raise UploadError(
            'The file is open as text. Open it with mode "rb"; nothing was submitted.'
        )
    if _seekable(value):
        start = value.tell()
        return _Access(lambda: _borrowed(value, start))
    kept = _spooled(value)
    return _Access(lambda: _borrowed(kept, 0), close=kept.close)


def _seekable(stream: Any) -> bool:
    seekable = getattr(stream, "seekable", None)
    return bool(seekable and seekable())


def _spooled(stream: Any) -> Any:
    """A copy of what can be read only once: an upload may have to be repeated."""
    kept = tempfile.SpooledTemporaryFile(max_size=CHUNK)  # noqa: SIM115  # the source closes it
    try:
        while piece := stream.read(CHUNK):
            kept.write(piece)
    except BaseException:
        kept.close()
        raise
    return kept


def _borrowed(stream: Any, start: int) -> IO[bytes]:
    return cast("IO[bytes]", _Borrowed(stream, start))


class _Borrowed:
    """Somebody else's open file, read from where it stood; leaving it does not close it."""

    def __init__(self, stream: Any, start: int) -> None:
        self._stream = stream
        self._start = start

    def __enter__(self) -> _Borrowed:
        self._stream.seek(self._start)
        return self

    def __exit__(self, *_: object) -> None:
        self._stream.seek(self._start)

    def read(self, size: int) -> bytes:
        data: bytes = self._stream.read(size)
        return data


def _measured(opener: Callable[[], IO[bytes]]) -> tuple[str, int, bytes]:
    digest = hashlib.sha256()
    size = 0
    start = b""
    with opener() as stream:
        while piece := stream.read(CHUNK):
            start = start or piece[:SNIFFED]
            digest.update(piece)
            size += len(piece)
    return digest.hexdigest(), size, start
