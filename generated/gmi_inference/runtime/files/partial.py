# fmt: off
# isort: skip_file
# ruff: noqa
"""A file on its way: written by one attempt alone, and under its name only when it is whole."""

from __future__ import annotations

import base64
import contextlib
import errno
import hashlib
import io
import json
import os
import stat
import tempfile
import zlib
from pathlib import Path
from typing import IO, Any

from .. import wire
from .media_types import SNIFFED
from .paths import fitting
from .placing import OPEN, locked, name_once, synced

CHUNK = 256 * 1024
_NOTE_LIMIT = 65536


class TooLong(Exception):
    """There are more bytes than may be taken."""


class Arrival:
    """The bytes so far, in a file without a name, and what is needed to go on with them."""

    def __init__(self, file: IO[bytes]) -> None:
        self.file = file
        self.source = self.etag = ""
        self.total: int | None = None

    def resumable(self, url: str) -> tuple[int, str] | None:
        """How many bytes of `url` there are and the validator they came with; None for none."""
        size = self.size()
        return (size, self.etag) if size and self.etag and self.source == digest(url) else None

    def begin(self, url: str, etag: str, total: int | None) -> None:
        """Forget what there is: the whole content of `url` comes next."""
        self.file.seek(0)
        self.file.truncate()
        self.source, self.etag, self.total = digest(url), etag, total

    def write(self, data: bytes) -> None:
        """Take the next bytes."""
        self.file.write(data)

    def size(self) -> int:
        """How many bytes there are; what comes next goes behind them."""
        return self.file.seek(0, os.SEEK_END)

    def start(self) -> bytes:
        """The first bytes, enough to tell what it is."""
        self.file.seek(0)
        return self.file.read(SNIFFED)

    def md5(self) -> str:
        """The MD5 in base64, as `x-goog-hash` states it; against damage, not against malice."""
        found = hashlib.md5(usedforsecurity=False)
        self.file.seek(0)
        while piece := self.file.read(CHUNK):
            found.update(piece)
        return base64.b64encode(found.digest()).decode()

    def unpack(self, limit: int) -> None:
        """Put what the bytes unpack to by gzip in their place.

        Raises TooLong beyond `limit` bytes, as they come, and zlib.error for what is no gzip.
        """
        with tempfile.SpooledTemporaryFile(max_size=64 * CHUNK) as packed:
            self.file.seek(0)
            while piece := self.file.read(CHUNK):
                packed.write(piece)
            packed.seek(0)
            self.file.seek(0)
            self.file.truncate()
            _unpacked(packed, self.file, limit)

    def drop(self) -> None:
        """Forget what has arrived."""
        self.begin("", "", None)

    def close(self) -> None:
        """Let go of the file; bytes that somebody could go on with stay."""
        self.file.close()


class PartialFile(Arrival):
    """The unfinished file of `final`: `name.part`, and beside it a note of whose bytes these are.

    While one attempt writes the part it holds a lock on it. Who comes second, or finds there a
    link or a file that is not ours, writes one under a name of its own, made of `token`. Raises
    OSError.
    """

    def __init__(self, final: Path, token: str) -> None:
        self.final = final
        self.path = final.with_name(fitting(final.name, ".part"))
        self.note: Path | None = final.with_name(fitting(final.name, ".part.json"))
        final.parent.mkdir(parents=True, exist_ok=True)
        self._descriptor = self._claimed()
        if self._descriptor < 0:
            self.note = None
            self.path = final.with_name(fitting(final.name, f".{token[:16]}.part"))
            self._descriptor = os.open(self.path, OPEN | os.O_CREAT | os.O_EXCL, 0o666)
        super().__init__(os.fdopen(self._descriptor, "r+b"))
        self.named = False
        told = self._told()
        self.source = wire.text(told.get("url_sha256")) or ""
        self.etag = wire.text(told.get("etag")) or ""
        self.total = wire.whole(told.get("size"))

    def _claimed(self) -> int:
        """The part's file descriptor, locked; -1 when it is another's."""
        try:
            found = os.open(self.path, OPEN | os.O_CREAT, 0o666)
        except OSError:
            return -1
        if locked(found) and self._is_ours(found):
            return found
        os.close(found)
        return -1

    def _is_ours(self, descriptor: int) -> bool:
        there = os.fstat(descriptor)
        try:
            same = os.path.samestat(there, os.lstat(self.path))
        except OSError:  # it got its name, or was dropped, in this moment
            return False
        plain = same and stat.S_ISREG(there.st_mode) and there.st_nlink == 1
        return plain and (there.st_size == 0 or isinstance(self._told().get("url_sha256"), str))

    def _told(self) -> Any:
        """What the note says; empty when there is none that can be read."""
        if self.note is None:
            return {}
        try:
            descriptor = os.open(self.note, (OPEN & ~os.O_RDWR) | os.O_RDONLY)
            with os.fdopen(descriptor, "rb") as stream:
                if not stat.S_ISREG(os.fstat(descriptor).st_mode):
                    return {}
                return wire.json_mapping(stream.read(_NOTE_LIMIT))
        except (OSError, ValueError):
            return {}

    def begin(self, url: str, etag: str, total: int | None) -> None:
        """Forget what there is, and write down whose bytes come next."""
        super().begin(url, etag, total)
        if self.note is None:
            return
        self._forget_note()
        if url:
            text = json.dumps({"url_sha256": self.source, "etag": etag, "size": total})
            flags = OPEN | os.O_CREAT | os.O_EXCL
            with os.fdopen(os.open(self.note, flags, 0o666), "wb") as stream:
                stream.write(text.encode())

    def finish(self, final: Path, overwrite: bool) -> Path:
        """Give the file its name, complete or not at all. Raises FileExistsError, OSError."""
        self.file.flush()
        synced(self._descriptor)
        if not os.path.samestat(os.fstat(self._descriptor), os.lstat(self.path)):
            raise OSError(errno.ESTALE, "somebody replaced the unfinished file")
        # The note goes first: with the name of the part, another attempt takes over both.
        self._forget_note()
        self.etag = ""
        if os.name == "nt":
            self.file.close()  # an open file cannot be renamed there
        if overwrite:
            self.path.replace(final)
        else:
            name_once(self.path, final)
        self.named = True
        return final

    def close(self) -> None:
        """Let go of the part. It stays when it can be gone on with later."""
        with contextlib.suppress(OSError, ValueError):
            if not self.named and not (self.note and self.etag and self.size()):
                self._forget_note()
                self.path.unlink()
        with contextlib.suppress(OSError):
            self.file.close()

    def _forget_note(self) -> None:
        if self.note is not None:
            self.note.unlink(missing_ok=True)


def _unpacked(packed: Any, into: IO[bytes], limit: int) -> None:
    written = 0
    piece = packed.read(CHUNK)
    while piece:
        member = zlib.decompressobj(wbits=31)
        while not member.eof:
            data = member.decompress(piece, CHUNK)
            if not data and not piece:
                raise zlib.error("the packed data ends early")
            written += len(data)
            if written > limit:
                raise TooLong
            into.write(data)
            piece = member.unconsumed_tail or (b"" if member.eof else packed.read(CHUNK))
        piece = (member.unused_data or packed.read(CHUNK)).lstrip(b"\0")


def unnamed(in_memory: bool) -> Arrival:
    """A place for bytes that get no name. Raises OSError where there is no temporary folder."""
    return Arrival(io.BytesIO() if in_memory else tempfile.TemporaryFile())


def digest(url: str) -> str:
    """A hash of a URL: a signed one is never written down."""
    return hashlib.sha256(url.encode("utf-8", "surrogatepass")).hexdigest() if url else ""
