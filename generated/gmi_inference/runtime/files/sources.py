# fmt: off
# isort: skip_file
# ruff: noqa
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
from contextlib import ExitStack, contextmanager, nullcontext, suppress
from dataclasses import dataclass, field, replace
from functools import cached_property
from pathlib import Path, PurePath
from typing import IO, Any
from weakref import WeakValueDictionary

from ..clock import stamping
from ..errors import UploadError
from ..local import is_picture, said
from ..media_types import SNIFFED, Kind, MediaType, uploadable
from ..protocol.effects import Progress
from .pictures import png

CHUNK = 256 * 1024
PATH_LIMIT = 4 * 1024**3
"""Bytes of a file that is uploaded."""

STREAM_LIMIT = 1024**3
"""Bytes of a stream, which has to be kept on the disk meanwhile, and might never end."""

SETTLED = 3.0
"""Seconds after which every later change of a file shows in its times, however coarse they are."""

# A stream has one position for everybody who has it, so one at a time reads it.
_turns: WeakValueDictionary[int, Any] = WeakValueDictionary()
_guard = threading.Lock()


@dataclass(frozen=True)
class Source:
    """A file measured, to be read from its start as often as needed.

    `path` is read anew each time, and its times tell whether it changed meanwhile; `kept` is our
    own copy of anything else. `hashed` is the hash of what is kept, and of a file that was just
    written, whose times could not tell. Close it.
    """

    label: str
    type: MediaType
    size: int
    hashed: str | None
    path: Path | None = field(repr=False, default=None)
    state: tuple[int, ...] = field(repr=False, default=())
    kept: IO[bytes] = field(repr=False, default_factory=io.BytesIO)
    on_progress: Progress | None = field(repr=False, default=None)

    @cached_property
    def sha256(self) -> str:
        """The hash of the content, which may have to be read for it. Raises UploadError."""
        if self.hashed is not None:
            return self.hashed
        digest = hashlib.sha256()
        for piece in self._pieces():
            digest.update(piece)
        self.check()
        return digest.hexdigest()

    def chunks(self) -> Iterator[bytes]:
        """The bytes from the start, in pieces; `on_progress` is called after each.

        What leaves is what was measured: the last piece of a file that changed is not given, and
        UploadError raised.
        """
        sent = 0
        digest = hashlib.sha256() if self.path and self.hashed else None
        for piece in self._pieces():
            sent += len(piece)
            if digest is not None:
                digest.update(piece)
            if sent >= self.size:
                self.check()
                if sent > self.size or (digest and digest.hexdigest() != self.hashed):
                    raise _changed(self.label)
            yield piece
            if self.on_progress is not None:
                self.on_progress(sent, self.size)
        if sent != self.size:
            raise _changed(self.label)

    def equals(self, other: Source) -> bool:
        """Whether both hold the same; files of one size that were never hashed are read for it."""
        if (self.type.upload_word, self.size) != (other.type.upload_word, other.size):
            return False
        if self.state and self.state == other.state and other.hashed is None:
            return True
        mine = self.sha256
        with suppress(UploadError):  # the other changed since it was uploaded
            return mine == other.sha256
        return False

    def check(self) -> None:
        """Raise UploadError for a file that was touched since it was measured."""
        with _reading(self.label):
            if self.path is not None and _state(self.path.stat()) != self.state:
                raise _changed(self.label)

    def remembered(self) -> Source:
        """The same without what it holds."""
        return replace(self, kept=io.BytesIO(), on_progress=None)

    def close(self) -> None:
        """Let go of our copy."""
        self.kept.close()

    def _pieces(self) -> Iterator[bytes]:
        opened = _opened(self.path) if self.path else nullcontext(self.kept)
        with _reading(self.label), opened as stream:
            if self.state and _state(os.fstat(stream.fileno())) != self.state:
                raise _changed(self.label)
            stream.seek(0)
            while piece := stream.read(CHUNK):
                yield piece


def prepare(
    value: Any, name: str | None = None, kind: Kind = "other", on_progress: Progress | None = None
) -> Source:
    """Measure a local file, which must be one that the API takes and of `kind`.

    A stream is read from where it stands, and left there; one at its end is read from its start,
    because it was just written. Touches the disk. Raises UploadError, and whatever an object of the
    caller raises that is no trouble of reading.
    """
    label = name or _name_of(value)
    path, state = None, tuple[int, ...]()
    kept: IO[bytes] = io.BytesIO()
    digest: str | None = None
    with ExitStack() as undone, _reading(label):
        if isinstance(value, os.PathLike):
            path = Path(os.fsdecode(value))
            with _opened(path) as stream:
                there = os.fstat(stream.fileno())
                state, size = _state(there), there.st_size
                if size > PATH_LIMIT:
                    raise _endless(label, PATH_LIMIT)
                if stamping() - max(there.st_mtime, there.st_ctime) < SETTLED:
                    size, start, digest = _measured(stream, label, size)
                else:
                    start = stream.read(SNIFFED)
        else:
            with _guard:
                turn = _turns.setdefault(id(value), threading.RLock())
            with turn:
                held = _held(value, label)
                if isinstance(held, bytes):
                    kept = io.BytesIO(held)
                    size, start, digest = _measured(kept, label, len(held))
                else:
                    kept = undone.enter_context(tempfile.SpooledTemporaryFile(4 * CHUNK))
                    size, start, digest = _copied(held, kept, label)
        found, why = uploadable(label, start, kind)
        if found is None or not size:
            why = why if size else "is empty. Give a file with content"
            raise UploadError(f"{label} {why}; or pass the URL of a hosted file.")
        undone.pop_all()
    return Source(label, found, size, digest, path, state, kept, on_progress)


@contextmanager
def _opened(path: Path) -> Iterator[IO[bytes]]:
    """A regular file, opened without waiting for a writer, should it be a pipe."""
    waitless = getattr(os, "O_NONBLOCK", 0)
    with open(path, "rb", opener=lambda at, flags: os.open(at, flags | waitless)) as stream:
        _refuse_odd(stream.fileno(), stat.S_IFREG)
        yield stream


def _refuse_odd(descriptor: int, *usual: int) -> None:
    if stat.S_IFMT(os.fstat(descriptor).st_mode) not in usual:
        raise OSError(None, "it is no regular file; give one file, or a stream that ends")


def _held(value: Any, label: str) -> Any:
    """What the caller has, as bytes or as a stream to read, which may stand inside of it."""
    if isinstance(value, (bytes, bytearray, memoryview)):
        return bytes(value)
    if not hasattr(value, "read") or is_picture(value):
        return png(value, label)
    stream: Any
    for stream in (value, getattr(value, "file", None), getattr(value, "wrapped", None)):
        read = getattr(stream, "read", None)
        if callable(read) and not inspect.iscoroutinefunction(read):
            break
    else:
        raise UploadError(f"{label} is an asynchronous file. Pass what `await file.read()` gives.")
    if getattr(stream, "closed", False) is True:
        raise UploadError(f"{label} is a closed file. Open it again, or pass its path.")
    try:
        _bytes(read(0), label)
    except TypeError:  # an answer of an HTTP library, for one: its `read` takes no size
        return _bytes(read(), label)
    descriptor: Any = None
    with suppress(AttributeError, OSError, ValueError):  # it has none, being in memory
        descriptor = stream.fileno()
    if isinstance(descriptor, int) and descriptor >= 0:
        _refuse_odd(descriptor, stat.S_IFREG, stat.S_IFIFO, stat.S_IFSOCK)
    return stream


def _copied(stream: Any, kept: Any, label: str) -> tuple[int, bytes, str]:
    asked = getattr(stream, "seekable", None)
    seekable = asked() if callable(asked) else hasattr(stream, "seek") and hasattr(stream, "tell")
    at = stream.tell() if seekable else None
    measured = _measured(stream, label, STREAM_LIMIT, kept)
    if not measured[0] and at:
        stream.seek(0)
        measured = _measured(stream, label, STREAM_LIMIT, kept)
    if at is not None:
        stream.seek(at)
    return measured


def _measured(stream: Any, label: str, limit: int, kept: Any = None) -> tuple[int, bytes, str]:
    """How many bytes come, the first of them, and the hash of all; each is written to `kept`."""
    digest, size, start = hashlib.sha256(), 0, b""
    while piece := _bytes(stream.read(CHUNK), label):
        start += piece[: SNIFFED - len(start)]
        digest.update(piece)
        size += len(piece)
        if size > limit:
            raise _endless(label, limit)
        try:
            if kept is not None:
                kept.write(piece)
        except OSError as refusal:
            raise UploadError(
                f"{label} could not be kept for the upload ({said(refusal)}). Set TMPDIR to a "
                "folder with room, or pass the path of a file."
            ) from None
    return size, start, digest.hexdigest()


def _bytes(piece: Any, label: str) -> bytes:
    if isinstance(piece, (bytes, bytearray, memoryview)):
        return bytes(piece)
    if isinstance(piece, str):
        raise UploadError(f'{label} is open as text. Open it with mode "rb".')
    if inspect.iscoroutine(piece):
        piece.close()
    raise UploadError(f"{label} gives {type(piece).__name__} instead of bytes. Pass its bytes.")


def _state(there: os.stat_result) -> tuple[int, ...]:
    return there.st_dev, there.st_ino, there.st_size, there.st_mtime_ns, there.st_ctime_ns


def _name_of(value: Any) -> str:
    told = getattr(value, "filename", None) or getattr(value, "name", None)
    name = os.fsdecode(value) if isinstance(value, os.PathLike) else told
    plain = PurePath(name).name if isinstance(name, str) else ""
    return plain.encode("utf-8", "replace").decode()[:200] or "the given data"


def _endless(label: str, limit: int) -> UploadError:
    bound = f"did not end within {limit} bytes"
    return UploadError(f"{label} {bound}. Give a shorter one that is complete.")


def _changed(label: str) -> UploadError:
    return UploadError(f"{label} changed while it was read. Wait until it is complete.")


@contextmanager
def _reading(label: str) -> Iterator[None]:
    try:
        yield
    except (OSError, ValueError) as refusal:
        why = "its name cannot be one here" if isinstance(refusal, UnicodeError) else said(refusal)
        raise UploadError(f"{label} cannot be read: {why}.") from None
