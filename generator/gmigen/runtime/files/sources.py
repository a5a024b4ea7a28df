"""A local file to upload, whatever shape the caller has it in."""

from __future__ import annotations

import hashlib
import inspect
import io
import os
import stat
import tempfile
import threading
from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import dataclass, field
from pathlib import Path, PurePath
from typing import IO, Any
from weakref import WeakValueDictionary

from ..errors import UploadError
from ..local import is_picture
from ..protocol.effects import Progress
from .media_types import SNIFFED, Kind, MediaType, uploadable
from .pictures import png

CHUNK = 256 * 1024
PATH_LIMIT = 4 * 1024**3
"""Bytes of a file that is uploaded."""

STREAM_LIMIT = 1024**3
"""Bytes of a stream, which has to be kept on the disk meanwhile, and might never end."""

_READ = (
    os.O_RDONLY
    | getattr(os, "O_NONBLOCK", 0)
    | getattr(os, "O_CLOEXEC", 0)
    | getattr(os, "O_BINARY", 0)
)
# A stream has one position for everybody who has it, so one at a time reads it.
_locks: WeakValueDictionary[int, Any] = WeakValueDictionary()
_guard = threading.Lock()


@dataclass(frozen=True)
class Source:
    """A file measured and hashed, to be read from its start as often as needed.

    `path` is read anew each time; `kept` is our own copy of anything else. Close it.
    """

    label: str
    type: MediaType
    size: int
    sha256: str
    path: str | None = field(repr=False, default=None)
    state: tuple[int, ...] = field(repr=False, default=())
    kept: IO[bytes] | None = field(repr=False, default=None)
    on_progress: Progress | None = field(repr=False, default=None)

    def chunks(self) -> Iterator[bytes]:
        """The bytes from the start, in pieces; `on_progress` is called after each.

        What leaves is what was hashed: the last piece of a file that changed is not given, and
        UploadError raised.
        """
        digest, sent = hashlib.sha256(), 0
        for piece in self._pieces():
            digest.update(piece)
            sent += len(piece)
            if sent > self.size or (sent == self.size and digest.hexdigest() != self.sha256):
                raise _changed(self.label)
            yield piece
            if self.on_progress is not None:
                self.on_progress(sent, self.size)
        if sent != self.size:
            raise _changed(self.label)

    def check(self) -> None:
        """Raise UploadError for a file that was touched since it was measured."""
        try:
            if self.path is not None and _state(Path(self.path).stat()) != self.state:
                raise _changed(self.label)
        except OSError as refusal:
            raise _unreadable(self.label, refusal) from None

    def close(self) -> None:
        """Let go of our copy."""
        if self.kept is not None:
            self.kept.close()

    def _pieces(self) -> Iterator[bytes]:
        if self.path is None:
            assert self.kept is not None
            self.kept.seek(0)
            yield from iter(lambda: self.kept.read(CHUNK) if self.kept else b"", b"")
            return
        try:
            with _opened(self.path) as stream:
                while piece := stream.read(CHUNK):
                    yield piece
        except (OSError, ValueError) as refusal:
            raise _unreadable(self.label, refusal) from None


def prepare(
    value: Any,
    name: str | None = None,
    kind: Kind = "other",
    on_progress: Progress | None = None,
) -> Source:
    """Measure and hash a local file, which must be one that the API takes and of `kind`.

    A stream is read from where it stands, and left there; one at its end is read from its start,
    because it was just written. Touches the disk. Raises UploadError, and whatever an object of the
    caller raises that is no trouble of reading.
    """
    label = name or _name_of(value)
    path, kept, state = None, None, tuple[int, ...]()
    with ExitStack() as undone:
        try:
            if isinstance(value, os.PathLike):
                path = os.fsdecode(value)
                with _opened(path) as stream:
                    there = os.fstat(stream.fileno())
                    state = _state(there)
                    size, start, digest = _measured(stream, there.st_size, label)
            else:
                kept = undone.enter_context(_copy(value, label))
                kept.seek(0)
                size, start, digest = _measured(kept, None, label)
        except (OSError, ValueError) as refusal:
            raise _unreadable(label, refusal) from None
        found, why = uploadable(label, start, kind)
        if found is None or not size:
            why = why if size else "is empty. Give a file with content"
            raise UploadError(f"{label} {why}; or pass the URL of a hosted file.")
        undone.pop_all()
    return Source(label, found, size, digest, path, state, kept, on_progress)


def _measured(stream: IO[bytes], stated: int | None, label: str) -> tuple[int, bytes, str]:
    if stated is not None and stated > PATH_LIMIT:
        raise UploadError(f"{label} is longer than {PATH_LIMIT} bytes. Give a shorter one.")
    digest, size, start = hashlib.sha256(), 0, b""
    while piece := stream.read(CHUNK):
        start = start or piece[:SNIFFED]
        digest.update(piece)
        size += len(piece)
        if stated is not None and size > stated:
            break
    if stated not in (size, None):
        raise _changed(label)
    return size, start, digest.hexdigest()


def _state(there: os.stat_result) -> tuple[int, ...]:
    return there.st_ino, there.st_size, there.st_mtime_ns


def _changed(label: str) -> UploadError:
    return UploadError(f"{label} changed while it was read. Wait until it is complete.")


def _opened(path: str) -> IO[bytes]:
    """A regular file, opened without waiting for a writer, should it be a pipe."""
    descriptor = os.open(path, _READ)
    try:
        _refuse_odd(descriptor)
        return os.fdopen(descriptor, "rb")
    except BaseException:
        os.close(descriptor)
        raise


def _refuse_odd(descriptor: int, *, stream: bool = False) -> None:
    mode = os.fstat(descriptor).st_mode
    if stat.S_ISDIR(mode):
        raise OSError(None, "it is a folder; give one file")
    waits = stat.S_ISFIFO(mode) or stat.S_ISSOCK(mode)
    if not stat.S_ISREG(mode) and not (stream and waits):
        raise OSError(None, "it is no regular file; give a file, or a stream that ends")


def _name_of(value: Any) -> str:
    if isinstance(value, os.PathLike):
        name: Any = os.fspath(value)
        name = os.fsdecode(name) if isinstance(name, bytes) else name
    else:
        name = getattr(value, "filename", None) or getattr(value, "name", None)
    plain = PurePath(name).name if isinstance(name, str) else ""
    return plain.encode("utf-8", "replace").decode()[:200] or "the given data"


def _unreadable(label: str, refusal: OSError | ValueError) -> UploadError:
    if isinstance(refusal, UnicodeError):
        why = "its name cannot be one here"
    else:
        why = getattr(refusal, "strerror", None) or str(refusal) or type(refusal).__name__
    return UploadError(f"{label} cannot be read: {why}.")


def _copy(value: Any, label: str) -> IO[bytes]:
    """Our own copy of what the caller has, from its start."""
    if isinstance(value, (bytes, bytearray, memoryview)):
        return io.BytesIO(bytes(value))
    with _guard:
        lock = _locks.setdefault(id(value), threading.RLock())
    with lock:
        if not hasattr(value, "read") or is_picture(value):
            return io.BytesIO(png(value, label))
        return _spooled(_readable(value, label), label)


def _readable(value: Any, label: str) -> Any:
    """The stream to read, which may stand inside of what was given."""
    for inner in (value, getattr(value, "file", None), getattr(value, "wrapped", None)):
        read = getattr(inner, "read", None)
        if callable(read) and not inspect.iscoroutinefunction(read):
            return inner
    raise UploadError(
        f"{label} is an asynchronous file. Give what it holds: data = await file.read(), then pass "
        "data."
    )


def _spooled(stream: Any, label: str) -> IO[bytes]:
    if getattr(stream, "closed", False) is True:
        raise UploadError(f"{label} is a closed file. Open it again, or pass its path.")
    try:
        probe = stream.read(0)
    except TypeError:  # an answer of an HTTP library, for one: its `read` takes no size
        return io.BytesIO(_bytes(stream.read(), label))
    _bytes(probe, label)
    _refuse_endless(stream)
    at = stream.tell() if _seekable(stream) else None
    kept = tempfile.SpooledTemporaryFile(max_size=4 * CHUNK)  # noqa: SIM115  # the source closes it
    try:
        size = _pour(stream, kept, label)
        if size == 0 and at:
            stream.seek(0)
            _pour(stream, kept, label)
        if at is not None:
            stream.seek(at)
    except BaseException:
        kept.close()
        raise
    return kept


def _pour(stream: Any, kept: Any, label: str) -> int:
    size = 0
    while piece := _bytes(stream.read(CHUNK), label):
        size += len(piece)
        if size > STREAM_LIMIT:
            raise UploadError(
                f"{label} did not end within {STREAM_LIMIT} bytes. Save it to a file, and pass its "
                "path."
            )
        try:
            kept.write(piece)
        except OSError as refusal:
            raise UploadError(
                f"{label} could not be kept for the upload ({refusal.strerror or refusal}). Set "
                "TMPDIR to a folder with room, or pass the path of a file."
            ) from None
    return size


def _bytes(piece: Any, label: str) -> bytes:
    if isinstance(piece, (bytes, bytearray, memoryview)):
        return bytes(piece)
    if isinstance(piece, str):
        raise UploadError(f'{label} is open as text. Open it with mode "rb".')
    if inspect.iscoroutine(piece):
        piece.close()
    raise UploadError(
        f"{label} gives {type(piece).__name__} instead of bytes. Read it first, and pass the bytes."
    )


def _seekable(stream: Any) -> bool:
    asked = getattr(stream, "seekable", None)
    return bool(asked()) if callable(asked) else hasattr(stream, "seek") and hasattr(stream, "tell")


def _refuse_endless(stream: Any) -> None:
    try:
        descriptor = stream.fileno()
    except (AttributeError, OSError, ValueError):  # none: it is in memory
        return
    if isinstance(descriptor, int) and descriptor >= 0:
        _refuse_odd(descriptor, stream=True)
